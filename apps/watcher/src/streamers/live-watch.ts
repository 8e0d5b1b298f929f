import type { Clock, Random } from '../common/clock.port.js';
import { afterVerdict, type CheckHistory, delayAfterCheck, NO_CHECKS } from './check-delay.js';
import type { CheckLaneOptions } from './check-lane.js';
import { type CheckBounds, FULL_PACE, type PacedStreamer, weightOf } from './check-pace.js';
import { CheckQueue } from './check-queue.js';
import {
  type BulkLiveChecker,
  type CheckedStreamer,
  LIVE_VERDICTS,
  type LiveChecker,
  type LiveCheckResult,
  type LiveVerdict,
} from './live-checker.port.js';
import { observationOf } from './observation.js';
import { type StartHabit, startRates, type StartRates, withStart } from './start-habit.js';
import type { PlainSettings } from './streamer-settings.js';
import type { Streamer, StreamerObservation } from './streamer.js';
import { userIdOf } from './unique-id.js';

export interface LiveWatchOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Its bulk check is used where it has one; who is live by that, or not known to it, is checked alone. */
  readonly checker: LiveChecker;
  /** Takes what a check learned; see `ObservationWriter`. */
  readonly observe: (streamerId: string, observation: StreamerObservation) => void;
  /** The streamer is live: called once; the streamer is off the list until `watch` is called again. */
  readonly onLive: (streamer: Streamer, result: LiveCheckResult) => void;
  /** Shortest interval of a streamer, ms; default 60,000. */
  readonly intervalMs?: number;
  /** Longest interval, ms; default 1,800,000. It grows when the requests do not suffice even for that. */
  readonly maxIntervalMs?: number;
  /** Requests a second that an address of ours may make in the long run; default 1. */
  readonly requestsPerSecond?: number;
  /** Checks under way at once from one address of ours; default 8. */
  readonly concurrency?: number;
  /** A check begins, so many ms late; for metrics. */
  readonly onLateness?: (ms: number) => void;
  /** A start was noticed so many ms after it happened, of a streamer that was watched when it did; for metrics. */
  readonly onNoticed?: (ms: number) => void;
}

export interface LiveWatchStats {
  /** Streamers on the list or being checked. */
  readonly watched: number;
  readonly running: number;
  /** How late the most overdue check is, ms. */
  readonly latenessMs: number;
  /** How many times longer than their habits ask for the intervals are, at the address with the most to do. */
  readonly stretch: number;
  readonly checks: Readonly<Record<LiveVerdict, number>>;
}

interface Watched {
  streamer: Streamer;
  /** From which it goes out, as the checker says; found out anew with each check. */
  address: string;
  lane: string;
  habit: StartHabit | undefined;
  rates: StartRates;
  /** When the rates are to be computed anew, ms since the epoch. */
  ratesUntil: number;
  history: CheckHistory;
  /** When it was added or went offline, ms since the epoch. */
  attentionSince: number | undefined;
  /** When it was checked last, ms since the epoch. */
  checkedAt: number | undefined;
  /** Checks in a row that the bulk check answered. */
  inBulk: number;
  /** A room in which the bulk check saw it live just now. */
  heardRoom: string | undefined;
  abort: AbortController | undefined;
}

/** What is remembered about a streamer that is live, until it is watched again or is not ours any more. */
interface Handed {
  readonly habit: StartHabit | undefined;
  readonly roomId: string | undefined;
}

/** Intervals are spread by this share up and down, so that streamers added together do not stay together. */
const JITTER = 0.15;
/** Of the requests of an address, so many are planned for; the rest is for second sources and for rooms. */
const PLANNED_SHARE = 0.9;
/** Weights fade slowly: the rates are good for so long, ms. */
const RATES_MS = 6 * 3_600_000;
/** A start older than this is no start of this live, ms. */
const MAX_LIVE_MS = 24 * 3_600_000;
/** Without a start from TikTok, it lies between two checks; further apart than this they say nothing, ms. */
const MAX_GUESS_MS = 2 * 3_600_000;
const BULK_LANE = 'bulk';
const ADDRESS_LANE = 'address ';
/** So many answers of the bulk check in a row are followed by one of TikTok itself: a list may forget somebody. */
const MOST_IN_BULK = 10;

/**
 * The schedule of live checks for the streamers that this replica owns and that are not connected. New ones are checked
 * at once; then each at an interval that its past starts ask for, as far as the requests of its address suffice. How many
 * requests a host really gets in a second is the checker's matter. The most overdue goes first, and no streamer is ever
 * checked twice at a time; streamers of different addresses (own, proxies) do not wait for each other.
 */
