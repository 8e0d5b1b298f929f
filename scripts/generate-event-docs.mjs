// Writes docs/events.md from the event catalogue (libs/contracts/src) and the JSON Schemas (libs/contracts/schemas).
//   node scripts/generate-event-docs.mjs            writes the file
//   node scripts/generate-event-docs.mjs --check    fails when it differs from what would be written
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { readExamples } from './contract/example-files.mjs';
import { loadContract, ROOT } from './contract/load-contract.mjs';
import { ENVELOPE } from './contract/render-schemas.mjs';
import { RULES } from './contract/rules.mjs';

const target = join(ROOT, 'docs/events.md');
/** Longer examples are left to their file. */
const SHOWN_BYTES = 3000;
/** More values of an enum than these are left to the schema. */
const SHOWN_VALUES = 8;
/** In the contract, so that consumers can prepare for it; nothing in the service makes it yet. */
const RESERVED = ['viewer.erased'];

const contract = await loadContract();
const { EVENT_CATALOGUE, TOPIC_CATALOGUE, DEFAULT_TOPIC_PREFIX, ENVELOPE_SCHEMA } = contract;
const examples = readExamples();
const events = Object.values(EVENT_CATALOGUE).map((entry) => ({ ...entry, schema: readSchema(entry) }));
const envelopePath = schemaPath({ name: ENVELOPE, dataschema: ENVELOPE_SCHEMA });
const envelope = JSON.parse(readFileSync(join(ROOT, envelopePath), 'utf8'));

function schemaPath({ name, dataschema }) {
  return `libs/contracts/schemas/${name}/${dataschema.slice(dataschema.lastIndexOf(':') + 1)}.json`;
}

function readSchema(entry) {
  return JSON.parse(readFileSync(join(ROOT, schemaPath(entry)), 'utf8'));
}

// --------------------------------------------------------------------------------- shapes that events share

/** Shapes written by hand, described once: those of events with a hand-made shape, and those that all rules use. */
const shapes = new Map();
for (const { shape, schema } of events) {
  if (shape !== 'made') continue;
  for (const [name, body] of Object.entries(schema.$defs ?? {})) shapes.set(name, body);
}
const shapeNames = [...shapes.keys()].sort();

const RULE_HEADINGS = [...RULES.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);

/** Addresses of headings within the page, as GitHub makes them. */
const anchors = new Map();
const taken = new Map();
function anchor(heading) {
  const slug = heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
  const count = taken.get(slug) ?? 0;
  taken.set(slug, count + 1);
  return count === 0 ? slug : `${slug}-${count}`;
}
for (const heading of [
  'Events',
  ...RULE_HEADINGS,
  'All events',
  'Envelope',
  'Wire events',
  'Events of Livetap',
  'Shapes',
])
  anchor(heading);
for (const { name } of [...byOrigin('wire'), ...byOrigin('own')]) anchors.set(`event ${name}`, anchor(name));
for (const name of shapeNames) anchors.set(`shape ${name}`, anchor(name));

function byOrigin(origin) {
  return events.filter((event) => event.origin === origin);
}

// -------------------------------------------------------------------------------------------------- wording

function typeText(schema) {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/$defs/', '');
    const at = anchors.get(`shape ${name}`);
    return at === undefined ? `\`${name}\`` : `[${name}](#${at})`;
  }
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
  if (schema.format === 'date-time') return 'time';
  if (schema.pattern === '^-?\\d+$') return 'decimal string';
  if (schema.pattern === '^https://') return 'https address';
  if (schema.examples !== undefined) return enumText(schema.examples);
  if (schema.type === 'array') return `list of ${typeText(schema.items)}`;
  if (schema.type === 'object') return objectText(schema);
  return { string: 'text', integer: 'whole number', number: 'number', boolean: 'boolean' }[schema.type] ?? schema.type;
}

function enumText(values) {
  const shown = values.slice(0, SHOWN_VALUES).map((value) => `\`${value}\``);
  return `name, for example ${shown.join(', ')}${values.length > SHOWN_VALUES ? ' …' : ''}`;
}

function objectText(schema) {
  if (schema.additionalProperties !== undefined) return `map from text to ${typeText(schema.additionalProperties)}`;
  const members = Object.entries(schema.properties ?? {}).map(([name, member]) => `\`${name}\`: ${typeText(member)}`);
  return members.length === 0 ? 'object' : `{ ${members.join(', ')} }`;
}

