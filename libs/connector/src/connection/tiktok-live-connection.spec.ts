import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LoopbackServer, serverFrame, signalled } from '../../test-support/loopback.js';
import { ManualClock } from '../../test-support/manual-clock.js';
import type { EventArguments } from '../events/event-types.js';
import { ControlEvent, WebcastEvent } from '../events/webcast-event.js';
import {
  ControlAction,
  ProtoMessageFetchResult,
  WebcastChatMessage,
  WebcastControlMessage,
  WebcastGiftMessage,
  WebcastPushFrame,
  WebcastSocialMessage,
  type PartialMessage,
} from '../proto/index.js';
import { RouteConfig } from '../routes/route-config.js';
import { buildEulerClient, SignConfig } from '../sign/sign-config.js';
import { FixedSocketUrlSource } from '../socket/fixed-socket-url-source.js';
import type { TikTokLiveConnectionOptions } from './connection-types.js';
import { TikTokLiveConnection } from './tiktok-live-connection.js';
import { validateAndNormalizeUniqueId } from './unique-id.js';

const ROOM = '7312345678901234567';
let server: LoopbackServer;
let connections: TikTokLiveConnection[];

beforeEach(async () => {
  server = await new LoopbackServer().start();
  connections = [];
  page(2);
  server.json('/webcast/room/info/', {
    status_code: 0,
    data: { id_str: ROOM, status: 2, create_time: 1_700_000_000, owner: { bio_description: 'bio' } },
  });
  server.json('/webcast/gift/list/', { data: { gifts: [{ id: 5655, name: 'Rose', diamond_count: 1 }] } });
  sign();
});
afterEach(async () => {
  await Promise.all(connections.map((connection) => connection.disconnect()));
  await server.close();
});

function page(status: number, roomId = ROOM): void {
  const state = {
    LiveRoom: { liveRoomUserInfo: { user: { uniqueId: 'somebody', roomId, status }, liveRoom: { status } } },
  };
  server.answers.set(
    '/@',
    (_request, response) => void response.end(`<script id="SIGI_STATE">${JSON.stringify(state)}</script>`),
  );
}

function sign(batch: PartialMessage<ProtoMessageFetchResult> = {}): void {
  server.answers.set('/webcast/fetch', (_request, response) => {
    const body = ProtoMessageFetchResult.encode({
      cursor: 'cur',
      internalExt: 'ext',
      pushServer: `${server.wsUrl}/push/`,
      ...batch,
    }).finish();
    response.writeHead(200, { 'x-set-tt-cookie': 'ttwid=1; Path=/' }).end(body);
  });
}

function make(options: TikTokLiveConnectionOptions = {}): TikTokLiveConnection {
  const connection = new TikTokLiveConnection('@somebody', {
    endpoints: server.endpoints,
    eulerApiInstance: buildEulerClient({ basePath: server.url }),
    clock: new ManualClock(),
    ...options,
  });
  connections.push(connection);
  return connection;
}

/** Writes down every event with the state it came in. */
function record(connection: TikTokLiveConnection, extra: string[] = []): string[] {
  const log: string[] = [];
  const phase = (): string => (connection.isConnected ? 'connected' : connection.isConnecting ? 'connecting' : 'idle');
  const names: string[] = [...Object.values(ControlEvent), ...extra];
  for (const event of names) {
    if (event === 'websocketData') continue;
    connection.on(event, (first: unknown) => {
      const detail =
        event === 'error' ? ` ${(first as { info: string }).info}` : typeof first === 'string' ? ` ${first}` : '';
      log.push(`${event}${detail} (${phase()})`);
    });
  }
  return log;
}

const once = <E extends keyof EventArguments>(connection: TikTokLiveConnection, event: E): Promise<EventArguments[E]> =>
  new Promise((resolve) => connection.once(event, (...args) => resolve(args)));

const chat = (comment: string, msgId = '1'): { method: string; msgId: string; payload: Uint8Array } => ({
  method: 'WebcastChatMessage',
  msgId,
  payload: WebcastChatMessage.encode({ comment, user: { userId: '107955', uniqueId: 'viewer' } }).finish(),
});
const control = (action: ControlAction): { method: string; payload: Uint8Array } => ({
  method: 'WebcastControlMessage',
  payload: WebcastControlMessage.encode({ action }).finish(),
});

