import type { Clock, TimerHandle } from '../common/clock.port.js';
import { CheckLane, type CheckLaneOptions } from './check-lane.js';
import type { CheckPace, PacedStreamer } from './check-pace.js';

export interface CheckQueueOptions {
  readonly clock: Clock;
  /** What a way of asking allows. */
  readonly lane: (name: string) => CheckLaneOptions;
  /** Checks these streamers by one request of the lane. Must not reject. */
  readonly check: (streamerIds: readonly string[], lane: string) => Promise<void>;
  /** A request begins, so many ms late. */
  readonly onLateness?: ((ms: number) => void) | undefined;
}

/** Requests under way over all lanes. */
const MAX_RUNNING = 256;

/**
 * Who is to be checked when, in one lane for each way of asking: lanes do not wait for each other, in each the most
 * overdue goes first. Bounded by the number of streamers.
 */
export class CheckQueue {
  readonly #options: CheckQueueOptions;
  readonly #lanes = new Map<string, CheckLane>();
  #running = 0;
  #timer: { readonly at: number; readonly handle: TimerHandle } | undefined;
  #stopped = false;

  constructor(options: CheckQueueOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  /** How late the most overdue one is, ms. */
  get latenessMs(): number {
    let next = Infinity;
    for (const lane of this.#lanes.values()) next = Math.min(next, lane.due.nextAt ?? Infinity);
    return Math.max(0, this.#options.clock.monotonic() - next);
  }

  /** How many times longer intervals are than asked for, in the lane with the most to do. */
  get stretch(): number {
    const now = this.#options.clock.now();
    return Math.max(1, ...[...this.#lanes.values()].map((lane) => lane.pace(now).stretch));
  }

  /** Puts a streamer into a lane, or renews what is known of it there. */
  enter(name: string, streamerId: string, paced: PacedStreamer): void {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = new CheckLane(this.#options.lane(name));
      this.#lanes.set(name, lane);
    }
    lane.members.set(streamerId, paced);
  }

  /** Takes a streamer out of a lane. When it was due there, monotonic; undefined when it was not on its list. */
  leave(name: string, streamerId: string): number | undefined {
    const lane = this.#lanes.get(name);
    const at = lane?.due.timeOf(streamerId);
    lane?.due.delete(streamerId);
    lane?.members.delete(streamerId);
    this.#dropUnused(name);
    return at;
  }

  /** Sets when a streamer of a lane is due, monotonic. */
  schedule(name: string, streamerId: string, at: number, priority: number): void {
    this.#lanes.get(name)?.due.set(streamerId, at, priority);
    this.#arm();
  }

  isScheduled(name: string, streamerId: string): boolean {
    return this.#lanes.get(name)?.due.has(streamerId) === true;
  }

  /** The present pace of a lane. */
  pace(name: string): CheckPace | undefined {
    return this.#lanes.get(name)?.pace(this.#options.clock.now());
  }

  /** Begins nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.handle.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    if (this.#stopped || this.#running >= MAX_RUNNING) return;
    let at = Infinity;
    for (const lane of this.#lanes.values()) at = Math.min(at, lane.readyAt);
    if (at === Infinity || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.handle.cancel();
    const { clock } = this.#options;
    const run = (): void => {
      this.#timer = undefined;
      this.#run();
    };
    this.#timer = { at, handle: clock.setTimeout(run, Math.max(0, at - clock.monotonic())) };
  }

  #run(): void {
    const now = this.#options.clock.monotonic();
    for (const [name, lane] of [...this.#lanes]) {
      while (this.#running < MAX_RUNNING) {
        const due = lane.take(now);
        if (due === undefined) break;
        this.#options.onLateness?.(now - due.at);
        void this.#check(name, lane, due.ids);
      }
    }
    this.#arm();
  }

  async #check(name: string, lane: CheckLane, streamerIds: readonly string[]): Promise<void> {
    this.#running += 1;
    lane.running += 1;
    try {
      await this.#options.check(streamerIds, name);
    } finally {
      this.#running -= 1;
      lane.running -= 1;
      this.#dropUnused(name);
      this.#arm();
    }
  }

  #dropUnused(name: string): void {
    if (this.#lanes.get(name)?.unused === true) this.#lanes.delete(name);
  }
}
