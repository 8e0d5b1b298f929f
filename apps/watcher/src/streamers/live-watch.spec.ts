import { FakeClock, SeededRandom } from '@livetap/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import { FakeLiveChecker } from '../rooms/testing/fake-live-checker.js';
import type { CheckedStreamer, LiveCheckResult } from './live-checker.port.js';
import { LiveWatch } from './live-watch.js';
import { MemoryStreamerStore } from './memory-streamer-store.js';
import { ObservationWriter } from './observation-writer.js';
import { HOUR_MS, type StartHabit, withStart } from './start-habit.js';
import type { Streamer, StreamerObservation } from './streamer.js';

let clock: FakeClock;
let checker: FakeLiveChecker;
let live: { streamer: Streamer; result: LiveCheckResult }[];
let seen: [string, StreamerObservation][];
let late: number[];
let noticed: number[];
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
  late = [];
  noticed = [];
  watch = new LiveWatch({
    clock,
    random: new SeededRandom(3),
    checker,
    observe: (id, observation) => seen.push([id, observation]),
    onLive: (found, result) => live.push({ streamer: found, result }),
    onLateness: (ms) => late.push(ms),
    onNoticed: (ms) => noticed.push(ms),
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
    await clock.advance(8 * 7 * 24 * 3_600_000);
    const before = checker.asked.length;
    await clock.advance(10 * 3_600_000);
    expect(checker.asked.length - before).toBeGreaterThanOrEqual(17);
    expect(checker.asked.length - before).toBeLessThanOrEqual(26);
  });

  it('come closely at the hours at which a streamer went live before', async () => {
    const start = clock.now();
    let habit: StartHabit | undefined;
    for (let week = 1; week <= 6; week += 1)
      habit = withStart(habit, start - week * 7 * 86_400_000 + 5 * HOUR_MS, start);
    watch.watch(streamer(1, { state: 'offline', ...(habit === undefined ? {} : { startHabit: habit }) }));
    const inHour = async (): Promise<number> => {
      const before = checker.asked.length;
      await clock.advance(HOUR_MS);
      return checker.asked.length - before;
    };
    await clock.advance(2 * HOUR_MS);
    const quiet = await inHour();
    await clock.advance(2 * HOUR_MS);
    const usual = await inHour();
    expect(usual).toBeGreaterThan(30);
    expect(quiet).toBeLessThan(usual / 3);
  });

  it('learn a start from what TikTok says about it, once, and keep it until the streamer is watched again', async () => {
    const startedAt = clock.now() - 60_000;
    checker.set('user1', 'live', { roomId: '900', startedAt });
    watch.watch(streamer(1));
    await clock.advance(0);
    expect(seen[0]?.[1].startHabit).toMatchObject({ lastStartAt: startedAt });
    // What was stored is not read again yet: the same live counts once.
    watch.watch(streamer(1), 1_000);
    await clock.advance(1_000);
    expect(live).toHaveLength(2);
    expect(seen[1]?.[1].startHabit).toBeUndefined();
  });

  it('take a start between two checks when TikTok does not say, and none when they are far apart', async () => {
    watch.watch(streamer(1));
    watch.watch(streamer(2));
    await clock.advance(0);
    const [first, after] = [clock.now(), 600_000];
    watch.unwatch('2');
    checker.live('user1', '900');
    await clock.advance(after);
    const startedAt = seen.at(-1)?.[1].startHabit?.lastStartAt ?? 0;
    expect(startedAt).toBeGreaterThanOrEqual(first);
    expect(startedAt).toBeLessThan(first + 90_000);
    checker.live('user2', '901');
    watch.watch(streamer(2, { state: 'offline', lastCheckedAt: new Date(clock.now() - 5 * HOUR_MS) }));
    await clock.advance(0);
    expect(seen.at(-1)).toMatchObject(['2', { roomId: '901' }]);
    expect(seen.at(-1)?.[1].startHabit).toBeUndefined();
  });

  it('tell how late they are and how long a start went unnoticed', async () => {
    watch.watch(streamer(1));
    await clock.advance(0);
    checker.set('user1', 'live', { roomId: '900', startedAt: clock.now() + 1_000 });
    await clock.advance(120_000);
    expect(live).toHaveLength(1);
    expect(late).toEqual([0, 0]);
    expect(noticed).toHaveLength(1);
    expect(noticed[0]).toBeGreaterThan(30_000);
    expect(noticed[0]).toBeLessThan(90_000);
  });

  it('go on where another replica stopped: what is not due yet is not checked at once', async () => {
    const now = clock.now();
    watch.watch(streamer(1, { state: 'offline', nextCheckAt: new Date(now + 600_000) }));
    watch.watch(streamer(2, { state: 'offline', nextCheckAt: new Date(now - 600_000) }));
    watch.watch(streamer(3, { state: 'offline', nextCheckAt: new Date(now + 86_400_000) }));
    await clock.advance(0);
    expect(checker.asked).toEqual(['user2', 'user3']);
    await clock.advance(600_000);
    expect(checker.asked).toContain('user1');
  });

  it('do not wait for streamers that go through another address', async () => {
    let release: () => void = () => undefined;
    checker.gate = new Promise((resolve) => (release = resolve));
    for (let id = 1; id <= 6; id += 1) watch.watch(streamer(id));
    await clock.advance(0);
    expect(checker.asked).toHaveLength(4);
    const waiting = [1, 2, 3, 4, 5, 6].find((id) => !checker.asked.includes(`user${id}`)) ?? 0;
    watch.watch(streamer(7, { proxyUrl: 'http://proxy:1' }));
    watch.watch(streamer(waiting, { proxyUrl: 'http://proxy:1' }));
    await clock.advance(0);
    expect(checker.asked.slice(4).sort()).toEqual([`user${waiting}`, 'user7']);
    release();
    await clock.advance(0);
    for (let id = 1; id <= 7; id += 1) watch.unwatch(String(id));
    expect(watch.stats()).toMatchObject({ watched: 0, running: 0 });
    expect(clock.pendingTimers).toBeLessThanOrEqual(1);
  });

  it('hold a room that was left for over until somebody says otherwise', async () => {
    checker.live('user1', '900');
    watch.watch(streamer(1));
    await clock.advance(0);
    watch.watch(streamer(1, { state: 'live', roomId: '900' }), 15_000);
    await clock.advance(15_000);
    expect(checker.asked).toHaveLength(2);
    expect(live.at(-1)?.streamer).toMatchObject({ state: 'offline', roomId: '900' });
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

describe('live checks of many at once', () => {
  let paused = 0;
  let asked: string[][];
  let answers: Map<string, LiveCheckResult>;

  beforeEach(() => {
    paused = 0;
    asked = [];
    answers = new Map();
    watch = new LiveWatch({
      clock,
      random: new SeededRandom(3),
      checker: {
        check: (one, signal) => checker.check(one, signal),
        addressOf: (one) => checker.addressOf(one),
        bulk: {
          limit: 50,
          gapMs: 30_000,
          pausedFor: () => paused,
          check: async (ids) => {
            asked.push([...ids]);
            return answers;
          },
        },
      },
      observe: (id, observation) => seen.push([id, observation]),
      onLive: (found, result) => live.push({ streamer: found, result }),
    });
  });

  const known = (id: number): Streamer => streamer(id, { tiktokUserId: String(1_000 + id), state: 'offline' });
  const offline = (...ids: readonly number[]): void => {
    for (const id of ids) answers.set(String(1_000 + id), { verdict: 'offline', reason: 'bulk: is not live' });
  };

  it('take one request for fifty, not more often than they may, and leave the others to be asked alone', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => index + 1);
    offline(...ids);
    for (const id of ids) watch.watch(known(id));
    watch.watch(streamer(500));
    await clock.advance(0);
    expect(asked.map(({ length }) => length)).toEqual([50]);
    await clock.advance(60_000);
    expect(asked.map(({ length }) => length)).toEqual([50, 50, 20]);
    expect(new Set(asked.flat()).size).toBe(120);
    expect(new Set(checker.asked)).toEqual(new Set(['user500']));
    expect(seen.filter(([, { stateReason }]) => stateReason === 'bulk: is not live')).toHaveLength(120);
  });

  it('leave who is live, and who is not in the answer, to TikTok itself, at once', async () => {
    offline(1);
    answers.set('1002', { verdict: 'live', reason: 'bulk: is live', roomId: '900' });
    checker.live('user2', '901');
    for (const id of [1, 2, 3]) watch.watch(known(id));
    await clock.advance(0);
    expect(checker.asked.sort()).toEqual(['user2', 'user3']);
    expect(live.map(({ result }) => result.roomId)).toEqual(['901']);
    expect(watch.stats().checks).toMatchObject({ live: 1, offline: 2 });
  });

  it('find streamers who are known by user id alone, and tell the single check in which room', async () => {
    const heard: (string | undefined)[] = [];
    const check = checker.check.bind(checker);
    checker.check = (one: CheckedStreamer, signal) => (heard.push(one.heardRoom), check(one, signal));
    answers.set('5', { verdict: 'offline', reason: 'bulk: is not live' });
    watch.watch(streamer(1, { uniqueId: 'id:5' }));
    await clock.advance(2 * 3_600_000);
    // Nobody else could say anything about it.
    expect(asked.length).toBeGreaterThan(10);
    expect(checker.asked).toEqual([]);
    answers.set('5', { verdict: 'live', reason: 'bulk: is live', roomId: '900' });
    checker.live('id:5', '900');
    await clock.advance(1_800_000);
    expect(heard).toEqual(['900']);
    expect(live.map(({ result }) => result.roomId)).toEqual(['900']);
  });

  it('go out from our own address: whoever has a proxy or a pool is never among them', async () => {
    offline(1, 2, 3);
    watch.watch(known(1));
    watch.watch({ ...known(2), proxyUrl: 'http://proxy.example:3128' });
    watch.watch({ ...known(3), proxyPool: 'eu' });
    await clock.advance(60_000);
    expect(new Set(asked.flat())).toEqual(new Set(['1001']));
    expect(new Set(checker.asked)).toEqual(new Set(['user2', 'user3']));
  });

  it('give way to single checks while the bulk check is refused', async () => {
    offline(1);
    paused = 600_000;
    watch.watch(known(1));
    await clock.advance(0);
    paused = 0;
    await clock.advance(900_000);
    expect(asked.length).toBeGreaterThan(0);
    const single = checker.asked.length;
    expect(single).toBeGreaterThan(0);
    paused = 600_000;
    await clock.advance(900_000);
    expect(checker.asked.length).toBeGreaterThan(single);
  });

  it('are checked against TikTok itself once in a while', async () => {
    offline(1);
    watch.watch(known(1));
    await clock.advance(8 * 3_600_000);
    expect(asked.length).toBeGreaterThan(20);
    expect(checker.asked.length).toBeGreaterThanOrEqual(Math.floor(asked.length / 10) - 1);
    expect(checker.asked.length).toBeLessThanOrEqual(Math.ceil(asked.length / 10));
  });

  it('say nothing about a streamer that was taken off the list meanwhile', async () => {
    offline(1, 2);
    for (const id of [1, 2]) watch.watch(known(id));
    const advanced = clock.advance(0);
    watch.unwatch('1');
    await advanced;
    expect(seen.map(([id]) => id)).toEqual(['2']);
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
