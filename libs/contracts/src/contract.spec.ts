import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  EVENT_CATALOGUE,
  EVENT_NAMES,
  eventNameOf,
  formatSequence,
  parseSequence,
  rawSource,
  roomSource,
  sessionId,
  TOPIC_CATALOGUE,
  topicName,
  WIRE_EVENT_NAMES,
} from './index.js';

const schemas = new URL('../schemas/', import.meta.url);

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
    expect(readdirSync(schemas).sort()).toEqual([...EVENT_NAMES, 'event'].sort());
  });

  it('never closes a set of values', () => {
    for (const name of readdirSync(schemas)) {
      const text = readFileSync(new URL(`${name}/1.0.json`, schemas), 'utf8');
      expect(text, name).not.toContain('"additionalProperties": false');
      if (name !== 'event') expect(text, name).not.toContain('"enum"');
    }
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
    expect([1, 2, 3].map((k) => sessionId('7', k))).toEqual(['7', '7-2', '7-3']);
  });
});
