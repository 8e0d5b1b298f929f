import type { Clock, Random, TimerHandle } from '../../common/clock.port.js';
import type { Logger } from '../../common/logger.port.js';
import { BackOff } from '../../common/back-off.js';
import { PermitQueue } from './permit-queue.js';
import {
  SIGN_OUTCOMES,
  type PermitRequest,
  type QuotaAnswer,
  type QuotaWait,
  type SignBudget,
  type SignBudgetStatus,
  type SignOutcome,
  type SignPermit,
} from './sign-budget.port.js';
import { BUDGET_RULES, type BudgetWindow, type Reservation, type SignBudgetStore } from './sign-budget-store.port.js';

export interface SharedSignBudgetOptions {
  readonly store: SignBudgetStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Which key of which sign server: hex of a hash, never the key. */
  readonly keyHash: string;
  readonly replicaId: string;
  /** Asks the sign server for its limits; costs nothing of them; bounded in time by itself. */
  readonly askLimits: () => Promise<readonly QuotaAnswer[]>;
  /** Rooms that may wait; default 20,000. */
  readonly maxWaiting?: number;
}

const MAX_WAITING = 20_000;
/** Reserved in one step, so that replicas take turns. */
const BATCH = 10;
/** Requests to the sign server under way at once; as many as sockets are opened at once. */
const MAX_UNDER_WAY = 32;
/** Looks after a wait are spread by this, so that replicas do not come at one instant, ms. */
const SPREAD_MS = 500;
/** Another replica may have given something back: looked at least so often while rooms wait, ms. */
const LOOK_MS = 15_000;
/** After the database was away the batches of so long a time are spread, each by up to the other, ms: all replicas come back at once. */
const GENTLE_MS = 10_000;
const GENTLE_SPREAD_MS = 1_500;
/** What a live check may take: only while more than this share of every window is left. */
const PLENTY = 0.5;

/** A permit to spend, without its bookkeeping. */
interface Grant {
  readonly generation: string | undefined;
  /** Monotonic ms. */
  readonly until: number;
}

/**
 * The shared budget as one replica uses it: reserves in the store as many requests as rooms wait for, a few at a time,
 * hands them out in order of urgency, and tells the store what became of each. While the store is away only what it had
 * set aside for this replica is spent, evenly over the minute.
 */
export class SharedSignBudget implements SignBudget {
  readonly #o: SharedSignBudgetOptions;
  readonly #queue: PermitQueue;
  readonly #backOff: BackOff;
  readonly #outcomes = Object.fromEntries(SIGN_OUTCOMES.map((outcome) => [outcome, 0])) as Record<SignOutcome, number>;
  #reserving = false;
  #timer: TimerHandle | undefined;
  #looker: TimerHandle | undefined;
  #stopped = false;
  #underWay = 0;
  #away = false;
  #wait: QuotaWait = 'quota';
  /** The last answer of the store and when it came, monotonic ms. */
  #last: { readonly reservation: Reservation; readonly at: number } | undefined;
  /** A pause that the server asked for and the store may not know of; monotonic ms. */
  #blockedUntil = 0;
  /** When what the store set aside for this replica may be used next; monotonic ms. */
  #floorNextAt = 0;
  /** The database came back a moment ago; monotonic ms. */
  #gentleUntil = 0;

  constructor(options: SharedSignBudgetOptions) {
    this.#o = options;
    this.#queue = new PermitQueue(options.maxWaiting ?? MAX_WAITING);
    this.#backOff = new BackOff({ random: options.random, capMs: LOOK_MS });
  }

  /** Looks at the store from time to time, so that figures are fresh and what is set aside for this replica stays so. */
  start(): void {
    this.#stopped = false;
    this.#armLook();
  }

