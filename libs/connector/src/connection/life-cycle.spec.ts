import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chat, control, LiveServer, ROOM } from '../../test-support/live-server.js';
import { serverFrame, signalled } from '../../test-support/loopback.js';
import { ControlEvent, WebcastEvent } from '../events/webcast-event.js';
import { ControlAction } from '../proto/index.js';
import { FixedSocketUrlSource } from '../socket/fixed-socket-url-source.js';
import { closeKindOfCode } from '../socket/close-kind.js';
import type { TikTokLiveConnection } from './tiktok-live-connection.js';

// What is known to go wrong in connectors of this kind, a test for each.

let server: LiveServer;
beforeEach(async () => {
  server = await new LiveServer().start();
});
afterEach(async () => {
  await server.close();
  vi.restoreAllMocks();
});

/** Every event of the connection and the room, by name. */
function listen(connection: TikTokLiveConnection): string[] {
  const log: string[] = [];
  for (const event of [...Object.values(ControlEvent), ...Object.values(WebcastEvent)] as string[])
    connection.on(event, () => log.push(event));
  return log;
}

const next = (connection: TikTokLiveConnection, event: string): Promise<unknown> =>
  new Promise((resolve) => connection.once(event, resolve));

const IDLE = { isConnected: false, isConnecting: false, roomId: '', roomInfo: null, availableGifts: null };

