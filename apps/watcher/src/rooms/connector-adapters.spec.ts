import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CONNECTOR_ERROR_CODES,
  ConnectorError,
  HttpRequestError,
  ProtoMessageFetchResult,
  SocketRefusedError,
  WebcastPushFrame,
} from '@livetap/connector';
import { FakeClock } from '@livetap/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { SystemClock, SystemRandom } from '../common/system-clock.adapter.js';
import { ConnectorLiveChecker } from '../streamers/connector-live-checker.adapter.js';
import { HostRateLimiter } from '../streamers/host-rate-limiter.js';
import { TikTokAccess } from '../streamers/tiktok-access.adapter.js';
import { ConnectorRoomConnector, toConnectError } from './connector-room-connector.adapter.js';
import {
  type OpenRoomRequest,
  RoomConnectError,
  type RoomConnectionHandlers,
  type RoomFrame,
} from './room-connector.port.js';
import { FAILURE_OF_CODE } from './sources/classify-source-failure.adapter.js';
import { SourceHealth } from './sources/source-health.js';
import type { SocketSource } from './sources/socket-source.js';
import { SOURCE_FAILURE_RULES } from './sources/source-failures.js';
import { FakeSignBudget } from './testing/fake-sign-budget.js';

const ROOM = '7300000000000000001';
const clock = new SystemClock();
const random = new SystemRandom();