describe('connect', () => {
  it('asks in the documented order and tells in the documented order', async () => {
    sign({ messages: [chat('from history')] });
    const connection = make({ enableExtendedGiftInfo: true });
    const log = record(connection, [WebcastEvent.CHAT]);
    const pending = connection.connect();
    expect(connection.isConnecting).toBe(true);
    const state = await pending;
    expect(server.requests.map(({ url }) => url.pathname)).toEqual([
      '/@somebody/live',
      '/webcast/room/info/',
      '/webcast/gift/list/',
      '/webcast/fetch',
    ]);
    expect(log).toEqual([
      'rawData WebcastChatMessage (connecting)',
      'decodedData WebcastChatMessage (connecting)',
      'chat (connecting)',
      'websocketConnected (connecting)',
      'connected (connected)',
    ]);
    expect(state).toMatchObject({ isConnected: true, isConnecting: false, roomId: ROOM });
    expect(state.availableGifts).toHaveLength(1);
    expect(connection.clientParams).toMatchObject({ room_id: ROOM, cursor: 'cur', internal_ext: 'ext' });
    expect(connection.wsClient?.open).toBe(true);
    expect(new URL(server.upgrades[0]!.url).searchParams.get('room_id')).toBe(ROOM);
    expect(server.upgrades[0]!.headers.cookie).toContain('ttwid=1');
  });

  it('takes a given room, and leaves out what is switched off', async () => {
    sign({ messages: [chat('from history')] });
    const connection = make({ fetchRoomInfoOnConnect: false, processInitialData: false });
    const log = record(connection, [WebcastEvent.CHAT]);
    expect((await connection.connect('42')).roomId).toBe('42');
    expect(server.requests.map(({ url }) => url.pathname)).toEqual(['/webcast/fetch']);
    expect(log).toEqual(['websocketConnected (connecting)', 'connected (connected)']);
  });

  it('reads room info with its data at hand, yet as it came', async () => {
    const connection = make();
    await connection.connect();
    expect(connection.roomInfo?.['owner']).toEqual({ bio_description: 'bio' });
    expect(connection.roomInfo?.['create_time']).toBe(1_700_000_000);
    expect(Object.keys(connection.roomInfo ?? {})).toEqual(['status_code', 'data']);
  });

  it('works with another way to the socket, without a sign server', async () => {
    const connection = make({ socketUrlSource: new FixedSocketUrlSource({ url: `${server.wsUrl}/fixed` }) });
    await connection.connect();
    expect(server.upgrades[0]?.url.pathname).toBe('/fixed');
    expect(server.requests.map(({ url }) => url.pathname)).not.toContain('/webcast/fetch');
  });

  it('refuses to connect twice, without harm to the first', async () => {
    const connection = make();
    const log = record(connection);
    const first = connection.connect();
    await expect(connection.connect()).rejects.toMatchObject({
      name: 'AlreadyConnectingError',
      code: 'CONNECTOR_ALREADY_CONNECTING',
    });
    await first;
    await expect(connection.connect()).rejects.toMatchObject({
      name: 'AlreadyConnectedError',
      code: 'CONNECTOR_ALREADY_CONNECTED',
    });
    expect(connection.isConnected).toBe(true);
    expect(log.filter((entry) => entry.startsWith('error'))).toEqual([]);
  });

  it('says when the stream has ended', async () => {
    server.json('/webcast/room/info/', { data: { status: 4 } });
    const connection = make();
    const log = record(connection);
    await expect(connection.connect()).rejects.toMatchObject({
      name: 'UserOfflineError',
      code: 'CONNECTOR_USER_OFFLINE',
    });
    expect(log).toEqual(['error Error while connecting (idle)']);
    expect(connection.state).toEqual({
      isConnected: false,
      isConnecting: false,
      roomId: '',
      roomInfo: null,
      availableGifts: null,
    });
  });

  it.each([0, 1, 3, undefined])('connects to a room of status %s', async (status) => {
    server.json('/webcast/room/info/', { data: { status } });
    await expect(make().connect()).resolves.toMatchObject({ isConnected: true });
  });

  it('fails with the same error as the event, never throws without a listener', async () => {
    server.json('/webcast/fetch', { message: 'no' }, 500);
    const connection = make();
    await expect(connection.connect()).rejects.toMatchObject({ code: 'CONNECTOR_SIGN_REFUSED' });
    const heard = once(connection, ControlEvent.ERROR);
    const error: unknown = await connection.connect().catch((reason: unknown) => reason);
    expect((await heard)[0]).toEqual({ info: 'Error while connecting', exception: error });
    expect(connection.isConnecting).toBe(false);
  });

  it('says who refused when no source knows the room', async () => {
    server.answers.delete('/@');
    server.json('/api-live/user/room/', { statusCode: 19881007, message: 'user_not_found' });
    server.json('/webcast/room_id', { code: 401, ok: false });
    const error = (await make()
      .connect()
      .catch((reason: unknown) => reason)) as { config: { requestErrs: Error[] } };
    expect(error).toMatchObject({ name: 'InvalidResponseCompositeError', config: { routeId: 'fetchRoomIdRoute' } });
    expect(error.config.requestErrs.map(({ message }) => message)).toEqual([
      expect.stringContaining('HTTP status 404') as string,
      expect.stringContaining('19881007') as string,
      expect.stringContaining('skipFetchRoomIdFromEulerRoute') as string,
    ]);
  });

  it('can be tried again after a failure, and again after a disconnect', async () => {
    server.refuse = () => ({ status: 503 });
    const connection = make();
    await expect(connection.connect()).rejects.toMatchObject({ name: 'SocketRefusedError' });
    server.refuse = undefined;
    await connection.connect();
    await connection.disconnect();
    const chats: string[] = [];
    connection.on(WebcastEvent.CHAT, (data) => chats.push(data.comment));
    await connection.connect();
    server.sockets.at(-1)!.send(serverFrame({ messages: [chat('once')] }));
    await vi.waitFor(() => expect(chats).toEqual(['once']));
    expect(connection.listenerCount(ControlEvent.ERROR)).toBe(0);
  });
});

