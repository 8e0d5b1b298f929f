import type { Clock, TimerHandle } from '../common/clock.port.js';
import type { LiveChecker, LiveCheckResult } from '../streamers/live-checker.port.js';
import type { Streamer } from '../streamers/streamer.js';
import { LiveQuestion } from './live-question.js';

export interface PendingWorkOptions {
  readonly clock: Clock;
  readonly checker: LiveChecker;
  /** Everything is called through this. */
  readonly run: (action: () => void) => void;
}

/** What a room waits for: a pause, an answer. One of each at most; both can be called off. */
export class PendingWork {
  readonly #o: PendingWorkOptions;
  readonly #question: LiveQuestion;
  #timer: TimerHandle | undefined;

  constructor(options: PendingWorkOptions) {
    this.#o = options;
    this.#question = new LiveQuestion(options.checker);
  }

  /** Takes the place of a pause that is under way. */
  after(delayMs: number, action: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#o.clock.setTimeout(() => this.#o.run(action), delayMs);
  }

  /** Does nothing while a question is open. `conclude` gets `unknown` for whatever goes wrong. */
  ask(streamer: Streamer, conclude: (result: LiveCheckResult) => void): void {
    this.#question.ask(streamer, (result) => this.#o.run(() => conclude(result)));
  }

  /** Nothing is called any more. */
  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#question.cancel();
  }
}
