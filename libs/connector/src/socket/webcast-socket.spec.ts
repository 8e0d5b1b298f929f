import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { LoopbackServer, serverFrame, signalled } from '../../test-support/loopback.js';
import { ManualClock } from '../../test-support/manual-clock.js';
import type { ConnectorError } from '../errors/connector-error.js';
import {
  HeartbeatMessage,
  ProtoMessageFetchResult,
  WebcastImEnterRoomMessage,
  WebcastPushFrame,
} from '../proto/index.js';
import type { RawBatch } from './batch.js';
import type { SocketSourceName } from './socket-url-source.js';
import {
  WebcastSocket,
  type SocketClosed,
  type WebcastSocketHandlers,
  type WebcastSocketOptions,
} from './webcast-socket.js';

const ROOM = '7312345678901234567';

let server: LoopbackServer;
let opened: WebcastSocket[];

beforeEach(async () => {
  server = await new LoopbackServer().start();
  opened = [];
});
afterEach(async () => {
  for (const session of opened) session.terminate();
  await server.close();
});

interface Log {
  readonly entries: string[];
  readonly batches: RawBatch[];
  readonly closed: Promise<SocketClosed>;
  /** Resolves when `count` batches and rejected frames have come. */
  frames(count: number): Promise<void>;
}

function listen(overrides: Partial<WebcastSocketHandlers> = {}): { handlers: WebcastSocketHandlers; log: Log } {
  const entries: string[] = [];
  const batches: RawBatch[] = [];
  const closed = signalled<SocketClosed>();
  let seen = 0;
  let waiting: { count: number; done: () => void } | undefined;
  const count = (): void => {
    seen += 1;
    if (waiting && seen >= waiting.count) waiting.done();
  };
  const handlers: WebcastSocketHandlers = {
    onOpen: () => entries.push('open'),
    onEnterRoom: () => entries.push('enterRoom'),
    onHandlerError: (error) => entries.push(`handlerError ${(error as Error).message}`),
    ...overrides,
    onBatch: (batch) => {
      batches.push(batch);
      entries.push(`batch ${batch.messages.map(({ msgId }) => msgId).join(',')}`);
      count();
      overrides.onBatch?.(batch);
    },
    onFrameRejected: (bytes, at, error) => {
      entries.push(`rejected ${error.code}`);
      count();
      overrides.onFrameRejected?.(bytes, at, error);
    },
    onClosed: (reason) => {
      entries.push(`closed ${reason.code}`);
      closed.done(reason);
    },
  };
  const frames = (wanted: number): Promise<void> =>
    seen >= wanted ? Promise.resolve() : new Promise((done) => (waiting = { count: wanted, done }));
  return { handlers, log: { entries, batches, closed: closed.promise, frames } };
}

async function open(
  handlers: WebcastSocketHandlers,
  options: Partial<WebcastSocketOptions> & { source?: SocketSourceName; headers?: Record<string, string> } = {},
): Promise<WebcastSocket> {
  const { source = 'euler', headers = {}, ...rest } = options;
  const address = { source, url: `${server.wsUrl}/webcast/im/`, headers, roomId: ROOM };
  const session = await WebcastSocket.open({ address, handlers, clock: new ManualClock(), ...rest });
  opened.push(session);
  return session;
}

const message = (
  msgId: number,
  method = 'WebcastChatMessage',
): { method: string; msgId: string; payload: Uint8Array } => ({
  method,
  msgId: String(msgId),
  payload: Buffer.from(`payload ${msgId}`),
});
const only = (): WebSocket => server.sockets[0]!;

async function failure(promise: Promise<unknown>): Promise<ConnectorError> {
  return (await promise.then(() => undefined).catch((error: unknown) => error)) as ConnectorError;
}

