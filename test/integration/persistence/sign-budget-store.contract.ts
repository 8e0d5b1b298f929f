import { expect, it } from 'vitest';
import type { QuotaAnswer } from '../../../apps/watcher/src/rooms/sign-budget/sign-budget.port.js';
import type {
  Reservation,
  SignBudgetStore,
} from '../../../apps/watcher/src/rooms/sign-budget/sign-budget-store.port.js';

/** A SignBudgetStore with the means to let time pass. */
export interface SignBudgetWorld {
  readonly store: SignBudgetStore;
  /** Everything that is stored happened so much earlier. */
  readonly pass: (ms: number) => Promise<void>;
}

const KEY = 'c0ffee'.padEnd(64, '0');
/** The server's clock, which is another than the store's. */
const MARK = 1_900_000_000;

const minute = (more: Partial<QuotaAnswer> = {}): QuotaAnswer => ({
  window: 'minute',
  limit: 60,
  remaining: 60,
  resetMark: MARK,
  resetInMs: 30_000,
  ...more,
});

/** What every SignBudgetStore promises. */
export function signBudgetStoreContract(make: () => Promise<SignBudgetWorld>): void {
  const reserve = (store: SignBudgetStore, wanted: number, replicaId = 'r1'): Promise<Reservation> =>
    store.reserve({ keyHash: KEY, replicaId, wanted });
  const known = async (...answers: readonly QuotaAnswer[]): Promise<SignBudgetWorld> => {
    const world = await make();
    await world.store.observe(KEY, answers.length === 0 ? [minute()] : answers);
    return world;
  };

  it('gives nothing before the server has said its limits, and tells one replica to ask', async () => {
    const { store, pass } = await make();
    expect(await reserve(store, 0)).toMatchObject({ granted: 0, ask: false });
    expect(await reserve(store, 5)).toMatchObject({ granted: 0, ask: true, waitMs: 250, floor: 0 });
    expect(await reserve(store, 5, 'r2')).toMatchObject({ granted: 0, ask: false, waitMs: 250 });
    await pass(10_000);
    // Nobody could find out: few are assumed.
    expect(await reserve(store, 50, 'r2')).toMatchObject({ granted: 10, ask: false });
    await pass(50_000);
    expect(await reserve(store, 1)).toMatchObject({ ask: true });
  });

  it('gives what the tightest window has left, less what is set aside', async () => {
    const { store } = await known(
      minute(),
      { window: 'hour', limit: 1_000, remaining: 900, resetMark: MARK + 3_000, resetInMs: 3_000_000 },
      { window: 'day', limit: 5_000, remaining: 25, resetMark: MARK + 80_000, resetInMs: 80_000_000 },
    );
    const first = await reserve(store, 10);
    expect(first).toMatchObject({ granted: 0, floor: 3 });
    expect(first.windows.map(({ window, limit, remaining }) => [window, limit, remaining])).toEqual([
      ['minute', 60, 57],
      ['hour', 1_000, 870],
      ['day', 5_000, 0],
    ]);
    // Of the day, ten minutes of what is set aside count: nothing before it begins anew.
    expect(first.waitMs).toBeGreaterThan(79_000_000);
  });

  it('never gives more than the limit in a window, whoever asks', async () => {
    const { store, pass } = await known();
    const granted = async (replica: string): Promise<number> => (await reserve(store, 40, replica)).granted;
    // 3 are set aside for the first replica, 1 more for the second.
    expect([await granted('r1'), await granted('r2'), await granted('r1')]).toEqual([40, 16, 2]);
    const none = await reserve(store, 1);
    expect(none.granted).toBe(0);
    expect(none.waitMs).toBeGreaterThan(20_000);
    expect(none.waitMs).toBeLessThanOrEqual(30_000);
    expect(none.outstanding).toBe(58);
    await pass(30_001);
    // All of it may still be under way and count in the new window.
    expect((await reserve(store, 60)).granted).toBe(0);
  });

  it('begins a window anew with what is under way', async () => {
    const { store, pass } = await known();
    const { generation, granted, validForMs } = await reserve(store, 50);
    expect([granted, validForMs > 25_000, validForMs <= 30_000]).toEqual([50, true, true]);
    await store.settle({ keyHash: KEY, generation, count: 45, unused: false });
    await pass(30_001);
    const next = await reserve(store, 60);
    expect(next).toMatchObject({ granted: 52, outstanding: 57 });
    expect(Number(next.generation)).toBe(Number(generation) + 1);
    // A late word of the window before.
    await store.settle({ keyHash: KEY, generation, count: 5, unused: false });
    expect(await reserve(store, 0)).toMatchObject({ outstanding: 52 });
  });

  it('what a dead replica never settled is forgotten after two windows', async () => {
    const { store, pass } = await known();
    await reserve(store, 20);
    await pass(30_001);
    expect((await reserve(store, 0)).outstanding).toBe(20);
    await pass(62_001);
    expect(await reserve(store, 0)).toMatchObject({ outstanding: 0 });
    expect((await reserve(store, 60)).granted).toBe(57);
  });

  it('takes back what was not sent, also in the next window', async () => {
    const { store, pass } = await known();
    const { generation } = await reserve(store, 57);
    await store.settle({ keyHash: KEY, generation, count: 7, unused: true });
    expect((await reserve(store, 60)).granted).toBe(7);
    await pass(30_001);
    await reserve(store, 0);
    await store.settle({ keyHash: KEY, generation, count: 57, unused: true });
    expect((await reserve(store, 60)).granted).toBe(57);
  });

  it('is corrected downward by what the server says, never upward within a window', async () => {
    const { store } = await known();
    const { generation } = await reserve(store, 2);
    // Somebody else uses the same key. The answer does not say which window it is about: its limit does.
    const { window: _window, ...unnamed } = minute({ remaining: 8 });
    await store.settle({ keyHash: KEY, generation, count: 1, unused: false, answer: unnamed });
    expect((await reserve(store, 60)).granted).toBe(5);
    await store.observe(KEY, [minute({ remaining: 50 })]);
    expect((await reserve(store, 60)).granted).toBe(0);
  });

  it('believes the smallest wait that the server names for a window', async () => {
    const { store } = await known();
    await store.observe(KEY, [minute({ resetMark: MARK + 1, resetInMs: 40_000 }), minute({ resetInMs: 20_000 })]);
    const [window] = (await reserve(store, 0)).windows;
    expect(window?.resetInMs).toBeGreaterThan(15_000);
    expect(window?.resetInMs).toBeLessThanOrEqual(20_000);
  });

  it('follows a server that begins its window sooner than expected', async () => {
    const { store } = await known();
    const { generation } = await reserve(store, 57);
    await store.settle({ keyHash: KEY, generation, count: 54, unused: false });
    const answer = minute({ remaining: 59, resetMark: MARK + 60, resetInMs: 60_000 });
    await store.settle({ keyHash: KEY, generation, count: 1, unused: false, answer });
    // One is used, two are under way, three set aside.
    const next = await reserve(store, 60);
    expect(next.granted).toBe(54);
    expect(next.generation).not.toBe(generation);
    // An answer of the window before changes nothing.
    await store.observe(KEY, [minute({ remaining: 0 })]);
    expect((await reserve(store, 0)).windows[0]?.remaining).toBe(0);
  });

  it('an unconfirmed window takes the end that the server names; words of the one before do not count', async () => {
    const { store, pass } = await known();
    await pass(30_001);
    await reserve(store, 5);
    await store.observe(KEY, [minute({ remaining: 0, resetMark: MARK + 1 })]);
    expect((await reserve(store, 5)).granted).toBe(5);
    // Its end is not known for sure: looked at again soon.
    expect((await reserve(store, 60)).waitMs).toBe(2_000);
    await store.observe(KEY, [minute({ remaining: 50, resetMark: MARK + 61, resetInMs: 45_000 })]);
    const { windows } = await reserve(store, 0);
    expect(windows[0]?.resetInMs).toBeLessThanOrEqual(45_000);
    expect(windows[0]?.remaining).toBe(0);
  });

  it('gives nobody anything while the server asks for a pause', async () => {
    const { store, pass } = await known();
    const { generation } = await reserve(store, 1);
    await store.settle({ keyHash: KEY, generation, count: 1, unused: false, answer: { retryAfterMs: 90_000 } });
    await store.observe(KEY, [{ retryAfterMs: 5_000 }]);
    const paused = await reserve(store, 1, 'r2');
    expect(paused.granted).toBe(0);
    expect(paused.blockedForMs).toBeGreaterThan(85_000);
    expect(paused.waitMs).toBeGreaterThanOrEqual(paused.blockedForMs);
    await pass(90_001);
    expect(await reserve(store, 1, 'r2')).toMatchObject({ granted: 1, blockedForMs: 0 });
  });

  it('a refusal with a name uses that window up', async () => {
    const { store } = await known(minute(), {
      window: 'hour',
      limit: 500,
      remaining: 400,
      resetMark: MARK + 900,
      resetInMs: 900_000,
    });
    await store.observe(KEY, [{ window: 'hour', retryAfterMs: 1 }]);
    const { windows } = await reserve(store, 0);
    expect(windows.map(({ window, remaining }) => [window, remaining > 0])).toEqual([
      ['minute', true],
      ['hour', false],
    ]);
  });

  it('sets aside a twentieth for all replicas together, and never more than a tenth', async () => {
    const { store, pass } = await known();
    expect((await reserve(store, 0, 'r1')).floor).toBe(3);
    expect((await reserve(store, 0, 'r2')).floor).toBe(1);
    expect((await reserve(store, 0, 'r1')).floor).toBe(1);
    for (let n = 3; n <= 6; n += 1) expect((await reserve(store, 0, `r${n}`)).floor).toBe(1);
    expect((await reserve(store, 0, 'r7')).floor).toBe(0);
    await pass(600_001);
    expect((await reserve(store, 0, 'r7')).floor).toBe(3);
  });

  it('keeps keys apart', async () => {
    const { store } = await known();
    await reserve(store, 57);
    expect((await reserve(store, 1)).granted).toBe(0);
    const other = 'beef'.padEnd(64, '0');
    await store.observe(other, [minute()]);
    expect((await store.reserve({ keyHash: other, replicaId: 'r1', wanted: 1 })).granted).toBe(1);
  });
}
