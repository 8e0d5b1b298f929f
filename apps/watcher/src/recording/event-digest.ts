import { createHash } from 'node:crypto';
import type { FinishedEvent } from '../pipeline/finished-event.js';

const LINE_FEED = Uint8Array.of(10);

/** Number and SHA-256 of events, one a line: what `sha256sum` says about the lines that a replay prints. */
export class EventDigest {
  readonly #hash = createHash('sha256');
  #events = 0;

  get events(): number {
    return this.#events;
  }

  /** Copies for the raw topic are no events and do not count. */
  add(events: readonly FinishedEvent[]): void {
    for (const event of events) {
      if (event.topic === 'raw') continue;
      this.#events += 1;
      this.#hash.update(event.value).update(LINE_FEED);
    }
  }

  /** Hex; further events may be added after it. */
  get sha256(): string {
    return this.#hash.copy().digest('hex');
  }
}