describe('disconnect', () => {
  it('does nothing when there is nothing to do', async () => {
    const connection = make();
    const log = record(connection);
    await connection.disconnect();
    expect(log).toEqual([]);
  });

  it('resolves after the event, once for all callers, with the state already reset', async () => {
    const connection = make();
    await connection.connect();
    const log = record(connection);
    const closed = once(connection, ControlEvent.DISCONNECTED);
    await Promise.all([connection.disconnect(), connection.disconnect()]);
    expect(log).toEqual(['disconnected (idle)']);
    expect((await closed)[0]).toEqual({ code: 1005, reason: '', kind: 'client' });
    expect([connection.roomId, connection.roomInfo, connection.wsClient]).toEqual(['', null, null]);
  });

  it.each(['/@', '/webcast/room/info/', '/webcast/gift/list/', '/webcast/fetch'])(
    'gives up an attempt that waits for %s, without an event',
    async (path) => {
      const reached = signalled();
      server.answers.set(path, () => reached.done());
      const connection = make({ enableExtendedGiftInfo: true });
      const log = record(connection);
      const pending = connection.connect().catch((error: unknown) => error);
      await reached.promise;
      await connection.disconnect();
      expect(await pending).toMatchObject({ name: 'ConnectCancelledError', code: 'CONNECTOR_CONNECT_CANCELLED' });
      expect(log).toEqual([]);
      expect(connection.state).toEqual({
        isConnected: false,
        isConnecting: false,
        roomId: '',
        roomInfo: null,
        availableGifts: null,
      });
      expect(server.upgrades).toHaveLength(0);
    },
  );

  it('gives up an attempt whose socket is just open', async () => {
    const connection = make();
    const log = record(connection);
    connection.on(ControlEvent.WEBSOCKET_CONNECTED, () => void connection.disconnect());
    await expect(connection.connect()).rejects.toMatchObject({ name: 'ConnectCancelledError' });
    await vi.waitFor(() => expect(server.sockets[0]?.readyState).toBe(3));
    expect(log).toEqual(['websocketConnected (connecting)']);
  });

  it('allows a new attempt at once, which the old one does not disturb', async () => {
    const release = signalled();
    const original = RouteConfig.fetchRoomIdComposite;
    let calls = 0;
    RouteConfig.fetchRoomIdComposite = async () => {
      calls += 1;
      // A replaced route need not care about signals.
      if (calls === 1) await release.promise;
      return String(calls);
    };
    try {
      const connection = make();
      const first = connection.connect().catch((error: unknown) => error);
      await connection.disconnect();
      const second = connection.connect();
      release.done();
      expect(await first).toMatchObject({ name: 'ConnectCancelledError' });
      expect((await second).roomId).toBe('2');
      expect(connection.roomId).toBe('2');
    } finally {
      RouteConfig.fetchRoomIdComposite = original;
    }
  });

  it('is heard when the server closes, and connecting again in its listener works', async () => {
    const connection = make();
    await connection.connect();
    const again = signalled<string>();
    connection.once(ControlEvent.DISCONNECTED, ({ code, reason }) => {
      void connection.connect().then((state) => again.done(`${code} ${reason} ${state.roomId}`));
    });
    server.sockets[0]!.close(4006, 'idle');
    expect(await again.promise).toBe(`4006 idle ${ROOM}`);
  });

  it('comes after the error that broke the protocol', async () => {
    const connection = make();
    await connection.connect();
    const log = record(connection);
    (server.sockets[0] as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
      Buffer.from([0xff, 0x00]),
    );
    await once(connection, ControlEvent.DISCONNECTED);
    expect(log).toEqual(['error WebSocket Error (idle)', 'disconnected (idle)']);
  });

  it('lets nothing through after its call', async () => {
    const connection = make();
    await connection.connect();
    const chats: string[] = [];
    connection.on(WebcastEvent.CHAT, (data) => {
      chats.push(data.comment);
      void connection.disconnect();
    });
    server.sockets[0]!.send(serverFrame({ messages: [chat('a'), chat('b')] }));
    server.sockets[0]!.send(serverFrame({ messages: [chat('c')] }));
    await once(connection, ControlEvent.DISCONNECTED);
    expect(chats).toEqual(['a']);
  });
});