describe('disconnect() while connecting', () => {
  it.each(['/@', '/webcast/room/info/', '/webcast/gift/list/', '/webcast/fetch'])(
    'aborts the request to %s and leaves no request, timer, listener or event behind',
    async (path) => {
      const reached = signalled();
      const closed = signalled();
      server.answers.set(path, (_request, response) => {
        response.once('close', () => closed.done());
        reached.done();
      });
      const connection = server.connection({ enableExtendedGiftInfo: true });
      const log = listen(connection);
      const attempt = connection.connect().catch((error: unknown) => error);
      await reached.promise;
      await connection.disconnect();
      expect(await attempt).toMatchObject({ name: 'ConnectCancelledError', retryable: false });
      await closed.promise;
      expect(log).toEqual([]);
      expect(connection.state).toEqual(IDLE);
      expect(server.clock.timers).toBe(0);
      expect(server.upgrades).toEqual([]);
    },
  );

  it('aborts a socket whose upgrade is not answered', async () => {
    // A server that accepts the TCP connection and never says a word.
    const accepted = signalled<Socket>();
    const mute = createServer((socket) => accepted.done(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    try {
      const url = `ws://127.0.0.1:${(mute.address() as AddressInfo).port}/`;
      const connection = server.connection({ socketUrlSource: new FixedSocketUrlSource({ url }) });
      const log = listen(connection);
      const attempt = connection.connect(ROOM).catch((error: unknown) => error);
      const socket = await accepted.promise;
      const gone = new Promise((resolve) => socket.once('close', resolve));
      socket.resume();
      await connection.disconnect();
      expect(await attempt).toMatchObject({ name: 'ConnectCancelledError' });
      await gone;
      expect(log).toEqual([]);
      expect(connection.state).toEqual(IDLE);
      expect(server.clock.timers).toBe(0);
    } finally {
      await new Promise((resolve) => mute.close(resolve));
    }
  });

  it('in a listener of the initial batch stops the batch and the attempt', async () => {
    server.sign({ messages: [chat('a'), chat('b')] });
    const connection = server.connection();
    const chats: string[] = [];
    connection.on(WebcastEvent.CHAT, ({ comment }) => {
      chats.push(comment);
      void connection.disconnect();
    });
    await expect(connection.connect()).rejects.toMatchObject({ name: 'ConnectCancelledError' });
    expect(chats).toEqual(['a']);
    expect(server.upgrades).toEqual([]);
  });
});

describe('a failed connect', () => {
  it.each([
    ['the room info', (): void => server.json('/webcast/room/info/', {}, 500)],
    ['the gift list', (): void => server.json('/webcast/gift/list/', {}, 500)],
    ['the sign server', (): void => server.json('/webcast/fetch', {}, 500)],
    ['an answer without a position', (): void => server.sign({ cursor: '' })],
    ['an answer without a socket address', (): void => server.sign({ pushServer: '' })],
    ['the upgrade', (): void => void (server.refuse = () => ({ status: 403 }))],
  ])(
    'by %s cleans up, rejects without another event than `error`, and does not keep from trying again',
    async (_name, spoil) => {
      spoil();
      const connection = server.connection({ enableExtendedGiftInfo: true });
      const log = listen(connection);
      const error: unknown = await connection.connect().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(log.filter((event) => event !== 'error')).toEqual([]);
      expect(connection.state).toEqual(IDLE);
      expect([connection.wsClient, server.clock.timers]).toEqual([null, 0]);
      server.refuse = undefined;
      server.json('/webcast/gift/list/', { data: { gifts: [{ id: 1 }] } });
      server.roomInfo(2);
      server.sign();
      await connection.connect();
      expect(connection.isConnected).toBe(true);
    },
  );

  it('in time is a typed error, and the socket is cut', async () => {
    const mute = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    try {
      const url = `ws://127.0.0.1:${(mute.address() as AddressInfo).port}/`;
      const connection = server.connection({
        socketUrlSource: new FixedSocketUrlSource({ url }),
        fetchRoomInfoOnConnect: false,
      });
      const attempt = connection.connect(ROOM).catch((reason: unknown) => reason);
      await vi.waitFor(() => expect(server.clock.delays).toContain(20_000));
      server.clock.advance(20_000);
      expect(await attempt).toMatchObject({ name: 'ConnectTimeoutError', retryable: true });
      expect(connection.wsClient).toBeNull();
      expect(server.clock.timers).toBe(0);
    } finally {
      await new Promise((resolve) => mute.close(resolve));
    }
  });

  it.each([
    [402, { message: 'short' }, 'PremiumFeatureError'],
    [402, 'no json', 'PremiumFeatureError'],
    [429, { message: 'too many', limit_label: 'minute' }, 'SignatureRateLimitError'],
    [429, 'no json', 'SignatureRateLimitError'],
    [401, {}, 'SignAPIError'],
    [403, {}, 'SignAPIError'],
    [500, 'no json', 'SignAPIError'],
  ])('by status %i of the sign server (%j) is a %s, each time', async (status, body, name) => {
    server.json('/webcast/fetch', body, status, { 'x-request-id': 'request-1', 'x-agent-id': 'agent-1' });
    const connection = server.connection();
    for (let i = 0; i < 2; i += 1) await expect(connection.connect(ROOM)).rejects.toMatchObject({ name });
  });
});

describe('a listener', () => {
  const boom = new Error('listener');
  /** As users write them: asynchronous, with nobody who waits for the promise. */
  const rejecting: () => unknown = async () => {
    await Promise.resolve();
    throw boom;
  };

  it.each(['connected', 'websocketConnected', 'rawData', 'decodedData', 'chat', 'websocketData', 'disconnected'])(
    'of `%s` that throws, or whose promise rejects, harms nobody',
    async (event) => {
      const connection = server.connection();
      const errors: { info: string; exception: unknown }[] = [];
      connection.on(ControlEvent.ERROR, (error) => errors.push(error));
      connection.on(event, () => {
        throw boom;
      });
      connection.on(event, rejecting);
      const calls = vi.fn();
      connection.on(event, calls);
      const chats: string[] = [];
      connection.on(WebcastEvent.CHAT, ({ comment }) => chats.push(comment));
      await connection.connect();
      server.say(chat('a'), chat('b'));
      server.say(chat('c'));
      await vi.waitFor(() => expect(chats).toEqual(['a', 'b', 'c']));
      expect(connection.isConnected).toBe(true);
      await connection.disconnect();
      expect(server.clock.timers).toBe(0);
      await vi.waitFor(() => expect(errors.length).toBe(2 * calls.mock.calls.length));
      expect(calls).toHaveBeenCalled();
      for (const error of errors) expect(error).toEqual({ info: `Error in a listener of "${event}"`, exception: boom });
    },
  );

  it('of `error` that fails is a warning of the process, not another error', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const connection = server.connection();
    const other = vi.fn();
    connection.on(ControlEvent.ERROR, rejecting);
    connection.on(ControlEvent.ERROR, other);
    await connection.connect();
    server.sockets[0]?.send(Buffer.from([0xff]));
    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce());
    expect(other).toHaveBeenCalledOnce();
    expect(connection.isConnected).toBe(true);
  });

  it('of `error` need not exist: what no promise carries is one warning, and nothing throws', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const connection = server.connection();
    server.refuse = () => ({ status: 403 });
    await expect(connection.connect()).rejects.toThrow();
    expect(warn).not.toHaveBeenCalled();
    server.refuse = undefined;
    await connection.connect();
    const chats: string[] = [];
    connection.on(WebcastEvent.CHAT, ({ comment }) => {
      chats.push(comment);
      throw boom;
    });
    server.sockets.at(-1)?.send(Buffer.from([0xff]));
    server.say(chat('a'), chat('b'));
    await vi.waitFor(() => expect(chats).toEqual(['a', 'b']));
    expect(warn).toHaveBeenCalledOnce();
    expect(warn.mock.calls[0]?.[1]).toEqual({ code: 'CONNECTOR_UNHEARD_ERROR' });
  });
});

