const WIRE = { int32: 0, int64: 0, uint32: 0, uint64: 0, bool: 0, float: 5, double: 1, string: 2, bytes: 2 };
const LENGTH_DELIMITED = 2;

/** Interface, reader, writer and codec of one message. */
export function renderMessage(message) {
  return [
    `export interface ${message.name} {\n${message.fields.map((field) => `  ${field.name}: ${tsType(field)};\n`).join('')}}\n\n`,
    renderReader(message),
    '\n',
    renderWriter(message),
    '\n',
    `export const ${message.name}: MessageCodec<${message.name}> = /* @__PURE__ */ codec(\n`,
    `  '${message.name}',\n  '${layoutOf(message)}',\n  read${message.name},\n  write${message.name},\n);\n`,
  ].join('');
}

function layoutOf(message) {
  return message.fields
    .map((field) => {
      const flags = [
        field.kind === 'message' ? 'm' : field.kind === 'enum' ? 'e' : '',
        field.repeated ? 'r' : '',
        field.optional ? 'o' : '',
        field.asNumber ? 'n' : '',
        field.mapKey === undefined ? '' : `k${field.mapKey}`,
      ].join('');
      const oneof = field.oneof === undefined ? '' : `:${field.oneof}`;
      return `${field.name}:${field.number}:${field.type}${flags === '' ? '' : `:${flags}`}${oneof}`;
    })
    .join(' ');
}

// ---------------------------------------------------------------- types and defaults

function valueType(field) {
  if (field.kind !== 'scalar') return field.type;
  switch (field.type) {
    case 'int64':
    case 'uint64':
      return field.asNumber ? 'number' : 'string';
    case 'string':
      return 'string';
    case 'bool':
      return 'boolean';
    case 'bytes':
      return 'Uint8Array';
    default:
      return 'number';
  }
}

function tsType(field) {
  const value = valueType(field);
  if (field.mapKey !== undefined) return `Record<string, ${value}>`;
  if (field.repeated) return `${value}[]`;
  return field.kind === 'message' || field.optional ? `${value} | undefined` : value;
}

function zeroOf(field) {
  if (field.kind === 'message') return 'undefined';
  if (field.kind === 'enum') return '0';
  switch (field.type) {
    case 'int64':
    case 'uint64':
      return field.asNumber ? '0' : `'0'`;
    case 'string':
      return `''`;
    case 'bool':
      return 'false';
    case 'bytes':
      return 'NO_BYTES';
    default:
      return '0';
  }
}

function defaultOf(field) {
  if (field.mapKey !== undefined) return '{}';
  if (field.repeated) return '[]';
  return field.optional ? 'undefined' : zeroOf(field);
}

function wireOf(field) {
  if (field.kind === 'message') return LENGTH_DELIMITED;
  return field.kind === 'enum' ? WIRE.int32 : wireOfScalar(field.type);
}

function wireOfScalar(type) {
  const wire = WIRE[type];
  if (wire === undefined) throw new Error(`scalar type ${type} is not supported: the schema has had no use for it`);
  return wire;
}

function tagOf(number, wire) {
  return ((number << 3) | wire) >>> 0;
}

// ---------------------------------------------------------------- reader

function readScalar(field) {
  if (field.kind === 'enum') return 'r.int32()';
  if (field.asView) return 'r.view()';
  return `r.${field.type}${field.asNumber ? 'Number' : ''}()`;
}

function renderReader(message) {
  const { name, fields } = message;
  const literal = fields.map((field) => `    ${field.name}: ${defaultOf(field)},\n`).join('');
  const cases = fields.flatMap((field) => casesOf(message, field)).join('');
  const maps = fields.filter((field) => field.mapKey !== undefined).map((field) => renderEntryReader(message, field));
  const body =
    fields.length === 0
      ? `  while (r.pos < r.limit) r.skip(r.tag());\n  return {};\n`
      : `  const m: ${name} = {\n${literal}  };\n` +
        `  while (r.pos < r.limit) {\n    const tag = r.tag();\n    switch (tag) {\n${cases}` +
        `      default:\n        r.skip(tag);\n    }\n  }\n  return m;\n`;
  return `${maps.join('')}export function read${name}(r: WireReader): ${name} {\n${body}}\n`;
}

function casesOf(message, field) {
  const target = `m.${field.name}`;
  if (field.mapKey !== undefined) {
    return [
      `      case ${tagOf(field.number, 2)}:\n        entry${message.name}_${field.name}(r, ${target});\n        break;\n`,
    ];
  }
  if (field.kind === 'message') {
    const keep = field.repeated ? `${target}.push(v)` : keepOneof(message, field, 'v');
    return [
      `      case ${tagOf(field.number, 2)}: {\n        const o = r.enter();\n        const v = read${field.type}(r);\n` +
        `        if (r.leave(o)) ${keep};\n        break;\n      }\n`,
    ];
  }
  const wire = wireOf(field);
  if (!field.repeated) {
    const value = readScalar(field);
    return [`      case ${tagOf(field.number, wire)}:\n        ${keepOneof(message, field, value)};\n        break;\n`];
  }
  const push = `      case ${tagOf(field.number, wire)}:\n        ${target}.push(${readScalar(field)});\n        break;\n`;
  if (wire === LENGTH_DELIMITED) return [push];
  const packed =
    `      case ${tagOf(field.number, 2)}: {\n        const o = r.enter();\n        const n = ${target}.length;\n` +
    `        while (r.pos < r.limit) ${target}.push(${readScalar(field)});\n` +
    `        if (!r.leave(o)) ${target}.length = n;\n        break;\n      }\n`;
  return [push, packed];
}

