import type { LiveChecker, LiveCheckResult } from '../streamers/live-checker.port.js';
import type { Streamer } from '../streamers/streamer.js';

/** Asks the live checker for one room: one question at a time, and no answer after `cancel`. */
export class LiveQuestion {
  #asking: AbortController | undefined;

  constructor(private readonly checker: LiveChecker) {}

  /** Does nothing while a question is open. `conclude` is called once, with `unknown` for whatever goes wrong. */
  ask(streamer: Streamer, conclude: (result: LiveCheckResult) => void): void {
    if (this.#asking === undefined) void this.#ask(streamer, conclude);
  }

  cancel(): void {
    this.#asking?.abort(new Error('the room moved on'));
    this.#asking = undefined;
  }

  async #ask(streamer: Streamer, conclude: (result: LiveCheckResult) => void): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    let result: LiveCheckResult;
    try {
      result = await this.checker.check(streamer, asking.signal);
    } catch (error) {
      result = { verdict: 'unknown', reason: error instanceof Error ? error.message : 'the check failed' };
    }
    if (asking.signal.aborted) return;
    this.#asking = undefined;
    conclude(result);
  }
}