describe('the order of events', () => {
  it('is that of arrival for packed and plain frames', async () => {
    const connection = server.connection();
    await connection.connect();
    const chats: string[] = [];
    connection.on(WebcastEvent.CHAT, ({ comment }) => chats.push(comment));
    const names = Array.from({ length: 60 }, (_, index) => String(index));
    names.forEach((name, index) =>
      server.sockets[0]?.send(serverFrame({ messages: [chat(name)] }, { gzip: index % 3 !== 0 })),
    );
    await vi.waitFor(() => expect(chats).toEqual(names));
  });

  it('ends with `disconnected`, whoever ends it', async () => {
    for (const end of [
      (): void => server.sockets.at(-1)?.close(1000),
      (): void => server.cut(),
      (): void => server.say(control(ControlAction.CONTROL_ACTION_STREAM_ENDED), chat('last')),
      (connection: TikTokLiveConnection): void => void connection.disconnect(),
    ]) {
      const connection = server.connection();
      await connection.connect();
      const log = listen(connection);
      const closed = next(connection, ControlEvent.DISCONNECTED);
      end(connection);
      server.say(chat('late'));
      await closed;
      server.say(chat('later'));
      server.clock.advance(100_000);
      await new Promise((resolve) => setImmediate(resolve));
      expect(log.filter((event) => event === 'disconnected')).toHaveLength(1);
      expect(log.at(-1)).toBe('disconnected');
      expect(connection.state).toEqual(IDLE);
      expect(server.clock.timers).toBe(0);
    }
  });

  it('allows connect() inside of `disconnected`, also when disconnect() caused it', async () => {
    const connection = server.connection();
    await connection.connect();
    const again = signalled<string>();
    connection.once(ControlEvent.DISCONNECTED, () => {
      expect(connection.state).toEqual(IDLE);
      void connection.connect().then(({ roomId }) => again.done(roomId));
    });
    await connection.disconnect();
    expect(await again.promise).toBe(ROOM);
    expect(connection.isConnected).toBe(true);
    expect(server.upgrades).toHaveLength(2);
  });
});

