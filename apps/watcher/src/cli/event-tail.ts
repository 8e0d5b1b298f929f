import { BackOff } from '../common/back-off.js';
import type { Clock, Random } from '../common/clock.port.js';
import { RecentlyUsed } from '../common/recently-used.js';
import { pause } from '../publishing/pause.js';
import { CliError } from './cli.errors.js';
import type { TailedEvent } from './event-line.js';
import type { RestClient } from './rest-client.js';
import { readServerSentEvents } from './sse-reader.js';

export interface EventTailOptions {
  readonly client: Pick<RestClient, 'stream' | 'url'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** `/v1/events` with its filters. */
  readonly path: string;
  /** The place to go on from, and what was shown behind it; undefined: from now on. */
  readonly from: { readonly place: string; readonly shown: readonly string[] } | undefined;
  /** Told in words what happens to the connection. */
  readonly note: (sentence: string) => void;
}

export interface Tailed {
  readonly event: TailedEvent;
  /** As it was sent. */
  readonly text: string;
  /** Tells events apart. */
  readonly key: string;
  /** The newest place: after it, or after events shortly before it. */
  readonly lastEventId: string | undefined;
}

/** The server says something each 15 seconds; without a byte for so long the connection is dead, ms. */
const SILENCE_MS = 60_000;
/** More than comes again after a cut: one flush. */
const REMEMBERED = 20_000;
const BACK_OFF = { baseMs: 500, capMs: 15_000, certain: 0.5 };

const RESETS: Readonly<Record<string, string>> = {
  tooOld: 'events were missed: the place is too old, it goes on with the oldest that are left',
  otherJournal: 'events may have been missed: the place is of another replica, it goes on from now',
  invalid: 'the place to go on from is none of this server: it goes on from now',
};

/**
 * The live tail of a server for as long as somebody reads it: after a cut it goes on where it was, and what comes again is left
 * out. Ends when the signal aborts. A server that is not there at the beginning is an error, later it is waited for.
 * @throws CliError when the server refuses, now or later
 */
export async function* tailEvents(options: EventTailOptions): AsyncGenerator<Tailed> {
  const { client, clock, random, signal, path, note } = options;
  const backOff = new BackOff({ random, ...BACK_OFF });
  const seen = new RecentlyUsed<true>(REMEMBERED);
  for (const key of options.from?.shown ?? []) seen.get(key, () => true);
  let lastEventId = options.from?.place;
  let reached = false;
  let said = false;
  while (!signal.aborted) {
    try {
      const headers = {
        accept: 'text/event-stream',
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      };
      const stream = await client.stream(path, headers);
      reached = true;
      for await (const block of readServerSentEvents(untilSilent(stream, clock))) {
        if (said) note('it goes on');
        said = false;
        backOff.reset();
        lastEventId = block.id ?? lastEventId;
        if (block.event === 'reset') note(RESETS[reasonOf(block.data)] ?? 'events may have been missed');
        else if (block.data !== undefined) {
          const event = JSON.parse(block.data) as TailedEvent;
          const key = `${event.source} ${event.id}`;
          if (isNew(seen, key)) yield { event, text: block.data, key, lastEventId };
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof CliError && !(reached && error.retryable)) throw error;
    }
    if (signal.aborted) return;
    if (!said) note(`the connection to ${client.url} is gone; trying again`);
    said = true;
    await pause(clock, backOff.next(), signal);
  }
}

function isNew(seen: RecentlyUsed<true>, key: string): boolean {
  let fresh = false;
  seen.get(key, () => (fresh = true));
  return fresh;
}

function reasonOf(data: string | undefined): string {
  return String((JSON.parse(data ?? '{}') as { readonly reason?: unknown }).reason);
}

/** @throws when nothing came for too long */
async function* untilSilent(stream: ReadableStream<Uint8Array>, clock: Clock): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const timer = clock.setTimeout(() => void reader.cancel().catch(() => undefined), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => timer.cancel());
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
