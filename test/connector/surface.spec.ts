import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import * as library from '@livetap/connector';
import {
  createBaseWebcastPushFrame,
  createRoute,
  createWebSocketProvider,
  deserializeMessage,
  deserializeWebSocketMessage,
  generateUniqId,
  getWebSocketConfigDefaults,
  HandleError,
  messageTypeNames,
  ProtoMessageFetchResult,
  WebcastChatMessage,
  WebcastDeserializeConfig,
  WebcastHttpClient,
  WebcastPushFrame,
  type DecodedFetchResult,
} from '@livetap/connector';
import { Stage } from './stage.js';
import { DOCUMENTED_ERRORS, DOCUMENTED_NAMES, type DocumentedKind } from './documented-names.js';

const exported = library as unknown as Readonly<Record<string, unknown>>;

const kindOf = (value: unknown): DocumentedKind => {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'function')
    return /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'function';
  return typeof value as DocumentedKind;
};

describe('documented names', () => {
  it.each(DOCUMENTED_NAMES)('%s is a %s', (name, kind) => {
    expect(exported).toHaveProperty(name);
    expect(kindOf(exported[name])).toBe(kind);
  });

  it('has every message of the schema as a codec', () => {
    for (const name of messageTypeNames) {
      const codec = exported[name] as { typeName: string; encode: unknown; decode: unknown };
      expect(codec.typeName).toBe(name);
      expect(typeof codec.encode).toBe('function');
      expect(typeof codec.decode).toBe('function');
    }
  });

  it('has no default export', () => expect(exported).not.toHaveProperty('default'));

  it('has the documented values', () => {
    expect(library.LIBRARY_IDENTITY).toBe('ttlive-node');
    expect(library.ConnectState).toEqual({
      DISCONNECTED: 'DISCONNECTED',
      CONNECTING: 'CONNECTING',
      CONNECTED: 'CONNECTED',
    });
    expect(Object.values(library.BaseFetchRoute).sort()).toEqual([
      'fetchRoomGiftsRoute',
      'fetchRoomInfoApiLiveRoute',
      'fetchRoomInfoHtmlRoute',
      'fetchRoomInfoRoute',
    ]);
    expect(Object.values(library.CompositeFetchRoute).sort()).toEqual(['fetchIsLiveRoute', 'fetchRoomIdRoute']);
    expect(Object.values(library.EulerFetchRoute).sort()).toEqual([
      'fetchRoomIdFromEulerRoute',
      'fetchRoomInfoFromEulerRoute',
      'fetchSignedWebSocketFromEulerRoute',
      'fetchWebcastSignatureFromEulerRoute',
      'sendRoomChatFromEulerRoute',
    ]);
    expect(Object.keys(library.RouteConfig)).toEqual([
      'fetchRoomInfo',
      'fetchRoomGifts',
      'fetchRoomInfoFromApiLive',
      'fetchRoomInfoFromHtml',
      'fetchRoomIdFromProvider',
      'fetchRoomInfoFromProvider',
      'fetchSignedWebSocketFromProvider',
      'fetchWebcastSignatureFromProvider',
      'sendRoomChatFromProvider',
      'fetchRoomIdComposite',
      'fetchIsLiveComposite',
    ]);
    for (const config of [library.RoomIdRouteConfig, library.IsLiveRouteConfig])
      expect(config).toEqual({
        skipFetchRoomInfoFromHtmlRoute: false,
        skipFetchRoomInfoFromApiLiveRoute: false,
        skipFetchRoomIdFromEulerRoute: false,
      });
    expect(library.RoomInfoFromHtmlRouteConfig.extractionPattern).toBeInstanceOf(RegExp);
    expect(WebcastDeserializeConfig).toEqual({
      skipMessageTypes: [],
      includeMessageTypes: null,
      showBase64OnDecodeError: true,
    });
    expect(
      [library.Devices, library.Locations, library.Screens, library.UserAgents].map(({ length }) => length),
    ).toEqual([9, 9, 10, 9]);
    expect(Object.keys(library.WebcastWebConfigDefaults).sort()).toEqual([
      'DEFAULT_HTTP_CLIENT_HEADERS',
      'DEFAULT_HTTP_CLIENT_OPTIONS',
      'DEFAULT_HTTP_CLIENT_PARAMS',
      'SESSION_COOKIE_NAMES',
      'TARGET_IDC_COOKIE_NAME',
      'TIKTOK_HOST_WEB',
      'TIKTOK_HOST_WEBCAST',
      'TIKTOK_HTTP_ORIGIN',
    ]);
    expect(Object.keys(library.WebSocketConfigDefaults).sort()).toEqual([
      'DEFAULT_WS_CLIENT_HEADERS',
      'DEFAULT_WS_CLIENT_PARAMS',
      'DEFAULT_WS_CLIENT_PARAMS_APPEND_PARAMETER',
      'DEFAULT_WS_PING_INTERVAL',
      'TIKTOK_HOST_WS',
    ]);
    expect(library.TikTokWsClient).toBe(library.WebcastWebSocketClient);
  });
});