  /** No more looks. Rooms that wait go on waiting until they are aborted. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#looker?.cancel();
  }

  acquire(request: PermitRequest): Promise<SignPermit> {
    const permit = this.#queue.wait(request);
    // Not within this call: who asks is told of a wait only when it knows that it has asked.
    queueMicrotask(() => this.#pump());
    return permit;
  }

  async tryAcquire(): Promise<SignPermit | undefined> {
    const { clock } = this.#o;
    const plenty = this.#windows().every(({ limit, remaining }) => remaining > limit * PLENTY);
    if (this.#queue.size > 0 || this.#away || this.#blockedForMs() > 0 || !plenty) return undefined;
    const began = clock.monotonic();
    const reservation = await this.#reserve(1);
    if (reservation === undefined || reservation.granted === 0) return undefined;
    return this.#permit({ generation: reservation.generation, until: began + reservation.validForMs });
  }

  status(): SignBudgetStatus {
    const waiting = this.#queue.size;
    return {
      windows: this.#windows(),
      reserved: this.#underWay,
      fleetReserved: this.#last?.reservation.outstanding ?? 0,
      waiting,
      ...(waiting === 0 ? {} : { waitingFor: this.#wait }),
      blockedForMs: Math.ceil(this.#blockedForMs()),
      databaseAway: this.#away,
      outcomes: { ...this.#outcomes },
    };
  }

  #windows(): readonly BudgetWindow[] {
    const { reservation, at } = this.#last ?? {};
    if (reservation === undefined || at === undefined || reservation.windows.length === 0) return [];
    const age = this.#o.clock.monotonic() - at;
    return reservation.windows.map((window) => ({ ...window, resetInMs: Math.max(0, window.resetInMs - age) }));
  }

  #blockedForMs(): number {
    return Math.max(0, this.#blockedUntil - this.#o.clock.monotonic());
  }

  /** Serves who waits, as far as there is something to serve. Ends by itself; called again by whatever changes that. */
  #pump(): void {
    if (this.#reserving || this.#stopped || this.#queue.size === 0) return;
    const wanted = Math.min(BATCH, this.#queue.size, MAX_UNDER_WAY - this.#underWay);
    if (wanted <= 0) return;
    const blocked = this.#blockedForMs();
    if (blocked > 0) return this.#pause('asked', blocked);
    // Somebody waits for the right moment already.
    if (this.#timer !== undefined) return this.#queue.tell();
    this.#reserving = true;
    void this.#serve(wanted).finally(() => {
      this.#reserving = false;
      this.#pump();
    });
  }

  async #serve(wanted: number): Promise<void> {
    const began = this.#o.clock.monotonic();
    const reservation = await this.#reserve(wanted);
    if (reservation === undefined) return this.#useFloor();
    const { granted, generation, validForMs, waitMs, blockedForMs } = reservation;
    for (let n = 0; n < granted; n += 1) this.#give({ generation, until: began + validForMs });
    if (granted < wanted) this.#pause(blockedForMs > 0 ? 'asked' : 'quota', waitMs);
    else if (this.#o.clock.monotonic() < this.#gentleUntil) this.#retryIn(GENTLE_SPREAD_MS * this.#o.random.next());
  }

