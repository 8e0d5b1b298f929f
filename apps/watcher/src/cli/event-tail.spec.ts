import { SeededRandom } from '@livetap/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../common/clock.port.js';
import { CliError, type CliErrorCode } from './cli.errors.js';
import { type EventTailOptions, type Tailed, tailEvents } from './event-tail.js';

const event = (n: number): string =>
  `event: livetap.chat.v1\nid: place-${n}\ndata: ${JSON.stringify({ source: '/tiktok/rooms/1', id: String(n) })}\n\n`;

/** One answer of the server to each connection: what it sends before it cuts, or how it refuses. */
type Answer = readonly string[] | CliErrorCode;

describe('the tail of events', () => {
  let stop: AbortController;
  let asked: (string | undefined)[];
  let notes: string[];
  beforeEach(() => {
    stop = new AbortController();
    asked = [];
    notes = [];
  });
  afterEach(() => stop.abort());

  function tail(answers: Answer[], place?: string, shown: readonly string[] = []): AsyncGenerator<Tailed> {
    const stream: EventTailOptions['client']['stream'] = async (_path, headers) => {
      asked.push(headers['last-event-id']);
      const answer = answers.shift();
      if (typeof answer === 'string') throw new CliError(answer, 'no');
      // Out of answers: silent until the test is over.
      if (answer === undefined) return new ReadableStream();
      return ReadableStream.from(answer.map((text) => Buffer.from(text)));
    };
    // Pauses are over at once: what is tested is what comes after them.
    const clock: Clock = { now: () => 0, monotonic: () => 0, setTimeout: later };
    return tailEvents({
      client: { stream, url: 'http://l' },
      clock,
      random: new SeededRandom(1),
      signal: stop.signal,
      path: '/v1/events',
      from: place === undefined ? undefined : { place, shown },
      note: (sentence) => notes.push(sentence),
    });
  }
  /** Back-off ends soon; the watch over silence never. */
  function later(done: () => void, ms: number): { cancel(): void } {
    if (ms > 20_000) return { cancel: () => undefined };
    const handle = setImmediate(done);
    return { cancel: () => clearImmediate(handle) };
  }
  async function take(events: AsyncGenerator<Tailed>, count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) {
      const next = await events.next();
      if (next.done === true) break;
      ids.push(next.value.event.id);
    }
    return ids;
  }

  it('goes on from the last place after a cut, from that of a heartbeat as well; what comes again is left out', async () => {
    const events = tail(
      [[event(1), event(2)], [event(2), event(3), ': heartbeat\nid: quiet\n\n'], [event(4)]],
      'given',
    );
    expect(await take(events, 4)).toEqual(['1', '2', '3', '4']);
    expect(asked).toEqual(['given', 'place-2', 'quiet']);
    expect(notes).toEqual([
      'the connection to http://l is gone; trying again',
      'it goes on',
      'the connection to http://l is gone; trying again',
      'it goes on',
    ]);
  });

  it('leaves out what an earlier run has shown behind its place: a server may name places behind a flush only', async () => {
    const unplaced = (n: number): string => event(n).replace(/^id: .*\n/m, '');
    const events = tail([[unplaced(3), unplaced(4), unplaced(5), 'id: behind-5\n\n', unplaced(6)]], 'behind-2', [
      '/tiktok/rooms/1 3',
      '/tiktok/rooms/1 4',
    ]);
    expect((await events.next()).value).toMatchObject({
      event: { id: '5' },
      key: '/tiktok/rooms/1 5',
      lastEventId: 'behind-2',
    });
    expect((await events.next()).value).toMatchObject({ event: { id: '6' }, lastEventId: 'behind-5' });
  });

  it('a server that is not there at the beginning is an error; later it is waited for, and said once', async () => {
    const away: CliErrorCode = 'WATCHER_CLI_SERVER_UNREACHABLE';
    await expect(take(tail([away]), 1)).rejects.toMatchObject({ code: away });
    const events = tail([[event(1)], away, away, 'WATCHER_CLI_SERVER_BUSY', [event(2)]]);
    expect(await take(events, 2)).toEqual(['1', '2']);
    expect(notes).toEqual(['the connection to http://l is gone; trying again', 'it goes on']);
  });

  it('a server that refuses is an error, now and later', async () => {
    const refused: CliErrorCode = 'WATCHER_CLI_KEY_REFUSED';
    await expect(take(tail([refused]), 1)).rejects.toMatchObject({ code: refused });
    await expect(take(tail([[event(1)], refused]), 2)).rejects.toMatchObject({ code: refused });
  });

  it('says what a reset means', async () => {
    const reset = 'event: reset\nid: oldest\ndata: {"reason":"tooOld"}\n\n';
    expect(await take(tail([[reset, event(7)]], 'old'), 1)).toEqual(['7']);
    expect(notes).toEqual([expect.stringContaining('too old')]);
  });
});