export class LiveWatch {
  readonly #options: LiveWatchOptions;
  readonly #queue: CheckQueue;
  readonly #watched = new Map<string, Watched>();
  readonly #handed = new Map<string, Handed>();
  readonly #checks = Object.fromEntries(LIVE_VERDICTS.map((verdict) => [verdict, 0])) as Record<LiveVerdict, number>;
  #stopped = false;

  constructor(options: LiveWatchOptions) {
    this.#options = options;
    this.#queue = new CheckQueue({
      clock: options.clock,
      lane: (name) => laneOptions(name, options),
      check: (ids, lane) => (lane === BULK_LANE ? this.#checkInBulk(ids) : this.#checkEach(ids)),
      onLateness: options.onLateness,
    });
  }

  /**
   * Puts a streamer on the list, to be checked after `delayMs`; default: when the last check said that the next is due,
   * at once when there was none. On the list already: only its data is renewed;
   * with other intervals it is checked within the new one.
   */
  watch(streamer: Streamer, delayMs?: number): void {
    if (this.#stopped) return;
    const known = this.#watched.get(streamer.id);
    if (known !== undefined) {
      this.#renew(known, streamer);
      return;
    }
    const now = this.#options.clock.now();
    const handed = this.#handed.get(streamer.id);
    this.#handed.delete(streamer.id);
    const address = this.#addressOf(streamer);
    const watched: Watched = {
      // What was handed over as live is not connected any more: a page that still shows its room may be behind.
      streamer: handed?.roomId === undefined ? streamer : leftRoom(streamer, handed.roomId, now),
      address,
      lane: this.#laneOf(address, streamer, 0),
      habit: newer(streamer.startHabit, handed?.habit),
      rates: new Float32Array(),
      ratesUntil: 0,
      history: NO_CHECKS,
      attentionSince: handed === undefined ? addedOrEndedAt(streamer) : now,
      checkedAt: streamer.lastCheckedAt?.getTime(),
      inBulk: 0,
      heardRoom: undefined,
      abort: undefined,
    };
    this.#watched.set(streamer.id, watched);
    this.#enter(watched, address);
    this.#schedule(watched, delayMs ?? this.#untilPlanned(streamer, now));
  }

  /** Takes a streamer off the list; a check of it that is under way is given up. */
  unwatch(streamerId: string): void {
    this.#handed.delete(streamerId);
    const watched = this.#watched.get(streamerId);
    if (watched === undefined) return;
    watched.abort?.abort(new Error('no longer watched'));
    this.#watched.delete(streamerId);
    this.#queue.leave(watched.lane, streamerId);
  }

  has(streamerId: string): boolean {
    return this.#watched.has(streamerId);
  }

  stats(): LiveWatchStats {
    const { running, latenessMs, stretch } = this.#queue;
    return { watched: this.#watched.size, running, latenessMs, stretch, checks: { ...this.#checks } };
  }

  /** Gives up every check; nothing is called back afterwards. */
  stop(): void {
    this.#stopped = true;
    for (const id of [...this.#watched.keys()]) this.unwatch(id);
    this.#handed.clear();
    this.#queue.stop();
  }

  #renew(watched: Watched, streamer: Streamer): void {
    const before = watched.streamer;
    const habit = newer(watched.habit, streamer.startHabit);
    if (habit !== watched.habit) watched.ratesUntil = 0;
    watched.streamer = streamer;
    watched.habit = habit;
    // All streamers are renewed every few seconds: the address costs too much to be asked for when it is set as before.
    this.#enter(watched, sameWay(before, streamer) ? watched.address : undefined);
    const [old, now] = [this.#boundsOf(before), this.#boundsOf(streamer)];
    const differs = old.intervalMs !== now.intervalMs || old.maxIntervalMs !== now.maxIntervalMs;
    // One that is being checked is scheduled when its answer is there.
    if (differs && this.#queue.isScheduled(watched.lane, streamer.id))
      this.#schedule(watched, now.intervalMs * this.#options.random.next());
  }

  /** What is due later than the longest interval was planned by another clock, or for other settings. */
  #untilPlanned(streamer: Streamer, now: number): number {
    const delay = (streamer.nextCheckAt?.getTime() ?? now) - now;
    return delay > 0 && delay <= this.#boundsOf(streamer).maxIntervalMs * (1 + JITTER) ? delay : 0;
  }

  /** The streamer's own settings before those of the service. */
  #boundsOf({ checkIntervalMs, checkIntervalMaxMs }: PlainSettings): CheckBounds {
    const intervalMs = checkIntervalMs ?? this.#options.intervalMs ?? 60_000;
    const maxIntervalMs = checkIntervalMaxMs ?? this.#options.maxIntervalMs ?? 1_800_000;
    return { intervalMs, maxIntervalMs: Math.max(intervalMs, maxIntervalMs) };
  }

  /** Into the lane that it belongs to now, with what it is to be looked after by; what it was due at stays. */
  #enter(watched: Watched, address = this.#addressOf(watched.streamer)): void {
    const { streamer } = watched;
    const now = this.#options.clock.now();
    if (now >= watched.ratesUntil) {
      watched.rates = startRates(watched.habit, streamer.createdAt.getTime(), now);
      // Not all at the same moment.
      watched.ratesUntil = now + RATES_MS * (1 + this.#options.random.next());
    }
    const lane = this.#laneOf(address, streamer, watched.inBulk);
    const at = lane === watched.lane ? undefined : this.#queue.leave(watched.lane, streamer.id);
    watched.address = address;
    watched.lane = lane;
    this.#queue.enter(lane, streamer.id, this.#paced(watched));
    if (at !== undefined) this.#queue.schedule(lane, streamer.id, at, streamer.priority);
  }

  #addressOf(streamer: Streamer): string {
    return this.#options.checker.addressOf?.(streamer) ?? '';
  }

  /** Streamers that go through one address share what TikTok grants to it; the bulk check goes out from our own. */
  #laneOf(address: string, streamer: Streamer, inBulk: number): string {
    if (address !== '') return `${ADDRESS_LANE}${address}`;
    const { bulk } = this.#options.checker;
    const inList = bulk !== undefined && userOf(streamer) !== undefined && inBulk < MOST_IN_BULK;
    return inList && bulk.pausedFor() === 0 ? BULK_LANE : ADDRESS_LANE;
  }

  #paced({ streamer, rates }: Watched): PacedStreamer {
    return { rates, weight: weightOf(streamer.priority), ...this.#boundsOf(streamer) };
  }

  #schedule(watched: Watched, delayMs: number): void {
    const { id, priority } = watched.streamer;
    this.#queue.schedule(watched.lane, id, this.#options.clock.monotonic() + delayMs, priority);
  }

  async #checkEach(ids: readonly string[]): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        const watched = this.#watched.get(id);
        if (watched === undefined) return;
        const abort = new AbortController();
        watched.abort = abort;
        const { streamer, heardRoom } = watched;
        const result = await this.#ask({ ...streamer, heardRoom }, abort.signal);
        watched.abort = undefined;
        watched.inBulk = 0;
        watched.heardRoom = undefined;
        if (!abort.signal.aborted) this.#conclude(watched, result);
      }),
    );
  }

  /** Who is offline by the bulk check is; everybody else is checked alone, at once. */
  async #checkInBulk(ids: readonly string[]): Promise<void> {
    const { bulk } = this.#options.checker;
    const asked = ids.flatMap((id) => this.#watched.get(id) ?? []);
    const userIds = asked.flatMap(({ streamer }) => userOf(streamer) ?? []);
    const answers = bulk === undefined || bulk.pausedFor() > 0 ? undefined : await this.#askInBulk(bulk, userIds);
    for (const watched of asked) {
      if (this.#watched.get(watched.streamer.id) !== watched) continue;
      const answer = answers?.get(userOf(watched.streamer) ?? '');
      // Nobody else could tell of one whose name is not known.
      const counted = userIdOf(watched.streamer.uniqueId) === undefined ? 1 : 0;
      watched.inBulk = answer?.verdict === 'offline' ? watched.inBulk + counted : MOST_IN_BULK;
      watched.heardRoom = answer?.verdict === 'live' ? answer.roomId : undefined;
      if (answer?.verdict === 'offline') {
        this.#conclude(watched, answer);
      } else {
        this.#enter(watched);
        this.#schedule(watched, 0);
      }
    }
  }

  async #askInBulk(
    bulk: BulkLiveChecker,
    userIds: readonly string[],
  ): Promise<ReadonlyMap<string, LiveCheckResult> | undefined> {
    try {
      return await bulk.check(userIds);
    } catch {
      // It rejects for an aborted signal only; whatever else it was, its streamers are checked one by one.
      return undefined;
    }
  }

  async #ask(streamer: CheckedStreamer, signal: AbortSignal): Promise<LiveCheckResult> {
    try {
      return await this.#options.checker.check(streamer, signal);
    } catch (error) {
      // The checker rejects for an aborted signal only; anything else must still not stop the schedule.
      return { verdict: 'unknown', reason: error instanceof Error ? error.message : 'the check failed' };
    }
  }

  #conclude(watched: Watched, result: LiveCheckResult): void {
    const { streamer } = watched;
    const now = this.#options.clock.now();
    this.#checks[result.verdict] += 1;
    watched.history = afterVerdict(watched.history, result.verdict);
    const learned = { ...observationOf(streamer, result, now), ...this.#learnStart(watched, result, now) };
    watched.streamer = { ...streamer, ...(learned.state === undefined ? {} : { state: learned.state }) };
    if (result.verdict !== 'unknown') watched.checkedAt = now;
    if ((result.verdict === 'live' || result.verdict === 'paused') && result.roomId !== undefined) {
      this.#watched.delete(streamer.id);
      this.#queue.leave(watched.lane, streamer.id);
      this.#handed.set(streamer.id, { habit: watched.habit, roomId: result.roomId });
      this.#options.observe(streamer.id, { ...learned, nextCheckAt: null });
      this.#options.onLive(streamer, result);
      return;
    }
    this.#enter(watched);
    const delay = delayAfterCheck({
      streamer: this.#paced(watched),
      pace: this.#queue.pace(watched.lane) ?? FULL_PACE,
      verdict: result.verdict,
      history: watched.history,
      attentionSince: watched.attentionSince,
      now,
      jitter: 1 + JITTER * (2 * this.#options.random.next() - 1),
    });
    const wait = Math.round(Math.max(delay, result.retryAfterMs ?? 0));
    this.#options.observe(streamer.id, { ...learned, nextCheckAt: new Date(now + wait) });
    this.#schedule(watched, wait);
  }

  /** Counts the start of the live that was found, once. */
  #learnStart(watched: Watched, result: LiveCheckResult, now: number): Pick<StreamerObservation, 'startHabit'> {
    if (result.verdict !== 'live' && result.verdict !== 'paused') return {};
    const { checkedAt, habit } = watched;
    const said = result.startedAt;
    const guess = checkedAt !== undefined && now - checkedAt < MAX_GUESS_MS ? (checkedAt + now) / 2 : undefined;
    const startedAt = said !== undefined && said <= now && now - said < MAX_LIVE_MS ? said : guess;
    if (startedAt === undefined) return {};
    const next = withStart(habit, Math.round(startedAt), watched.streamer.createdAt.getTime());
    if (next === habit) return {};
    watched.habit = next;
    if (startedAt === said && checkedAt !== undefined && checkedAt < startedAt) this.#options.onNoticed?.(now - said);
    return { startHabit: next };
  }
}

