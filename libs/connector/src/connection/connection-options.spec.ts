// One test for each option: what it does is read off the wire.
import { Agent } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LoopbackServer, serverFrame, type SeenRequest } from '../../test-support/loopback.js';
import { ManualClock } from '../../test-support/manual-clock.js';
import { Devices, Locations, Screens, type ClientPresets } from '../config/presets.js';
import { ProtoMessageFetchResult, WebcastChatMessage, WebcastGiftMessage } from '../proto/index.js';
import { buildEulerClient, SignConfig } from '../sign/sign-config.js';
import type { TikTokLiveConnectionOptions } from './connection-types.js';
import { TikTokLiveConnection } from './tiktok-live-connection.js';

const SESSION = { type: 'cookie', value: { sessionId: 'a=b=c%2F', ttTargetIdc: 'useast5' } } as const;
const SHARED = { ...SignConfig };

let server: LoopbackServer;
let open: TikTokLiveConnection[];

beforeEach(async () => {
  server = await new LoopbackServer().start();
  open = [];
  Object.assign(SignConfig, SHARED, { basePath: server.url, apiKey: undefined, cachedInstance: undefined });
  SignConfig.baseOptions = { headers: {}, validateStatus: () => true };
  server.json('/webcast/room/info/', { data: { status: 2 } });
  server.json('/webcast/gift/list/', { data: { gifts: [{ id: 5655, name: 'Rose' }] } });
  const chat = WebcastChatMessage.encode({ comment: 'earlier' }).finish();
  server.answers.set('/webcast/fetch', (_request, response) => {
    const messages = [{ method: 'WebcastChatMessage', payload: chat }];
    const body = ProtoMessageFetchResult.encode({ cursor: 'c', pushServer: `${server.wsUrl}/push/`, messages });
    response.writeHead(200, { 'x-set-tt-cookie': 'ttwid=1' }).end(body.finish());
  });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const connection of open) await connection.disconnect();
  await server.close();
  Object.assign(SignConfig, SHARED, { cachedInstance: SHARED.cachedInstance });
});

function connectionWith(options: TikTokLiveConnectionOptions = {}): TikTokLiveConnection {
  const connection = new TikTokLiveConnection('somebody', { endpoints: server.endpoints, ...options });
  open.push(connection);
  return connection;
}

async function connected(options: TikTokLiveConnectionOptions = {}): Promise<TikTokLiveConnection> {
  const connection = connectionWith(options);
  await connection.connect('7');
  return connection;
}

function seen(path: string): SeenRequest {
  const found = server.requests.filter(({ url }) => url.pathname === path).at(-1);
  if (!found) throw new Error(`No request to ${path}.`);
  return found;
}
const signCall = (): SeenRequest => seen('/webcast/fetch');
const upgrade = (): SeenRequest => server.upgrades.at(-1) as SeenRequest;
const query = ({ url }: SeenRequest, name: string): string | null => url.searchParams.get(name);
const paths = (): string[] => server.requests.map(({ url }) => url.pathname);
/** A server that takes requests for this path and never answers. */
const silent = (path: string): void => void server.answers.set(path, () => undefined);

describe('signApiKey, eulerApiInstance', () => {
  it('the key goes to the sign server and into SignConfig', async () => {
    await connected({ signApiKey: 'key-1' });
    expect(signCall().headers['x-api-key']).toBe('key-1');
    expect(SignConfig.apiKey).toBe('key-1');
  });

  it('each key holds for its own connection, whatever was made before', async () => {
    const first = connectionWith({ signApiKey: 'key-1' });
    const second = connectionWith({ signApiKey: 'key-2' });
    const same = connectionWith({ signApiKey: 'key-1' });
    const keys: unknown[] = [];
    for (const connection of [first, second, same]) {
      await connection.connect('7');
      keys.push(signCall().headers['x-api-key']);
    }
    expect(keys).toEqual(['key-1', 'key-2', 'key-1']);
    expect(same.apiClient).toBe(first.apiClient);
  });

  it('an instance is used as it is, and nothing is written', async () => {
    const eulerApiInstance = buildEulerClient({ basePath: server.url, apiKey: 'instance' });
    const connection = await connected({ eulerApiInstance, signApiKey: 'ignored' });
    expect(connection.apiClient).toBe(eulerApiInstance);
    expect(signCall().headers['x-api-key']).toBe('instance');
    expect(SignConfig.apiKey).toBeUndefined();
    expect(SignConfig.cachedInstance).toBeUndefined();
  });

  it('SignConfig: address and headers of the sign server, read once and not changed', async () => {
    const headers = { 'X-Custom-Header': 'custom', 'x-jwt-key': 'jwt' };
    SignConfig.baseOptions = { ...SignConfig.baseOptions, headers };
    await connected({ signApiKey: 'key-1' });
    expect(signCall().headers).toMatchObject({ 'x-custom-header': 'custom', 'x-jwt-key': 'jwt', 'x-api-key': 'key-1' });
    expect(headers).toEqual({ 'X-Custom-Header': 'custom', 'x-jwt-key': 'jwt' });
    SignConfig.basePath = 'http://127.0.0.1:1';
    SignConfig.baseOptions.headers = { 'X-Custom-Header': 'later' };
    await connected();
    expect(signCall().headers['x-custom-header']).toBe('custom');
  });

  it('SIGN_API_URL and SIGN_API_KEY fill SignConfig', async () => {
    vi.stubEnv('SIGN_API_URL', 'https://sign.example');
    vi.stubEnv('SIGN_API_KEY', 'from-env');
    vi.resetModules();
    const fresh = await import('../sign/sign-config.js');
    expect(fresh.SignConfig).toMatchObject({ basePath: 'https://sign.example', apiKey: 'from-env' });
    vi.unstubAllEnvs();
    vi.resetModules();
    const plain = await import('../sign/sign-config.js');
    expect(plain.SignConfig).toMatchObject({ basePath: 'https://api.eulerstream.com', apiKey: undefined });
  });
});

