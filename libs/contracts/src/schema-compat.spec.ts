import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { breakingChanges, closedSets, type JsonSchema } from '../../../scripts/contract/compare-schemas.mjs';
import { checkCompatibility, recorded, sha256 } from '../../../scripts/contract/compat-gate.mjs';
import { driftOf } from '../../../scripts/contract/drift.mjs';
import { contractSources, MadeSchemas } from '../../../scripts/contract/made-schemas.mjs';
import { renderSchemas } from '../../../scripts/contract/render-schemas.mjs';
import { planMessage } from '../../../apps/watcher/src/pipeline/normalize/generic-rule.js';
import { WebcastEventMap } from '../../connector/src/events/event-map.js';
import { enums } from '../../connector/src/proto/generated/tables.js';
import { codecForMethod, codecForType } from '../../connector/src/proto/index.js';
import { ENVELOPE_SCHEMA, EVENT_CATALOGUE } from './index.js';

const folder = fileURLToPath(new URL('../schemas/', import.meta.url));
const script = fileURLToPath(new URL('../../../scripts/check-compat.mjs', import.meta.url));

const versionOf = (urn: string) => urn.split(':').at(-1) ?? '';

/** The contract as it is published. */
function theContract() {
  const files = new Map<string, string>();
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    for (const file of readdirSync(join(folder, name))) {
      files.set(`${name}/${file.replace('.json', '')}`, readFileSync(join(folder, name, file), 'utf8'));
    }
  }
  const newest = new Map([['event', versionOf(ENVELOPE_SCHEMA)]]);
  for (const { name, dataschema } of Object.values(EVENT_CATALOGUE)) newest.set(name, versionOf(dataschema));
  const published = JSON.parse(readFileSync(join(folder, 'published.json'), 'utf8')) as Record<string, string>;
  return { files, published, newest };
}

type Schema = {
  $id: string;
  description?: string;
  properties: Record<string, Record<string, unknown>>;
  required?: string[];
  $defs: Record<string, Schema>;
};

/** The contract as it was frozen, without later revisions. */
function firstRelease() {
  const { files, published, newest } = theContract();
  const isFirst = (version: string) => version.endsWith('/1.0');
  return {
    files: new Map([...files].filter(([version]) => isFirst(version))),
    published: Object.fromEntries(Object.entries(published).filter(([version]) => isFirst(version))),
    newest: new Map([...newest.keys()].map((name) => [name, '1.0'])),
  };
}

/** The contract with a revision 1.1 of an event: its 1.0, edited, written and recorded as its author would do. */
function withRevision(event: string, edit: (schema: Schema) => void) {
  const { files, published, newest } = firstRelease();
  const schema = JSON.parse(files.get(`${event}/1.0`) ?? '') as Schema;
  schema.$id = schema.$id.replace('1.0', '1.1');
  edit(schema);
  files.set(`${event}/1.1`, JSON.stringify(schema));
  newest.set(event, '1.1');
  return { files, published: recorded(files, published), newest };
}

describe('the published contract', () => {
  it('passes the gate', () => {
    expect(checkCompatibility(theContract())).toEqual([]);
  });

  it('has the first revisions as they were frozen', () => {
    // Whoever edits a published schema and its entry in the manifest together is caught here. Only a new event type may
    // change this figure.
    const first = Object.entries(theContract().published).filter(([version]) => version.endsWith('/1.0'));
    expect(first).toHaveLength(76);
    expect(sha256(JSON.stringify(first))).toBe('f9b47d67c49122de92d6b928c6fcc79c9fdd492c07e56781f70f1b761091ae88');
  });
});

describe('a revision may', () => {
  it.each<[string, (schema: Schema) => void]>([
    ['add an optional field', (schema) => (schema.properties['pinnedUntil'] = { type: 'string' })],
    [
      'add an optional field to a shape',
      (schema) => (schema.$defs['User']!.properties['country'] = { type: 'string' }),
    ],
    ['add a shape', (schema) => (schema.$defs['Sticker'] = { type: 'object' } as never)],
    [
      'add examples of values',
      (schema) => (schema.properties['reason']!['examples'] = ['end', 'timeout', 'roomEnded', 'moved']),
    ],
    ['say things in other words', (schema) => (schema.properties['gift']!['description'] = 'Other words.')],
  ])('%s', (_, edit) => {
    expect(checkCompatibility(withRevision('gift.completed', edit))).toEqual([]);
  });
});

