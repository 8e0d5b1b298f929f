// Writes docs/events.md from the event catalogue (libs/contracts/src) and the JSON Schemas (libs/contracts/schemas).
//   node scripts/generate-event-docs.mjs            writes the file
//   node scripts/generate-event-docs.mjs --check    fails when it differs from what would be written
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'docs/events.md');
/** More values of an enum than these are left to the schema. */
const SHOWN_VALUES = 8;
/** In the contract, so that consumers can prepare for them; nothing in the service makes them yet. */
const RESERVED = ['viewer.erased'];

const { EVENT_CATALOGUE, TOPIC_CATALOGUE, DEFAULT_TOPIC_PREFIX } = await loadContract();
const events = Object.values(EVENT_CATALOGUE).map((entry) => ({ ...entry, schema: readSchema(entry) }));
const envelope = JSON.parse(readFileSync(join(root, 'libs/contracts/schemas/event/1.0.json'), 'utf8'));

/** The contract as it is in the sources, bundled: nothing needs to be built before. */
async function loadContract() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'libs/contracts/src/index.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

function schemaPath({ name, dataschema }) {
  return `libs/contracts/schemas/${name}/${dataschema.slice(dataschema.lastIndexOf(':') + 1)}.json`;
}

function readSchema(entry) {
  return JSON.parse(readFileSync(join(root, schemaPath(entry)), 'utf8'));
}

// --------------------------------------------------------------------------------- shapes that events share

/** Shapes written by hand, described once: those of events with a hand-made shape, and those that all rules use. */
const shapes = new Map();
for (const { shape, schema } of events) {
  if (shape !== 'made') continue;
  for (const [name, body] of Object.entries(schema.$defs ?? {})) shapes.set(name, body);
}
const shapeNames = [...shapes.keys()].sort();

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
for (const heading of ['Events', 'All events', 'Envelope', 'Wire events', 'Events of Livetap', 'Shapes'])
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

function fieldLines({ properties = {}, required = [] }) {
  const names = Object.keys(properties).filter((name) => name !== 'partial');
  if (names.length === 0) return ['No fields.'];
  return names.map((name) => {
    const always = required.includes(name) ? ' (always)' : '';
    const description = properties[name].description === undefined ? '' : `. ${properties[name].description}`;
    return `- \`${name}\`${always}: ${typeText(properties[name])}${description}`;
  });
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
    `\`${event.type}\` on \`${DEFAULT_TOPIC_PREFIX}.${event.topic}\` · ${SHAPES[event.shape]} · [schema](../${path})`,
    '',
    ...fieldLines(event.schema),
    '',
  ];
}

const topicLines = TOPIC_CATALOGUE.filter(({ subject }) => subject !== 'raw').map(({ subject, description }) => {
  const names = events.filter((event) => event.topic === subject);
  const links = names.map(({ name }) => `[${name}](#${anchors.get(`event ${name}`)})`);
  return `- \`${subject}\`: ${description} ${links.join(', ')}`;
});

const page = [
  '# Events',
  '',
  '<!-- Made by scripts/generate-event-docs.mjs from libs/contracts. Do not edit. -->',
  '',
  `${events.length} types: ${byOrigin('wire').length} made of exactly one message of TikTok each, ${byOrigin('own').length} of Livetap's own. The type is \`livetap.<event>.v1\`, the topic`,
  `\`${DEFAULT_TOPIC_PREFIX}.<subject>\`. What holds for all of them is in [libs/contracts](../libs/contracts/README.md).`,
  '',
  '- **hand-made**: named and chosen by hand; every nested shape is below.',
  '- **generic**: the fields of the wire message by one rule; nested shapes are in the schema. Any field may be absent.',
  '- **always**: the field is present even when 0. Others are absent when at their default.',
  '- _decimal string_: an id or another 64-bit integer. _time_: RFC 3339, UTC, milliseconds. _name_: of an enum, never a',
  '  closed set; a number without a name is `UNKNOWN_<n>`.',
  '- Every event of a message may carry `partial: true`: a part could not be decoded and was left out.',
  '',
  '## All events',
  '',
  'By topic:',
  '',
  ...topicLines,
  '',
  '## Envelope',
  '',
  'CloudEvents 1.0 in JSON: the value of the record. [Schema](../libs/contracts/schemas/event/1.0.json)',
  '',
  ...fieldLines(envelope),
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
