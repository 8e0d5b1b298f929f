import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileSchemas } from '../../../test/contract/event-schemas.js';
import { EVENT_CATALOGUE, EVENT_NAMES, type EventName, type LivetapEvent } from './index.js';

const folder = new URL('../examples/', import.meta.url);
const read = (url: URL): unknown => JSON.parse(readFileSync(url, 'utf8'));
const example = (name: EventName) => read(new URL(`${name}.json`, folder)) as LivetapEvent;
const fieldsOf = (name: EventName): string[] => {
  const revision = EVENT_CATALOGUE[name].dataschema.split(':').at(-1) ?? '';
  const schema = read(new URL(`../schemas/${name}/${revision}.json`, import.meta.url));
  return Object.keys((schema as { properties: object }).properties);
};

/** Fields that cannot stand beside the others: a pinned gift beside a pinned comment, a damaged message. */
const APART: Partial<Record<EventName, readonly string[]>> = { roomPin: ['gift'] };
const schemas = compileSchemas();

describe('the examples', () => {
  it('are one for each event, and none besides', () => {
    expect(readdirSync(folder).sort()).toEqual(EVENT_NAMES.map((name) => `${name}.json`).sort());
  });

  it.each(EVENT_NAMES)('of %s is valid, of its type and newest schema', (name) => {
    const event = example(name);
    expect(schemas.errors(event)).toEqual([]);
    expect(event).toMatchObject({ type: EVENT_CATALOGUE[name].type, dataschema: EVENT_CATALOGUE[name].dataschema });
  });

  it.each(EVENT_NAMES.filter((name) => EVENT_CATALOGUE[name].shape === 'made'))('of %s shows every field', (name) => {
    const apart = [...(APART[name] ?? []), 'partial'];
    const expected = fieldsOf(name).filter((field) => !apart.includes(field));
    expect(Object.keys(example(name).data)).toEqual(expect.arrayContaining(expected));
  });

  it.each(EVENT_NAMES.filter((name) => EVENT_CATALOGUE[name].shape === 'generic'))('of %s shows something', (name) => {
    expect(Object.keys(example(name).data)).not.toEqual([]);
  });
});
