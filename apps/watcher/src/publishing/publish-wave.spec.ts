import { sampleEvent } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { partitionOf } from './murmur2.js';
import { PublishWave, WaveTopic } from './publish-wave.js';

const MIB = 1024 * 1024;
const chat = new WaveTopic('live.chat', 3, 1_000);

describe('a wave of events', () => {
  it('keeps the events of a partition together, in order', () => {
    const wave = new PublishWave();
    expect(wave.empty).toBe(true);
    const events = [1, 2, 3, 4].map((n) =>
      sampleEvent(n, { key: n === 2 ? '7300000000000000002' : '7300000000000000001' }),
    );
    for (const event of events) expect(wave.tryAdd(chat, event, 100)).toBe(true);
    expect(wave.empty).toBe(false);
    const [one, two] = ['7300000000000000001', '7300000000000000002'].map((key) => partitionOf(key, 3));
    expect(one).not.toBe(two);
    expect(wave.parts).toEqual([
      expect.objectContaining({ topic: 'live.chat', partition: one, events: [events[0], events[2], events[3]] }),
      expect.objectContaining({ topic: 'live.chat', partition: two, events: [events[1]] }),
    ]);
  });

  it('refuses what a batch of the topic does not hold, and nothing else', () => {
    const wave = new PublishWave();
    expect(wave.tryAdd(chat, sampleEvent(1), 900)).toBe(true);
    expect(wave.tryAdd(chat, sampleEvent(2), 101)).toBe(false);
    expect(wave.tryAdd(new WaveTopic('live.gift', 3, 1_000), sampleEvent(3), 101)).toBe(true);
    expect(wave.parts.map(({ topic, events }) => [topic, events.length])).toEqual([
      ['live.chat', 1],
      ['live.gift', 1],
    ]);
  });

  it('refuses what would make a request too large, but takes a first event of any size', () => {
    const wide = new WaveTopic('live.chat', 1, 100 * MIB);
    const wave = new PublishWave();
    expect(wave.tryAdd(wide, sampleEvent(1), 17 * MIB)).toBe(true);
    expect(wave.tryAdd(wide, sampleEvent(2), 1)).toBe(false);
  });
});

describe('a topic that is filled', () => {
  it('gives a key its partition, however many keys there were before', () => {
    const topic = new WaveTopic('live.chat', 12, 1_000);
    for (let n = 0; n < 40_000; n += 1) topic.partitionOf(String(n));
    for (const n of [0, 17, 16_384, 39_999]) expect(topic.partitionOf(String(n))).toBe(partitionOf(String(n), 12));
  });
});
