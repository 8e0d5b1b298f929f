import { codecForType, type FieldDescriptor, type Text as WireText, type User as WireUser } from '@livetap/connector';
import type { ItemShape, ObjectShape, Shape, When } from '../projection/shape.js';
import { personFrom, user, type WireIdentity } from './people.js';
import { count, enumName, imageUrl, localizedText, type WireImage, wireTimestamp } from './values.js';

/** Makes data of a decoded message; members that are left out are undefined. Pure. */
export type DecodedShape = (message: object) => Record<string, unknown>;

type Read = (message: object) => unknown;

/**
 * The data of a shape, from decoded messages of one type.
 * @throws Error when the shape names what proto/webcast does not have (a fault of the shape, not retryable).
 */
export function decodedShape(typeName: string, shape: ObjectShape): DecodedShape {
  const members = Object.entries(shape.members).map(([name, member]) => [name, reader(typeName, member)] as const);
  return (message) => {
    const data: Record<string, unknown> = {};
    for (const [name, read] of members) data[name] = read(message);
    return data;
  };
}

function reader(typeName: string, shape: Shape): Read {
  switch (shape.kind) {
    case 'text':
    case 'flag':
    case 'integer': {
      const { read, field } = fieldAt(typeName, shape.path);
      const isId = shape.kind === 'integer' && field.type === 'string';
      return (message) => {
        const value = read(message);
        const none = value === defaultOf(field) || (isId && value === '0');
        return none && shape.when === 'present' ? undefined : value;
      };
    }
    case 'count': {
      const { read } = fieldAt(typeName, shape.path);
      return (message) => shownCount(count(read(message) as string | number), shape.when);
    }
    case 'enum': {
      const { read, field } = fieldAt(typeName, shape.path);
      return (message) => {
        const value = read(message) as number;
        return value === 0 && shape.when === 'present' ? undefined : enumName(field.type, value);
      };
    }
    case 'time': {
      const { read } = fieldAt(typeName, shape.path);
      return (message) => wireTimestamp(read(message) as string | number);
    }
    case 'match': {
      const { read } = fieldAt(typeName, shape.path);
      return (message) => {
        const found = shape.pattern.exec(read(message) as string)?.[1];
        return found === undefined ? undefined : count(found);
      };
    }
    case 'image':
      return first(typeName, shape.paths, (value) => imageUrl(value as WireImage | undefined));
    case 'localized':
      return first(typeName, shape.paths, (value) => localizedText(value as WireText | undefined));
    case 'person': {
      if (shape.identity === undefined) return first(typeName, shape.paths, (value) => user(value as WireUser));
      const { read: identity } = fieldAt(typeName, shape.identity);
      const [path = ''] = shape.paths;
      const { read } = fieldAt(typeName, path);
      return (message) => user(read(message) as WireUser, identity(message) as WireIdentity | undefined);
    }
    case 'loosePerson': {
      const text = (path: string | undefined) => {
        const read = path === undefined ? () => '' : fieldAt(typeName, path).read;
        return (message: object) => read(message) as string;
      };
      const [id, idText, uniqueId] = [text(shape.id), text(shape.idText), text(shape.uniqueId)];
      const nickname = text(shape.nickname);
      const avatar = shape.avatar === undefined ? () => undefined : fieldAt(typeName, shape.avatar).read;
      return (message) =>
        personFrom({
          id: id(message),
          idText: idText(message),
          uniqueId: uniqueId(message),
          nickname: nickname(message),
          avatar: avatar(message) as WireImage | undefined,
        });
    }
    case 'list':
      return listReader(typeName, shape.path, shape.item, shape.whenFilled);
    case 'object':
      return decodedShape(typeName, shape);
  }
}

function listReader(typeName: string, path: string, item: ItemShape, whenFilled: boolean): Read {
  const { read, field } = fieldAt(typeName, path);
  const shaped = item === 'people' ? (one: object) => user(one as WireUser) : decodedShape(field.type, item);
  return (message) => {
    const list: unknown[] = [];
    for (const one of read(message) as readonly object[]) {
      const value = shaped(one);
      if (value !== undefined) list.push(value);
    }
    return list.length === 0 && whenFilled ? undefined : list;
  };
}

function first(typeName: string, paths: readonly string[], make: (value: unknown) => unknown): Read {
  const reads = paths.map((path) => fieldAt(typeName, path).read);
  return (message) => {
    for (const read of reads) {
      const value = make(read(message));
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

function shownCount(value: number, when: When): number | undefined {
  const left = when === 'positive' ? value <= 0 : when === 'present' && value === 0;
  return left ? undefined : value;
}

/** The value at the end of a path; the default of its field when something on the way is absent. */
function fieldAt(typeName: string, path: string): { readonly read: Read; readonly field: FieldDescriptor } {
  const names = path.split('.');
  let type = typeName;
  let field: FieldDescriptor | undefined;
  for (const name of names) {
    field = codecForType(type)?.fields.find((one) => one.name === name);
    if (field === undefined) throw new Error(`${type} has no field ${name}`);
    type = field.type;
  }
  if (field === undefined) throw new Error('An empty path');
  const absent = defaultOf(field);
  return {
    field,
    read: (message) => {
      let value: unknown = message;
      for (const name of names) {
        if (value === undefined) return absent;
        value = (value as Record<string, unknown>)[name];
      }
      return value ?? absent;
    },
  };
}

function defaultOf(field: FieldDescriptor): unknown {
  if (field.repeated) return [];
  if (field.kind === 'message') return undefined;
  if (field.kind === 'enum') return 0;
  switch (field.type) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int64':
    case 'uint64':
      return field.asNumber ? 0 : '0';
    default:
      return 0;
  }
}