describe('a revision must not', () => {
  it.each<[string, (schema: Schema) => void, RegExp]>([
    ['remove a field', (schema) => delete schema.properties['count'], /field count removed/],
    [
      'remove a field of a shape',
      (schema) => delete schema.$defs['User']!.properties['nickname'],
      /field User\.nickname removed/,
    ],
    [
      'rename a field',
      (schema) => ((schema.properties['giver'] = schema.properties['user']!), delete schema.properties['user']),
      /field user removed/,
    ],
    ['require a field', (schema) => schema.required?.push('user'), /field user became required/],
    [
      'require a new field',
      (schema) => ((schema.properties['x'] = { type: 'string' }), schema.required?.push('x')),
      /field x became required/,
    ],
    ['take back that a field is always there', (schema) => schema.required?.shift(), /field gift became optional/],
    [
      'change a type',
      (schema) => (schema.properties['count']!['type'] = 'string'),
      /type at count was "integer", is "string"/,
    ],
    ['widen a type', (schema) => (schema.properties['count']!['type'] = ['integer', 'null']), /type at count/],
    [
      'narrow a pattern',
      (schema) => (schema.$defs['GiftRef']!.properties['id']!['pattern'] = '^5\\d+$'),
      /pattern at GiftRef\.id/,
    ],
    [
      'add a pattern',
      (schema) => (schema.$defs['GiftRef']!.properties['name']!['pattern'] = '^A'),
      /pattern at GiftRef\.name was absent/,
    ],
    ['narrow a range', (schema) => (schema.properties['count']!['maximum'] = 99), /maximum at count/],
    ['close an enum', (schema) => (schema.properties['reason']!['enum'] = ['end', 'timeout']), /closed enum at reason/],
    ['close an enum of a new field', (schema) => (schema.properties['x'] = { enum: ['a'] }), /closed enum at x/],
    [
      'refuse unknown fields',
      (schema) => ((schema as never as Record<string, unknown>)['additionalProperties'] = false),
      /additionalProperties: false/,
    ],
    [
      'remove an example of a value',
      (schema) => (schema.properties['reason']!['examples'] = ['end']),
      /example "timeout" removed at reason/,
    ],
    ['refer to another shape', (schema) => (schema.properties['user']!['$ref'] = '#/$defs/GiftRef'), /\$ref at user/],
    ['remove a shape', (schema) => delete schema.$defs['GiftStreak'], /shape GiftStreak removed/],
  ])('%s', (_, edit, problem) => {
    const problems = checkCompatibility(withRevision('gift.completed', edit));
    expect(problems.join('\n')).toMatch(problem);
  });

  it('change what the envelope says about events of rooms', () => {
    const contract = withRevision('event', (schema) => {
      (schema as never as { then: object }).then = { required: [] };
    });
    expect(checkCompatibility(contract).join('\n')).toMatch(/Schema event\/1\.1 breaks 1\.0: then at the top/);
  });
});

