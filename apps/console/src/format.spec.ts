import { describe, expect, it } from 'vitest';
import { bytes, compact, counted, duration, rate, relative, shortType } from './format.js';

describe('figures and times in words', () => {
  it('writes figures with as many digits as help', () => {
    expect([0, 9_999, 12_345, 4_500_000].map(compact)).toEqual(['0', '9,999', '12.3K', '4.5M']);
    expect([0, 1.25, 9.96, 1234.5].map(rate)).toEqual(['0.0', '1.3', '10.0', '1,235']);
    expect([0, 1023, 1024, 10 * 1024, 5.5 * 1024 ** 3].map(bytes)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '10 KiB',
      '5.5 GiB',
    ]);
    expect([counted(1, 'streamer'), counted(2_000, 'streamer')]).toEqual(['1 streamer', '2,000 streamers']);
  });

  it('writes durations with two units at most', () => {
    expect([120, 45_000, 200_000, 7_500_000, 273_600_000, 3_600_000].map(duration)).toEqual([
      '120 ms',
      '45 s',
      '3 min 20 s',
      '2 h 5 min',
      '3 d 4 h',
      '1 h',
    ]);
  });

  it('says how long ago or ahead something is', () => {
    const now = Date.parse('2026-01-31T12:00:00Z');
    const at = (ms: number): string => relative(new Date(now + ms).toISOString(), now);
    expect([at(0), at(-300_000), at(20_000), at(-26 * 3_600_000), at(-50 * 3_600_000)]).toEqual([
      'just now',
      '5 min ago',
      'in 20 s',
      '26 h ago',
      '2 days ago',
    ]);
  });

  it('shortens types of events', () => {
    expect(['livetap.gift.completed.v1', 'livetap.chat.v2', 'other'].map(shortType)).toEqual([
      'gift.completed',
      'chat',
      'other',
    ]);
  });
});
