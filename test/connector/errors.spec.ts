import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  buildEulerClient,
  deserializeMessage,
  ErrorReason,
  RouteConfig,
  TikTokLiveConnection,
  type TikTokLiveConnectionOptions,
} from '@livetap/connector';
import * as errors from '@livetap/connector';
import { connectFully, heard, Stage } from './stage.js';

const STREAMER = 'streamer';
let stage: Stage;
let opened: TikTokLiveConnection[] = [];

beforeAll(async () => {
  stage = await Stage.open(STREAMER);
});

afterEach(async () => {
  for (const connection of opened) await connection.disconnect();
  opened = [];
  stage.simulator.faults.clear();
  vi.unstubAllEnvs();
});

afterAll(async () => await stage.close());

function make(options: TikTokLiveConnectionOptions = {}, name = STREAMER): TikTokLiveConnection {
  const connection = new TikTokLiveConnection(name, {
    ...stage.options,
    eulerApiInstance: buildEulerClient({ basePath: stage.simulator.url }),
    ...options,
  });
  opened.push(connection);
  return connection;
}

/** What a call fails with. */
async function failureOf(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const text = expect.any(String) as string;

/** A port on which nothing listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function fails(
  call: () => unknown,
  type: abstract new (...args: never[]) => Error,
  fields: object,
): Promise<void> {
  const error = await failureOf(call);
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject({ name: type.name, context: expect.anything() as object, ...fields });
}

describe('of the caller', () => {
  it('InvalidUniqueIdError', () =>
    fails(() => new TikTokLiveConnection(5 as never), errors.InvalidUniqueIdError, {
      code: 'CONNECTOR_INVALID_UNIQUE_ID',
      retryable: false,
    }));

  it('ConfigurationError', () =>
    fails(() => make({ endpoints: { webUrl: 'http://elsewhere.example' } }), errors.ConfigurationError, {
      code: 'CONNECTOR_CONFIGURATION',
    }));

  it('InvalidSchemaNameError and SchemaDecodeError', async () => {
    await fails(() => deserializeMessage('Nothing', new Uint8Array()), errors.InvalidSchemaNameError, {
      code: 'CONNECTOR_INVALID_SCHEMA_NAME',
    });
    await fails(() => deserializeMessage('User', Uint8Array.of(0x0a, 0x7f)), errors.SchemaDecodeError, {
      code: 'CONNECTOR_DECODE',
      cause: expect.any(RangeError) as unknown,
    });
  });

  it('InvalidRequestError', () =>
    fails(() => RouteConfig.fetchRoomInfo({ webClient: make().webClient }), errors.InvalidRequestError, {
      config: { routeId: 'fetchRoomInfoRoute' },
      message: expect.stringMatching(/^\[fetchRoomInfoRoute\] /) as string,
    }));

  it('AlreadyConnectingError, AlreadyConnectedError and ConnectCancelledError', async () => {
    const connection = make();
    const first = connection.connect();
    await fails(() => connection.connect(), errors.AlreadyConnectingError, { code: 'CONNECTOR_ALREADY_CONNECTING' });
    await first;
    await fails(() => connection.connect(), errors.AlreadyConnectedError, { code: 'CONNECTOR_ALREADY_CONNECTED' });
    const other = make();
    const attempt = failureOf(() => other.connect());
    await other.disconnect();
    await fails(async () => await Promise.reject(await attempt), errors.ConnectCancelledError, {
      code: 'CONNECTOR_CONNECT_CANCELLED',
    });
  });
});

describe('of TikTok', () => {
  it('InvalidResponseError', () =>
    fails(
      () => RouteConfig.fetchRoomInfoFromApiLive({ webClient: make().webClient, uniqueId: 'nobody' }),
      errors.InvalidResponseError,
      { config: { routeId: 'fetchRoomInfoApiLiveRoute' }, message: expect.stringContaining('19881007') as string },
    ));

  it('InvalidResponseCompositeError', () =>
    fails(() => make({}, 'nobody').connect(), errors.InvalidResponseCompositeError, {
      config: {
        routeId: 'fetchRoomIdRoute',
        requestErrs: [expect.any(Error), expect.any(Error), expect.any(Error)] as unknown[],
      },
    }));

  it('UserOfflineError', async () => {
    stage.simulator.world.end(STREAMER, 3, true);
    await fails(() => make().connect(), errors.UserOfflineError, { code: 'CONNECTOR_USER_OFFLINE', retryable: true });
    stage.simulator.world.start(STREAMER);
  });

  it('HttpRequestError', async () => {
    await stage.fault({ kind: 'http', path: '/webcast/room/info', status: 403 });
    await fails(() => make().connect(), errors.HttpRequestError, {
      code: 'CONNECTOR_HTTP_STATUS',
      status: 403,
      context: { status: 403, target: expect.stringContaining('/webcast/room/info') as string },
    });
  });
});

describe('of the sign server', () => {
  const signFault = (status: number): Promise<void> => stage.fault({ kind: 'http', path: '/webcast/fetch', status });

  it('SignAPIError without an answer', async () => {
    const eulerApiInstance = buildEulerClient({ basePath: `http://127.0.0.1:${await deadPort()}` });
    await fails(() => make({ eulerApiInstance }).connect(), errors.SignAPIError, {
      reason: ErrorReason.CONNECT_ERROR,
      code: 'CONNECTOR_SIGN_CONNECT',
      retryable: true,
    });
  });

  it.each([500, 401, 403])('SignAPIError for %i', async (status) => {
    await signFault(status);
    const error = await failureOf(() => make().connect());
    expect(error).toBeInstanceOf(errors.SignAPIError);
    expect(error).toMatchObject({
      name: 'SignAPIError',
      reason: ErrorReason.SIGN_NOT_200,
      code: 'CONNECTOR_SIGN_REFUSED',
      status,
      retryable: status >= 500,
    });
  });

  it('SignAPIError without cookies', async () => {
    await stage.fault({ kind: 'http', path: '/webcast/fetch', body: 'html' });
    await fails(() => make().connect(), errors.SignAPIError, {
      reason: ErrorReason.EMPTY_COOKIES,
      code: 'CONNECTOR_SIGN_EMPTY_COOKIES',
    });
  });

  it('PremiumFeatureError', async () => {
    await signFault(402);
    await fails(() => make().connect(), errors.PremiumFeatureError, {
      reason: ErrorReason.PREMIUM_FEATURE,
      retryable: false,
    });
  });

  it('SignatureRateLimitError', async () => {
    await stage.quota(1);
    await make().apiClient.webcast.retrieveRoomId(STREAMER);
    try {
      await fails(() => make().connect(), errors.SignatureRateLimitError, {
        reason: ErrorReason.RATE_LIMIT,
        retryAfter: expect.any(Number) as number,
        resetTime: expect.any(Number) as number,
        requestId: text,
        agentId: 'simulator',
        retryable: true,
      });
    } finally {
      await stage.quota(100_000);
    }
  });

  it('SignatureMissingTokensError', async () => {
    await stage.fault({ kind: 'http', path: '/webcast/sign_url', body: 'wrongJson' });
    const { webClient, apiClient } = make();
    await fails(
      () =>
        RouteConfig.fetchWebcastSignatureFromProvider({
          webClient,
          apiClient,
          url: 'https://webcast.tiktok.com/webcast/gift/list/',
          method: 'GET',
          userAgent: 'test',
        }),
      errors.SignatureMissingTokensError,
      { reason: ErrorReason.EMPTY_PAYLOAD, code: 'CONNECTOR_SIGN_EMPTY_PAYLOAD' },
    );
  });

  it('AuthenticatedWebSocketConnectionError', () =>
    fails(
      () =>
        make({
          authenticateWs: true,
          session: { cookie: { type: 'cookie', value: { sessionId: 's', ttTargetIdc: 'i' } } },
        }).connect(),
      errors.AuthenticatedWebSocketConnectionError,
      { reason: ErrorReason.AUTHENTICATED_WS, code: 'CONNECTOR_SIGN_AUTHENTICATED_WS' },
    ));
});

describe('of the socket', () => {
  it('SocketRefusedError', async () => {
    await stage.fault({ kind: 'refuse', status: 415, handshakeMsg: 'DEVICE_BLOCKED', handshakeStatus: '415' });
    await fails(() => make().connect(), errors.SocketRefusedError, {
      refusal: 'deviceBlocked',
      status: 415,
      handshakeMessage: 'DEVICE_BLOCKED',
      code: 'CONNECTOR_SOCKET_DEVICE_BLOCKED',
    });
  });

  it('ConnectTimeoutError and SocketNetworkError', async () => {
    const silent = createServer((socket) => void socket.resume().on('error', () => socket.destroy()));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const dead = await deadPort();
    const source = (to: number): TikTokLiveConnectionOptions => ({
      socketUrlSource: {
        name: 'fixed',
        resolve: ({ roomId }) =>
          Promise.resolve({ source: 'fixed' as const, url: `ws://127.0.0.1:${to}/`, headers: {}, roomId }),
      },
    });
    vi.stubEnv('WS_CONNECT_TIMEOUT_MS', '100');
    await fails(() => make(source(port)).connect(), errors.ConnectTimeoutError, {
      code: 'CONNECTOR_CONNECT_TIMEOUT',
      retryable: true,
    });
    await fails(() => make(source(dead)).connect(), errors.SocketNetworkError, {
      code: 'CONNECTOR_SOCKET_NETWORK',
      retryable: true,
    });
    await new Promise((resolve) => silent.close(resolve));
  });

  it('FrameDecodeError', async () => {
    const connection = make();
    await connectFully(connection);
    await stage.fault({ kind: 'corrupt', mode: 'frame', room: connection.roomId });
    const reported = heard(connection, 'error');
    await stage.play(STREAMER, 'WebcastChatMessage');
    const [{ exception }] = (await reported) as [{ exception: Error }];
    await fails(() => Promise.reject(exception), errors.FrameDecodeError, { code: 'CONNECTOR_SOCKET_FRAME' });
  });
});
