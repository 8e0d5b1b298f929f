// Writes libs/connector/docs/events.md (every event with its fields) and types.md (the parts that those fields have)
// from the schema in proto/webcast, by way of the library's own descriptors.
//   node scripts/generate-connector-docs.mjs            writes the files
//   node scripts/generate-connector-docs.mjs --check    fails when they differ from what would be written
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';

const root = fileURLToPath(new URL('..', import.meta.url));
const docs = join(root, 'libs/connector/docs');
const BANNER = '<!-- Made by scripts/generate-connector-docs.mjs from proto/webcast. Do not edit. -->';
/** More values of an enum than these are left to its declaration. */
const SHOWN_VALUES = 12;

/** When each control event comes; what comes with it is read from the declarations. */
const CONTROL_EVENTS = {
  connected: 'The socket is open and the room is entered. Once for each `connect()` that succeeds.',
  disconnected: 'The connection is closed for good. Once for each connection that was open; nothing comes after it.',
  error:
    'Something failed: a call of yours (which rejects as well), a message that cannot be decoded, a listener that throws, the socket. Never thrown: without a listener the first failure that no promise tells becomes a warning of the process.',
  rawData: 'Every message, before anything made of it, also of unknown types and undecodable ones.',
  decodedData: 'Every message that was decoded, before its own event.',
  websocketConnected: 'The socket is open.',
  websocketData: 'Every frame of the socket as it came.',
  enterRoom: 'The server answered that the room is entered.',
  undecodedData:
    'A message that could not be decoded, or of a type that the schema does not have. After its `rawData`.',
  reconnecting: 'With the option `reconnect`: the connection is lost and is opened again after a delay.',
  reconnected: 'With the option `reconnect`: the connection is open again.',
  gap: 'With the option `reconnect`: messages may be missing between a loss and what comes next.',
};

const { messageTypes, enums, WebcastEvent, ControlEvent, possible, descriptions } = await load();
const declarations = readFileSync(join(root, 'libs/connector/src/events/event-types.ts'), 'utf8');

async function load() {
  const entry = `
    export * from './libs/connector/src/proto/index.ts';
    export { enums } from './libs/connector/src/proto/generated/tables.ts';
    export { codecForType, wireMethods } from './libs/connector/src/proto/registry.ts';
    export { WebcastEvent, ControlEvent } from './libs/connector/src/events/webcast-event.ts';
    export { possibleEvents } from './libs/connector/src/events/classify.ts';
    export { EVENT_CATALOGUE } from './libs/contracts/src/index.ts';`;
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: root },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'error',
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire('${join(root, 'x.js')}');`,
    },
  });
  const library = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
  return {
    messageTypes: library.codecForType,
    enums: library.enums,
    WebcastEvent: library.WebcastEvent,
    ControlEvent: library.ControlEvent,
    possible: (event) => library.wireMethods.filter((method) => library.possibleEvents(method).includes(event)),
    // The service's contract has the same events; what they say is told once.
    descriptions: Object.fromEntries(
      Object.values(library.EVENT_CATALOGUE).map(({ name, description }) => [name, description]),
    ),
  };
}

// -------------------------------------------------------------------------------------------------- wording

/** Message types that the fields of events lead to. */
const reachable = new Set();

function reach(typeName) {
  for (const { kind, type } of messageTypes(typeName).fields) {
    if (kind !== 'message' || reachable.has(type)) continue;
    reachable.add(type);
    reach(type);
  }
}

const SCALARS = { string: 'text', bool: 'boolean', bytes: 'bytes' };

function scalarText({ type, asNumber }) {
  if (type === 'int64' || type === 'uint64') return asNumber ? 'number' : 'decimal string';
  return SCALARS[type] ?? 'number';
}

function slug(name) {
  return name.toLowerCase();
}

function typeText(field, file) {
  const one =
    field.kind === 'message'
      ? `[${field.type}](${file}#${slug(field.type)})`
      : field.kind === 'enum'
        ? `[${field.type}](${file === '' ? '' : file}#${slug(field.type)}) (number)`
        : scalarText(field);
  if (field.mapKey !== undefined) return `map of ${one}, by ${field.mapKey}`;
  if (field.repeated) return `list of ${one}`;
  return field.kind === 'message' || field.optional ? `${one}, may be absent` : one;
}

function fieldLines(typeName, file) {
  const { fields } = messageTypes(typeName);
  if (fields.length === 0) return ['No fields.'];
  return fields.map((field) => `- \`${field.name}\`: ${typeText(field, file)}`);
}

/** \`WebcastEvent.CHAT\` for \`chat\`. */
function keysByValue(names) {
  return new Map(Object.entries(names).map(([key, value]) => [value, key]));
}

function declared(pattern) {
  return [...declarations.matchAll(pattern)];
}

// --------------------------------------------------------------------------------------------------- events

