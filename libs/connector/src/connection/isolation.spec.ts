// Two connections in one process: what one is told never reaches the other; what is shared is what is documented as shared.
import { Agent } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LoopbackServer, type SeenRequest } from '../../test-support/loopback.js';
import { WebcastWebConfigDefaults, WebSocketConfigDefaults } from '../config/client-config.js';
import { Devices, Locations, Screens, type ClientPresets } from '../config/presets.js';
import { ProtoMessageFetchResult } from '../proto/index.js';
import { RouteConfig } from '../routes/route-config.js';
import { createEulerClient, SignConfig } from '../sign/sign-config.js';
import type { TikTokLiveConnectionOptions } from './connection-types.js';
import { TikTokLiveConnection } from './tiktok-live-connection.js';

const SHARED = { ...SignConfig };
const ROUTES = { ...RouteConfig };
let server: LoopbackServer;
let open: TikTokLiveConnection[];

beforeEach(async () => {
  server = await new LoopbackServer().start();
  open = [];
  Object.assign(SignConfig, SHARED, { basePath: server.url, apiKey: undefined, cachedInstance: undefined });
  SignConfig.baseOptions = { headers: {}, validateStatus: () => true };
  server.json('/webcast/room/info/', { data: { status: 2 } }, 200, { 'set-cookie': 'from-server=1; Path=/' });
  server.answers.set('/webcast/fetch', (request, response) => {
    const cursor = `cursor-of-${request.url.searchParams.get('room_id') ?? ''}`;
    const body = ProtoMessageFetchResult.encode({ cursor, internalExt: cursor, pushServer: `${server.wsUrl}/push/` });
    response.writeHead(200, { 'x-set-tt-cookie': `signed-for=${cursor}` }).end(body.finish());
  });
});
afterEach(async () => {
  for (const connection of open) await connection.disconnect();
  await server.close();
  Object.assign(SignConfig, SHARED, { cachedInstance: SHARED.cachedInstance });
  Object.assign(RouteConfig, ROUTES);
});

function connectionWith(options: TikTokLiveConnectionOptions = {}): TikTokLiveConnection {
  const connection = new TikTokLiveConnection('somebody', { endpoints: server.endpoints, ...options });
  open.push(connection);
  return connection;
}

function presets(index: number): ClientPresets {
  return { device: Devices[index], location: Locations[index], screen: Screens[index] } as ClientPresets;
}

class CountingAgent extends Agent {
  connections = 0;
  override createConnection(...args: Parameters<Agent['createConnection']>): ReturnType<Agent['createConnection']> {
    this.connections += 1;
    return super.createConnection(...args);
  }
}

describe('two connections with different settings, at the same time', () => {
  /** Everything that a connection can be told, and all of it named after the room that it enters. */
  const settings = (room: number, agent: Agent): TikTokLiveConnectionOptions => ({
    signApiKey: `key-${room}`,
    clientPresets: presets(room),
    session: { cookie: { type: 'cookie', value: { sessionId: `session-${room}`, ttTargetIdc: `idc-${room}` } } },
    webClientOptions: {
      agent: { http: agent },
      headers: { 'X-Web': `web-${room}` },
      searchParams: { own: `own-${room}` },
    },
    wsClientOptions: { headers: { 'X-Ws': `ws-${room}` } },
    webConfigOverrides: { DEFAULT_HTTP_CLIENT_HEADERS: { 'X-Over': `over-${room}` } },
    wsConfigOverrides: { DEFAULT_WS_CLIENT_PARAMS: { over: `over-${room}` } },
  });

  it('share no key, look, parameter, cookie, override or proxy', async () => {
    const agents = [new CountingAgent(), new CountingAgent()];
    const both = agents.map((agent, index) => connectionWith(settings(index + 1, agent)));
    await Promise.all(both.map((connection, index) => connection.connect(String(index + 1))));

    const requestsOf = (room: number): SeenRequest[] =>
      [...server.requests, ...server.upgrades].filter(({ url }) => url.searchParams.get('room_id') === String(room));
    for (const [room, other] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const [info, signed, upgraded] = requestsOf(room);
      expect(info?.headers).toMatchObject({ 'x-web': `web-${room}`, 'x-over': `over-${room}` });
      expect(info?.url.searchParams.get('own')).toBe(`own-${room}`);
      expect(signed?.headers['x-api-key']).toBe(`key-${room}`);
      expect(signed?.url.searchParams.get('user_agent')).toBe(Devices[room]?.user_agent);
      expect(upgraded?.headers['x-ws']).toBe(`ws-${room}`);
      expect(upgraded?.headers.cookie).toContain(`sessionid=session-${room}`);
      expect(upgraded?.headers.cookie).toContain(`signed-for=cursor-of-${room}`);
      expect(upgraded?.url.searchParams.get('over')).toBe(`over-${room}`);
      expect(upgraded?.url.searchParams.get('cursor')).toBe(`cursor-of-${room}`);
      const words = JSON.stringify(requestsOf(room).map(({ url, headers }) => [url.href, headers]));
      for (const word of ['key', 'session', 'idc', 'web', 'own', 'ws', 'over', 'cursor-of'])
        expect(words).not.toContain(`${word}-${other}`);
      expect(words).not.toContain(Devices[other]?.user_agent);
    }
    expect(agents.map(({ connections }) => connections)).toEqual([2, 2]);
    expect(both.map(({ roomId }) => roomId)).toEqual(['1', '2']);
  });

  it('changes of one while both live stay with it', async () => {
    const [one, two] = [connectionWith({ clientPresets: presets(0) }), connectionWith({ clientPresets: presets(0) })];
    expect(one.clientParams['device_id']).not.toBe(two.clientParams['device_id']);
    one.clientParams['app_language'] = 'xx';
    one.webClient.clientHeaders['X-One'] = '1';
    one.options.processInitialData = false;
    one.webClient.cookieJar.set('one', '1');
    one.webClient.roomId = '1';
    await two.fetchRoomInfo('2');
    const [request] = server.requests;
    expect(request?.url.searchParams.get('app_language')).toBe('en');
    expect(request?.headers).not.toHaveProperty('x-one');
    expect(request?.headers.cookie).toBe('tt-target-idc=useast1a');
    expect(two.options.processInitialData).toBe(true);
    expect(one.webClient.cookieJar.get('from-server')).toBeUndefined();
    expect(two.webClient.cookieJar.get('from-server')).toBe('1');
  });

  it('given objects are not written to, and later changes of them reach nobody', async () => {
    const options = {
      clientPresets: presets(0),
      webClientOptions: { headers: { 'X-Web': 'before' }, searchParams: { own: 'before' } },
      webConfigOverrides: { DEFAULT_HTTP_CLIENT_PARAMS: { over: 'before' } },
      wsConfigOverrides: { DEFAULT_WS_CLIENT_PARAMS: { over: 'before' } },
    };
    const copy = structuredClone(options);
    const connection = connectionWith(options);
    connection.clientParams['over'] = 'mine';
    expect(options).toEqual(copy);
    options.webClientOptions.headers['X-Web'] = 'after';
    options.wsConfigOverrides.DEFAULT_WS_CLIENT_PARAMS.over = 'after';
    await connection.connect('7');
    expect(server.requests[0]?.headers['x-web']).toBe('before');
    expect(server.requests[0]?.url.searchParams.get('over')).toBe('mine');
    expect(server.upgrades[0]?.url.searchParams.get('over')).toBe('before');
  });
});

