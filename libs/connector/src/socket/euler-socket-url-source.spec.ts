import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LoopbackServer, signalled } from '../../test-support/loopback.js';
import { ManualClock } from '../../test-support/manual-clock.js';
import type { SignAPIError } from '../errors/sign-errors.js';
import { createTikTokWebClient, type WebcastHttpClient } from '../http/webcast-http-client.js';
import { ProtoMessageFetchResult, type PartialMessage } from '../proto/index.js';
import { buildEulerClient } from '../sign/sign-config.js';
import { EulerSocketUrlSource, type EulerSocketUrlSourceOptions } from './euler-socket-url-source.js';

const ROOM = '7312345678901234567';
let server: LoopbackServer;
let webClient: WebcastHttpClient;

beforeEach(async () => {
  server = await new LoopbackServer().start();
  webClient = createTikTokWebClient({ endpoints: server.endpoints });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const make = (options: Partial<EulerSocketUrlSourceOptions> = {}): EulerSocketUrlSource =>
  new EulerSocketUrlSource({
    webClient,
    apiClient: buildEulerClient({ basePath: server.url, apiKey: 'euler-key' }),
    clock: new ManualClock(),
    ...options,
  });

const message = { method: 'WebcastChatMessage', msgId: '7', payload: Buffer.from('x'), isHistory: true };
const good = (): PartialMessage<ProtoMessageFetchResult> => ({
  messages: [message],
  cursor: 'the-cursor',
  now: '1700000000123',
  internalExt: 'the-ext',
  pushServer: `${server.wsUrl}/webcast/im/`,
  routeParams: { imprp: 'p', wrss: '', room_id: '9' },
});

function answer(
  body: Buffer | string | PartialMessage<ProtoMessageFetchResult>,
  status = 200,
  headers: Record<string, string> = {},
): void {
  const bytes =
    typeof body === 'string' || Buffer.isBuffer(body) ? body : ProtoMessageFetchResult.encode(body).finish();
  server.answers.set('/webcast/fetch', (_request, response) => {
    response
      .writeHead(status, {
        ...(status === 200 ? { 'x-set-tt-cookie': 'ttwid=signed; Path=/; Domain=.tiktok.com' } : {}),
        ...headers,
      })
      .end(bytes);
  });
}

async function failure(source = make(), signal?: AbortSignal): Promise<SignAPIError> {
  const error: unknown = await source.resolve({ roomId: ROOM, ...(signal ? { signal } : {}) }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error as SignAPIError;
}

describe('the sign call', () => {
  it('asks as the sign server expects', async () => {
    answer(good());
    await make({ country: 'DE' }).resolve({ roomId: ROOM });
    const { url, headers, method } = server.requests[0]!;
    expect(method).toBe('GET');
    expect([...url.searchParams.keys()].sort()).toEqual([
      'client',
      'client_enter',
      'country',
      'cursor',
      'platform',
      'room_id',
      'user_agent',
    ]);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client: 'ttlive-node',
      room_id: ROOM,
      cursor: '',
      user_agent: webClient.userAgent,
      client_enter: 'true',
      country: 'DE',
      platform: 'web',
    });
    expect(headers).toMatchObject({ accept: 'application/json', 'x-api-key': 'euler-key' });
    expect(headers['user-agent']).toMatch(/^tiktok-live-connector\//);
    expect(headers.cookie).toBeUndefined();
    expect(headers['x-cookie-header']).toBeUndefined();
  });

  it('turns the answer into an address', async () => {
    answer(good(), 200, { 'x-room-id': '42' });
    const clock = new ManualClock();
    const address = await make({ clock, wsConfig: { DEFAULT_WS_CLIENT_PARAMS: { app_language: 'fr' } } }).resolve({
      roomId: ROOM,
    });
    const url = new URL(address.url);
    expect(`${url.origin}${url.pathname}`).toBe(`${server.wsUrl}/webcast/im/`);
    expect(url.searchParams.getAll('version_code')).toEqual(['180800', '270000']);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      compress: 'gzip',
      room_id: '9',
      internal_ext: 'the-ext',
      cursor: 'the-cursor',
      imprp: 'p',
      app_language: 'fr',
      aid: '1988',
    });
    expect(url.searchParams.has('wrss')).toBe(false);
    expect(address).toMatchObject({ source: 'euler', roomId: '42' });
    expect(address.headers['Cookie']).toContain('ttwid=signed');
    expect(address.headers['User-Agent']).toBe(webClient.userAgent);
    expect(address.initialBatch).toEqual({
      messages: [{ ...message, payload: new Uint8Array(message.payload) }].map((entry) => ({
        ...entry,
        payload: expect.anything() as Uint8Array,
      })),
      receivedAt: clock.now(),
      now: '1700000000123',
      cursor: 'the-cursor',
      internalExt: 'the-ext',
    });
  });

  it('gives no cookies to a socket host that is not TikTok, and never dials in clear', async () => {
    answer({ ...good(), pushServer: 'wss://push.example/im/' });
    expect((await make().resolve({ roomId: ROOM })).headers['Cookie']).toBeUndefined();
    answer({ ...good(), pushServer: 'ws://webcast-ws.tiktok.com/im/' });
    expect(await failure()).toMatchObject({ code: 'CONNECTOR_CONFIGURATION' });
  });
});

