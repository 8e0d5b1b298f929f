import type { SeededRandom } from '@livetap/testkit';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** One live, ms since the epoch. */
export interface SimulatedLive {
  readonly from: number;
  readonly to: number;
}

export const STREAMER_KINDS = ['daily', 'weekly', 'loose', 'irregular', 'rare', 'inactive'] as const;
export type StreamerKind = (typeof STREAMER_KINDS)[number];

export interface SimulatedStreamer {
  readonly id: string;
  readonly kind: StreamerKind;
  /** In order, without overlap. */
  readonly lives: readonly SimulatedLive[];
}

/** Share of each kind among the streamers. */
const SHARES: Readonly<Record<StreamerKind, number>> = {
  // Nearly every day at the same time, give or take ten minutes.
  daily: 0.25,
  // On two to four days of the week, each with its own hour.
  weekly: 0.2,
  // Most evenings, some time within four hours.
  loose: 0.15,
  // About four times a week, at any hour of waking.
  irregular: 0.15,
  // Once in three weeks.
  rare: 0.1,
  // Not at all.
  inactive: 0.15,
};

/** Evenings of three regions, hours UTC, and how many live there. */
const REGIONS = [
  { evening: 19, share: 0.5 },
  { evening: 1, share: 0.3 },
  { evening: 12, share: 0.2 },
];

/**
 * Streamers with habits as people have them: fixed hours, fixed days, loose evenings, none. A tenth changes its hours for
 * good at some point, a fifth drifts by up to half an hour a week, and one live in ten is interrupted and goes on a few
 * minutes later.
 */
export function simulatedStreamers(
  random: SeededRandom,
  options: { readonly count: number; readonly from: number; readonly days: number },
): SimulatedStreamer[] {
  const { count, from, days } = options;
  return Array.from({ length: count }, (_, index) => {
    const kind = kindOf((index + 0.5) / count);
    const starts = startsOf(kind, random, days).map((at) => from + at);
    return { id: String(index + 1), kind, lives: livesOf(starts, random, from) };
  });
}

function kindOf(position: number): StreamerKind {
  let sum = 0;
  for (const kind of STREAMER_KINDS) {
    sum += SHARES[kind];
    if (position < sum) return kind;
  }
  return 'inactive';
}

/** Ms from the beginning, in order. */
function startsOf(kind: StreamerKind, random: SeededRandom, days: number): number[] {
  const evening = homeOf(random);
  const usual = evening + random.integer(-3, 3) + random.next();
  const changeDay = random.next() < 0.1 ? random.integer(7, Math.max(8, days - 7)) : Infinity;
  const changeBy = random.integer(-6, 6);
  const drift = random.next() < 0.2 ? (random.next() - 0.5) / 7 : 0;
  const weekdays = new Map<number, number>();
  while (kind === 'weekly' && weekdays.size < 2 + (Math.floor(usual * 7) % 3))
    weekdays.set(random.integer(0, 6), usual + random.integer(-2, 2));
  const starts: number[] = [];
  for (let day = 0; day < days; day += 1) {
    const shift = (day >= changeDay ? changeBy : 0) + drift * day;
    const hour = hourOf(kind, day, { random, evening, usual, weekdays });
    if (hour !== undefined) starts.push(day * DAY + (hour + shift) * HOUR);
  }
  return starts.filter((at) => at >= 0).sort((a, b) => a - b);
}

function homeOf(random: SeededRandom): number {
  let left = random.next();
  for (const { evening, share } of REGIONS) {
    left -= share;
    if (left < 0) return evening;
  }
  return 19;
}

/** The hour of the day at which a live begins on this day, or none. */
function hourOf(
  kind: StreamerKind,
  day: number,
  one: {
    readonly random: SeededRandom;
    readonly evening: number;
    readonly usual: number;
    readonly weekdays: ReadonlyMap<number, number>;
  },
): number | undefined {
  const { random, evening, usual, weekdays } = one;
  const chance = random.next();
  switch (kind) {
    case 'daily':
      return chance < 0.85 ? usual + gauss(random) / 6 : undefined;
    case 'weekly': {
      const hour = weekdays.get(day % 7);
      return hour !== undefined && chance < 0.85 ? hour + gauss(random) / 4 : undefined;
    }
    case 'loose':
      return chance < 0.7 ? evening - 2 + 4 * random.next() : undefined;
    case 'irregular':
      return chance < 4 / 7 ? evening - 10 + 14 * random.next() : undefined;
    case 'rare':
      return chance < 1 / 21 ? evening - 10 + 14 * random.next() : undefined;
    case 'inactive':
      return undefined;
  }
}

function livesOf(starts: readonly number[], random: SeededRandom, from: number): SimulatedLive[] {
  const lives: SimulatedLive[] = [];
  for (const at of starts) {
    const lengths = [HOUR * (0.5 + 3 * random.next())];
    if (random.next() < 0.1) lengths.push(HOUR * (0.5 + random.next()));
    let start = Math.round(Math.max(at, from + MINUTE));
    for (const length of lengths) {
      start = Math.max(start, (lives.at(-1)?.to ?? 0) + 2 * MINUTE);
      lives.push({ from: start, to: Math.round(start + length) });
      start += length + MINUTE * (2 + 6 * random.next());
    }
  }
  return lives;
}

/** Standard normal. */
function gauss(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