describe('the gate', () => {
  it('fails when a byte of a published file changed', () => {
    const contract = firstRelease();
    contract.files.set('chat/1.0', (contract.files.get('chat/1.0') ?? '').replace('Who wrote it.', 'Who wrote it!'));
    expect(checkCompatibility(contract)).toEqual(['Schema chat/1.0 is published and its file has changed']);
  });

  it('fails when a published file, or an event of the catalogue, is gone', () => {
    const contract = firstRelease();
    contract.files.delete('chat/1.0');
    contract.newest.delete('chat');
    expect(checkCompatibility(contract)).toEqual([
      'Schema chat/1.0 is published and its file is gone',
      'Event chat is published but not in EVENT_CATALOGUE any more',
    ]);
  });

  it('fails when a revision is not recorded, or the catalogue does not name the newest', () => {
    const { files, newest } = withRevision('chat', () => undefined);
    const { published } = firstRelease();
    expect(checkCompatibility({ files, published, newest })).toEqual([
      'Schema chat/1.1 is not recorded as published. Run node scripts/check-compat.mjs --record',
    ]);
    expect(checkCompatibility({ files, published: recorded(files, published), newest: firstRelease().newest })).toEqual(
      ['Event chat: the catalogue says 1.0, the newest schema is 1.1'],
    );
  });

  it('fails when a revision is left out, misnamed, or is a version in disguise', () => {
    const { files, published, newest } = withRevision('chat', () => undefined);
    files.set('chat/1.3', (files.get('chat/1.1') ?? '').replace('chat:1.1', 'chat:1.2'));
    files.set('chat/2.0', files.get('chat/1.1') ?? '');
    newest.set('chat', '1.3');
    expect(checkCompatibility({ files, published: recorded(files, published), newest })).toEqual([
      'Schema chat/1.3: $id is urn:livetap:schema:chat:1.2, must be urn:livetap:schema:chat:1.3',
      'Schema chat/2.0: the name of the file must be 1.<revision>.json; a new version is a new type',
      'Schema chat/1.2 is missing',
    ]);
  });
});

describe('the comparison', () => {
  const schema = fc.letrec<{ schema: JsonSchema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.record({ type: fc.constantFrom('string', 'integer', 'boolean') }),
      fc.record({ type: fc.constant('string'), examples: fc.uniqueArray(fc.string(), { maxLength: 3 }) }),
      fc.record({ type: fc.constant('array'), items: tie('schema') }),
      fc
        .dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('schema'), { maxKeys: 4 })
        .map((properties) => ({ type: 'object', properties, required: Object.keys(properties).slice(0, 1) })),
    ),
  })).schema;

  it('finds nothing between a schema and itself, whatever the order of its members', () => {
    fc.assert(
      fc.property(schema, (one) => {
        expect(breakingChanges(one, one)).toEqual([]);
        expect(breakingChanges(one, Object.fromEntries(Object.entries(one).reverse()))).toEqual([]);
        expect(closedSets(one)).toEqual([]);
      }),
    );
  });

  it('lets a field be added and never taken away, at any depth', () => {
    const nested = (depth: number, inner: JsonSchema): JsonSchema =>
      depth === 0 ? inner : { type: 'object', properties: { in: { type: 'array', items: nested(depth - 1, inner) } } };
    fc.assert(
      fc.property(
        schema,
        fc.nat({ max: 3 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), schema, { maxKeys: 3 }),
        (added, depth, fields) => {
          const before = nested(depth, { type: 'object', properties: fields });
          const after = nested(depth, { type: 'object', properties: { ...fields, addedField: added } });
          expect(breakingChanges(before, after)).toEqual([]);
          expect(breakingChanges(after, before)).toHaveLength(1);
        },
      ),
    );
  });
});

