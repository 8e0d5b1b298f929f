import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import protobuf from 'protobufjs';

/**
 * Reads all .proto files of a folder with protobufjs and gives plain objects, sorted by file and in order of declaration.
 * @returns {{files: {name: string, about: string, messages: Message[], enums: EnumType[]}[]}}
 */
export function loadSchema(folder) {
  const root = new protobuf.Root();
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.proto'))
    .sort();
  const declared = names.map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const own = new protobuf.Root();
    protobuf.parse(text, own, { keepCase: true });
    protobuf.parse(text, root, { keepCase: true });
    return { name, about: /^\/\/ (.*)$/m.exec(text)?.[1] ?? '', objects: own.lookup('livetap.webcast').nestedArray };
  });
  const scope = root.lookup('livetap.webcast');
  for (const type of scope.nestedArray) {
    if (type instanceof protobuf.Type) for (const field of type.fieldsArray) field.resolve();
  }
  const files = declared.map(({ name, about, objects }) => {
    const types = objects.map((object) => scope.get(object.name));
    return {
      name: basename(name, '.proto'),
      about,
      messages: types.filter((type) => type instanceof protobuf.Type).map(messageOf),
      enums: types.filter((type) => type instanceof protobuf.Enum).map(enumOf),
    };
  });
  return { files };
}

function messageOf(type) {
  return {
    name: type.name,
    methods: optionsOf(type, 'livetap.method'),
    v3Name: optionsOf(type, 'livetap.v3_message')[0] ?? type.name,
    fields: type.fieldsArray.map(fieldOf).sort((a, b) => a.number - b.number),
  };
}

function fieldOf(field) {
  const resolved = field.resolvedType;
  const kind = resolved instanceof protobuf.Type ? 'message' : resolved instanceof protobuf.Enum ? 'enum' : 'scalar';
  const v3Name = optionsOf(field, 'livetap.v3_name')[0] ?? field.name;
  return {
    name: field.name,
    number: field.id,
    kind,
    type: kind === 'scalar' ? field.type : resolved.name,
    repeated: field.repeated,
    mapKey: field.map ? field.keyType : undefined,
    optional: field.partOf !== null,
    oneof: field.partOf !== null && !field.partOf.isProto3Optional ? field.partOf.name : undefined,
    asNumber: optionsOf(field, 'livetap.repr')[0] === 'NUMBER',
    asView: optionsOf(field, 'livetap.view')[0] === true,
    v3Name,
  };
}

function enumOf(type) {
  const values = Object.entries(type.values).map(([name, number]) => {
    const shown = type.valuesOptions?.[name]?.['(livetap.value_name)'];
    return { name: shown ?? name, number };
  });
  return { name: type.name, values: values.sort((a, b) => a.number - b.number) };
}

/** All values of an option; protobufjs keeps repeated ones in `parsedOptions` only. */
function optionsOf(object, name) {
  const key = `(${name})`;
  return (object.parsedOptions ?? []).filter((option) => key in option).map((option) => option[key]);
}