describe('opening', () => {
  it('dials with the headers of the address and enters the room first', async () => {
    const { handlers, log } = listen();
    await open(handlers, {
      headers: { 'User-Agent': 'Browser/1', Cookie: 'ttwid=1', Origin: 'https://www.tiktok.com' },
      wsOptions: { headers: { Cookie: 'mine=1', 'X-Extra': '1' } },
    });
    expect(server.upgrades[0]?.headers).toMatchObject({
      'user-agent': 'Browser/1',
      cookie: 'ttwid=1',
      origin: 'https://www.tiktok.com',
      'x-extra': '1',
    });
    const [frame] = await server.framesSent(1);
    expect(frame).toMatchObject({ payloadType: 'im_enter_room', payloadEncoding: 'pb' });
    expect(WebcastImEnterRoomMessage.decode(frame!.payload)).toMatchObject({
      roomId: ROOM,
      liveId: '12',
      identity: 'audience',
      filterWelcomeMsg: '0',
    });
    expect(log.entries).toEqual(['open']);
  });

  it('knows its address for as long as it is open, and does not show it', async () => {
    const { handlers } = listen();
    const url = `${server.wsUrl}/webcast/im/?wrss=a-secret-signature&room_id=${ROOM}`;
    const address = { source: 'euler', url, headers: {}, roomId: ROOM } as const;
    const session = await WebcastSocket.open({ address, handlers, clock: new ManualClock() });
    opened.push(session);
    expect(session.client.url).toBe(url);
    expect(inspect(session.client, { depth: 4 })).not.toContain('a-secret-signature');
  });

  it('comes before what others who listen to the client hear, and breaks nothing for them', async () => {
    const { handlers, log } = listen();
    const { client } = await open(handlers);
    client.on('message', () => log.entries.push('message'));
    client.on('error', ({ message: text }) => log.entries.push(`error ${text}`));
    client.on('close', (code) => log.entries.push(`close ${code}`));
    only().send(serverFrame({ messages: [message(1)] }));
    await log.frames(1);
    client.emit('error', new Error('one more'));
    only().close(1000);
    await log.closed;
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.entries).toEqual(['open', 'batch 1', 'message', 'error one more', 'closed 1000', 'close 1000']);
  });

  it.each([
    [403, { 'handshake-msg': 'DEVICE_BLOCKED', 'handshake-status': '415' }, 'CONNECTOR_SOCKET_DEVICE_BLOCKED', true],
    [415, {}, 'CONNECTOR_SOCKET_DEVICE_BLOCKED', true],
    [200, {}, 'CONNECTOR_SOCKET_DEVICE_BLOCKED', true],
    [403, { 'handshake-msg': 'illegal secret key', 'handshake-status': '417' }, 'CONNECTOR_SOCKET_ROUTE_CLOSED', false],
    [417, { 'handshake-msg': 'illegal app_id' }, 'CONNECTOR_SOCKET_ROUTE_CLOSED', false],
    [403, {}, 'CONNECTOR_SOCKET_REFUSED', false],
    [429, { 'retry-after': '30' }, 'CONNECTOR_SOCKET_REFUSED', true],
    [503, {}, 'CONNECTOR_SOCKET_REFUSED', true],
  ])('tells why it was refused: %i %j', async (status, headers, code, retryable) => {
    server.refuse = () => ({ status, headers });
    const { handlers, log } = listen();
    const error = await failure(open(handlers));
    expect(error).toMatchObject({ name: 'SocketRefusedError', code, retryable, status });
    expect(error.retryAfterMs).toBe(status === 429 ? 30_000 : undefined);
    expect(log.entries).toEqual([]);
  });

  it('gives up after the time-out, and when aborted, without an event', async () => {
    const reached = signalled();
    server.refuse = () => {
      reached.done();
      return new Promise(() => undefined) as never;
    };
    // A plain TCP server that accepts and stays silent.
    const silent = (await import('node:net')).createServer(() => reached.done());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = {
      source: 'euler' as const,
      url: `ws://127.0.0.1:${(silent.address() as { port: number }).port}/`,
      headers: {},
      roomId: ROOM,
    };
    const clock = new ManualClock();
    const { handlers, log } = listen();
    const timedOut = failure(WebcastSocket.open({ address, handlers, clock, connectTimeoutMs: 5000 }));
    const controller = new AbortController();
    const aborted = failure(WebcastSocket.open({ address, handlers, clock, signal: controller.signal }));
    await reached.promise;
    const reason = new Error('enough');
    controller.abort(reason);
    clock.advance(5000);
    expect(await timedOut).toMatchObject({
      name: 'ConnectTimeoutError',
      code: 'CONNECTOR_CONNECT_TIMEOUT',
      retryable: true,
    });
    expect(await aborted).toBe(reason);
    expect(log.entries).toEqual([]);
    expect(clock.timers).toBe(0);
    silent.close();
  });

  it('names network failures, and never dials in clear beyond this computer', async () => {
    const gone = { source: 'fixed' as const, url: server.wsUrl, headers: {}, roomId: ROOM };
    await server.close();
    expect(await failure(WebcastSocket.open({ address: gone, handlers: listen().handlers }))).toMatchObject({
      code: 'CONNECTOR_SOCKET_NETWORK',
      retryable: true,
    });
    server = await new LoopbackServer().start();
    const address = { source: 'fixed' as const, url: 'ws://webcast-ws.tiktok.com/', headers: {}, roomId: ROOM };
    expect(await failure(WebcastSocket.open({ address, handlers: listen().handlers }))).toMatchObject({
      code: 'CONNECTOR_CONFIGURATION',
    });
  });
});