describe('every reply of the sign server', () => {
  it('429: rate limited, with the wait, the label and the message', async () => {
    answer(JSON.stringify({ message: 'Slow down please', limit_label: 'minute' }), 429, {
      'retry-after': '12',
      'x-ratelimit-reset': '1700000000',
      'x-log-id': 'log',
      'x-agent-id': 'agent',
    });
    const error = await failure();
    expect(error).toMatchObject({
      name: 'SignatureRateLimitError',
      code: 'CONNECTOR_SIGN_RATE_LIMITED',
      retryable: true,
      retryAfter: 12_000,
      retryAfterMs: 12_000,
      resetTime: 1_700_000_000_000,
      requestId: 'log',
      agentId: 'agent',
      reason: 'Rate Limited',
    });
    expect(error.message).toMatch(/^\[Rate Limited\] \(minute\) Too many connections started, try again in 12000 ms\./);
    expect(error.message).toContain('Slow down please');
    vi.stubEnv('SIGN_SERVER_MESSAGE_DISABLED', 'true');
    expect((await failure()).message).not.toContain('Slow down please');
  });

  it('429 without headers or JSON', async () => {
    answer('nope', 429);
    expect(await failure()).toMatchObject({
      name: 'SignatureRateLimitError',
      retryAfter: 0,
      retryAfterMs: undefined,
      resetTime: undefined,
    });
  });

  it.each(['{"message":"short"}', '{"message":"This needs a plan that you do not have."}', 'not JSON', ''])(
    '402 %s: premium',
    async (body) => {
      answer(body, 402);
      expect(await failure()).toMatchObject({
        name: 'PremiumFeatureError',
        code: 'CONNECTOR_SIGN_PREMIUM',
        retryable: false,
        reason: 'Premium Feature',
      });
    },
  );

  it.each([
    [401, false],
    [403, false],
    [404, false],
    [500, true],
    [503, true],
  ])('%i: sign error, retryable %s', async (status, retryable) => {
    answer('the text of the answer', status, { 'x-request-id': 'req', 'x-agent-id': 'agent' });
    const error = await failure();
    expect(error).toMatchObject({
      name: 'SignAPIError',
      code: 'CONNECTOR_SIGN_REFUSED',
      retryable,
      requestId: 'req',
      agentId: 'agent',
      reason: 'Sign Error',
    });
    expect(error.message).toContain(String(status));
    expect(error.message).toContain('the text of the answer');
  });

  it('200 without cookies', async () => {
    server.answers.set(
      '/webcast/fetch',
      (_request, response) =>
        void response.writeHead(200, { 'x-request-id': 'req' }).end(ProtoMessageFetchResult.encode(good()).finish()),
    );
    expect(await failure()).toMatchObject({
      code: 'CONNECTOR_SIGN_EMPTY_COOKIES',
      retryable: true,
      requestId: 'req',
      reason: 'Empty Cookies',
    });
  });

  it('200 that cannot be decoded', async () => {
    answer(Buffer.from([0x0a, 0x7f, 0x01]));
    expect(await failure()).toMatchObject({ name: 'SchemaDecodeError', code: 'CONNECTOR_DECODE' });
  });

  it('200 without a body, or without an address', async () => {
    answer(Buffer.alloc(0));
    expect(await failure()).toMatchObject({
      name: 'InvalidResponseError',
      config: { routeId: 'fetchSignedWebSocketFromEulerRoute' },
    });
    answer({ ...good(), pushServer: '' });
    expect(await failure()).toMatchObject({ name: 'InvalidResponseError' });
  });

  it('no answer: connect error, without the key', async () => {
    server.answers.set('/webcast/fetch', (_request, response) => void response.destroy());
    const error = await failure();
    expect(error).toMatchObject({ code: 'CONNECTOR_SIGN_CONNECT', retryable: true, reason: 'Connect Error' });
    expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toContain('euler-key');
  });

  it('no answer in time', async () => {
    const reached = signalled();
    server.answers.set('/webcast/fetch', () => reached.done());
    const clock = new ManualClock();
    const pending = failure(make({ clock, timeoutMs: 3000 }));
    await reached.promise;
    clock.advance(3000);
    expect((await pending).message).toContain('no answer within 3000 ms');
  });

  it('given up by the caller', async () => {
    const reached = signalled();
    server.answers.set('/webcast/fetch', () => reached.done());
    const controller = new AbortController();
    const pending = failure(make(), controller.signal);
    await reached.promise;
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await pending).toBe(reason);
  });
});