describe('messages', () => {
  it('come raw, decoded and typed, in this order; unknown ones raw and as undecoded', async () => {
    const connection = make();
    await connection.connect();
    const log = record(connection, [WebcastEvent.CHAT, WebcastEvent.SOCIAL, WebcastEvent.FOLLOW]);
    const follow = WebcastSocialMessage.encode({
      common: { displayText: { displayType: 'pm_main_follow_message_viewer_2' } },
    }).finish();
    const end = once(connection, WebcastEvent.FOLLOW);
    server.sockets[0]!.send(
      serverFrame(
        {
          messages: [
            chat('a'),
            { method: 'WebcastUnknownMessage', payload: Buffer.from('?') },
            { method: 'WebcastSocialMessage', payload: follow },
          ],
        },
        { gzip: true },
      ),
    );
    await end;
    expect(log).toEqual([
      'rawData WebcastChatMessage (connected)',
      'decodedData WebcastChatMessage (connected)',
      'chat (connected)',
      'rawData WebcastUnknownMessage (connected)',
      'undecodedData (connected)',
      'rawData WebcastSocialMessage (connected)',
      'decodedData WebcastSocialMessage (connected)',
      'follow (connected)',
    ]);
  });

  it('are decoded only for somebody', async () => {
    const connection = make();
    await connection.connect();
    const decode = vi.spyOn(WebcastChatMessage, 'decode');
    connection.on(ControlEvent.RAW_DATA, () => undefined);
    const heard = once(connection, WebcastEvent.GIFT);
    const gift = WebcastGiftMessage.encode({ giftId: 5655 }).finish();
    server.sockets[0]!.send(serverFrame({ messages: [chat('a'), { method: 'WebcastGiftMessage', payload: gift }] }));
    await heard;
    expect(decode).not.toHaveBeenCalled();
    decode.mockRestore();
  });

  it('carry the entry of the gift list when asked for', async () => {
    const connection = make({ enableExtendedGiftInfo: true });
    await connection.connect();
    const gifts: unknown[] = [];
    connection.on(WebcastEvent.GIFT, (data) =>
      gifts.push(['extendedGiftInfo' in data, data.extendedGiftInfo?.['name']]),
    );
    const done = once(connection, WebcastEvent.CHAT);
    const gift = (giftId: number): { method: string; payload: Uint8Array } => ({
      method: 'WebcastGiftMessage',
      payload: WebcastGiftMessage.encode({ giftId }).finish(),
    });
    server.sockets[0]!.send(serverFrame({ messages: [gift(5655), gift(1), gift(0), chat('end')] }));
    await done;
    expect(gifts).toEqual([
      [true, 'Rose'],
      [true, undefined],
      [false, undefined],
    ]);
  });

  it('that cannot be read are reported, and cost nothing else', async () => {
    const connection = make();
    await connection.connect();
    const log = record(connection, [WebcastEvent.CHAT]);
    const done = once(connection, WebcastEvent.CHAT);
    server.sockets[0]!.send(
      WebcastPushFrame.encode({
        payloadEncoding: 'pb',
        payloadType: 'msg',
        payload: Buffer.from([0x0a, 0x7f]),
      }).finish(),
    );
    server.sockets[0]!.send(
      serverFrame({ messages: [{ method: 'WebcastChatMessage', payload: Buffer.from([0x0a, 0x7f]) }, chat('fine')] }),
    );
    await done;
    expect(log.map((entry) => entry.replace(/ \(.*/, ''))).toEqual([
      'error WebSocket message decoding failed',
      'rawData WebcastChatMessage',
      'undecodedData',
      'error Failed to decode a message of type WebcastChatMessage',
      'rawData WebcastChatMessage',
      'decodedData WebcastChatMessage',
      'chat',
    ]);
  });

  it('reach every listener, also when others throw', async () => {
    const connection = make();
    const errors: string[] = [];
    connection.on(ControlEvent.ERROR, ({ info }) => {
      errors.push(info);
      throw new Error('in error');
    });
    connection.on(ControlEvent.CONNECTED, () => {
      throw new Error('in connected');
    });
    connection.on(ControlEvent.DECODED_DATA, () => {
      throw new Error('in decodedData');
    });
    connection.on(WebcastEvent.CHAT, () => {
      throw new Error('in chat');
    });
    await connection.connect();
    const heard = once(connection, WebcastEvent.CHAT);
    server.sockets[0]!.send(serverFrame({ messages: [chat('a')] }));
    expect((await heard)[0].comment).toBe('a');
    expect(connection.isConnected).toBe(true);
    expect(errors).toEqual([
      'Error in a listener of "connected"',
      'Error in a listener of "decodedData"',
      'Error in a listener of "chat"',
    ]);
  });

  it.each([ControlAction.CONTROL_ACTION_STREAM_ENDED, ControlAction.CONTROL_ACTION_STREAM_SUSPENDED])(
    'end the connection after the rest of the batch: action %i',
    async (action) => {
      const connection = make();
      await connection.connect();
      const log = record(connection, [WebcastEvent.CONTROL_MESSAGE, WebcastEvent.STREAM_END, WebcastEvent.CHAT]);
      const end = once(connection, WebcastEvent.STREAM_END);
      server.sockets[0]!.send(serverFrame({ messages: [control(action), chat('last')] }));
      server.sockets[0]!.send(serverFrame({ messages: [chat('too late')] }));
      await once(connection, ControlEvent.DISCONNECTED);
      expect((await end)[0]).toEqual({ action });
      const typed = log
        .filter((entry) => !/^(rawData|decodedData)/.test(entry))
        .map((entry) => entry.replace(/ \(.*/, ''));
      expect(typed).toEqual(['controlMessage', 'streamEnd', 'chat', 'disconnected']);
    },
  );

  it('end it without any listener, but a pause does not', async () => {
    const connection = make();
    await connection.connect();
    server.sockets[0]!.send(
      serverFrame({ messages: [control(ControlAction.CONTROL_ACTION_STREAM_PAUSED), chat('a')] }),
    );
    await once(connection, WebcastEvent.CHAT);
    expect(connection.isConnected).toBe(true);
    server.sockets[0]!.send(serverFrame({ messages: [control(ControlAction.CONTROL_ACTION_STREAM_ENDED)] }));
    await once(connection, ControlEvent.DISCONNECTED);
  });

  it('of the past that end the stream refuse the connection', async () => {
    sign({ messages: [control(ControlAction.CONTROL_ACTION_STREAM_ENDED)] });
    await expect(make().connect()).rejects.toMatchObject({ name: 'UserOfflineError' });
    expect(server.upgrades).toHaveLength(0);
  });

  it('are announced by the answer to entering the room', async () => {
    const connection = make();
    await connection.connect();
    const entered = once(connection, ControlEvent.ENTER_ROOM);
    const bytes = once(connection, ControlEvent.WEBSOCKET_DATA);
    server.sockets[0]!.send(
      WebcastPushFrame.encode({ payloadEncoding: 'pb', payloadType: 'im_enter_room_resp' }).finish(),
    );
    expect((await entered)[0].payloadType).toBe('im_enter_room_resp');
    expect((await bytes)[0].length).toBeGreaterThan(10);
  });
});

describe('without a connection', () => {
  it('fetches, caches and binds', async () => {
    const connection = make();
    expect(await connection.fetchIsLive()).toBe(true);
    expect(await connection.fetchAvailableGifts()).toEqual([{ id: 5655, name: 'Rose', diamond_count: 1 }]);
    expect(connection.roomId).toBe(ROOM);
    await connection.fetchRoomInfo('8');
    expect(connection.roomId).toBe(ROOM);
    expect(server.requests.at(-1)?.url.searchParams.get('room_id')).toBe('8');
    expect(connection.state).toMatchObject({ roomId: ROOM, isConnected: false });
  });

  it.each([
    [4, false],
    [3, true],
    [2, true],
  ])('status %i is live: %s', async (status, expected) => {
    page(status);
    expect(await make().fetchIsLive()).toBe(expected);
  });

  it('waits until live, asking at most each 30 seconds', async () => {
    page(4);
    const clock = new ManualClock();
    const connection = make({ clock });
    let live = false;
    const waiting = connection.waitUntilLive(1).then(() => (live = true));
    await vi.waitFor(() => expect(clock.delays).toContain(30_000));
    clock.advance(29_999);
    expect(live).toBe(false);
    page(2);
    clock.advance(1);
    await waiting;
    expect(server.requests).toHaveLength(2);
  });

  it('stops waiting when aborted, with the reason', async () => {
    page(4);
    const clock = new ManualClock();
    const connection = make({ clock });
    const reason = new Error('enough');
    await expect(connection.waitUntilLive(60, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(server.requests).toHaveLength(0);
    const controller = new AbortController();
    const waiting = connection.waitUntilLive(60, controller.signal).catch((error: unknown) => error);
    await vi.waitFor(() => expect(clock.delays).toContain(60_000));
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect(clock.timers).toBe(0);
  });

  it('sends a message with the session, and only with it', async () => {
    server.json('/webcast/chat', { code: 200, message: 'sent' });
    const connection = make({
      session: { cookie: { type: 'cookie', value: { sessionId: 's', ttTargetIdc: 'useast1a' } } },
    });
    expect(await connection.sendMessage('hi', ROOM)).toEqual({ code: 200, message: 'sent' });
    expect(JSON.parse(server.requests[0]!.body)).toEqual({
      content: 'hi',
      targetRoomId: ROOM,
      sessionId: '',
      ttTargetIdc: '',
    });
    expect(server.requests[0]!.headers['x-cookie-header']).toContain('sessionid=s');
    await expect(connection.sendMessage('hi')).rejects.toMatchObject({ name: 'InvalidRequestError' });
    server.json('/webcast/chat', { message: 'no' }, 403);
    const token = make({ session: { oAuthToken: { type: 'oAuthToken', value: 'token-1' } } });
    await expect(token.sendMessage('hi', ROOM)).rejects.toMatchObject({ name: 'PremiumFeatureError' });
    expect(server.requests.at(-1)!.headers).toMatchObject({ 'x-oauth-token': 'token-1' });
    expect(server.requests.at(-1)!.headers['x-cookie-header']).toBeUndefined();
  });

  it('uses the routes as they are when called', async () => {
    const original = RouteConfig.fetchRoomInfoFromHtml;
    RouteConfig.fetchRoomInfoFromHtml = async () => ({ user: { roomId: '99' }, liveRoom: { status: 2 } });
    try {
      expect(await make().fetchRoomId()).toBe('99');
    } finally {
      RouteConfig.fetchRoomInfoFromHtml = original;
    }
  });
});

describe('the constructor', () => {
  it.each([
    ['@somebody', 'somebody'],
    ['somebody', 'somebody'],
    ['https://www.tiktok.com/@Some.Body_1/live', 'Some.Body_1'],
    ['https://www.tiktok.com/@somebody/live?lang=en', 'somebody'],
    ['http://m.tiktok.com/@somebody', 'somebody'],
    ['tiktok.com/@live.liver/', 'live.liver'],
    ['', ''],
  ])('reads %s', (given, expected) => {
    expect(validateAndNormalizeUniqueId(given)).toBe(expected);
    expect(new TikTokLiveConnection(given).uniqueId).toBe(expected);
  });

  it.each([undefined, null, 7, {}])('refuses %s', (given) => {
    expect(() => new TikTokLiveConnection(given as never)).toThrow(
      expect.objectContaining({ name: 'InvalidUniqueIdError' }) as Error,
    );
  });

  it('keeps connections apart, and the shared settings alone when a client is given', () => {
    const before = SignConfig.apiKey;
    const [first, second] = [make({ signApiKey: 'mine' }), make()];
    expect(SignConfig.apiKey).toBe(before);
    first.clientParams['x'] = '1';
    expect(second.clientParams['x']).toBeUndefined();
    expect(first).toBeInstanceOf(EventEmitter);
    expect(first.options).toEqual({
      processInitialData: true,
      fetchRoomInfoOnConnect: true,
      enableExtendedGiftInfo: false,
      authenticateWs: undefined,
      useMobile: undefined,
    });
  });
});