describe('heartbeats', () => {
  const kinds = (): string[] => server.frames.map(({ payloadType }) => payloadType);
  const beats = (): string[] =>
    server.frames
      .filter(({ payloadType }) => payloadType === 'hb')
      .map(({ payload }) => HeartbeatMessage.decode(payload))
      .map(({ roomId, sendPacketSeqId }) => `${roomId} ${sendPacketSeqId}`);

  it('come each 10 seconds on a signed socket, the first after one interval', async () => {
    const clock = new ManualClock();
    await open(listen().handlers, { clock });
    await server.framesSent(1);
    clock.advance(9_999);
    clock.advance(1);
    clock.advance(20_000);
    await server.framesSent(4);
    expect(kinds()).toEqual(['im_enter_room', 'hb', 'hb', 'hb']);
    expect(beats()).toEqual([`${ROOM} 1`, `${ROOM} 2`, `${ROOM} 3`]);
  });

  it('come at once after "enter room" on a direct socket', async () => {
    const clock = new ManualClock();
    await open(listen().handlers, { clock, source: 'direct' });
    await server.framesSent(2);
    clock.advance(10_000);
    await server.framesSent(3);
    expect(kinds()).toEqual(['im_enter_room', 'hb', 'hb']);
  });

  it('start again with another room, and stop with the socket', async () => {
    const clock = new ManualClock();
    const { handlers, log } = listen();
    const session = await open(handlers, { clock });
    clock.advance(10_000);
    session.client.switchRooms('8');
    clock.advance(10_000);
    await server.framesSent(4);
    expect(kinds()).toEqual(['im_enter_room', 'hb', 'im_enter_room', 'hb']);
    expect(beats()).toEqual([`${ROOM} 1`, '8 1']);
    only().terminate();
    await log.closed;
    expect(clock.timers).toBe(0);
  });
});

