import { FakeClock, SeededRandom } from '@livetap/testkit';
import type { LiveCheckResult } from '../live-checker.port.js';
import { LiveWatch } from '../live-watch.js';
import type { Streamer, StreamerObservation } from '../streamer.js';
import {
  type SimulatedLive,
  type SimulatedStreamer,
  simulatedStreamers,
  type StreamerKind,
} from './simulated-streamers.js';

const DAY = 86_400_000;
/** After the end of a live the next check comes so soon, ms; by habit and by fixed interval alike. */
const RECHECK_MS = 15_000;

export interface SimulationOptions {
  readonly streamers: number;
  /** Days that are looked at; those before are for learning. */
  readonly days: number;
  readonly learningDays: number;
  readonly requestsPerSecond: number;
  readonly seed: number;
}

/** How long starts went unnoticed. */
export interface NoticeFigures {
  readonly starts: number;
  /** Lives that were over before anybody looked; in the percentiles they count as the longest. */
  readonly missed: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly meanMs: number;
  readonly requests: number;
  readonly intervalMs: number;
  readonly medianMsByKind: Readonly<Partial<Record<StreamerKind, number>>>;
}

export interface SimulationResult {
  /** The service's own schedule. */
  readonly habit: NoticeFigures;
  /** Every streamer at one interval, with as many requests. */
  readonly fixed: NoticeFigures;
}

interface Notice {
  readonly kind: StreamerKind;
  readonly startedAt: number;
  /** Infinity: never noticed. */
  readonly afterMs: number;
}

/**
 * Runs the service's schedule (`LiveWatch`) over simulated streamers, and polling at a fixed interval over the same, with
 * the same number of requests. Deterministic; time is simulated.
 */
export async function simulateSchedule(options: SimulationOptions): Promise<SimulationResult> {
  const from = Date.UTC(2026, 0, 5);
  const days = options.days + options.learningDays;
  const streamers = simulatedStreamers(new SeededRandom(options.seed), { count: options.streamers, from, days });
  const look = { from: from + options.learningDays * DAY, to: from + days * DAY };
  const habit = await watchThem(streamers, options, from, look);
  const offlineMs = streamers.reduce((sum, { lives }) => sum + offlineTime(lives, look), 0);
  const intervalMs = offlineMs / habit.requests;
  const notices = pollThem(streamers, new SeededRandom(options.seed + 1), { from, intervalMs });
  return {
    habit: figures(habit.notices, look, habit.requests, offlineMs),
    fixed: figures(notices, look, habit.requests, offlineMs),
  };
}

async function watchThem(
  simulated: readonly SimulatedStreamer[],
  options: SimulationOptions,
  from: number,
  look: SimulatedLive,
): Promise<{ notices: Notice[]; requests: number }> {
  const clock = new FakeClock(from);
  const notices: Notice[] = [];
  const known = new Map(simulated.map((one) => [one.id, { one, next: 0, streamer: streamerOf(one, from) }]));
  let requests = 0;
  const watch = new LiveWatch({
    clock,
    random: new SeededRandom(options.seed + 2),
    requestsPerSecond: options.requestsPerSecond,
    checker: {
      check: async ({ uniqueId }): Promise<LiveCheckResult> => {
        const now = clock.now();
        if (now >= look.from) requests += 1;
        const found = known.get(uniqueId);
        const live = found?.one.lives.find((one, index) => index >= found.next && one.from <= now && now < one.to);
        if (live === undefined) return { verdict: 'offline', reason: 'simulated' };
        return { verdict: 'live', reason: 'simulated', roomId: String(live.from), startedAt: live.from };
      },
    },
    observe: (id, observation) => remember(known.get(id), observation),
    onLive: ({ id }) => {
      const found = known.get(id);
      if (found === undefined) return;
      const now = clock.now();
      const { kind, lives } = found.one;
      while ((lives[found.next]?.to ?? Infinity) <= now) miss(found);
      const live = lives[found.next];
      if (live === undefined) return;
      notices.push({ kind, startedAt: live.from, afterMs: now - live.from });
      found.next += 1;
      clock.setTimeout(() => watch.watch(found.streamer, RECHECK_MS), live.to - now);
    },
  });
  const miss = (found: { one: SimulatedStreamer; next: number }): void => {
    const live = found.one.lives[found.next];
    if (live !== undefined) notices.push({ kind: found.one.kind, startedAt: live.from, afterMs: Infinity });
    found.next += 1;
  };
  for (const { streamer } of known.values()) watch.watch(streamer);
  await clock.advance(look.to - from);
  watch.stop();
  for (const found of known.values()) while ((found.one.lives[found.next]?.to ?? Infinity) <= look.to) miss(found);
  return { notices, requests };
}

/** As the store does it. */
function remember(found: { streamer: Streamer } | undefined, observation: StreamerObservation): void {
  if (found === undefined) return;
  const { nextCheckAt, ...rest } = observation;
  found.streamer = { ...found.streamer, ...rest, ...(nextCheckAt ? { nextCheckAt } : {}) };
}

function streamerOf({ id }: SimulatedStreamer, from: number): Streamer {
  const at = new Date(from);
  return {
    id,
    uniqueId: id,
    aliases: [],
    paused: false,
    labels: [],
    priority: 50,
    state: 'pending',
    createdAt: at,
    updatedAt: at,
  };
}

/** Each streamer at its own random moment, then again and again after the interval; anew after each live. */
function pollThem(
  streamers: readonly SimulatedStreamer[],
  random: SeededRandom,
  { from, intervalMs }: { readonly from: number; readonly intervalMs: number },
): Notice[] {
  const notices: Notice[] = [];
  for (const { kind, lives } of streamers) {
    let firstCheck = from + random.next() * intervalMs;
    for (const live of lives) {
      const checks = Math.max(0, Math.ceil((live.from - firstCheck) / intervalMs));
      const noticedAt = firstCheck + checks * intervalMs;
      const missed = noticedAt >= live.to;
      notices.push({ kind, startedAt: live.from, afterMs: missed ? Infinity : noticedAt - live.from });
      if (!missed) firstCheck = live.to + RECHECK_MS;
    }
  }
  return notices;
}

function offlineTime(lives: readonly SimulatedLive[], { from, to }: SimulatedLive): number {
  return lives.reduce((left, live) => left - Math.max(0, Math.min(live.to, to) - Math.max(live.from, from)), to - from);
}

function figures(notices: readonly Notice[], look: SimulatedLive, requests: number, offlineMs: number): NoticeFigures {
  const seen = notices.filter(({ startedAt }) => startedAt >= look.from && startedAt < look.to - DAY / 4);
  const kinds = [...new Set(seen.map(({ kind }) => kind))];
  const sorted = sortedTimes(seen);
  const found = sorted.filter((ms) => ms !== Infinity);
  return {
    starts: sorted.length,
    missed: sorted.length - found.length,
    medianMs: percentile(sorted, 0.5),
    p95Ms: percentile(sorted, 0.95),
    meanMs: found.reduce((sum, ms) => sum + ms, 0) / found.length,
    requests,
    intervalMs: offlineMs / requests,
    medianMsByKind: Object.fromEntries(
      kinds.map((kind) => [kind, percentile(sortedTimes(seen.filter((one) => one.kind === kind)), 0.5)]),
    ),
  };
}

const sortedTimes = (notices: readonly Notice[]): number[] =>
  notices.map(({ afterMs }) => afterMs).sort((a, b) => a - b);

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