describe('session', () => {
  const cookies = ['sessionid', 'sessionid_ss', 'sid_tt', 'sid_guard'].map((name) => `${name}=a=b=c%2F`);
  const header = (others: string): string => `${['tt-target-idc=useast5', ...cookies].sort().join('; ')}${others}`;
  const sorted = (cookie: string | undefined): string => (cookie ?? '').split('; ').sort().join('; ');

  it.each(['before', 'after'])('cookies set %s construction go to TikTok and the socket, unchanged', async (when) => {
    const connection = connectionWith(when === 'before' ? { session: { cookie: SESSION } } : {});
    if (when === 'after') connection.webClient.cookieJar.setSessionBundle(SESSION);
    await connection.connect('7');
    expect(sorted(seen('/webcast/room/info/').headers.cookie)).toBe(sorted(header('')));
    expect(sorted(upgrade().headers.cookie)).toBe(sorted(header('; ttwid=1')));
    expect(signCall().headers).not.toHaveProperty('x-cookie-header');
    expect(signCall().headers).not.toHaveProperty('cookie');
  });

  it.each(['before', 'after'])(
    'authenticateWs: set %s construction, it goes to the allowed sign server',
    async (when) => {
      vi.stubEnv('WHITELIST_AUTHENTICATED_SESSION_ID_HOST', server.host);
      const connection = connectionWith({
        authenticateWs: true,
        ...(when === 'before' ? { session: { cookie: SESSION } } : {}),
      });
      if (when === 'after') connection.webClient.cookieJar.setSessionBundle(SESSION);
      await connection.connect('7');
      expect(sorted(signCall().headers['x-cookie-header'] as string)).toBe(sorted(header('')));
      expect(query(signCall(), 'platform')).toBe('web');
    },
  );

  it('authenticateWs: a token goes as a token', async () => {
    vi.stubEnv('WHITELIST_AUTHENTICATED_SESSION_ID_HOST', server.host);
    await connected({ authenticateWs: true, session: { oAuthToken: { type: 'oAuthToken', value: 'token-1' } } });
    expect(signCall().headers['x-oauth-token']).toBe('token-1');
  });

  it.each([
    ['authenticateWs', 'without a session', { authenticateWs: true }, '127.0.0.1'],
    ['authenticateWs', 'to a host that is not allowed', { authenticateWs: true, session: { cookie: SESSION } }, ''],
    ['useMobile', 'without a session', { useMobile: true }, 'own'],
    [
      'useMobile',
      'with half a session',
      { useMobile: true, session: { cookie: { type: 'cookie', value: { sessionId: 'x', ttTargetIdc: '' } } } },
      'own',
    ],
  ] as const)('%s %s is refused before anything is sent', async (_option, _how, options, allowed) => {
    vi.stubEnv('WHITELIST_AUTHENTICATED_SESSION_ID_HOST', allowed === 'own' ? server.host : allowed);
    await expect(connectionWith(options).connect('7')).rejects.toMatchObject({
      name: 'AuthenticatedWebSocketConnectionError',
      reason: 'Authenticated WS',
    });
    expect(paths()).not.toContain('/webcast/fetch');
  });

  it('useMobile: asks for the app’s socket, with the session', async () => {
    vi.stubEnv('WHITELIST_AUTHENTICATED_SESSION_ID_HOST', server.host);
    await connected({ useMobile: true, session: { cookie: SESSION } });
    expect(query(signCall(), 'platform')).toBe('mobile');
    expect(signCall().headers['x-cookie-header']).toContain('sessionid=a=b=c%2F');
  });
});