describe('sessions', () => {
  const session = { cookie: { type: 'cookie', value: { sessionId: 's1', ttTargetIdc: 'useast1a' } } } as const;

  it('stay at home unless asked for', async () => {
    answer(good());
    webClient.cookieJar.setSessionBundle(session.cookie);
    await make({ session }).resolve({ roomId: ROOM });
    expect(server.requests[0]?.headers['x-cookie-header']).toBeUndefined();
  });

  it('go only to the host that is allowed by name', async () => {
    answer(good());
    const source = make({ session, authenticateWs: () => true });
    expect(await failure(source)).toMatchObject({
      name: 'AuthenticatedWebSocketConnectionError',
      code: 'CONNECTOR_SIGN_AUTHENTICATED_WS',
      retryable: false,
    });
    vi.stubEnv('WHITELIST_AUTHENTICATED_SESSION_ID_HOST', 'other.example');
    expect(await failure(source)).toMatchObject({ name: 'AuthenticatedWebSocketConnectionError' });
    expect(server.requests).toHaveLength(0);
    vi.stubEnv('WHITELIST_AUTHENTICATED_SESSION_ID_HOST', server.host);
    await source.resolve({ roomId: ROOM });
    expect(server.requests[0]?.headers['x-cookie-header']).toContain('sessionid=s1');
  });

  it('may be a token', async () => {
    answer(good());
    vi.stubEnv('WHITELIST_AUTHENTICATED_SESSION_ID_HOST', server.host);
    await make({
      session: { oAuthToken: { type: 'oAuthToken', value: 'token-1' } },
      authenticateWs: () => true,
    }).resolve({ roomId: ROOM });
    expect(server.requests[0]?.headers['x-oauth-token']).toBe('token-1');
  });

  it('must be there, and whole for the mobile socket', async () => {
    vi.stubEnv('WHITELIST_AUTHENTICATED_SESSION_ID_HOST', server.host);
    expect(await failure(make({ authenticateWs: () => true }))).toMatchObject({
      name: 'AuthenticatedWebSocketConnectionError',
    });
    const token = { oAuthToken: { type: 'oAuthToken', value: 'token-1' } } as const;
    expect(await failure(make({ session: token, useMobile: () => true }))).toMatchObject({
      name: 'AuthenticatedWebSocketConnectionError',
    });
    answer(good());
    await make({ session, useMobile: () => true }).resolve({ roomId: ROOM });
    expect(server.requests[0]?.url.searchParams.get('platform')).toBe('mobile');
  });
});
