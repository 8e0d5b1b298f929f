import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ControlAction,
  ControlEvent,
  createEulerClient,
  RouteConfig,
  SignConfig,
  type TikTokLiveConnection,
  WebcastEvent,
} from '@livetap/connector';
import { SAMPLE_CASES } from './sample-cases.js';
import { connectFully, heard, Stage } from './stage.js';
import { TestProxy } from './test-proxy.js';

// The documented examples, each run as it stands: only its import names this package, and lines around it export what
// the test must reach. The library's defaults are pointed at a simulator before.

type Sample = { readonly connection: TikTokLiveConnection };

const NAMES = ['officialgeilegisela', 'tv_asahi_news', 'username'];
const run = new Set<string>();
let stage: Stage;
let restore: () => void;
let shared: TikTokLiveConnection;
let output: string[];
let logged: unknown[][];
let opened: TikTokLiveConnection[] = [];

beforeAll(async () => {
  stage = await Stage.open(...NAMES);
  restore = stage.redirectDefaults();
  ({ connection: shared } = await import('./shared-connection.js'));
});

beforeEach(() => {
  output = [];
  logged = [];
  for (const level of ['log', 'info', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((...args: unknown[]) => {
      logged.push(args);
      output.push(args.map((arg) => (typeof arg === 'string' ? arg : '…')).join(' '));
    });
  for (const name of NAMES) stage.freshRoom(name);
  SignConfig.basePath = stage.simulator.url;
  SignConfig.cachedInstance = undefined;
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  shared.removeAllListeners();
  for (const connection of [shared, ...opened]) await connection.disconnect();
  opened = [];
  SignConfig.apiKey = undefined;
  SignConfig.baseOptions = { headers: {}, validateStatus: () => true };
});

afterAll(async () => {
  restore();
  await stage.close();
});

async function load<T = Sample>(name: string): Promise<T> {
  run.add(name);
  const module = (await import(`./samples/${name}.ts`)) as T & Partial<Sample>;
  if (module.connection) opened.push(module.connection);
  return module;
}

const lineThat = async (matches: string | RegExp): Promise<void> =>
  await vi.waitFor(() => expect(output.some((line) => line.match(matches))).toBe(true), { timeout: 5000 });

/** Requests that this process sends meanwhile. */
async function requestsOf(action: () => Promise<unknown>): Promise<ClientRequest[]> {
  const requests: ClientRequest[] = [];
  const listener = (message: unknown): void => void requests.push((message as { request: ClientRequest }).request);
  subscribe('http.client.request.start', listener);
  try {
    await action();
  } finally {
    unsubscribe('http.client.request.start', listener);
  }
  return requests;
}

describe('samples of the library', () => {
  it('quick start', async () => {
    await load('quick-start');
    await lineThat('Connected to roomId');
    expect(output).toEqual([`Connected to roomId ${stage.roomOf('officialgeilegisela')}`]);
    await stage.play('officialgeilegisela', 'WebcastChatMessage', { user: { uniqueId: 'ann' }, comment: 'hello' });
    await stage.play('officialgeilegisela', 'WebcastGiftMessage', {
      user: { uniqueId: 'ann', userId: '11' },
      giftId: 5655,
    });
    await lineThat('sends 5655');
    expect(output.slice(1)).toEqual(['ann (userId:ann) writes: hello', 'ann (userId:11) sends 5655']);
  });

  it('options', async () => {
    const { tikTokLiveConnection: connection } = await load<{ tikTokLiveConnection: TikTokLiveConnection }>('options');
    opened.push(connection);
    const requests = await requestsOf(() => connection.connect());
    expect(connection.options).toMatchObject({ processInitialData: false, enableExtendedGiftInfo: true });
    expect(connection.clientParams).toMatchObject({ app_language: 'en-US', device_platform: 'web_pc', aid: '1988' });
    expect(SignConfig.apiKey).toBe('your-api-key');
    for (const request of requests.filter(({ path }) => /room\/info|@official|ws_proxy|push/.test(path)))
      expect(request.getHeader('X-Custom-Header')).toBe('value');
    expect(requests.find(({ path }) => path.startsWith('/webcast/fetch'))?.getHeader('X-Api-Key')).toBe('your-api-key');
    expect(connection.availableGifts).not.toBeNull();
    expect(output).toEqual([]);
  });

  it('SignConfig', async () => {
    await load('sign-config');
    expect(SignConfig).toMatchObject({ apiKey: 'your api key', basePath: 'https://your-custom-sign-server.com' });
    SignConfig.basePath = stage.simulator.url;
    const requests = await requestsOf(() => createEulerClient().webcast.getRateLimits());
    const request = requests.find(({ path }) => path.startsWith('/webcast/rate_limits'));
    expect(request?.getHeader('X-Custom-Header')).toBe('Custom-Header-Value');
    expect(request?.getHeader('X-Api-Key')).toBe('your api key');
    expect(output).toEqual([]);
  });

  it('RouteConfig', async () => {
    await load('route-html');
    expect(logged).toEqual([['SIGI_STATE liveRoom:', expect.objectContaining({ status: 2 })]]);
  });

  it('a replaced route', async () => {
    const original = RouteConfig.fetchSignedWebSocketFromProvider;
    try {
      await load('route-replaced');
      await shared.connect();
    } finally {
      RouteConfig.fetchSignedWebSocketFromProvider = original;
    }
    expect(output).toEqual([`signing for room ${shared.roomId}`]);
  });

  it('rate limits', async () => {
    await load('rate-limits');
    expect(logged).toEqual([
      ['Rate Limits:', expect.objectContaining({ code: 200, minute: expect.anything() as object })],
    ]);
  });

  it('a JWT made', async () => {
    const [request] = await requestsOf(() => load('create-jwt'));
    expect(request?.getHeader('X-Api-Key')).toBe('your_server_side_api_key');
    expect(output).toEqual([expect.stringMatching(/^Generated JWT: jwt-/)]);
  });

  it('a JWT used', async () => {
    const { connection } = await load('use-jwt');
    const requests = await requestsOf(() => connection.connect());
    const signing = requests.find(({ path }) => path.startsWith('/webcast/fetch'));
    expect(signing?.getHeader('x-jwt-key')).toBe('generated-jwt-key');
    expect(output).toEqual([]);
  });

  it('room info', async () => {
    await load('room-info');
    await lineThat('HLS URL');
    expect(logged[0]).toEqual([expect.objectContaining({ data: expect.anything() as object })]);
    expect(output.slice(1)).toEqual([
      expect.stringMatching(/^Stream started timestamp: \d{10}, Streamer bio: $/),
      expect.stringMatching(/^HLS URL: /),
    ]);
  });

  it('available gifts', async () => {
    await load('available-gifts');
    await lineThat('name: Rose');
    expect(logged[0]?.[0]).toHaveLength(output.length - 1);
    expect(output).toContain('id: 5655, name: Rose, cost: 1');
  });
});

describe('samples of proxies', () => {
  let proxy: TestProxy;
  beforeEach(async () => {
    proxy = await TestProxy.open(stage.simulator.port);
  });
  afterEach(async () => await proxy.close());

  it('for HTTP', async () => {
    const { connection } = await load('proxy-http');
    await connection.connect();
    const requests = proxy.targets.filter((target) => target === new URL(stage.simulator.url).host);
    expect(requests.length).toBe(proxy.targets.length);
    expect(requests.length).toBeGreaterThan(0);
    expect([...proxy.credentials]).toEqual(['user:pwd']);
    expect(output).toEqual([]);
  });

  it('for HTTP and the socket', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const original = RouteConfig.fetchSignedWebSocketFromProvider;
    RouteConfig.fetchSignedWebSocketFromProvider = async (args) => {
      const signed = await original(args);
      signed.fetchResult.pushServer = signed.fetchResult.pushServer.replace(
        /^ws:\/\/[^/]+/,
        'wss://webcast-ws.tiktok.com',
      );
      return signed;
    };
    try {
      const { connection } = await load('proxy-all');
      expect(connection.isConnected).toBe(true);
    } finally {
      RouteConfig.fetchSignedWebSocketFromProvider = original;
    }
    expect(proxy.targets.filter((target) => target === 'webcast-ws.tiktok.com:443')).toHaveLength(1);
    expect(proxy.targets.length).toBeGreaterThan(1);
    expect([...proxy.credentials]).toEqual(['user:pwd']);
    expect(output).toEqual([]);
  });
});

describe('samples of sessions', () => {
  beforeEach(() => vi.stubEnv('WHITELIST_AUTHENTICATED_SESSION_ID_HOST', new URL(stage.simulator.url).host));
  const expectSession = (header: unknown): void => {
    for (const cookie of ['sessionid=<account_session_id>', 'tt-target-idc=<account_target_idc>'])
      expect(String(header).split('; ')).toContain(cookie);
  };

  it('an authenticated socket', async () => {
    const requests = await requestsOf(() => load('session-connect'));
    const signing = requests.find(({ path }) => path.startsWith('/webcast/fetch'));
    expectSession(signing?.getHeader('x-cookie-header'));
    expect(output).toEqual(['Connected to TikTok LIVE chat!']);
  });

  it('a session set afterwards', async () => {
    await load('session-after');
    expect(shared.webClient.cookieJar.getSessionBundle()).toEqual({
      type: 'cookie',
      value: { sessionId: '<account_session_id>', ttTargetIdc: '<account_target_idc>' },
    });
    const requests = await requestsOf(() => shared.connect());
    expectSession(requests[0]?.getHeader('Cookie'));
    expect(output).toEqual([]);
  });

  it('a message sent', async () => {
    const requests = await requestsOf(() => load('send-message'));
    const sending = requests.find(({ path }) => path.startsWith('/webcast/chat'));
    expect(sending?.getHeader('X-Api-Key')).toBe('your-api-key');
    expectSession(sending?.getHeader('x-cookie-header'));
    expect(output).toEqual(['Message sent!']);
    const room = stage.roomOf('tv_asahi_news');
    await vi.waitFor(() =>
      expect([...stage.simulator.ledger.inMemory(room)]).toMatchObject([{ method: 'WebcastChatMessage' }]),
    );
  });
});

describe('samples of the connection', () => {
  const STREAMER = 'officialgeilegisela';

  it('connect', async () => {
    const { connection } = await load('connect-event');
    await connection.connect();
    expect(output).toEqual(['Connected!']);
  });

  it('connected', async () => {
    await load('control-connected');
    await shared.connect();
    expect(output).toEqual([`Hurray! Connected to roomId ${stage.roomOf(STREAMER)}`, 'Room info loaded: true']);
  });

  it('disconnected', async () => {
    await load('control-disconnected');
    await connectFully(shared);
    await stage.fault({ kind: 'close', code: 4001, reason: 'bye', room: stage.roomOf(STREAMER) });
    await lineThat('Reason');
    expect(output).toEqual(['Disconnected :(4001)', 'Reason: bye']);
  });

  it('rawData', async () => {
    await load('control-raw-data');
    await connectFully(shared);
    await stage.play(STREAMER, 'WebcastNeverSeenMessage', Uint8Array.of(8, 1));
    await lineThat('WebcastNeverSeenMessage');
    expect(logged).toEqual([['WebcastNeverSeenMessage', Buffer.of(8, 1)]]);
  });

  it('decodedData', async () => {
    await load('control-decoded-data');
    await connectFully(shared);
    await stage.play(STREAMER, 'WebcastChatMessage', { comment: 'hello' });
    await lineThat('WebcastChatMessage');
    expect(logged).toEqual([
      [
        'WebcastChatMessage',
        { type: 'WebcastChatMessage', data: expect.objectContaining({ comment: 'hello' }) as object },
      ],
    ]);
  });

  it('websocketConnected', async () => {
    await load('control-websocket-connected');
    await shared.connect();
    expect(logged).toEqual([['WebSocket open:', true]]);
  });

  it('websocketData', async () => {
    await load('control-websocket-data');
    const lengths: number[] = [];
    shared.on(ControlEvent.WEBSOCKET_DATA, ({ length }) => lengths.push(length));
    await connectFully(shared);
    expect(lengths.length).toBeGreaterThan(0);
    expect(output).toEqual(lengths.map((length) => `WebSocket bytes: ${length}`));
  });

  it('error', async () => {
    await load('control-error');
    await connectFully(shared);
    await stage.fault({ kind: 'corrupt', mode: 'frame', room: stage.roomOf(STREAMER) });
    await stage.play(STREAMER, 'WebcastChatMessage');
    await lineThat('Error!');
    expect(logged).toEqual([['Error!', expect.any(String), expect.any(Error)]]);
  });
});

describe('samples of the room', () => {
  const STREAMER = 'officialgeilegisela';

  it.each(SAMPLE_CASES)('$event', async ({ sample, event, method, fields, lines }) => {
    await load(sample);
    await connectFully(shared);
    const received = heard(shared, event);
    await stage.play(STREAMER, method, fields);
    await received;
    expect(output).toEqual(lines);
  });

  it.each([
    [ControlAction.CONTROL_ACTION_STREAM_ENDED, 'Stream ended by user'],
    [ControlAction.CONTROL_ACTION_STREAM_SUSPENDED, 'Stream ended by platform moderator (ban)'],
  ])('streamEnd %s', async (action, line) => {
    await load('event-stream-end');
    // A module runs once: its listener is put back for the second case.
    if (shared.listenerCount(WebcastEvent.STREAM_END) === 0 && endListener)
      shared.on(WebcastEvent.STREAM_END, endListener);
    endListener = shared.listeners(WebcastEvent.STREAM_END)[0] as typeof endListener;
    await connectFully(shared);
    const left = heard(shared, ControlEvent.DISCONNECTED);
    await stage.play(STREAMER, 'WebcastControlMessage', { action });
    await left;
    expect(output).toEqual([line]);
  });
  let endListener: ((data: { action: ControlAction }) => void) | undefined;

  it('superFanBox', async () => {
    await load('event-super-fan-box');
    await connectFully(shared);
    const received = heard(shared, WebcastEvent.SUPER_FAN_BOX);
    await stage.play(STREAMER, 'WebcastEnvelopeMessage', { envelopeInfo: { envelopeId: 'v1', businessType: 19 } });
    await received;
    expect(logged).toEqual([['A Super Fan Box was sent!', expect.objectContaining({ envelopeId: 'v1' })]]);
  });
});

it('every sample has run', () => {
  const files = readdirSync(fileURLToPath(new URL('samples', import.meta.url)));
  expect([...run].map((name) => `${name}.ts`).sort()).toEqual(files.sort());
});