describe('what connect() does', () => {
  it.each([
    [true, ['earlier']],
    [false, []],
  ])('processInitialData %s', async (processInitialData, expected) => {
    const connection = connectionWith({ processInitialData });
    const comments: string[] = [];
    connection.on('chat', ({ comment }) => comments.push(comment));
    await connection.connect('7');
    expect(comments).toEqual(expected);
  });

  it.each([
    [true, true],
    [false, false],
  ])('fetchRoomInfoOnConnect %s', async (fetchRoomInfoOnConnect, asked) => {
    const connection = await connected({ fetchRoomInfoOnConnect });
    expect(paths().includes('/webcast/room/info/')).toBe(asked);
    expect(connection.roomInfo !== null).toBe(asked);
  });

  it.each([5655, '5655'])('enableExtendedGiftInfo: ids are compared as text (%j)', async (id) => {
    server.json('/webcast/gift/list/', { data: { gifts: [{ id, name: 'Rose' }] } });
    const connection = connectionWith({ enableExtendedGiftInfo: true });
    const gift = new Promise<unknown>((resolve) => connection.on('gift', (data) => resolve(data.extendedGiftInfo)));
    await connection.connect('7');
    const payload = WebcastGiftMessage.encode({ giftId: 5655 }).finish();
    server.sockets[0]?.send(serverFrame({ messages: [{ method: 'WebcastGiftMessage', payload }] }));
    expect(await gift).toEqual({ id, name: 'Rose' });
    expect(connection.availableGifts).toEqual([{ id, name: 'Rose' }]);
  });
});

describe('clientPresets', () => {
  it('say how HTTP and the socket look', async () => {
    const clientPresets = { device: Devices[3], location: Locations[7], screen: Screens[2] } as ClientPresets;
    await connected({ clientPresets });
    for (const request of [seen('/webcast/room/info/'), upgrade()]) {
      expect(request.headers['user-agent']).toBe(clientPresets.device.user_agent);
      expect(query(request, 'tz_name')).toBe('Europe/Madrid');
      expect(query(request, 'screen_width')).toBe('1440');
    }
    expect(query(signCall(), 'user_agent')).toBe(clientPresets.device.user_agent);
  });

  it('differ from connection to connection unless given', () => {
    const looks = Array.from({ length: 60 }, () => {
      const { clientParams, webClient } = new TikTokLiveConnection('somebody');
      return `${webClient.userAgent}${clientParams['tz_name'] ?? ''}${clientParams['screen_width'] ?? ''}`;
    });
    expect(new Set(looks).size).toBeGreaterThan(10);
  });
});