/** The last member of a oneof on the wire wins; the others become absent. */
function keepOneof(message, field, value) {
  const set = `m.${field.name} = ${value}`;
  if (field.oneof === undefined) return set;
  const others = message.fields.filter((other) => other.oneof === field.oneof && other !== field);
  return `{\n          ${others.map((other) => `m.${other.name} = undefined;`).join('\n          ')}\n          ${set};\n        }`;
}

function renderEntryReader(message, field) {
  const keyField = { kind: 'scalar', type: field.mapKey, asNumber: false };
  const keyTag = tagOf(1, wireOfScalar(field.mapKey));
  const valueTag = tagOf(2, wireOf(field));
  const value = valueType(field);
  const isMessage = field.kind === 'message';
  const readValue = isMessage
    ? `      case ${valueTag}: {\n        const i = r.enter();\n        const v = read${field.type}(r);\n` +
      `        lost = !r.leave(i);\n        if (!lost) value = v;\n        break;\n      }\n`
    : `      case ${valueTag}:\n        value = ${readScalar(field)};\n        break;\n`;
  const store = isMessage
    ? // An absent value is an empty message; at the end of the entry there is nothing left to read, so that is what it gives.
      `  value ??= read${field.type}(r);\n  if (r.leave(o) && !lost) setEntry(map, key, value);\n`
    : `  if (r.leave(o)) setEntry(map, key, value);\n`;
  return [
    `function entry${message.name}_${field.name}(r: WireReader, map: Record<string, ${value}>): void {\n`,
    `  const o = r.enter();\n`,
    `  let key: ${valueType(keyField)} = ${zeroOf(keyField)};\n`,
    isMessage
      ? `  let value: ${value} | undefined;\n  let lost = false;\n`
      : `  let value: ${value} = ${zeroOf(field)};\n`,
    `  while (r.pos < r.limit) {\n    const tag = r.tag();\n    switch (tag) {\n`,
    `      case ${keyTag}:\n        key = ${readScalar(keyField)};\n        break;\n`,
    readValue,
    `      default:\n        r.skip(tag);\n    }\n  }\n`,
    store,
    `}\n\n`,
  ].join('');
}

// ---------------------------------------------------------------- writer

function writeScalar(field, value) {
  if (field.kind === 'enum') return `int32(${value})`;
  if (field.type === 'int64' || field.type === 'uint64') {
    return field.asNumber ? `${field.type}(${value})` : `${field.type}(int64Bits(${value}))`;
  }
  return `${field.type}(${value})`;
}

function renderWriter(message) {
  const { name, fields } = message;
  const lines = fields.map((field) => writeField(field)).join('');
  const parameter = fields.length === 0 ? '_m' : 'm';
  return `export function write${name}(${parameter}: PartialMessage<${name}>, w: Writer): Writer {\n${lines}  return w;\n}\n`;
}

function writeField(field) {
  const value = `m.${field.name}`;
  if (field.mapKey !== undefined) return writeMap(field, value);
  if (field.repeated) return writeRepeated(field, value);
  const tag = tagOf(field.number, wireOf(field));
  if (field.kind === 'message') {
    return `  if (${value} !== undefined) write${field.type}(${value}, w.uint32(${tag}).fork()).ldelim();\n`;
  }
  const filled = field.optional
    ? `${value} !== undefined`
    : field.type === 'bytes'
      ? `${value} !== undefined && ${value}.length > 0`
      : `${value} !== undefined && ${value} !== ${zeroOf(field)}`;
  return `  if (${filled}) w.uint32(${tag}).${writeScalar(field, value)};\n`;
}

function writeRepeated(field, value) {
  const wire = wireOf(field);
  if (field.kind === 'message') {
    return `  for (const v of ${value} ?? []) write${field.type}(v, w.uint32(${tagOf(field.number, 2)}).fork()).ldelim();\n`;
  }
  if (wire === LENGTH_DELIMITED) {
    return `  for (const v of ${value} ?? []) w.uint32(${tagOf(field.number, 2)}).${writeScalar(field, 'v')};\n`;
  }
  return (
    `  if (${value} !== undefined && ${value}.length > 0) {\n    w.uint32(${tagOf(field.number, 2)}).fork();\n` +
    `    for (const v of ${value}) w.${writeScalar(field, 'v')};\n    w.ldelim();\n  }\n`
  );
}

function writeMap(field, value) {
  const keyWire = wireOfScalar(field.mapKey);
  const keyText = { int32: 'int32(Number(k))', uint32: 'uint32(Number(k))', string: 'string(k)' }[field.mapKey];
  const key = keyText ?? `${field.mapKey}(int64Bits(k))`;
  const entry = `w.uint32(${tagOf(field.number, 2)}).fork().uint32(${tagOf(1, keyWire)}).${key}`;
  const write =
    field.kind === 'message'
      ? `write${field.type}(v, ${entry}.uint32(${tagOf(2, 2)}).fork()).ldelim().ldelim()`
      : `${entry}.uint32(${tagOf(2, wireOf(field))}).${writeScalar(field, 'v')}.ldelim()`;
  return `  for (const [k, v] of Object.entries(${value} ?? {})) {\n    if (v !== undefined) ${write};\n  }\n`;
}
