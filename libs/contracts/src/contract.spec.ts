import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedSets, type JsonSchema } from '../../../scripts/contract/compare-schemas.mjs';
import {
  ENVELOPE_SCHEMA,
  EVENT_CATALOGUE,
  EVENT_NAMES,
  type EventName,
  eventNameOf,
  formatSequence,
  parseSequence,
  rawSource,
  replicaSource,
  roomSource,
  sessionId,
  TOPIC_CATALOGUE,
  topicName,
  viewerSource,
  WIRE_EVENT_NAMES,
} from './index.js';

const schemas = new URL('../schemas/', import.meta.url);

const folders = () =>
  readdirSync(schemas, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

function newestSchemas(): [string, JsonSchema][] {
  return folders().map((name) => {
    const urn = name === 'event' ? ENVELOPE_SCHEMA : EVENT_CATALOGUE[name as EventName].dataschema;
    const file = new URL(`${name}/${urn.split(':').at(-1) ?? ''}.json`, schemas);
    return [name, JSON.parse(readFileSync(file, 'utf8')) as JsonSchema];
  });
}

/** Every field of a schema and of its shapes, with its path. */
function* fieldsOf(schema: JsonSchema, at = ''): Generator<[string, JsonSchema]> {
  for (const [name, field] of Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)) {
    yield [at + name, field];
    yield* fieldsOf(field, `${at}${name}.`);
  }
  for (const [name, shape] of Object.entries((schema['$defs'] ?? {}) as Record<string, JsonSchema>)) {
    yield* fieldsOf(shape, `${name}.`);
  }
}

describe('the event catalogue', () => {
  it('names 67 wire events and unknown, and the seven of its own', () => {
    expect(WIRE_EVENT_NAMES).toHaveLength(68);
    expect(EVENT_NAMES).toHaveLength(75);
  });

  it('leads every event to a topic of the catalogue', () => {
    const subjects = TOPIC_CATALOGUE.map((topic) => topic.subject);
    for (const entry of Object.values(EVENT_CATALOGUE)) expect(subjects).toContain(entry.topic);
    expect(new Set(subjects).size).toBe(subjects.length);
  });

  it('has one schema for each event and none besides, the envelope apart', () => {
    for (const entry of Object.values(EVENT_CATALOGUE)) {
      const revision = entry.dataschema.split(':').at(-1) ?? '';
      const file = new URL(`${entry.name}/${revision}.json`, schemas);
      expect(existsSync(file), entry.name).toBe(true);
      expect((JSON.parse(readFileSync(file, 'utf8')) as { $id: string }).$id).toBe(entry.dataschema);
    }
    expect(folders().sort()).toEqual([...EVENT_NAMES, 'event'].sort());
  });

  it('never closes a set of values', () => {
    for (const [name, schema] of newestSchemas()) expect(closedSets(schema), name).toEqual([]);
  });

  it('has names in camelCase, and says of every field what it means', () => {
    for (const [name, schema] of newestSchemas()) {
      for (const [path, field] of fieldsOf(schema)) {
        expect(path.split('.').at(-1), `${name} ${path}`).toMatch(/^[a-z][A-Za-z0-9]*$/);
        expect(field['description'], `${name} ${path}`).toMatch(/\w/);
      }
    }
  });

  it('has whole numbers, exact in a double, but where the wire has fractions', () => {
    const fractions: string[] = [];
    for (const [name, schema] of newestSchemas()) {
      for (const [path, field] of fieldsOf(schema)) {
        if (field['type'] === 'number') fractions.push(EVENT_CATALOGUE[name as EventName].shape);
        if (field['type'] !== 'integer') continue;
        expect(field['maximum'], `${name} ${path}`).toBe(Number.MAX_SAFE_INTEGER);
        expect([0, Number.MIN_SAFE_INTEGER], `${name} ${path}`).toContain(field['minimum']);
      }
    }
    expect(new Set(fractions)).toEqual(new Set(['generic']));
  });

  it('finds the name in a type', () => {
    expect(eventNameOf('livetap.gift.completed.v1')).toBe('gift.completed');
    expect(eventNameOf('livetap.chat.v2')).toBeUndefined();
    expect(eventNameOf('livetap.toString.v1')).toBeUndefined();
  });
});

describe('topics', () => {
  it('are one for each subject, or one for all events of rooms', () => {
    expect(topicName('tiktok.live', 'gift', 'subject')).toBe('tiktok.live.gift');
    expect(topicName('tiktok.live', 'gift', 'single')).toBe('tiktok.live.events');
    expect(topicName('tiktok.live', 'unknown', 'single')).toBe('tiktok.live.events');
    expect(topicName('tiktok.live', 'canary', 'single')).toBe('tiktok.live.canary');
    expect(topicName('tiktok.live', 'raw', 'single')).toBe('tiktok.live.raw');
  });
});

describe('sequences', () => {
  it('compare as text in the order of epoch and number', () => {
    const order = [
      [1, 9],
      [1, 10],
      [9, 1],
      [10, 1],
      [99_999_999, 999_999_999_999],
    ] as const;
    const texts = order.map(([epoch, n]) => formatSequence(epoch, n));
    expect([...texts].sort()).toEqual(texts);
    expect(texts[1]).toBe('00000001-000000000010');
    expect(texts.map(parseSequence)).toEqual(order.map(([epoch, n]) => ({ epoch, n })));
  });

  it('refuse what does not fit', () => {
    for (const [epoch, n] of [
      [-1, 1],
      [100_000_000, 1],
      [1, 1_000_000_000_000],
      [1, 0.5],
    ] as const) {
      expect(() => formatSequence(epoch, n)).toThrow(RangeError);
    }
    expect(parseSequence('1-1')).toBeUndefined();
  });
});

describe('names of sources and sessions', () => {
  it('are those of the contract', () => {
    expect(roomSource('7')).toBe('/tiktok/rooms/7');
    expect(rawSource('7')).toBe('/tiktok/rooms/7/raw');
    expect(viewerSource('7')).toBe('/tiktok/viewers/7');
    expect(replicaSource('a')).toBe('/livetap/replicas/a');
    expect([1, 2, 3].map((k) => sessionId('7', k))).toEqual(['7', '7-2', '7-3']);
  });
});
