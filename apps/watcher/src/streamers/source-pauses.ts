import { exponentialMs, jittered } from '../common/back-off.js';
import type { Clock, Random } from '../common/clock.port.js';
import type { LiveSourceName } from './live-checker.port.js';

export interface SourcePausesOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly random: Random;
}

interface Way {
  /** Refusals in a row. */
  refusals: number;
  pausedUntil: number;
}

/** So many refusals in a row are no accident. */
const REFUSALS_TO_PAUSE = 3;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** Who refuses is left alone for so much of it at least. */
const CERTAIN_SHARE = 0.5;
/** Ways that are remembered; the one not used for the longest time is forgotten first. */
const MAX_WAYS = 2_000;

/**
 * Which sources are left alone for a while: one that refused three times in a row, for 30 s and then twice as long each
 * time (10 minutes at most, half of it random); one that said how long, for that long. A way is a source seen from one
 * address of ours: the other sources go on, and so do the streamers with another proxy.
 */
export class SourcePauses {
  readonly #options: SourcePausesOptions;
  readonly #ways = new Map<string, Way>();

  constructor(options: SourcePausesOptions) {
    this.#options = options;
  }

  /** Ms until the source may be asked from this address; 0: now. */
  pausedFor(source: LiveSourceName, address: string): number {
    const until = this.#ways.get(keyOf(source, address))?.pausedUntil ?? 0;
    return Math.max(0, until - this.#options.clock.monotonic());
  }

  /** The source did not let us ask. `retryAfterMs`: what it asked for. */
  refused(source: LiveSourceName, address: string, retryAfterMs?: number): void {
    const way = this.#ways.get(keyOf(source, address)) ?? { refusals: 0, pausedUntil: 0 };
    way.refusals += 1;
    const pause = retryAfterMs ?? this.#pauseAfter(way.refusals);
    way.pausedUntil = Math.max(way.pausedUntil, this.#options.clock.monotonic() + pause);
    this.#remember(keyOf(source, address), way);
  }

  /** The source answered, whatever it said. */
  answered(source: LiveSourceName, address: string): void {
    this.#ways.delete(keyOf(source, address));
  }

  /** Ways that are paused now. */
  get paused(): Readonly<Partial<Record<LiveSourceName, number>>> {
    const now = this.#options.clock.monotonic();
    const counts: Partial<Record<LiveSourceName, number>> = {};
    for (const [key, { pausedUntil }] of this.#ways) {
      const source = key.slice(0, key.indexOf(' ')) as LiveSourceName;
      if (pausedUntil > now) counts[source] = (counts[source] ?? 0) + 1;
    }
    return counts;
  }

  #pauseAfter(refusals: number): number {
    if (refusals < REFUSALS_TO_PAUSE) return 0;
    const longest = exponentialMs(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, refusals - REFUSALS_TO_PAUSE);
    return Math.round(jittered(longest, this.#options.random, CERTAIN_SHARE));
  }

  #remember(key: string, way: Way): void {
    this.#ways.delete(key);
    this.#ways.set(key, way);
    for (const oldest of this.#ways.keys()) {
      if (this.#ways.size <= MAX_WAYS) break;
      this.#ways.delete(oldest);
    }
  }
}

const keyOf = (source: LiveSourceName, address: string): string => `${source} ${address}`;