/** As much of TikTok and of the sign server as these tests need, on one address. */
class Upstream {
  readonly requests: string[] = [];
  page: { status: number; headers?: Record<string, string>; body: string } = { status: 200, body: '' };
  api: { status: number; headers?: Record<string, string>; body: string } = { status: 200, body: '{}' };
  /** What the sign server says; default: too many requests. */
  sign: { status: number; headers: Record<string, string>; body: string | Uint8Array } = {
    status: 429,
    headers: { 'retry-after': '7', 'content-type': 'application/json' },
    body: '{"message":"slow down","limit_label":"hour"}',
  };
  refuse: { status: number; headers?: Record<string, string> } | undefined;
  readonly sockets = new WebSocketServer({ noServer: true });
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => {
      this.requests.push('socket');
      if (this.refuse) {
        const lines = Object.entries(this.refuse.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.end(
          `HTTP/1.1 ${this.refuse.status} No\r\n${lines.join('')}content-length: 0\r\nconnection: close\r\n\r\n`,
        );
        return;
      }
      this.sockets.handleUpgrade(request, socket, head, (client) => {
        for (const id of ['1', '2']) client.send(frame(id));
        client.on('close', () => this.requests.push('closed'));
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const client of this.sockets.clients) client.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    this.requests.push(pathname);
    if (pathname === '/') response.writeHead(200, { 'set-cookie': 'ttwid=visitor; Path=/' }).end();
    else if (pathname.startsWith('/webcast/fetch')) {
      response.writeHead(this.sign.status, this.sign.headers).end(this.sign.body);
    } else {
      const { status, headers, body } = pathname.startsWith('/api-live') ? this.api : this.page;
      response.writeHead(status, headers).end(body);
    }
  }
}

function frame(msgId: string): Uint8Array {
  const payload = ProtoMessageFetchResult.encode({
    messages: [{ method: 'WebcastChatMessage', msgId, payload: new Uint8Array([1]) }],
    now: '1700000000000',
  }).finish();
  return WebcastPushFrame.encode({ logId: '1', payloadEncoding: 'pb', payloadType: 'msg', payload }).finish();
}

const livePage = (status: number): string =>
  `<script id="SIGI_STATE" type="application/json">${JSON.stringify({
    LiveRoom: {
      liveRoomUserInfo: {
        user: { id: '42', uniqueId: 'anna', nickname: 'Anna', roomId: ROOM, status },
        liveRoom: { status, title: 'Hello', startTime: 1_700_000_000 },
      },
    },
  })}</script>`;

let upstream: Upstream;
let upstreamUrl: string;
let access: TikTokAccess;
let limiter: HostRateLimiter;

beforeEach(async () => {
  upstream = new Upstream();
  const url = (upstreamUrl = await upstream.listen());
  const fixedSocketUrl = `${url.replace('http', 'ws')}/fixed/{roomId}`;
  access = new TikTokAccess({ webUrl: url, webcastUrl: url, socketUrl: url, signApiUrl: url, fixedSocketUrl });
  limiter = new HostRateLimiter({ clock, perSecond: 1_000, burst: 1_000 });
});

afterEach(() => upstream.stop());

describe('the live checker', () => {
  it('tells what the page says', async () => {
    upstream.page = { status: 200, body: livePage(2) };
    const checker = new ConnectorLiveChecker({ access, limiter, clock, random });
    expect(await checker.check({ uniqueId: 'anna' })).toMatchObject({
      verdict: 'live',
      roomId: ROOM,
      tiktokUserId: '42',
      uniqueId: 'anna',
      nickname: 'Anna',
      title: 'Hello',
      startedAt: 1_700_000_000_000,
    });
    expect(upstream.requests).toEqual(['/@anna/live']);
    upstream.page = { status: 200, body: livePage(4) };
    expect(await checker.check({ uniqueId: 'anna' })).toMatchObject({ verdict: 'offline' });
  });

  it('knows nothing about a bare user id, and asks nobody', async () => {
    const result = await new ConnectorLiveChecker({ access, limiter, clock, random }).check({ uniqueId: 'id:42' });
    expect(result.verdict).toBe('unknown');
    expect(upstream.requests).toEqual([]);
  });

  it('says unknown with the wait that was asked for, and does not ask again before', async () => {
    upstream.page = { status: 429, headers: { 'retry-after': '30' }, body: '' };
    const checker = new ConnectorLiveChecker({ access, limiter, clock, random });
    const first = await checker.check({ uniqueId: 'anna' });
    expect(first.verdict).toBe('unknown');
    expect(first.retryAfterMs).toBeGreaterThan(20_000);
    expect(first.retryAfterMs).toBeLessThanOrEqual(30_000);
    const count = upstream.requests.length;
    const second = await checker.check({ uniqueId: 'anna' });
    expect(second.verdict).toBe('unknown');
    expect(second.retryAfterMs).toBeGreaterThan(20_000);
    expect(upstream.requests).toHaveLength(count);
  });

  it('keeps a proxy it cannot use, and its password, to itself', async () => {
    const checker = new ConnectorLiveChecker({ access, limiter, clock, random });
    const result = await checker.check({ uniqueId: 'anna', proxyUrl: 'ftp://user:planted-secret@proxy:1' });
    expect(result.verdict).toBe('unknown');
    expect(JSON.stringify(result)).not.toContain('planted-secret');
  });
});

describe('the room connector', () => {
  let health: SourceHealth;
  let budget: FakeSignBudget;
  beforeEach(() => {
    health = new SourceHealth({ clock, random });
    budget = new FakeSignBudget();
  });

  const connector = (sources: readonly SocketSource[] = ['direct', 'euler']): ConnectorRoomConnector =>
    new ConnectorRoomConnector({ access, clock, random, sources, health, budget, connectTimeoutMs: 5_000 });

  const request = (more: Partial<OpenRoomRequest> = {}): OpenRoomRequest => ({
    roomId: ROOM,
    uniqueId: 'anna',
    access: {},
    priority: 50,
    waitingSince: 0,
    confirmLive: () => Promise.resolve(true),
    signal: new AbortController().signal,
    ...more,
  });

  /** The sign server signs, and says that its quota has 41 of 60 left. */
  const signs = (): void => {
    const body = ProtoMessageFetchResult.encode({
      cursor: '1',
      pushServer: `${upstreamUrl.replace('http', 'ws')}/signed`,
      internalExt: 'x',
    }).finish();
    const quota = { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '41', 'x-ratelimit-reset': '2000000000' };
    upstream.sign = { status: 200, headers: { 'x-set-tt-cookie': 'ttwid=1; Path=/', ...quota }, body };
  };

  function recorder(): { calls: string[]; handlers: RoomConnectionHandlers; frames: (count: number) => Promise<void> } {
    const calls: string[] = [];
    let wake: () => void = () => undefined;
    const note = (call: string): void => {
      calls.push(call);
      wake();
    };
    return {
      calls,
      handlers: {
        onWaiting: () => note('waiting'),
        onOpen: (source) => note(`open ${source}`),
        onFrame: ({ messages }: RoomFrame) => note(messages.map(({ msgId }) => msgId).join()),
        onFrameRejected: () => note('rejected'),
        onClosed: ({ code }) => note(`closed ${code}`),
      },
      frames: async (count) => {
        while (calls.length < count + 1) await new Promise<void>((resolve) => (wake = resolve));
      },
    };
  }

  it('opens the direct way, delivers in order, and closes once', async () => {
    const { calls, handlers, frames } = recorder();
    const connection = await connector().open(request(), handlers);
    expect(connection.source).toBe('direct');
    await frames(2);
    await connection.close();
    await connection.close();
    expect(calls).toEqual(['open direct', '1', '2', 'closed 1005']);
  });

  it('goes to the next way when the first one is closed to it, and says what that one wants', async () => {
    upstream.refuse = { status: 417, headers: { 'handshake-msg': 'illegal secret key', 'handshake-status': '417' } };
    const { calls, handlers } = recorder();
    const attempt = connector().open(request(), handlers);
    await expect(attempt).rejects.toMatchObject({ failure: 'quota', details: { retryAfterMs: 7_000 } });
    expect(upstream.requests).toEqual(['/', 'socket', '/webcast/fetch']);
    expect(calls).toEqual([]);
  });

  it('opens the signed way with a permit, and tells the budget what the answer says of the quota', async () => {
    signs();
    const { calls, handlers, frames } = recorder();
    const connection = await connector(['euler']).open(request(), handlers);
    await frames(3);
    await connection.close();
    expect(calls.slice(0, 2)).toEqual(['open euler', '']);
    expect(budget.log).toEqual(['signed']);
    expect(budget.answers).toEqual([expect.objectContaining({ limit: 60, remaining: 41, resetMark: 2_000_000_000 })]);
    expect(budget.requests[0]).toMatchObject({ priority: 50, waitingSince: 0 });
  });

  it('opens the fixed way at the address of the settings, for streamers that have an order of their own', async () => {
    const { calls, handlers, frames } = recorder();
    const connection = await connector(['euler']).open(request({ access: { socketSources: ['fixed'] } }), handlers);
    await frames(2);
    await connection.close();
    expect(calls[0]).toBe('open fixed');
    expect(upstream.requests).toEqual(['socket', 'closed']);
    expect(budget.requests).toEqual([]);
  });

  it('tells the budget how each request for a signature ended, and asks it for nothing else', async () => {
    await (await connector().open(request(), recorder().handlers)).close();
    expect(budget.log).toEqual([]);
    upstream.refuse = { status: 417 };
    await connector()
      .open(request(), recorder().handlers)
      .catch(() => undefined);
    expect(budget.log).toEqual(['rateLimited']);
    expect(budget.answers).toEqual([expect.objectContaining({ retryAfterMs: 7_000, window: 'hour' })]);
    for (const [status, outcome] of [
      [403, 'refused'],
      [402, 'refused'],
      [500, 'refused'],
    ] as const) {
      health = new SourceHealth({ clock, random });
      upstream.sign = { status, headers: {}, body: 'no' };
      await connector(['euler'])
        .open(request(), recorder().handlers)
        .catch(() => undefined);
      expect([status, budget.log.at(-1)]).toEqual([status, outcome]);
    }
    await upstream.stop();
    await connector(['euler'])
      .open(request(), recorder().handlers)
      .catch(() => undefined);
    expect(budget.log.at(-1)).toBe('unreachable');
  });

  it.each([
    [401, 'configuration', 'keyRefused'],
    [403, 'configuration', 'keyRefused'],
    [402, 'configuration', 'premiumRequired'],
  ])('a sign server that answers %i is not asked again for ten minutes', async (status, failure, kind) => {
    upstream.sign = { status, headers: {}, body: '{"message":"Account blocked"}' };
    const rooms = connector(['euler']);
    await expect(rooms.open(request(), recorder().handlers)).rejects.toMatchObject({ failure });
    expect(health.figures().failures.euler).toMatchObject({ [kind]: 1 });
    const again = await rooms.open(request(), recorder().handlers).catch((error: unknown) => error as RoomConnectError);
    expect(again).toMatchObject({ failure, message: `every way into the room rests (${kind})` });
    expect((again as RoomConnectError).details.retryAfterMs).toBeGreaterThan(590_000);
    expect(upstream.requests).toEqual(['/webcast/fetch']);
    expect(budget.log).toEqual(['refused']);
  });

  it('does not spend a signature on a fault of the network, but tries what costs nothing', async () => {
    await upstream.stop();
    await expect(connector().open(request(), recorder().handlers)).rejects.toMatchObject({ failure: 'network' });
    await connector(['direct', 'euler', 'fixed'])
      .open(request(), recorder().handlers)
      .catch(() => undefined);
    expect(budget.requests).toEqual([]);
    expect(health.figures().failures.fixed.network).toBe(1);
  });

  it('spends no signature on a room that is not known to be live', async () => {
    const attempt = connector(['euler']).open(
      request({ confirmLive: () => Promise.resolve(false) }),
      recorder().handlers,
    );
    await expect(attempt).rejects.toMatchObject({ failure: 'notLive' });
    expect(budget.log).toEqual(['unused']);
    expect(upstream.requests).toEqual([]);
  });

  it('a permit whose time is over is given back and another one asked for, with the place in the queue kept', async () => {
    signs();
    budget.validity.push(false, true);
    await (await connector(['euler']).open(request({ waitingSince: 5 }), recorder().handlers)).close();
    expect(budget.log).toEqual(['unused', 'signed']);
    expect(budget.requests.map(({ waitingSince }) => waitingSince)).toEqual([5, 5]);
  });

  it('rather than wait for a signature it tries the ways that cost nothing, whatever the order', async () => {
    budget.held = true;
    const { calls, handlers } = recorder();
    await (await connector(['euler', 'direct']).open(request(), handlers)).close();
    expect(calls[0]).toBe('open direct');
    expect(budget.log).toEqual(['waiting']);
    expect(budget.waiting).toBe(0);
  });

  it('waits when nothing else is left, says so, and goes on when its turn comes', async () => {
    signs();
    budget.held = true;
    const { calls, handlers, frames } = recorder();
    const opening = connector(['euler']).open(request(), handlers);
    await frames(0);
    expect(calls).toEqual(['waiting']);
    budget.release();
    await (await opening).close();
    expect(calls[1]).toBe('open euler');
  });

  it('a room that waits for a signature leaves the queue when a way that costs nothing is back', async () => {
    const fake = new FakeClock();
    health = new SourceHealth({ clock: fake, random });
    health.enter('direct', { key: '', label: 'own address' })?.failed('rateLimited');
    budget.held = true;
    const { calls, handlers, frames } = recorder();
    const sources = ['direct', 'euler'] as const;
    const rooms = new ConnectorRoomConnector({ access, clock: fake, random, sources, health, budget });
    const opening = rooms.open(request(), handlers);
    await frames(0);
    expect(calls).toEqual(['waiting']);
    await fake.advance(29_000);
    expect(budget.waiting).toBe(1);
    await fake.advance(60_000);
    await (await opening).close();
    expect(calls[1]).toBe('open direct');
    expect(budget.waiting).toBe(0);
  });

  it('a room whose wait is aborted leaves the queue', async () => {
    budget.held = true;
    const abort = new AbortController();
    const opening = connector(['euler']).open(request({ signal: abort.signal }), recorder().handlers);
    opening.catch(() => undefined);
    await Promise.resolve();
    abort.abort(new Error('left'));
    await expect(opening).rejects.toThrow('left');
    expect(budget.waiting).toBe(0);
  });

  it('waits for the end of their rests when all ways rest, and asks nobody', async () => {
    upstream.refuse = { status: 417 };
    upstream.sign = { status: 403, headers: {}, body: '' };
    const rooms = connector();
    await rooms.open(request(), recorder().handlers).catch(() => undefined);
    upstream.requests.length = 0;
    const again = await rooms.open(request(), recorder().handlers).catch((error: unknown) => error as RoomConnectError);
    expect((again as RoomConnectError).details.retryAfterMs).toBeGreaterThan(590_000);
    expect(upstream.requests).toEqual([]);
  });

  it('gives up with the reason of the signal', async () => {
    const abort = new AbortController();
    const reason = new Error('changed my mind');
    abort.abort(reason);
    await expect(connector().open(request({ signal: abort.signal }), recorder().handlers)).rejects.toBe(reason);
  });

  it('keeps the password of a proxy out of errors', async () => {
    const attempt = connector().open(
      request({ access: { proxyUrl: 'ftp://user:planted-secret@p:1' } }),
      recorder().handlers,
    );
    const error: unknown = await attempt.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: 'configuration' });
    expect(String(error) + JSON.stringify(error)).not.toContain('planted-secret');
  });
});

