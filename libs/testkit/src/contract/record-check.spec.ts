import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TopicRecord } from '../kafka/topic-reader.js';
import { RecordCheck } from './record-check.js';

const check = new RecordCheck();

/** The example of an event as the record that carries it. */
function recordOf(name: string, partition: number): TopicRecord {
  const text = readFileSync(new URL(`../../../contracts/examples/${name}.json`, import.meta.url), 'utf8');
  const event = JSON.parse(text) as Record<string, string>;
  return {
    topic: 'tiktok.live.x',
    partition,
    offset: 0,
    key: event['source']?.split('/').at(-1),
    value: Buffer.from(text),
    headers: {
      'content-type': 'application/cloudevents+json; charset=UTF-8',
      ce_id: event['id'] ?? '',
      ce_type: event['type'] ?? '',
      ce_source: event['source'] ?? '',
      ...(event['sequence'] === undefined ? {} : { ce_sequence: event['sequence'] }),
    },
    timestamp: Date.parse(event['recordedtime'] ?? ''),
  };
}

describe('the check of records', () => {
  const gift = recordOf('gift', 0);
  const partition = Array.from({ length: 12 }, (_, at) => at).find(
    (at) => check.faults({ ...gift, partition: at }).length === 0,
  );
  const right = { ...gift, partition: partition ?? -1 };
  const edited = (edit: (event: Record<string, unknown>) => void): TopicRecord => {
    const event = JSON.parse(right.value?.toString() ?? '') as Record<string, unknown>;
    edit(event);
    return { ...right, value: Buffer.from(JSON.stringify(event)) };
  };

  it('finds nothing wrong with a right record, in exactly one partition', () => {
    expect(check.faults(right)).toEqual([]);
    for (let at = 0; at < 12; at += 1)
      expect(check.faults({ ...gift, partition: at })).toHaveLength(at === partition ? 0 : 1);
  });

  it.each<[string, TopicRecord, RegExp]>([
    ['a header that is no copy', { ...right, headers: { ...right.headers, ce_id: 'x' } }, /header ce_id is x/],
    [
      'a header too many',
      { ...right, headers: { ...right.headers, ce_method: 'x' } },
      /header ce_method is x, must be undefined/,
    ],
    [
      'another media type',
      { ...right, headers: { ...right.headers, 'content-type': 'application/json' } },
      /content-type/,
    ],
    ['the key of another room', { ...right, key: '7' }, /key is 7/],
    ['no key', { ...right, key: undefined }, /key is undefined/],
    ['a timestamp that is not the receipt', { ...right, timestamp: 0 }, /timestamp is 0/],
    ['no value', { ...right, value: null }, /not an object/],
    ['a value that is no JSON', { ...right, value: Buffer.from('{') }, /not JSON/],
    ['data against its schema', edited((event) => (event['data'] = {})), /must have required property 'gift'/],
    [
      'an envelope without sequence',
      edited((event) => delete event['sequence']),
      /must have required property 'sequence'/,
    ],
    [
      'the schema of another event',
      edited((event) => (event['dataschema'] = 'urn:livetap:schema:chat:1.0')),
      /is not of livetap\.gift\.v1/,
    ],
    [
      'a revision that nobody published',
      edited((event) => (event['dataschema'] = 'urn:livetap:schema:gift:1.99')),
      /no schema/,
    ],
  ])('finds %s', (_, record, fault) => {
    expect(check.faults(record).join('\n')).toMatch(fault);
  });

  it('knows the keys of what belongs to no room', () => {
    for (const name of ['canary', 'viewer.erased']) {
      const record = recordOf(name, 0);
      const faults = Array.from({ length: 12 }, (_, at) => check.faults({ ...record, partition: at }));
      expect(
        faults.filter((found) => found.length === 0),
        name,
      ).toHaveLength(1);
    }
  });
});
