import type { Clock, Random } from '../common/clock.port.js';
import type { StoredEvent } from '../journal/journal.port.js';
import { BackOff } from '../common/back-off.js';
import type { EventPublisher } from './event-publisher.port.js';
import { pause } from './pause.js';
import { PublishError } from './publish.errors.js';

const MAX_ATTEMPTS = 10;
const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 8_000;
/** Topics that were just made, leaders that change: over by itself after a while. */
const PASSING: ReadonlySet<string> = new Set(['WATCHER_KAFKA_NOT_ACKNOWLEDGED', 'WATCHER_KAFKA_UNREACHABLE']);

/**
 * Publishes one batch for a caller that has an end: what passes by itself is tried again, ten times in all (half a minute at
 * most). Some of the events may be there twice then, with the same ids.
 * @throws PublishError; the signal's reason when it aborts between two attempts
 */
export async function publishPersistently(
  publisher: Pick<EventPublisher, 'publish'>,
  events: readonly StoredEvent[],
  { clock, random, signal }: { readonly clock: Clock; readonly random: Random; readonly signal: AbortSignal },
): Promise<void> {
  const backOff = new BackOff({ random, baseMs: RETRY_BASE_MS, capMs: RETRY_CAP_MS });
  for (;;) {
    try {
      return await publisher.publish(events);
    } catch (error) {
      const passing = error instanceof PublishError && PASSING.has(error.code);
      if (!passing || backOff.attempts >= MAX_ATTEMPTS - 1) throw error;
      await pause(clock, backOff.next(), signal);
      signal.throwIfAborted();
    }
  }
}