describe('the end of a connection', () => {
  it.each([
    [1000, 'normal'],
    [1001, 'goingAway'],
    [1002, 'protocol'],
    [1008, 'policy'],
    [1011, 'serverFault'],
    [4006, 'application'],
  ])('by close code %i is of the kind %s', async (code, kind) => {
    const connection = server.connection();
    await connection.connect();
    const closed = next(connection, ControlEvent.DISCONNECTED);
    server.sockets[0]?.close(code, 'why');
    expect(await closed).toEqual({ code, reason: 'why', kind });
  });

  it('has a kind for every code', () => {
    expect([1003, 1005, 1006, 1007, 1009, 1010, 1012, 1013, 1014, 1015, 3000, 4999, 2000].map(closeKindOfCode)).toEqual(
      [
        'protocol',
        'network',
        'network',
        'protocol',
        'protocol',
        'protocol',
        'goingAway',
        'serverFault',
        'serverFault',
        'network',
        'application',
        'application',
        'protocol',
      ],
    );
  });

  it('by the end of the live is of its own kind', async () => {
    const connection = server.connection();
    await connection.connect();
    const closed = next(connection, ControlEvent.DISCONNECTED);
    server.say(control(ControlAction.CONTROL_ACTION_STREAM_SUSPENDED));
    expect(await closed).toEqual({ code: 1005, reason: '', kind: 'streamEnded' });
  });

  it('that the server does not answer comes after the time limit', async () => {
    const connection = server.connection();
    await connection.connect();
    server.sockets[0]?.pause();
    const closed = next(connection, ControlEvent.DISCONNECTED);
    const done = connection.disconnect();
    server.clock.advance(2_000);
    expect(await closed).toMatchObject({ code: 1006, kind: 'client' });
    await done;
    expect(server.clock.timers).toBe(0);
  });
});

describe('a silent socket', () => {
  it('is cut after the time limit, with a typed reason', async () => {
    const connection = server.connection({ stallTimeoutMs: 40_000 });
    await connection.connect();
    const error = next(connection, ControlEvent.ERROR);
    const closed = next(connection, ControlEvent.DISCONNECTED);
    server.clock.advance(50_000);
    expect(await error).toMatchObject({
      info: 'WebSocket Error',
      exception: { name: 'SocketStalledError', code: 'CONNECTOR_SOCKET_STALLED', retryable: true, silentMs: 40_000 },
    });
    expect(await closed).toEqual({ code: 1006, reason: '', kind: 'stalled' });
    expect(server.clock.timers).toBe(0);
  });

  it('is not silent while frames or pings come', async () => {
    const connection = server.connection({ stallTimeoutMs: 40_000 });
    await connection.connect();
    const client = connection.wsClient;
    for (let i = 0; i < 6; i += 1) {
      const heard =
        i % 2 === 0
          ? next(connection, ControlEvent.WEBSOCKET_DATA)
          : new Promise((resolve) => client?.once('ping', resolve));
      if (i % 2 === 0) server.say(chat('here'));
      else server.sockets[0]?.ping();
      await heard;
      server.clock.advance(39_000);
    }
    expect(connection.isConnected).toBe(true);
  });

  it('is left alone by default: without `reconnect` nobody would open it again', async () => {
    const connection = server.connection();
    await connection.connect();
    server.clock.advance(86_400_000);
    expect(connection.isConnected).toBe(true);
  });

  it('answers pings', async () => {
    const connection = server.connection();
    await connection.connect();
    const pong = new Promise<string>((resolve) =>
      server.sockets[0]?.once('pong', (data: Buffer) => resolve(data.toString())),
    );
    server.sockets[0]?.ping('are you there');
    expect(await pong).toBe('are you there');
  });
});

describe('limits', () => {
  it('a frame that is too large ends the socket with a typed error', async () => {
    const connection = server.connection({ wsClientOptions: { maxPayload: 1_000 } });
    await connection.connect();
    const error = next(connection, ControlEvent.ERROR);
    const closed = next(connection, ControlEvent.DISCONNECTED);
    server.say(chat('x'.repeat(2_000)));
    expect(await error).toMatchObject({ exception: { name: 'SocketNetworkError' } });
    expect(await closed).toMatchObject({ code: 1006 });
  });

  it('a frame that unpacks to too much is rejected, and the connection goes on', async () => {
    const connection = server.connection();
    await connection.connect();
    const error = next(connection, ControlEvent.ERROR);
    const heard = next(connection, WebcastEvent.CHAT);
    server.sockets[0]?.send(serverFrame({ messages: [chat('x'.repeat(40 * 1024 * 1024))] }, { gzip: true }));
    server.say(chat('after'));
    expect(await error).toMatchObject({ exception: { name: 'FrameDecodeError' } });
    expect(await heard).toMatchObject({ comment: 'after' });
    expect(connection.isConnected).toBe(true);
  });
});
