import { FakeClock, SeededRandom } from '@livetap/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import { FakeLiveChecker } from '../rooms/testing/fake-live-checker.js';
import type { LiveCheckResult } from './live-checker.port.js';
import { LiveWatch } from './live-watch.js';
import { MemoryStreamerStore } from './memory-streamer-store.js';
import { ObservationWriter } from './observation-writer.js';
import type { Streamer, StreamerObservation } from './streamer.js';

let clock: FakeClock;
let checker: FakeLiveChecker;
let live: { streamer: Streamer; result: LiveCheckResult }[];
let seen: [string, StreamerObservation][];
let watch: LiveWatch;

function streamer(id: number, more: Partial<Streamer> = {}): Streamer {
  const at = new Date(clock.now());
  return {
    id: String(id),
    uniqueId: `user${id}`,
    aliases: [],
    paused: false,
    labels: [],
    priority: 50,
    state: 'pending',
    createdAt: at,
    updatedAt: at,
    ...more,
  };
}

beforeEach(() => {
  clock = new FakeClock();
  checker = new FakeLiveChecker();
  live = [];
  seen = [];
  watch = new LiveWatch({
    clock,
    random: new SeededRandom(3),
    checker,
    observe: (id, observation) => seen.push([id, observation]),
    onLive: (found, result) => live.push({ streamer: found, result }),
    concurrency: 4,
  });
});

describe('live checks', () => {
  it('come at once for new streamers, and then about every minute', async () => {
    watch.watch(streamer(1));
    await clock.advance(0);
    expect(checker.asked).toHaveLength(1);
    await clock.advance(600_000);
    expect(checker.asked.length).toBeGreaterThanOrEqual(9);
    expect(checker.asked.length).toBeLessThanOrEqual(12);
    expect(seen[0]?.[1]).toMatchObject({ state: 'offline', stateReason: 'test: offline' });
  });

  it('slow down for streamers that stay away, down to the longest interval', async () => {
    watch.watch(streamer(1));
    await clock.advance(24 * 3_600_000);
    const before = checker.asked.length;
    await clock.advance(10 * 3_600_000);
    expect(checker.asked.length - before).toBeGreaterThanOrEqual(17);
    expect(checker.asked.length - before).toBeLessThanOrEqual(24);
  });

  it('keep to the intervals of the streamer where it has its own, at once when they change', async () => {
    watch.watch(streamer(1, { checkIntervalMs: 10_000, checkIntervalMaxMs: 1_000 }));
    await clock.advance(600_000);
    const often = checker.asked.length;
    // The longest interval is never shorter than the first: 10 s each, give or take the jitter.
    expect(often).toBeGreaterThanOrEqual(52);
    expect(often).toBeLessThanOrEqual(71);
    watch.watch(streamer(1));
    await clock.advance(24 * 3_600_000);
    const seldom = checker.asked.length;
    watch.watch(streamer(1, { checkIntervalMs: 5_000, checkIntervalMaxMs: 5_000 }));
    await clock.advance(5_000);
    expect(checker.asked.length).toBeGreaterThan(seldom);
    await clock.advance(600_000);
    expect(checker.asked.length - seldom).toBeGreaterThanOrEqual(104);
  });

  it('hand a live streamer over once and leave it alone until it is watched again', async () => {
    checker.live('user1', '900');
    watch.watch(streamer(1));
    await clock.advance(600_000);
    expect(live.map(({ streamer: { id }, result }) => [id, result.roomId])).toEqual([['1', '900']]);
    expect(watch.has('1')).toBe(false);
    watch.watch(streamer(1), 15_000);
    await clock.advance(14_000);
    expect(live).toHaveLength(1);
    await clock.advance(2_000);
    expect(live).toHaveLength(2);
  });

  it('are bounded in number, most overdue first, important ones before others', async () => {
    let release: () => void = () => undefined;
    checker.gate = new Promise((resolve) => (release = resolve));
    for (let id = 1; id <= 20; id += 1) watch.watch(streamer(id, { priority: id === 20 ? 90 : 50 }));
    await clock.advance(5_000);
    expect(checker.mostRunning).toBe(4);
    expect(checker.asked[0]).toBe('user20');
    expect(watch.stats()).toMatchObject({ running: 4, watched: 20, latenessMs: 5_000 });
    checker.gate = undefined;
    release();
    await clock.advance(1_000);
    expect(new Set(checker.asked).size).toBe(20);
  });

  it('never take unknown for offline, and obey a wait', async () => {
    checker.set('user1', 'unknown', { retryAfterMs: 900_000 });
    watch.watch(streamer(1, { state: 'live' }));
    await clock.advance(899_000);
    expect(checker.asked).toHaveLength(1);
    expect(seen[0]?.[1]).toMatchObject({ state: 'live', stateReason: 'test: unknown' });
    await clock.advance(2_000);
    expect(checker.asked).toHaveLength(2);
  });

  it('say nothing any more about a streamer that was taken off the list', async () => {
    let release: () => void = () => undefined;
    checker.gate = new Promise((resolve) => (release = resolve));
    checker.live('user1', '900');
    watch.watch(streamer(1));
    await clock.advance(0);
    watch.unwatch('1');
    release();
    await clock.advance(600_000);
    expect([live, seen]).toEqual([[], []]);
    watch.watch(streamer(2));
    watch.stop();
    await clock.advance(600_000);
    expect(checker.asked).toEqual(['user1']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('survive a checker that breaks its promise never to reject', async () => {
    const surprise = Promise.reject(new Error('surprise'));
    surprise.catch(() => undefined);
    checker.gate = surprise;
    watch.watch(streamer(1));
    await clock.advance(0);
    checker.gate = undefined;
    await clock.advance(120_000);
    expect(checker.asked.length).toBeGreaterThan(1);
  });

  it('learn the name of a streamer that was added by its user id', async () => {
    checker.set('id:5', 'offline', { uniqueId: 'Anna', tiktokUserId: '5' });
    watch.watch(streamer(1, { uniqueId: 'id:5' }));
    await clock.advance(0);
    expect(seen[0]?.[1]).toMatchObject({ uniqueId: 'anna', tiktokUserId: '5' });
  });
});

describe('observations', () => {
  it('are written once a second for all streamers, and kept while the store is away', async () => {
    const store = new MemoryStreamerStore(() => new Date(clock.now()));
    const { streamer: anna } = await store.add('anna', {});
    const writes: number[] = [];
    let down = true;
    const writer = new ObservationWriter({
      clock,
      logger: SILENT_LOGGER,
      store: {
        observe: async (observations) => {
          writes.push(observations.size);
          if (down) throw new Error('away');
          await store.observe(observations);
        },
      },
    });
    writer.note(anna.id, { state: 'live', roomId: '1' });
    writer.note('999', { state: 'offline' });
    writer.note(anna.id, { state: 'offline' });
    await clock.advance(999);
    expect(writes).toEqual([]);
    await clock.advance(1);
    expect(writes).toEqual([2]);
    writer.note(anna.id, { nickname: 'Anna' });
    await clock.advance(3_000);
    down = false;
    await clock.advance(2_000);
    expect(await store.find('anna')).toMatchObject({ state: 'offline', roomId: '1', nickname: 'Anna' });
    expect(clock.pendingTimers).toBe(0);
    writer.note(anna.id, { state: 'live' });
    await writer.flush();
    expect(await store.find('anna')).toMatchObject({ state: 'live' });
  });
});
