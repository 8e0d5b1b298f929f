import { FakeClock, SeededRandom } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../../common/logger.port.js';
import { DatabaseError } from '../../persistence/persistence.errors.js';
import { MemorySignBudgetStore } from './memory-sign-budget-store.js';
import { SharedSignBudget } from './shared-sign-budget.js';
import type { QuotaAnswer, SignPermit } from './sign-budget.port.js';
import type { Reservation, ReserveRequest, Settlement, SignBudgetStore } from './sign-budget-store.port.js';

const KEY = 'ab'.repeat(32);
const MINUTE = 60_000;

/** A sign server with fixed windows, and how it would answer. */
class SignServer {
  granted = 0;
  refused = 0;
  readonly minutes: number[] = [];
  #startedAt: number | undefined;
  #used = 0;

  constructor(
    private readonly clock: FakeClock,
    readonly perMinute: number,
  ) {}

  request(): QuotaAnswer {
    this.#roll();
    if (this.#used >= this.perMinute) {
      this.refused += 1;
      return { ...this.#say(), retryAfterMs: this.#resetAt() - this.clock.now() };
    }
    this.#used += 1;
    this.granted += 1;
    return this.#say();
  }

  limits(): readonly QuotaAnswer[] {
    this.#roll();
    return [{ window: 'minute', ...this.#say() }];
  }

  #roll(): void {
    if (this.#startedAt !== undefined && this.clock.now() < this.#resetAt()) return;
    if (this.#startedAt !== undefined) this.minutes.push(this.#used);
    this.#startedAt = this.clock.now();
    this.#used = 0;
  }

  #resetAt(): number {
    return (this.#startedAt ?? 0) + MINUTE;
  }

  #say(): QuotaAnswer {
    const resetMark = Math.ceil(this.#resetAt() / 1000);
    return {
      limit: this.perMinute,
      remaining: this.perMinute - this.#used,
      resetMark,
      resetInMs: (resetMark - Math.floor(this.clock.now() / 1000)) * 1000,
    };
  }
}

/** The shared store, which a test can take away from one replica. */
class Away implements SignBudgetStore {
  away = false;
  calls = 0;
  constructor(private readonly store: SignBudgetStore) {}
  reserve(request: ReserveRequest): Promise<Reservation> {
    return this.#reach(() => this.store.reserve(request));
  }
  settle(settlement: Settlement): Promise<void> {
    return this.#reach(() => this.store.settle(settlement));
  }
  observe(keyHash: string, answers: readonly QuotaAnswer[]): Promise<void> {
    return this.#reach(() => this.store.observe(keyHash, answers));
  }
  async #reach<T>(work: () => Promise<T>): Promise<T> {
    this.calls += 1;
    if (this.away) throw new DatabaseError('WATCHER_DATABASE_UNREACHABLE', 'away', { retryable: true });
    return work();
  }
}

function fleet(perMinute: number, replicas = 2, seed = 7) {
  const clock = new FakeClock();
  const server = new SignServer(clock, perMinute);
  const shared = new MemorySignBudgetStore(() => clock.now());
  const random = new SeededRandom(seed);
  const members = Array.from({ length: replicas }, (_, n) => {
    const store = new Away(shared);
    const budget = new SharedSignBudget({
      store,
      clock,
      random,
      logger: SILENT_LOGGER,
      keyHash: KEY,
      replicaId: `r${n}`,
      askLimits: async () => server.limits(),
    });
    return { store, budget };
  });
  const served: number[] = [];
  /** A room that wants one signature; the request takes `tookMs`. */
  const room = (n: number, tookMs = 200, signal = new AbortController().signal): void => {
    const { budget } = members[n % replicas]!;
    budget
      .acquire({ priority: 50, waitingSince: clock.monotonic(), signal, onWaiting: () => undefined })
      .then((permit) => {
        clock.setTimeout(() => {
          const answer = server.request();
          clock.setTimeout(
            () => permit.spent(answer.retryAfterMs === undefined ? 'signed' : 'rateLimited', answer),
            tookMs / 2,
          );
          served.push(clock.monotonic());
        }, tookMs / 2);
      })
      .catch(() => undefined);
  };
  return { clock, server, members, served, room };
}

describe('the budget of the fleet', () => {
  it('500 rooms at once, 60 a minute, two replicas: never refused, all served as soon as the quota allows', async () => {
    const { clock, server, room, served } = fleet(60);
    for (let n = 0; n < 500; n += 1) room(n);
    await clock.advance(10 * MINUTE);
    expect(server.refused).toBe(0);
    expect(served).toHaveLength(500);
    for (const used of server.minutes) expect(used).toBeLessThanOrEqual(60);
    // Eight windows of (almost) 60, and the ninth at once; two seconds are lost with each window by the whole seconds of the headers.
    expect(served.at(-1)).toBeLessThan(8 * (MINUTE + 3_000) + 5_000);
  });

  it.each([1, 2, 3, 4, 5])(
    'rooms that come and go at random are never refused either (seed %i)',
    async (seed) => {
      const { clock, server, room, served } = fleet(20, 3, seed);
      const random = new SeededRandom(seed);
      let wanted = 0;
      for (let step = 0; step < 300; step += 1) {
        const burst = random.next() < 0.1 ? 15 : random.next() < 0.5 ? 1 : 0;
        for (let n = 0; n < burst; n += 1) {
          const abort = new AbortController();
          if (random.next() < 0.2) clock.setTimeout(() => abort.abort(new Error('gone')), random.next() * 30_000);
          else wanted += 1;
          room(step + n, 100 + random.next() * 8_000, abort.signal);
        }
        await clock.advance(random.next() * 3_000);
      }
      await clock.advance(60 * MINUTE);
      expect(server.refused).toBe(0);
      expect(served.length).toBeGreaterThanOrEqual(wanted);
    },
    60_000,
  );

  it('asks nothing, of nobody, while no signature is needed', async () => {
    const { clock, server, members } = fleet(60);
    for (const { budget } of members) budget.start();
    await clock.advance(10 * MINUTE);
    expect(members.map(({ store }) => store.calls)).toEqual([0, 0]);
    expect(members[0]?.budget.status()).toMatchObject({ windows: [], waiting: 0, reserved: 0 });
    expect(server.granted).toBe(0);
  });

  it('tells each room that waits, once and never within its own call', async () => {
    const { clock, members, room } = fleet(10, 1);
    for (let n = 0; n < 12; n += 1) room(n);
    await clock.advance(5_000);
    // The quota is used up and a timer runs: a room that comes now is told of the wait at once, but not before it knows its permit.
    let within = true;
    const told: string[] = [];
    void members[0]!.budget.acquire({
      priority: 50,
      waitingSince: 0,
      signal: new AbortController().signal,
      onWaiting: () => told.push(within ? 'within' : 'after'),
    });
    within = false;
    await clock.advance(20_000);
    expect(told).toEqual(['after']);
  });

  it('obeys a pause that one replica was asked for, on all of them', async () => {
    const { clock, members, room, served } = fleet(60);
    room(0);
    await clock.advance(5_000);
    expect(served).toHaveLength(1);
    const first: SignPermit[] = [];
    const acquire = (): void => {
      const [member] = members;
      void member!.budget
        .acquire({ priority: 1, waitingSince: 0, signal: new AbortController().signal, onWaiting: () => undefined })
        .then((permit) => first.push(permit));
    };
    acquire();
    await clock.advance(0);
    first[0]?.spent('rateLimited', { retryAfterMs: 120_000 });
    await clock.advance(1_000);
    for (let n = 0; n < 4; n += 1) room(n);
    await clock.advance(110_000);
    expect(served).toHaveLength(1);
    for (const { budget } of members) expect(budget.status()).toMatchObject({ waiting: 2, waitingFor: 'asked' });
    await clock.advance(30_000);
    expect(served).toHaveLength(5);
  });

  it('spends only what was set aside for it while the database is away, and the fleet stays within the quota', async () => {
    const { clock, server, members, room, served } = fleet(60);
    for (let n = 0; n < 4; n += 1) room(n);
    await clock.advance(2 * MINUTE);
    const before = served.length;
    // One replica loses the database; the other one goes on and uses all that it can get.
    members[0]!.store.away = true;
    for (let n = 0; n < 400; n += 1) room(n);
    await clock.advance(5 * MINUTE);
    expect(server.refused).toBe(0);
    const status = members[0]!.budget.status();
    expect(status).toMatchObject({ databaseAway: true, waitingFor: 'database' });
    // One request a minute is set aside for each of two replicas.
    expect(200 - status.waiting).toBeGreaterThanOrEqual(4);
    expect(200 - status.waiting).toBeLessThanOrEqual(6);
    expect(members[1]!.budget.status().waiting).toBe(0);
    expect(served.length - before).toBeGreaterThan(200);

    members[0]!.store.away = false;
    await clock.advance(10 * MINUTE);
    expect(server.refused).toBe(0);
    expect(members[0]!.budget.status()).toMatchObject({ databaseAway: false, waiting: 0 });
    expect(served).toHaveLength(404);
  });

  it('serves no storm when the database is back: a batch at once, the rest spread, never more than the quota', async () => {
    const { clock, server, members, room, served } = fleet(60);
    for (let n = 0; n < 2; n += 1) room(n);
    await clock.advance(MINUTE);
    for (const { store } of members) store.away = true;
    for (let n = 0; n < 200; n += 1) room(n);
    // The database is away for as long as the promise says; what the server would allow meanwhile is not made up for.
    await clock.advance(2 * MINUTE);
    const before = served.length;
    expect(before).toBeLessThanOrEqual(2 + 2 * 3);
    for (const { store } of members) store.away = false;
    const calls = members.map(({ store }) => store.calls);
    const perSecond: number[] = [];
    for (let second = 0; second < 30; second += 1) {
      const count = served.length;
      await clock.advance(1_000);
      perSecond.push(served.length - count);
    }
    // A batch of ten, and the next one after three quarters of a second on average, for each of two replicas.
    expect(Math.max(...perSecond)).toBeLessThan(50);
    expect(perSecond.filter((count) => count > 0).length).toBeGreaterThanOrEqual(3);
    // Each replica asks some dozen times, not once for each room.
    members.forEach(({ store }, n) => expect(store.calls - (calls[n] ?? 0)).toBeLessThan(100));
    await clock.advance(10 * MINUTE);
    expect([served.length, server.refused]).toEqual([202, 0]);
    for (const used of server.minutes) expect(used).toBeLessThanOrEqual(60);
  });

  it('nothing is set aside for ever: after ten minutes without the database nothing more is spent', async () => {
    const { clock, members, room, served } = fleet(60, 1);
    room(0);
    await clock.advance(MINUTE);
    members[0]!.store.away = true;
    for (let n = 0; n < 100; n += 1) room(n);
    await clock.advance(12 * MINUTE);
    const spent = served.length;
    expect(spent).toBeLessThanOrEqual(1 + 3 * 11);
    await clock.advance(60 * MINUTE);
    expect(served).toHaveLength(spent);
  });

  it('takes up an upstream quota that is partly used by somebody else', async () => {
    const { clock, server, room, served } = fleet(60, 1);
    server.limits();
    for (let n = 0; n < 50; n += 1) server.request();
    for (let n = 0; n < 30; n += 1) room(n);
    await clock.advance(30_000);
    expect(served.length).toBeLessThanOrEqual(10);
    await clock.advance(MINUTE);
    expect([served.length, server.refused]).toEqual([30, 0]);
  });

  it('assumes ten a minute of a server that does not tell', async () => {
    const clock = new FakeClock();
    const budget = new SharedSignBudget({
      store: new MemorySignBudgetStore(() => clock.now()),
      clock,
      random: new SeededRandom(1),
      logger: SILENT_LOGGER,
      keyHash: KEY,
      replicaId: 'r',
      askLimits: () => Promise.reject(new Error('away')),
    });
    let served = 0;
    for (let n = 0; n < 40; n += 1)
      void budget
        .acquire({ priority: 1, waitingSince: 0, signal: new AbortController().signal, onWaiting: () => undefined })
        .then((permit) => {
          served += 1;
          permit.spent('signed');
        });
    await clock.advance(30_000);
    expect(served).toBe(10);
    await clock.advance(MINUTE);
    expect(served).toBe(20);
    expect(budget.status()).toMatchObject({ waitingFor: 'quota', outcomes: { signed: 20 } });
  });

  it('lets live checks have some only while plenty is left and nobody waits', async () => {
    const { clock, members, room } = fleet(20, 1);
    const { budget } = members[0]!;
    room(0);
    await clock.advance(2_000);
    const permits: SignPermit[] = [];
    for (let n = 0; n < 15; n += 1) {
      const permit = await budget.tryAcquire();
      if (permit !== undefined) permits.push(permit);
    }
    // One went to the room, at most one is set aside.
    expect(permits.length).toBeGreaterThanOrEqual(8);
    expect(permits.length).toBeLessThanOrEqual(10);
    expect(budget.status().reserved).toBe(permits.length);
    for (const permit of permits) permit.unused();
    permits[0]?.spent('checked');
    await clock.advance(1);
    expect(budget.status()).toMatchObject({ reserved: 0, outcomes: { checked: 0, signed: 1 } });
    expect(await budget.tryAcquire()).toBeUndefined();
    // The next look at the store shows what came back.
    budget.start();
    await clock.advance(15_000);
    expect(await budget.tryAcquire()).toBeDefined();
  });
});