describe('errors', () => {
  it.each(DOCUMENTED_ERRORS)('$name', ({ name, make, message, fields, parents }) => {
    const error = make();
    expect(error.name).toBe(name);
    expect(error.constructor.name).toBe(name);
    expect(error.message).toMatch(message);
    expect(error).toMatchObject(fields);
    for (const parent of [Error, ...parents]) expect(error).toBeInstanceOf(parent);
  });

  it('draw the message of the sign server in a box', () => {
    const box = library.SignAPIError.formatSignServerMessage('Hello\nthere');
    expect(box).toContain('SIGN SERVER MESSAGE');
    const lines = box.trim().split('\n');
    expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
    expect(lines.slice(1, -1).map((line) => line.replace(/^\|\s*|\s*\|$/g, ''))).toEqual(['Hello', 'there']);
  });
});

describe('helpers', () => {
  const chat = WebcastChatMessage.encode({ comment: 'hello' }).finish();
  const batch = ProtoMessageFetchResult.encode({
    messages: [
      { method: 'WebcastChatMessage', payload: chat },
      { method: 'WebcastChatMessage', payload: Uint8Array.of(0x0a, 0x7f) },
      { method: 'WebcastNeverSeenMessage', payload: chat },
    ],
  }).finish();
  const expectBatch = (result: DecodedFetchResult | undefined): void => {
    const [good, damaged, unknown] = result?.messages ?? [];
    expect(good?.decodedData).toMatchObject({ type: 'WebcastChatMessage', data: { comment: 'hello' } });
    expect(damaged?.decodeError).toBeInstanceOf(library.SchemaDecodeError);
    expect(damaged).not.toHaveProperty('decodedData');
    expect(Object.keys(unknown ?? {})).not.toContain('decodedData');
  };

  afterEach(() => Object.assign(WebcastDeserializeConfig, { skipMessageTypes: [], includeMessageTypes: null }));

  it('deserializeMessage decodes by name, and a batch to its end', () => {
    expect(deserializeMessage('WebcastChatMessage', chat).comment).toBe('hello');
    expectBatch(deserializeMessage('ProtoMessageFetchResult', batch));
    expect(() => deserializeMessage('Nothing', chat)).toThrow(library.InvalidSchemaNameError);
    expect(() => deserializeMessage('WebcastChatMessage', Uint8Array.of(0x0a, 0x7f))).toThrow(/Cn8=/);
    WebcastDeserializeConfig.skipMessageTypes = ['WebcastChatMessage'];
    expect(deserializeMessage('ProtoMessageFetchResult', batch).messages[0]).not.toHaveProperty('decodedData');
    WebcastDeserializeConfig.includeMessageTypes = ['WebcastChatMessage'];
    expectBatch(deserializeMessage('ProtoMessageFetchResult', batch));
  });

  it('deserializeWebSocketMessage decodes a frame with its batch', async () => {
    const frame = await deserializeWebSocketMessage(createBaseWebcastPushFrame({ payload: batch }).finish());
    expect(frame).toMatchObject({ payloadEncoding: 'pb', payloadType: 'msg', logId: '0' });
    expectBatch(frame.protoMessageFetchResult);
    const other = await deserializeWebSocketMessage(createBaseWebcastPushFrame({ payloadEncoding: 'json' }).finish());
    expect(other).not.toHaveProperty('protoMessageFetchResult');
    await expect(deserializeWebSocketMessage(Uint8Array.of(0x42, 0x7f))).rejects.toBeInstanceOf(
      library.SchemaDecodeError,
    );
  });

  it('createBaseWebcastPushFrame ignores undefined overrides and leaves zeros out', () => {
    const bytes = createBaseWebcastPushFrame({ payloadType: 'hb', logId: '0', payloadEncoding: undefined }).finish();
    expect(Buffer.from(bytes).toString('latin1')).toBe('2\x02pb:\x02hb');
    expect(WebcastPushFrame.decode(bytes)).toMatchObject({ payloadEncoding: 'pb', payloadType: 'hb' });
  });

  it('createRoute adds the id; generateUniqId is a positive 63-bit integer', async () => {
    const route = createRoute('mine', (args: { a: number; routeId: string }) => Promise.resolve(args));
    expect(await route({ a: 1 })).toEqual({ a: 1, routeId: 'mine' });
    for (let count = 0; count < 1000; count += 1) {
      const value = BigInt(generateUniqId());
      expect(value > 0n && value < 1n << 63n).toBe(true);
    }
  });

  it('HandleError reports and throws again, with and without a promise', async () => {
    class Wrapped extends Error {}
    const report = (target: { seen: unknown[] }, exception: unknown, info: string): void =>
      void target.seen.push(info, exception);
    class Worker {
      readonly seen: unknown[] = [];
      handleError(exception: unknown, info: string): void {
        report(this, exception, info);
      }
      @HandleError('sync')
      sync(): number {
        throw new TypeError('a');
      }
      @HandleError('async', Wrapped)
      async later(): Promise<void> {
        await Promise.resolve();
        throw new TypeError('b');
      }
      @HandleError('fine')
      fine(value: number): number {
        return value;
      }
    }
    const worker = new Worker();
    expect(() => worker.sync()).toThrow(TypeError);
    await expect(worker.later()).rejects.toMatchObject({ message: 'b', cause: expect.any(TypeError) as unknown });
    expect(worker.fine(3)).toBe(3);
    expect(worker.seen).toEqual(['sync', expect.any(TypeError), 'async', expect.any(Wrapped)]);

    class Emitter extends EventEmitter {
      @HandleError('emitted')
      fail(): void {
        throw new TypeError('c');
      }
    }
    const emitter = new Emitter();
    expect(() => emitter.fail()).toThrow('c');
    const heard: unknown[] = [];
    emitter.on('error', (error) => heard.push(error));
    expect(() => emitter.fail()).toThrow('c');
    expect(heard).toEqual([{ info: 'emitted', exception: expect.any(TypeError) as unknown }]);
  });

  it('createWebSocketProvider makes clients that enter the room and tell what arrives by their own events', async () => {
    const stage = await Stage.open('streamer');
    const roomId = stage.roomOf('streamer');
    const webClient = new WebcastHttpClient({
      ...stage.options,
      apiClient: library.buildEulerClient({ basePath: stage.simulator.url }),
    });
    const signed = await library.RouteConfig.fetchSignedWebSocketFromProvider({
      webClient,
      apiClient: webClient.apiClient,
      roomId,
    });
    const { pushServer, routeParams, cursor, internalExt } = signed.fetchResult;
    const [device, location, screen] = [
      library.getRandomDevicePreset(),
      library.getRandomLocationPreset(),
      library.getRandomScreenPreset(),
    ];
    const provide = createWebSocketProvider(getWebSocketConfigDefaults({ device, location, screen }), {
      handshakeTimeout: 5000,
    });
    const client = provide({
      roomId,
      baseUrl: pushServer,
      wsParams: { compress: 'gzip', room_id: roomId, internal_ext: internalExt, cursor, ...routeParams },
      wsHeaders: { Cookie: signed.fetchResultCookieHeader },
    });
    expect(client).toBeInstanceOf(WebSocket);
    const seen: string[] = [];
    client.on('webSocketData', (bytes) => seen.push(`bytes ${bytes.length > 0}`));
    client.on('imEnteredRoom', ({ payloadType }) => seen.push(payloadType));
    client.on('messageDecodingFailed', ({ name }) => seen.push(name));
    const chatted = new Promise<DecodedFetchResult>((resolve) =>
      client.on('protoMessageFetchResult', (result) => result.messages.length > 0 && resolve(result)),
    );
    await once(client, 'imEnteredRoom');
    expect(client.open).toBe(true);
    await stage.play('streamer', 'WebcastChatMessage', { comment: 'hello' });
    expect((await chatted).messages[0]?.decodedData).toMatchObject({ data: { comment: 'hello' } });
    await stage.fault({ kind: 'corrupt', mode: 'frame', room: roomId });
    const failed = once(client, 'messageDecodingFailed');
    await stage.play('streamer', 'WebcastChatMessage');
    await failed;
    const closed = once(client, 'close');
    client.close();
    await closed;
    expect(new Set(seen)).toEqual(new Set(['bytes true', 'im_enter_room_resp', 'FrameDecodeError']));
    await stage.close();
  });

  it('the web client decodes protobuf answers, and takes requests by host', async () => {
    const server = createServer((_request, response) => void response.end(batch));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address() as { port: number };
    const host = `127.0.0.1:${address.port}`;
    const client = new WebcastHttpClient({ endpoints: { webcastUrl: `http://${host}` } });
    expectBatch(await client.getDeserializedObjectFromWebcastApi('im/fetch/', {}, 'ProtoMessageFetchResult'));
    const answer = await client.request({ host, path: 'webcast/any/', searchParams: { a: 1 } });
    expect(answer).toMatchObject({ status: 200, body: Buffer.from(batch) });
    await new Promise((resolve) => server.close(resolve));
  });
});