describe('an edit of the sources', () => {
  const rules = { EVENT_CATALOGUE, ENVELOPE_SCHEMA, codecForMethod, codecForType, enums, WebcastEventMap, planMessage };
  const edited = (file: string, from: string, to: string) => {
    const sources = contractSources();
    const path = [...sources.keys()].find((name) => name.endsWith(file)) ?? '';
    const text = sources.get(path) ?? '';
    expect(text).toContain(from);
    return new MadeSchemas(sources.set(path, text.replace(from, to)));
  };
  const NEW_FIELD = 'readonly replyTo?: User;\n  /** Words that TikTok marks. */\n  readonly marked?: string;';
  const now = Number(versionOf(EVENT_CATALOGUE.chat.dataschema).split('.')[1]);
  const next = now + 1;
  /** The catalogue with a revision of an event, as SCHEMA_REVISIONS makes it. */
  const revised = (name: 'chat', revision: number) => ({
    ...rules,
    EVENT_CATALOGUE: {
      ...EVENT_CATALOGUE,
      [name]: { ...EVENT_CATALOGUE[name], dataschema: `urn:livetap:schema:${name}:1.${revision}` },
    },
  });

  it('is none as long as nobody edits', () => {
    const { files, published } = theContract();
    expect(driftOf(renderSchemas(rules, new MadeSchemas()), files, published)).toEqual({ changed: [], problems: [] });
  });

  it('that adds a field to a published event fails, and says what to do', () => {
    const { files, published } = theContract();
    const made = edited('viewers.ts', 'readonly replyTo?: User;', NEW_FIELD);
    const { changed, problems } = driftOf(renderSchemas(rules, made), files, published);
    expect(changed).toEqual([]);
    expect(problems).toEqual([
      `Schema chat/1.${now} is published and never changes, but its sources now say otherwise (field marked added). ` +
        `If the change only adds optional fields, write \`chat: ${next}\` into SCHEMA_REVISIONS in libs/contracts/src/events.ts, ` +
        'then run node scripts/generate-schemas.mjs and node scripts/check-compat.mjs --record. Anything else needs a new type (.v2).',
    ]);
  });

  it('that adds a field and a revision makes that revision, which the gate lets pass', () => {
    const { files, published, newest } = theContract();
    const made = edited('viewers.ts', 'readonly replyTo?: User;', NEW_FIELD);
    const wanted = renderSchemas(revised('chat', next), made);
    expect(driftOf(wanted, files, published)).toEqual({ changed: [`chat/1.${next}`], problems: [] });
    files.set(`chat/1.${next}`, wanted.get(`chat/1.${next}`) ?? '');
    newest.set('chat', `1.${next}`);
    expect(checkCompatibility({ files, published: recorded(files, published), newest })).toEqual([]);
  });

  it('that makes a field required does not pass as a revision', () => {
    const { files, published, newest } = theContract();
    const made = edited('viewers.ts', 'readonly language?: string;', 'readonly language: string;');
    files.set(`chat/1.${next}`, renderSchemas(revised('chat', next), made).get(`chat/1.${next}`) ?? '');
    newest.set('chat', `1.${next}`);
    expect(checkCompatibility({ files, published: recorded(files, published), newest })).toEqual([
      `Schema chat/1.${next} breaks 1.${now}: field language became required. It needs a new type (.v2)`,
    ]);
  });

  it('of a shape that every event has names every event', () => {
    const { files, published } = theContract();
    const made = edited('values.ts', 'readonly verified?: boolean;', 'readonly verified?: string;');
    const { problems } = driftOf(renderSchemas(rules, made), files, published);
    expect(problems.length).toBeGreaterThan(30);
    expect(problems[0]).toContain('type at User.verified was "boolean", is "string"');
  });

  it.each([
    [
      'a field without a docstring',
      'readonly comment: string;',
      'readonly comment: string;\n  readonly bare?: string;',
      'ChatData.bare has no docstring',
    ],
    ['a closed set', 'readonly comment: string;', "readonly comment: 'a' | 'b';", 'or OpenEnum for a set of values'],
    ['a number without a kind', 'readonly comment: string;', 'readonly comment: number;', 'use Integer, Count'],
  ])('with %s is refused', (_, from, to, words) => {
    expect(() => renderSchemas(rules, edited('viewers.ts', from, to))).toThrow(words);
  });
});

describe('scripts/check-compat.mjs', () => {
  const folders: string[] = [];
  afterEach(() => folders.splice(0).forEach((path) => rmSync(path, { recursive: true })));

  const run = (edit: (copy: string) => void) => {
    const copy = mkdtempSync(join(tmpdir(), 'schemas-'));
    folders.push(copy);
    cpSync(folder, copy, { recursive: true });
    edit(copy);
    return spawnSync(process.execPath, [script, '--check', '--schemas', copy], { encoding: 'utf8' });
  };

  it('ends with 0 for the contract as it is, and with 1 after a breaking edit', () => {
    expect(run(() => undefined)).toMatchObject({ status: 0 });
    const broken = run((copy) => {
      const path = join(copy, 'gift/1.0.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('"diamonds"', '"coins"'));
    });
    expect(broken).toMatchObject({ status: 1, stderr: 'Schema gift/1.0 is published and its file has changed\n' });
  });
});