describe('webClientOptions', () => {
  it.each([
    ['timeout: {request}', { webClientOptions: { timeout: { request: 123 } } }],
    ['timeout', { webClientOptions: { timeout: 123 } }],
    ['the environment', {}],
    ['DEFAULT_HTTP_CLIENT_OPTIONS', { webConfigOverrides: { DEFAULT_HTTP_CLIENT_OPTIONS: { timeout: 123 } } }],
  ])('%s limits each request, the sign call included', async (how, options) => {
    if (how === 'the environment') vi.stubEnv('TIKTOK_CLIENT_TIMEOUT', '123');
    const clock = new ManualClock((delayMs) => delayMs === 123);
    const webClientOptions = {
      retry: { limit: 0 },
      ...('webClientOptions' in options ? options.webClientOptions : {}),
    };
    const make = (): TikTokLiveConnection => connectionWith({ ...options, webClientOptions, clock });
    silent('/webcast/room/info/');
    await expect(make().fetchRoomInfo('7')).rejects.toMatchObject({ code: 'CONNECTOR_HTTP_TIMEOUT' });
    silent('/webcast/fetch');
    await expect(make().connect('7')).rejects.toMatchObject({ code: 'CONNECTOR_HTTP_TIMEOUT' });
    const signing = connectionWith({ ...options, webClientOptions, clock, fetchRoomInfoOnConnect: false });
    await expect(signing.connect('7')).rejects.toThrow('no answer within 123 ms');
  });

  it.each([
    ['agent: {http, https, http2}', (http: Agent) => ({ agent: { http, http2: {} } })],
    ['httpAgent', (httpAgent: Agent) => ({ httpAgent })],
  ])('%s carries pages, sign calls and the sign server’s own client', async (_name, optionsWith) => {
    let connections = 0;
    class CountingAgent extends Agent {
      override createConnection(...args: Parameters<Agent['createConnection']>): ReturnType<Agent['createConnection']> {
        connections += 1;
        return super.createConnection(...args);
      }
    }
    server.json('/webcast/rate_limits', {});
    const connection = await connected({ webClientOptions: optionsWith(new CountingAgent()) });
    expect(connections).toBe(2);
    await connection.apiClient.webcast.getRateLimits();
    expect(connections).toBe(3);
  });

  it.each([
    ['searchParams', { searchParams: { app_language: 'en-US', own: '1', no: undefined, empty: null } }],
    ['searchParams as text', { searchParams: '?app_language=en-US&own=1&empty=' }],
    ['searchParams as an object', { searchParams: new URLSearchParams('app_language=en-US&own=1&empty=') }],
    ['params', { params: { app_language: 'en-US', own: 1, empty: '' } }],
  ])('%s and headers are laid over the defaults', async (_name, given) => {
    const headers = { 'X-Custom-Header': 'value', 'user-agent': 'mine', Cookie: 'own=cookie; second=x=y' };
    await connected({ webClientOptions: { ...given, headers } });
    const request = seen('/webcast/room/info/');
    for (const [name, value] of Object.entries({ app_language: 'en-US', own: '1', empty: '', no: null, aid: '1988' }))
      expect(query(request, name)).toBe(value);
    expect(request.headers).toMatchObject({
      'x-custom-header': 'value',
      'user-agent': 'mine',
      cookie: 'own=cookie; second=x=y',
      referer: 'https://www.tiktok.com/',
    });
    expect(query(signCall(), 'user_agent')).toBe('mine');
  });

  it.each([
    ['retry: {limit}', { retry: { limit: 1 } }, 2],
    ['retry', { retry: 0 }, 1],
    ['retry by default', {}, 3],
  ])('%s', async (_name, webClientOptions, requests) => {
    server.json('/webcast/room/info/', {}, 503);
    const connection = connectionWith({ webClientOptions, clock: new ManualClock((delayMs) => delayMs < 9_000) });
    await expect(connection.fetchRoomInfo('7')).rejects.toMatchObject({ status: 503 });
    expect(paths()).toHaveLength(requests);
  });

  it('axios’ own: redirects, sizes, and what only axios knows', async () => {
    server.json('/webcast/room/info/', {}, 302, { location: '/elsewhere' });
    await expect(connectionWith({ webClientOptions: { maxRedirects: 0 } }).fetchRoomInfo('7')).rejects.toMatchObject({
      status: 302,
    });
    expect(paths()).not.toContain('/elsewhere');
    server.json('/webcast/room/info/', 'x'.repeat(2_000));
    await expect(
      connectionWith({ webClientOptions: { maxContentLength: 1_000 } }).fetchRoomInfo('7'),
    ).rejects.toMatchObject({ code: 'CONNECTOR_HTTP_TOO_LARGE' });
    const lookup = vi.fn((_host: string, _options: object, done: (error: null, address: string) => void) =>
      done(null, '127.0.0.1'),
    );
    server.json('/webcast/room/info/', { data: {} });
    const url = server.url.replace('127.0.0.1', 'localhost');
    const connection = connectionWith({
      endpoints: { webUrl: url, webcastUrl: url },
      webClientOptions: { lookup: lookup },
    });
    await connection.fetchRoomInfo('7');
    expect(lookup).toHaveBeenCalled();
  });
});