describe('what is shared, as documented', () => {
  it('SignConfig is read once: the client is made with the first connection and kept', async () => {
    SignConfig.apiKey = 'first';
    const one = connectionWith();
    SignConfig.apiKey = 'second';
    SignConfig.basePath = 'http://127.0.0.1:1';
    const two = connectionWith();
    expect(two.apiClient).toBe(one.apiClient);
    expect(createEulerClient()).toBe(one.apiClient);
    await two.connect('7');
    expect(server.requests.at(-1)?.headers['x-api-key']).toBe('first');
    delete SignConfig.cachedInstance;
    expect(connectionWith().apiClient).not.toBe(one.apiClient);
  });

  it('a key of one connection stays out of the client that others share', async () => {
    const plain = connectionWith();
    const keyed = connectionWith({ signApiKey: 'mine' });
    await plain.connect('7');
    expect(server.requests.at(-1)?.headers).not.toHaveProperty('x-api-key');
    await keyed.connect('7');
    expect(server.requests.at(-1)?.headers['x-api-key']).toBe('mine');
    // Written there for whoever makes the next shared client.
    expect(SignConfig.apiKey).toBe('mine');
    expect(SignConfig.baseOptions?.headers).toEqual({});
  });

  it('routes are read when they are called, by connections that are already there and by the composites', async () => {
    const connection = connectionWith();
    const asked: string[] = [];
    RouteConfig.fetchRoomInfoFromHtml = (args) => {
      asked.push(`html ${args.uniqueId}`);
      return Promise.reject(new Error('not here'));
    };
    RouteConfig.fetchRoomInfoFromApiLive = (args) => {
      asked.push(`api ${args.uniqueId}`);
      return Promise.resolve({ data: { user: {}, liveRoom: {} } });
    };
    RouteConfig.fetchRoomIdFromProvider = (args) => {
      asked.push(`provider ${args.uniqueId}`);
      return Promise.resolve({ code: 200, ok: true, room_id: '77', is_live: true });
    };
    expect(await connection.fetchRoomId()).toBe('77');
    expect(await connection.fetchIsLive()).toBe(true);
    const three = ['html somebody', 'api somebody', 'provider somebody'];
    expect(asked).toEqual([...three, ...three]);
    const original = RouteConfig.fetchSignedWebSocketFromProvider;
    RouteConfig.fetchSignedWebSocketFromProvider = async (args) => {
      asked.push(`signing for room ${args.roomId}`);
      return original(args);
    };
    await connection.connect();
    expect(asked.at(-1)).toBe('signing for room 77');
    expect(server.requests.map(({ url }) => url.pathname)).toEqual(['/webcast/room/info/', '/webcast/fetch']);
  });

  it('the defaults of the configurations count for connections made afterwards', async () => {
    const before = connectionWith();
    const { DEFAULT_HTTP_CLIENT_HEADERS: headers } = WebcastWebConfigDefaults;
    const { DEFAULT_WS_CLIENT_PARAMS: params } = WebSocketConfigDefaults;
    headers['X-Default'] = 'changed';
    params['x_default'] = 'changed';
    const after = connectionWith();
    delete headers['X-Default'];
    delete params['x_default'];
    await before.connect('1');
    await after.connect('2');
    const infos = server.requests.filter(({ url }) => url.pathname === '/webcast/room/info/');
    expect(infos.map(({ headers: sent }) => sent['x-default'])).toEqual([undefined, 'changed']);
    expect(server.upgrades.map(({ url }) => url.searchParams.get('x_default'))).toEqual([null, 'changed']);
  });
});