describe('errors of the library', () => {
  it.each(CONNECTOR_ERROR_CODES)('%s has a meaning for rooms', (code) => {
    const error = new ConnectorError('words', { code, retryable: true, retryAfterMs: 5 });
    expect(toConnectError(error)).toMatchObject({
      failure: SOURCE_FAILURE_RULES[FAILURE_OF_CODE[code]].failure,
      message: 'words',
      details: { code, retryAfterMs: 5 },
    });
  });

  it('too many requests are told apart from refusals; foreign errors are the network’s', () => {
    const refused = new SocketRefusedError('refused', 429, undefined, { retryAfterMs: 9 });
    expect(toConnectError(refused)).toMatchObject({ failure: 'rateLimited', details: { retryAfterMs: 9 } });
    const http = new HttpRequestError('x', {
      code: 'CONNECTOR_HTTP_STATUS',
      retryable: true,
      target: 'x/y',
      status: 429,
    });
    expect(toConnectError(http).failure).toBe('rateLimited');
    expect(toConnectError(new SocketRefusedError('refused', 403, undefined)).failure).toBe('refused');
    expect(toConnectError(new Error('?')).failure).toBe('network');
    const own = new RoomConnectError('quota', 'x');
    expect(toConnectError(own)).toBe(own);
  });
});