/** What an address of ours, or the bulk check, allows. */
function laneOptions(name: string, options: LiveWatchOptions): CheckLaneOptions {
  const { requestsPerSecond = 1, concurrency = 8, checker } = options;
  const { bulk } = checker;
  if (name === BULK_LANE && bulk !== undefined)
    return {
      checksPerMs: (bulk.limit / bulk.gapMs) * PLANNED_SHARE,
      concurrency: 1,
      batch: bulk.limit,
      gapMs: bulk.gapMs,
    };
  return { checksPerMs: (requestsPerSecond * PLANNED_SHARE) / 1_000, concurrency, batch: 1, gapMs: 0 };
}

/** By whom the bulk check knows a streamer. */
function userOf({ tiktokUserId, uniqueId }: Streamer): string | undefined {
  return tiktokUserId ?? userIdOf(uniqueId);
}

/** When a streamer that was never checked was added; when another one was last seen live. */
function addedOrEndedAt({ state, createdAt, lastLiveAt }: Streamer): number | undefined {
  return state === 'pending' ? createdAt.getTime() : lastLiveAt?.getTime();
}

function sameWay(one: Streamer, other: Streamer): boolean {
  return one.proxyUrl === other.proxyUrl && one.proxyPool === other.proxyPool;
}

function leftRoom(streamer: Streamer, roomId: string, now: number): Streamer {
  return { ...streamer, state: 'offline', roomId, lastLiveAt: new Date(now) };
}

function newer(one: StartHabit | undefined, other: StartHabit | undefined): StartHabit | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.lastStartAt > one.lastStartAt ? other : one;
}