describe('frames', () => {
  it('come in order of arrival, packed and plain mixed, also in one piece of the network', async () => {
    const { handlers, log } = listen();
    await open(handlers);
    for (let n = 1; n <= 40; n += 1)
      only().send(serverFrame({ messages: [message(n), message(n + 1000)] }, { gzip: n % 3 === 0 }));
    await log.frames(40);
    expect(log.entries.slice(1)).toEqual(Array.from({ length: 40 }, (_, n) => `batch ${n + 1},${n + 1001}`));
    expect(Buffer.from(log.batches[2]!.messages[0]!.payload).toString()).toBe('payload 3');
  });

  it('carry the time of receipt and the fields of the batch', async () => {
    const clock = new ManualClock();
    const { handlers, log } = listen();
    await open(handlers, { clock });
    clock.advance(1234);
    const entry = { ...message(9_007_199_254_740_991), isHistory: true };
    only().send(serverFrame({ messages: [entry], now: '1700000000123', cursor: 'c', internalExt: 'ext' }));
    await log.frames(1);
    expect(log.batches[0]).toMatchObject({
      receivedAt: clock.now(),
      now: '1700000000123',
      cursor: 'c',
      internalExt: 'ext',
      messages: [{ msgId: '9007199254740991', isHistory: true, method: 'WebcastChatMessage' }],
    });
  });

  it('are acknowledged before they are handed over, with their own log id, also when empty', async () => {
    const acksWhenHandled: number[] = [];
    const opening = signalled<WebcastSocket>();
    const { handlers, log } = listen({
      onOpen: (session) => opening.done(session),
      onBatch: () => acksWhenHandled.push(opened[0]!.counters.acks),
    });
    await open(handlers);
    expect(await opening.promise).toBe(opened[0]);
    only().send(
      serverFrame({ messages: [message(1)], needAck: true, internalExt: 'é|1' }, { logId: '-42', gzip: true }),
    );
    only().send(serverFrame({ needAck: true, internalExt: 'empty' }, { logId: '7312345678901234568' }));
    only().send(serverFrame({ needAck: true, internalExt: 'no log id' }));
    only().send(serverFrame({ needAck: true, internalExt: '' }, { logId: '5' }));
    only().send(serverFrame({ needAck: false, internalExt: 'x' }, { logId: '6' }));
    await log.frames(5);
    const acks = (await server.framesSent(4)).slice(1);
    expect(
      acks.map(({ payloadType, logId, payload }) => [payloadType, logId, Buffer.from(payload).toString()]),
    ).toEqual([
      ['ack', '-42', 'é|1'],
      ['ack', '7312345678901234568', 'empty'],
      ['ack', '0', 'no log id'],
    ]);
    expect(acksWhenHandled).toEqual([1, 2, 3, 3, 3]);
  });

  it('are acknowledged in one piece at the end of the turn in which they came', async () => {
    const held: number[] = [];
    const { handlers, log } = listen({ onBatch: () => held.push(opened[0]!.client.bufferedAmount) });
    await open(handlers);
    const server = only();
    // In one piece of the network, so that one turn reads them.
    const { _socket: transport } = server as unknown as { readonly _socket: Socket };
    transport.cork();
    for (let n = 1; n <= 3; n += 1)
      server.send(serverFrame({ messages: [message(n)], needAck: true, internalExt: 'ext' }, { logId: String(n) }));
    transport.uncork();
    await log.frames(3);
    expect(held[0]).toBeGreaterThan(0);
    expect(held[1]).toBe(2 * held[0]!);
    expect(held[2]).toBe(3 * held[0]!);
  });

  it('that cannot be read are handed over as such; the socket goes on', async () => {
    const rejected: Uint8Array[] = [];
    const { handlers, log } = listen({ onFrameRejected: (bytes) => rejected.push(bytes) });
    const session = await open(handlers, { maxUnpackedBytes: 100_000 });
    const broken = Buffer.from([0x42, 0x7f, 0x01]);
    const pb = (payload: Uint8Array): Uint8Array =>
      WebcastPushFrame.encode({ payloadEncoding: 'pb', payloadType: 'msg', payload }).finish();
    only().send(broken);
    only().send(pb(gzipSync(Buffer.from('cut off here')).subarray(0, 25)));
    only().send(pb(gzipSync(Buffer.alloc(1_000_000))));
    only().send(pb(Buffer.from([0x0a, 0x7f])));
    only().send(serverFrame({ messages: [message(1)] }));
    await log.frames(5);
    expect(log.entries.slice(1)).toEqual([...Array<string>(4).fill('rejected CONNECTOR_SOCKET_FRAME'), 'batch 1']);
    expect(Buffer.from(rejected[0]!)).toEqual(broken);
    expect(session.counters).toMatchObject({ frames: 5, rejected: 4, ignored: 0 });
  });

  it('that can be read in part are handed over in part, and said to be partial', async () => {
    const { handlers, log } = listen();
    const session = await open(handlers);
    const batch = Buffer.concat([
      ProtoMessageFetchResult.encode({ messages: [message(1)] }).finish(),
      Buffer.from([0x0a, 0x02, 0x0a, 0x7f]),
      ProtoMessageFetchResult.encode({ messages: [message(2)] }).finish(),
    ]);
    only().send(WebcastPushFrame.encode({ payloadEncoding: 'pb', payloadType: 'msg', payload: batch }).finish());
    only().send(WebcastPushFrame.encode({ payloadEncoding: '\u0080', payloadType: 'msg', payload: batch }).finish());
    await log.frames(3);
    expect(log.entries.slice(1)).toEqual([
      'batch 1,2',
      'rejected CONNECTOR_SOCKET_FRAME',
      'rejected CONNECTOR_SOCKET_FRAME',
    ]);
    expect(session.counters).toMatchObject({ droppedMessages: 1, rejected: 2, ignored: 0 });
  });

  it('of other kinds are counted and passed by', async () => {
    const bytes: number[] = [];
    const { handlers, log } = listen({ onBytes: (data) => bytes.push(data.length) });
    const session = await open(handlers);
    only().send('text');
    only().send(
      WebcastPushFrame.encode({ payloadEncoding: 'json', payloadType: 'msg', payload: Buffer.from('{}') }).finish(),
    );
    only().send(WebcastPushFrame.encode({ payloadEncoding: 'pb', payloadType: 'im_enter_room_resp' }).finish());
    await log.frames(1);
    expect(log.entries).toEqual(['open', 'enterRoom', 'batch ']);
    expect(session.counters).toMatchObject({ frames: 3, ignored: 2, rejected: 0 });
    expect(bytes).toHaveLength(3);
  });

  it('survive handlers that throw', async () => {
    const { handlers, log } = listen({
      onOpen: () => {
        throw new Error('in open');
      },
      onBatch: () => {
        throw new Error('in batch');
      },
    });
    const session = await open(handlers);
    only().send(serverFrame({ messages: [message(1)] }));
    only().send(serverFrame({ messages: [message(2)] }));
    await log.frames(2);
    expect(log.entries).toEqual([
      'handlerError in open',
      'batch 1',
      'handlerError in batch',
      'batch 2',
      'handlerError in batch',
    ]);
    expect(session.counters.handlerErrors).toBe(3);
  });

  it('end the socket when they are larger than allowed', async () => {
    const { handlers, log } = listen();
    await open(handlers, { maxFrameBytes: 1000 });
    only().send(serverFrame({ messages: [{ ...message(1), payload: Buffer.alloc(2000) }] }));
    expect(await log.closed).toMatchObject({
      by: 'fault',
      error: { code: 'CONNECTOR_SOCKET_NETWORK', retryable: true },
    });
  });

  it('wait while the reader is paused', async () => {
    const { handlers, log } = listen();
    const session = await open(handlers);
    session.pause();
    const done = signalled();
    only().send(serverFrame({ messages: [message(1)] }), () => done.done());
    await done.promise;
    only().ping();
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.batches).toHaveLength(0);
    session.resume();
    await log.frames(1);
    expect(log.batches).toHaveLength(1);
  });
});