describe('wsClientOptions', () => {
  it('headers: over the configuration’s, but cookies are the jar’s', async () => {
    await connected({ wsClientOptions: { headers: { 'user-agent': 'mine', 'X-Own': 'own', cookie: 'planted=1' } } });
    expect(upgrade().headers).toMatchObject({
      'user-agent': 'mine',
      'x-own': 'own',
      cookie: 'tt-target-idc=useast1a; ttwid=1',
    });
  });

  it('agent, perMessageDeflate and others go to the WebSocket client', async () => {
    let connections = 0;
    class CountingAgent extends Agent {
      override createConnection(...args: Parameters<Agent['createConnection']>): ReturnType<Agent['createConnection']> {
        connections += 1;
        return super.createConnection(...args);
      }
    }
    await connected({ wsClientOptions: { agent: new CountingAgent(), perMessageDeflate: false, origin: 'https://o' } });
    expect(connections).toBe(1);
    expect(upgrade().headers.origin).toBe('https://o');
    expect(upgrade().headers).not.toHaveProperty('sec-websocket-extensions');
  });

  it('handshakeTimeout: ends an upgrade that nobody answers', async () => {
    const mute = createServer((socket) => socket.resume().on('error', () => socket.destroy()));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    server.answers.set('/webcast/fetch', (_request, response) => {
      const pushServer = `ws://127.0.0.1:${(mute.address() as AddressInfo).port}/`;
      const body = ProtoMessageFetchResult.encode({ cursor: 'c', pushServer }).finish();
      response.writeHead(200, { 'x-set-tt-cookie': 'ttwid=1' }).end(body);
    });
    await expect(connectionWith({ wsClientOptions: { handshakeTimeout: 30 } }).connect('7')).rejects.toMatchObject({
      code: 'CONNECTOR_SOCKET_NETWORK',
    });
    mute.close();
  });

  it('WS_CONNECT_TIMEOUT_MS and WS_DISCONNECT_TIMEOUT_MS', async () => {
    vi.stubEnv('WS_CONNECT_TIMEOUT_MS', '20001');
    vi.stubEnv('WS_DISCONNECT_TIMEOUT_MS', '2001');
    const clock = new ManualClock();
    const connection = await connected({ clock });
    expect(clock.delays).toContain(20_001);
    await connection.disconnect();
    expect(clock.delays).toContain(2_001);
  });
});

describe('webConfigOverrides, wsConfigOverrides', () => {
  it('change only what they name', async () => {
    const plain = await connected({ clientPresets: fixedPresets() });
    const [web, socket] = [seen('/webcast/room/info/'), upgrade()];
    await plain.disconnect();
    await connected({
      clientPresets: fixedPresets(),
      webConfigOverrides: {
        DEFAULT_HTTP_CLIENT_PARAMS: { app_language: 'en-US', device_platform: 'web_pc' },
        DEFAULT_HTTP_CLIENT_HEADERS: { 'X-Custom-Header': 'value' },
      },
      wsConfigOverrides: {
        DEFAULT_WS_CLIENT_PARAMS: { app_language: 'en-US' },
        DEFAULT_WS_CLIENT_PARAMS_APPEND_PARAMETER: '&version_code=1',
        DEFAULT_WS_CLIENT_HEADERS: { 'X-Custom-Header': 'value' },
      },
    });
    const { device_id: _web, ...before } = Object.fromEntries(web.url.searchParams);
    const { device_id: _own, ...after } = Object.fromEntries(seen('/webcast/room/info/').url.searchParams);
    expect(after).toEqual({ ...before, app_language: 'en-US' });
    expect(seen('/webcast/room/info/').headers).toEqual({
      ...web.headers,
      cookie: expect.any(String) as string,
      'x-custom-header': 'value',
    });
    const { last_rtt: _before, ...socketBefore } = Object.fromEntries(socket.url.searchParams);
    const { last_rtt: _after, ...socketAfter } = Object.fromEntries(upgrade().url.searchParams);
    expect(socketAfter).toEqual({ ...socketBefore, app_language: 'en-US', version_code: '1' });
    expect(upgrade().headers).toMatchObject({ 'x-custom-header': 'value', 'user-agent': socket.headers['user-agent'] });
  });

  it('hosts and the heartbeat', async () => {
    const clock = new ManualClock();
    const connection = new TikTokLiveConnection('somebody', {
      clock,
      webConfigOverrides: { TIKTOK_HOST_WEB: server.host, TIKTOK_HOST_WEBCAST: server.host },
      wsConfigOverrides: { TIKTOK_HOST_WS: server.host, DEFAULT_WS_PING_INTERVAL: 4_321 },
    });
    open.push(connection);
    await connection.connect('7');
    expect(seen('/webcast/room/info/').headers.host).toBe(server.host);
    expect(upgrade().headers.cookie).toContain('ttwid=1');
    expect(clock.delays).toContain(4_321);
  });

  it('names of the session’s cookies', async () => {
    await connected({
      session: { cookie: SESSION },
      webConfigOverrides: { SESSION_COOKIE_NAMES: ['sid'], TARGET_IDC_COOKIE_NAME: 'idc' },
    });
    expect(seen('/webcast/room/info/').headers.cookie).toBe('tt-target-idc=useast1a; sid=a=b=c%2F; idc=useast5');
  });
});

function fixedPresets(): ClientPresets {
  return { device: Devices[0], location: Locations[0], screen: Screens[0] } as ClientPresets;
}
