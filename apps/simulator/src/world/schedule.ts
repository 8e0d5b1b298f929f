import type { Clock, TimerHandle } from '../common/clock.js';
import type { Random } from '../common/random.js';

export interface StreamScheduleOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Length of a typical stream, ms. */
  readonly horizonMs: number;
  /** False: once live, live for good. */
  readonly ends: boolean;
  /** `sameRoom`: goes live again with the last room id. */
  readonly start: (sameRoom: boolean) => void;
  /** `roll`: a random number in [0, 1) for the way it ends. */
  readonly end: (roll: number) => void;
  readonly pause: () => void;
  readonly unpause: () => void;
}

type Step = 'start' | 'end' | 'pause' | 'unpause';

const SHARE_THAT_ENDS = 0.6;
const SHARE_THAT_PAUSES = 0.1;
const SHARE_OF_SAME_ROOM = 0.5;

/** When one streamer goes live, rests and goes live again. */
export class StreamSchedule {
  private timer: TimerHandle | undefined;
  private next: { step: Step; at: number } | undefined;
  private held: number | undefined;
  private afterPause: number | undefined;
  private started = false;

  constructor(private readonly options: StreamScheduleOptions) {}

  /** Begins: live at once, or within the first half of the horizon. */
  begin(liveAtOnce: boolean): void {
    if (liveAtOnce) this.run('start');
    else this.plan('start', this.options.horizonMs * (0.05 + 0.5 * this.options.random.next()));
  }

  /** The schedule stands still until `resume`. */
  hold(): void {
    this.held ??= this.options.clock.now();
    this.options.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  resume(): void {
    if (this.held === undefined) return;
    const pausedFor = this.options.clock.now() - this.held;
    this.held = undefined;
    if (this.next !== undefined)
      this.plan(this.next.step, Math.max(0, this.next.at + pausedFor - this.options.clock.now()));
  }

  private plan(step: Step, delayMs: number): void {
    this.next = { step, at: this.options.clock.now() + delayMs };
    if (this.held !== undefined) return;
    this.timer = this.options.clock.setTimeout(() => this.run(step), delayMs);
  }

  private run(step: Step): void {
    const { random, horizonMs } = this.options;
    this.next = undefined;
    switch (step) {
      case 'start': {
        const sameRoom = this.started && random.chance(SHARE_OF_SAME_ROOM);
        this.started = true;
        this.attempt(() => this.options.start(sameRoom));
        if (!this.options.ends || !random.chance(SHARE_THAT_ENDS)) return;
        const length = horizonMs * (0.3 + 0.5 * random.next());
        if (random.chance(SHARE_THAT_PAUSES)) {
          this.afterPause = length * 0.4;
          this.plan('pause', length * 0.5);
        } else this.plan('end', length);
        return;
      }
      case 'pause':
        this.attempt(this.options.pause);
        this.plan('unpause', horizonMs * 0.05);
        return;
      case 'unpause':
        this.attempt(this.options.unpause);
        this.plan('end', this.afterPause ?? 0);
        return;
      case 'end': {
        const roll = random.next();
        this.attempt(() => this.options.end(roll));
        this.plan('start', horizonMs * (0.08 + 0.1 * random.next()));
      }
    }
  }

  /** A step that a hand on the control API has forestalled is skipped; the schedule goes on. */
  private attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof Error && error.name === 'WorldError')) throw error;
    }
  }
}