describe('the end', () => {
  it('answers pings', async () => {
    const pong = signalled();
    await open(listen().handlers);
    only().on('pong', () => pong.done());
    only().ping();
    await pong.promise;
  });

  it.each([
    [1000, 'bye'],
    [1001, ''],
    [1011, 'oops'],
    [4006, 'idle'],
  ])('passes on what the server says: %i %s', async (code, reason) => {
    const { handlers, log } = listen();
    await open(handlers);
    only().close(code, reason);
    expect(await log.closed).toEqual({ code, reason, by: 'server' });
  });

  it('is 1006 when the connection breaks', async () => {
    const { handlers, log } = listen();
    await open(handlers);
    only().terminate();
    expect(await log.closed).toMatchObject({ code: 1006, by: 'fault' });
  });

  it('says what broke the protocol', async () => {
    const { handlers, log } = listen();
    await open(handlers);
    (only() as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(Buffer.from([0xff, 0x00]));
    expect(await log.closed).toMatchObject({ by: 'fault', error: { code: 'CONNECTOR_SOCKET_NETWORK' } });
  });

  it('still hands over what the server sends before its own close frame, and nothing after onClosed', async () => {
    const { handlers, log } = listen();
    const session = await open(handlers);
    session.pause();
    only().send(serverFrame({ messages: [message(1)] }));
    only().on('close', () => undefined);
    (
      only() as unknown as {
        _receiver: {
          once(event: 'conclude', listener: () => void): void;
          prependOnceListener(event: string, listener: () => void): void;
        };
      }
    )._receiver.prependOnceListener('conclude', () => {
      only().send(serverFrame({ messages: [message(2)] }));
    });
    await Promise.all([session.close(), session.close()]);
    expect(log.entries).toEqual(['open', 'batch 1', 'batch 2', 'closed 1005']);
    expect(await log.closed).toEqual({ code: 1005, reason: '', by: 'client' });
    await session.close();
  });

  it('comes by force when the server does not answer the close', async () => {
    const clock = new ManualClock();
    const { handlers, log } = listen();
    const session = await open(handlers, { clock, closeTimeoutMs: 2000 });
    only().pause();
    const closed = session.close();
    clock.advance(2000);
    await closed;
    expect(await log.closed).toMatchObject({ code: 1006, by: 'client' });
    expect(clock.timers).toBe(0);
  });
});