const webcastKeys = keysByValue(WebcastEvent);
const typeOfEvent = new Map(
  declared(/\[WebcastEvent\.(\w+)\]: (\w+);/g).map(([, key, type]) => [
    WebcastEvent[key],
    type === 'WebcastGiftEvent' ? 'WebcastGiftMessage' : type,
  ]),
);
const NOT_PLAIN = {
  gift: 'With `enableExtendedGiftInfo` there is also `extendedGiftInfo`, the entry of the gift list. Gifts of type 1 come several times while a streak goes on: see the gift helpers.',
  follow: 'Made of a `WebcastSocialMessage`; `social` does not come then.',
  share: 'Made of a `WebcastSocialMessage`; `social` does not come then.',
  superFan: 'Made of a `WebcastBarrageMessage`; `barrage` comes after it.',
  superFanJoin: 'Made of a `WebcastBarrageMessage`; `barrage` comes after it.',
  superFanBox: 'Made of a `WebcastEnvelopeMessage`; `envelope` comes after it.',
  streamEnd: 'Made of a `WebcastControlMessage`, after `controlMessage`. The connection is closed after it.',
};

function messageTypeOf(event) {
  const type = typeOfEvent.get(event);
  if (type !== undefined && messageTypes(type) !== undefined) return type;
  // The declaration narrows the message; its method has the whole of it.
  const [method] = possible(event);
  if (method !== undefined && messageTypes(method) !== undefined) return method;
  throw new Error(`The message type of the event ${event} is not in the schema.`);
}

function eventLines(event) {
  const type = messageTypeOf(event);
  const description = descriptions[event];
  if (description === undefined) throw new Error(`The event ${event} has no description.`);
  const methods = possible(event).map((method) => `\`${method}\``);
  reach(type);
  return [
    `### ${event}`,
    '',
    `${description}${NOT_PLAIN[event] ? ` ${NOT_PLAIN[event]}` : ''}`,
    '',
    `\`WebcastEvent.${webcastKeys.get(event)}\` · \`${type}\` · on the wire ${methods.join(', ')}`,
    '',
    ...fieldLines(type, 'types.md'),
    '',
  ];
}

function controlLines() {
  const keys = keysByValue(ControlEvent);
  const block = declarations
    .match(/interface ControlEventArguments \{([\s\S]*?)\n\}/)[1]
    .replace(/\/\*\*[\s\S]*?\*\//g, '');
  const args = new Map(
    [...block.matchAll(/\[ControlEvent\.(\w+)\]: \[([\s\S]*?)\];/g)].map(([, key, text]) => [
      ControlEvent[key],
      text.replace(/\s+/g, ' ').trim().replace(/,$/, ''),
    ]),
  );
  return Object.values(ControlEvent).map((event) => {
    const text = CONTROL_EVENTS[event];
    if (text === undefined || !args.has(event)) throw new Error(`The control event ${event} has no description.`);
    const given = args.get(event) === '' ? '' : `\`${args.get(event).replaceAll('|', '\\|')}\``;
    return `| \`${event}\` | \`${keys.get(event)}\` | ${given} | ${text} |`;
  });
}

const names = Object.values(WebcastEvent);
const eventsPage = [
  '# Events',
  '',
  BANNER,
  '',
  `${names.length} events of the room and ${Object.keys(ControlEvent).length} of the connection. \`connection.on(WebcastEvent.CHAT, …)\` and \`connection.on('chat', …)\` are the same.`,
  '',
  '- _decimal string_: a 64-bit integer, exact. A field that was not sent is `0`, `"0"`, `""`, `false`, an empty list or map; a part with fields of its own is `undefined`.',
  '- _(number)_: an enum; values that it does not name are handed out as they are.',
  '- The fields are what independent clients have seen; TikTok promises none of them.',
  '',
  '## Events of the connection',
  '',
  '| Event | `ControlEvent.` | What comes with it | When |',
  '| --- | --- | --- | --- |',
  ...controlLines(),
  '',
  '## Events of the room',
  '',
  names.map((name) => `[${name}](#${slug(name)})`).join(', '),
  '',
  ...names.flatMap(eventLines),
];

// ---------------------------------------------------------------------------------------------------- types

const usedEnums = new Set();
for (const type of [...reachable, ...names.map(messageTypeOf)])
  for (const field of messageTypes(type).fields) if (field.kind === 'enum') usedEnums.add(field.type);

function enumLines(name) {
  const values = Object.entries(enums[name]).filter(([, value]) => typeof value === 'number');
  const shown = values.slice(0, SHOWN_VALUES).map(([key, value]) => `\`${key}\` ${value}`);
  return [`### ${name}`, '', `${shown.join(', ')}${values.length > SHOWN_VALUES ? ', …' : ''}`, ''];
}

const typesPage = [
  '# Types',
  '',
  BANNER,
  '',
  'The parts that the fields of the [events](events.md) have. Each name is exported as a type and as a codec; each enum as an object.',
  '',
  '## Messages',
  '',
  ...[...reachable].sort().flatMap((name) => [`### ${name}`, '', ...fieldLines(name, ''), '']),
  '## Enums',
  '',
  ...[...usedEnums].sort().flatMap(enumLines),
];

for (const [file, lines] of [
  ['events.md', eventsPage],
  ['types.md', typesPage],
]) {
  const target = join(docs, file);
  const text = await format(`${lines.join('\n').trimEnd()}\n`, {
    ...(await resolveConfig(target)),
    parser: 'markdown',
  });
  if (!process.argv.includes('--check')) {
    mkdirSync(docs, { recursive: true });
    writeFileSync(target, text);
    process.stdout.write(`wrote libs/connector/docs/${file}\n`);
  } else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
    process.stderr.write(`libs/connector/docs/${file} is out of date. Run: node scripts/generate-connector-docs.mjs\n`);
    process.exitCode = 1;
  } else process.stdout.write(`libs/connector/docs/${file} is up to date\n`);
}