/** One row for each field: name, type, whether it is always there, meaning with unit. */
function fieldLines({ properties = {}, required = [], then = {} }) {
  const inRooms = then.required ?? [];
  const present = (name) => (required.includes(name) ? 'always' : inRooms.includes(name) ? 'in rooms' : '');
  const names = Object.keys(properties).filter((name) => name !== 'partial');
  if (names.length === 0) return ['No fields.'];
  const rows = names.map((name) => {
    const { description = '' } = properties[name];
    const cells = [`\`${name}\``, typeText(properties[name]), present(name), description];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| Field | Type | Present | Meaning |', '| --- | --- | --- | --- |', ...rows];
}

// ----------------------------------------------------------------------------------------------------- page

const SHAPES = { made: 'hand-made', generic: 'generic' };

function eventLines(event) {
  const path = schemaPath(event);
  return [
    `### ${event.name}`,
    '',
    RESERVED.includes(event.name)
      ? `${event.description} Reserved: this version does not publish it.`
      : event.description,
    '',
    `\`${event.type}\` on \`${DEFAULT_TOPIC_PREFIX}.${event.topic}\` · ${SHAPES[event.shape]} · [schema](../${path}) · [whole example](../libs/contracts/examples/${event.name}.json)`,
    '',
    ...fieldLines(event.schema),
    '',
    ...exampleLines(examples.get(event.name)),
  ];
}

/** The data alone: the envelope is the same for all events. Large ones are left to their file. */
function exampleLines({ data }) {
  const text = JSON.stringify(data, null, 2);
  if (text.length > SHOWN_BYTES) return [];
  return ['```json', text, '```', ''];
}

const DAY_MS = 86_400_000;
const days = (count) => `${count} ${count === 1 ? 'day' : 'days'}`;
const topicLines = TOPIC_CATALOGUE.map(({ subject, description, partitions, retentionMs, cleanupPolicy }) => {
  const names = events.filter((event) => event.topic === subject);
  const links = names.map(({ name }) => `[${name}](#${anchors.get(`event ${name}`)})`);
  const figures = `${partitions} partitions, \`${cleanupPolicy}\`, ${days(retentionMs / DAY_MS)}`;
  return `| \`${subject}\` | ${description} | ${figures} | ${links.join(', ')} |`;
});

const page = [
  '# Events',
  '',
  '<!-- Made by scripts/generate-event-docs.mjs from libs/contracts. Do not edit. -->',
  '',
  `${events.length} types: ${byOrigin('wire').length} made of exactly one message of TikTok each, ${byOrigin('own').length} of Livetap's own. The type is \`livetap.<event>.v1\`, the topic`,
  `\`${DEFAULT_TOPIC_PREFIX}.<subject>\`. The same for programs: [AsyncAPI](../libs/contracts/asyncapi.yaml), [JSON Schemas](../libs/contracts/schemas),`,
  '[TypeScript types](../libs/contracts/README.md).',
  '',
  '- **hand-made**: named and chosen by hand; every nested shape is below.',
  '- **generic**: the fields of the wire message by one rule; nested shapes are in the schema. Any field may be absent. What a',
  '  field means is known from its name alone: TikTok does not document it.',
  '- **always**: the field is present even when 0; **in rooms**: on every event of a room. Others are absent when at their default.',
  '- _decimal string_: an id or another 64-bit integer. _whole number_: at most 2^53−1 in size. _time_: RFC 3339, UTC,',
  '  milliseconds. _name_: of an enum, never a closed set; a number without a name is `UNKNOWN_<n>`.',
  '- Every event of a message may carry `partial: true`: a part of what it shows could not be decoded and was left out.',
  '',
  RULES,
  '## All events',
  '',
  'By topic, with what a topic is created with where the settings say nothing else:',
  '',
  '| Topic | Holds | Figures | Events |',
  '| --- | --- | --- | --- |',
  ...topicLines,
  '',
  '## Envelope',
  '',
  `CloudEvents 1.0 in JSON: the value of the record. [Schema](../${envelopePath})`,
  '',
  ...fieldLines(envelope),
  '',
  'Of a chat:',
  '',
  '```json',
  JSON.stringify(examples.get('chat'), null, 2),
  '```',
  '',
  '## Wire events',
  '',
  ...byOrigin('wire').flatMap(eventLines),
  '## Events of Livetap',
  '',
  ...byOrigin('own').flatMap(eventLines),
  '## Shapes',
  '',
  'Parts of the hand-made events.',
  '',
  ...shapeNames.flatMap((name) => {
    const { description } = shapes.get(name);
    return [
      `### ${name}`,
      '',
      ...(description === undefined ? [] : [description, '']),
      ...fieldLines(shapes.get(name)),
      '',
    ];
  }),
];

const text = await format(`${page.join('\n').trimEnd()}\n`, { ...(await resolveConfig(target)), parser: 'markdown' });
if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
  process.stdout.write(`wrote docs/events.md: ${events.length} events, ${shapeNames.length} shapes\n`);
} else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
  process.stderr.write('docs/events.md is not what the contract says. Run: node scripts/generate-event-docs.mjs\n');
  process.exit(1);
} else {
  process.stdout.write(`docs/events.md is up to date: ${events.length} events\n`);
}