  /** Nothing for so long, but for what others may give back. */
  #pause(reason: QuotaWait, ms: number): void {
    this.#wait = reason;
    this.#queue.tell();
    const spread = SPREAD_MS * this.#o.random.next();
    this.#retryIn(Math.min(ms, LOOK_MS) + spread);
  }

  #retryIn(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#o.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, ms);
  }

  /** undefined while the store is away. */
  async #reserve(wanted: number): Promise<Reservation | undefined> {
    const { store, clock, keyHash, replicaId } = this.#o;
    const wasAway = this.#away;
    try {
      const reservation = await store.reserve({ keyHash, replicaId, wanted });
      this.#last = { reservation, at: clock.monotonic() };
      this.#blockedUntil = Math.max(this.#blockedUntil, clock.monotonic() + reservation.blockedForMs);
      if (reservation.ask) void this.#askLimits();
      if (wasAway) {
        this.#away = false;
        this.#backOff.reset();
        this.#gentleUntil = clock.monotonic() + GENTLE_MS;
        this.#o.logger.info('sign.budget_back', { waiting: this.#queue.size });
      }
      return reservation;
    } catch (error) {
      if (!wasAway) {
        this.#away = true;
        this.#floorNextAt = clock.monotonic();
        this.#o.logger.warn('sign.budget_away', { waiting: this.#queue.size, error });
      }
      return undefined;
    }
  }

  /**
   * The store is away: one request now and then of those that it set aside for this replica, never two within the time
   * that makes more than its share of any minute, and none after the share has run out.
   */
  #useFloor(): void {
    const { clock } = this.#o;
    const now = clock.monotonic();
    const { reservation, at = 0 } = this.#last ?? {};
    const floor = reservation?.floor ?? 0;
    const valid = now < at + BUDGET_RULES.floorMinutes * 60_000;
    const spacing = (BUDGET_RULES.lengthMs.minute + BUDGET_RULES.slackMs) / Math.max(1, floor);
    if (floor > 0 && valid && now >= this.#floorNextAt) {
      this.#floorNextAt = now + spacing;
      this.#give({ generation: undefined, until: now + spacing });
    }
    this.#wait = 'database';
    this.#queue.tell();
    this.#retryIn(this.#backOff.next());
  }

  #give(grant: Grant): void {
    const permit = this.#permit(grant);
    // Who wanted it may have left meanwhile.
    if (!this.#queue.serve(permit, this.#o.clock.monotonic())) permit.unused();
  }

  #permit({ generation, until }: Grant): SignPermit {
    const { clock } = this.#o;
    let open = true;
    this.#underWay += 1;
    const close = (unused: boolean, answer?: QuotaAnswer): void => {
      this.#underWay -= 1;
      if (answer?.retryAfterMs !== undefined) this.#block(answer.retryAfterMs);
      void this.#settle(generation, unused, answer);
      this.#pump();
    };
    return {
      get valid() {
        return open && clock.monotonic() < until;
      },
      spent: (outcome, answer) => {
        if (!open) return;
        open = false;
        this.#outcomes[outcome] += 1;
        close(false, answer);
      },
      unused: () => {
        if (!open) return;
        open = false;
        close(true);
      },
    };
  }

  #block(ms: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, this.#o.clock.monotonic() + ms);
    this.#o.logger.warn('sign.rate_limited', { retryAfterMs: ms });
  }

  async #settle(generation: string | undefined, unused: boolean, answer: QuotaAnswer | undefined): Promise<void> {
    const { store, keyHash } = this.#o;
    const heard = answer?.limit === undefined && answer?.retryAfterMs === undefined ? [] : [answer];
    try {
      if (generation !== undefined) await store.settle({ keyHash, generation, count: 1, unused, answer: heard[0] });
      else if (heard.length > 0) await store.observe(keyHash, heard);
    } catch (error) {
      // It stays counted as used until its window is over, and the next answer says the same again.
      this.#o.logger.debug('sign.unsettled', { error });
    }
  }

  async #askLimits(): Promise<void> {
    const { askLimits, store, keyHash, logger } = this.#o;
    try {
      await store.observe(keyHash, await askLimits());
      this.#timer?.cancel();
      this.#timer = undefined;
      this.#pump();
    } catch (error) {
      // Limits that nobody knows are assumed to be small; each answer to a request says more.
      logger.debug('sign.limits_unknown', { error });
    }
  }

  #armLook(): void {
    this.#looker = this.#o.clock.setTimeout(() => {
      // Who never asked for a signature asks for nothing.
      const look = this.#last === undefined || this.#reserving || this.#queue.size > 0 ? undefined : this.#reserve(0);
      void Promise.resolve(look).finally(() => {
        if (!this.#stopped) this.#armLook();
      });
    }, LOOK_MS);
  }
}
