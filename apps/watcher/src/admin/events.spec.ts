import { FakeClock, sampleEvent } from '@livetap/testkit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../access/principal.js';
import { hashOf } from '../access/stored-api-key.js';
import { MemoryJournal } from '../journal/memory-journal.js';
import { JournalTailLog } from '../livetail/journal-tail-log.js';
import { LiveTail } from '../livetail/live-tail.js';
import { StreamerService } from '../streamers/streamer-service.js';
import { AccessPolicy } from './access.js';
import { EventsController } from './events.controller.js';
import { formatTailMessage } from './sse.js';
import { hangUp, idleStreamers, listen, testApp } from './testing/http-app.js';

let app: NestFastifyApplication;
let journal: MemoryJournal;
let tail: LiveTail;
let clock: FakeClock;
let url: string;
/** What counts as a key beside none at all, by its hash. */
let keys: Map<string, Principal>;

beforeEach(async () => {
  clock = new FakeClock();
  keys = new Map();
  const policy = new AccessPolicy({
    ...{ apiKeys: [], loopback: true, allowedHosts: [], host: '127.0.0.1' },
    keyRing: { identify: (hash) => keys.get(hash) },
  });
  journal = new MemoryJournal();
  tail = new LiveTail({ log: new JournalTailLog(journal), clock, heartbeatMs: 1_000 });
  app = await testApp({
    controllers: [EventsController],
    policy,
    providers: [
      { provide: AccessPolicy, useValue: policy },
      { provide: LiveTail, useValue: tail },
      { provide: StreamerService, useValue: idleStreamers() },
    ],
  });
  url = `${await listen(app)}/v1/events`;
});

afterEach(async () => {
  tail.close();
  await hangUp(app);
});

/** Reads blocks of the stream as they come. */
class Client {
  private buffer = '';
  private readonly decoder = new TextDecoder();
  private constructor(
    readonly answer: Response,
    private readonly reader: ReadableStreamDefaultReader<Uint8Array>,
  ) {}

  static async open(query = '', headers: Record<string, string> = {}): Promise<Client> {
    const answer = await fetch(`${url}${query}`, { headers });
    if (!answer.body) throw new Error('no body');
    return new Client(answer, answer.body.getReader() as ReadableStreamDefaultReader<Uint8Array>);
  }

  /** The next block, undefined when the stream has ended. */
  async block(): Promise<string | undefined> {
    for (;;) {
      const end = this.buffer.indexOf('\n\n');
      if (end >= 0) {
        const block = this.buffer.slice(0, end);
        this.buffer = this.buffer.slice(end + 2);
        return block;
      }
      const { done, value } = await this.reader.read();
      if (done) return undefined;
      this.buffer += this.decoder.decode(value, { stream: true });
    }
  }

  async leave(): Promise<void> {
    await this.reader.cancel();
  }
}

const field = (block: string | undefined, name: string): string | undefined =>
  block
    ?.split('\n')
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2);

describe('GET /v1/events', () => {
  it('is a stream that proxies do not hold back, with type, place and the very bytes of the event', async () => {
    const client = await Client.open();
    expect(Object.fromEntries(client.answer.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    });
    expect(await client.block()).toBe('retry: 2000\n: connected');
    const event = sampleEvent(1);
    await journal.append([event]);
    const block = await client.block();
    expect(field(block, 'event')).toBe(event.type);
    expect(field(block, 'data')).toBe(event.value.toString());
    expect(field(block, 'id')).not.toBe('');
    await client.leave();
  });

  it('goes on after the last id, by header or parameter, and says when it cannot', async () => {
    const first = await Client.open();
    await first.block();
    await journal.append([sampleEvent(1), sampleEvent(2), sampleEvent(3)]);
    const id = field(await first.block(), 'id') ?? '';
    const second = field(await first.block(), 'data');
    await first.leave();
    for (const client of [
      await Client.open('', { 'last-event-id': id }),
      await Client.open(`?lastEventId=${encodeURIComponent(id)}`),
    ]) {
      await client.block();
      expect(field(await client.block(), 'data')).toBe(second);
      await client.leave();
    }
    const lost = await Client.open('', { 'last-event-id': 'no-such-place' });
    await lost.block();
    const reset = await lost.block();
    expect([field(reset, 'event'), field(reset, 'data')]).toEqual(['reset', '{"reason":"invalid"}']);
    await lost.leave();
  });

  it('filters by streamer and type, and refuses names that mean nothing', async () => {
    const client = await Client.open('?streamer=@Wanted.One&type=chat');
    await client.block();
    const wanted = sampleEvent(2, { subject: 'wanted.one' });
    await journal.append([sampleEvent(1, { subject: 'other' }), wanted]);
    expect(field(await client.block(), 'data')).toBe(wanted.value.toString());
    await client.leave();
    for (const query of ['?type=chit', '?streamer=no%20name', '?since=1']) {
      const answer = await fetch(`${url}${query}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        400,
        'application/problem+json; charset=utf-8',
      ]);
    }
  });

  it('shows signs of life, forgets clients that left, and ends every stream when the service stops', async () => {
    const client = await Client.open();
    await client.block();
    await clock.advance(1_000);
    expect(await client.block()).toMatch(/^: heartbeat\nid: /);
    const leaving = await Client.open();
    await leaving.block();
    expect(tail.clients).toBe(2);
    await leaving.leave();
    await expect.poll(() => tail.clients).toBe(1);
    tail.close();
    expect(await client.block()).toBe(': end, closing');
    expect(await client.block()).toBeUndefined();
  });
});

describe('a tail whose key is revoked', () => {
  it('ends at the next heartbeat, and others go on', async () => {
    const secret = 'livetap_of-somebody';
    keys.set(hashOf(secret), { name: 'somebody', role: 'read', source: 'database' });
    const revoked = await Client.open('', { authorization: `Bearer ${secret}` });
    const other = await Client.open();
    await revoked.block();
    await other.block();
    await clock.advance(1_000);
    expect(await revoked.block()).toMatch(/^: heartbeat/);
    expect(await other.block()).toMatch(/^: heartbeat/);
    keys.clear();
    await clock.advance(1_000);
    expect(await revoked.block()).toBe(': end, refused');
    expect(await revoked.block()).toBeUndefined();
    expect(await other.block()).toMatch(/^: heartbeat/);
    expect((await fetch(url, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(401);
  });
});

describe('formatTailMessage', () => {
  it('writes each kind as server-sent events want it', () => {
    expect(formatTailMessage({ kind: 'event', type: 't', lastEventId: 'i', data: '{}' })).toBe(
      'event: t\nid: i\ndata: {}\n\n',
    );
    expect(formatTailMessage({ kind: 'event', type: 't', data: '{}' })).toBe('event: t\ndata: {}\n\n');
    expect(formatTailMessage({ kind: 'place', lastEventId: 'i' })).toBe('id: i\n\n');
    expect(formatTailMessage({ kind: 'heartbeat', lastEventId: 'i' })).toBe(': heartbeat\nid: i\n\n');
    expect(formatTailMessage({ kind: 'reset', lastEventId: 'i', reason: 'tooOld' })).toBe(
      'event: reset\nid: i\ndata: {"reason":"tooOld"}\n\n',
    );
    expect(formatTailMessage({ kind: 'end', reason: 'slow' })).toBe(': end, slow\n\n');
  });
});
