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
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { SystemClock, SystemRandom } from '../common/system-clock.adapter.js';
import { ConnectorLiveChecker } from '../streamers/connector-live-checker.adapter.js';
import { HostRateLimiter } from '../streamers/host-rate-limiter.js';
import { TikTokAccess } from '../streamers/tiktok-access.adapter.js';
import { ConnectorRoomConnector, FAILURE_OF_CODE, toConnectError } from './connector-room-connector.adapter.js';
import { RoomConnectError, type RoomConnectionHandlers, type RoomFrame } from './room-connector.port.js';

const ROOM = '7300000000000000001';
const clock = new SystemClock();
const random = new SystemRandom();

/** As much of TikTok and of the sign server as these tests need, on one address. */
class Upstream {
  readonly requests: string[] = [];
  page: { status: number; headers?: Record<string, string>; body: string } = { status: 200, body: '' };
  api: { status: number; headers?: Record<string, string>; body: string } = { status: 200, body: '{}' };
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
      response
        .writeHead(429, { 'retry-after': '7', 'content-type': 'application/json' })
        .end('{"message":"slow down"}');
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
let access: TikTokAccess;
let limiter: HostRateLimiter;

beforeEach(async () => {
  upstream = new Upstream();
  const url = await upstream.listen();
  access = new TikTokAccess({ webUrl: url, webcastUrl: url, socketUrl: url, signApiUrl: url });
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
  const connector = (sources: readonly ('direct' | 'euler')[] = ['direct', 'euler']): ConnectorRoomConnector =>
    new ConnectorRoomConnector({ access, limiter, clock, sources, connectTimeoutMs: 5_000 });

  const request = (signal = new AbortController().signal, proxyUrl?: string) => ({
    roomId: ROOM,
    uniqueId: 'anna',
    signal,
    access: proxyUrl === undefined ? {} : { proxyUrl },
  });

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

  it('tells how each request for a signature ended, and of no other', async () => {
    const outcomes: string[] = [];
    const rooms = new ConnectorRoomConnector({
      access,
      limiter,
      clock,
      sources: ['direct', 'euler'],
      onSignRequest: (outcome) => outcomes.push(outcome),
    });
    await (await rooms.open(request(), recorder().handlers)).close();
    expect(outcomes).toEqual([]);
    upstream.refuse = { status: 417 };
    await rooms.open(request(), recorder().handlers).catch(() => undefined);
    expect(outcomes).toEqual(['rateLimited']);
    await upstream.stop();
    const signed = new ConnectorRoomConnector({
      access,
      limiter,
      clock,
      sources: ['euler'],
      onSignRequest: (outcome) => outcomes.push(outcome),
    });
    await signed.open(request(), recorder().handlers).catch(() => undefined);
    expect(outcomes).toEqual(['rateLimited', 'unreachable']);
  });

  it('does not spend a signature on a fault of the network', async () => {
    await upstream.stop();
    await expect(connector().open(request(), recorder().handlers)).rejects.toMatchObject({ failure: 'network' });
    expect(upstream.requests).toEqual([]);
  });

  it('tries ways that rest when all of them do: a room never waits for a breaker alone', async () => {
    upstream.refuse = { status: 403 };
    const rooms = connector();
    for (let n = 0; n < 4; n += 1) await rooms.open(request(), recorder().handlers).catch(() => undefined);
    upstream.requests.length = 0;
    upstream.refuse = undefined;
    const connection = await rooms.open(request(), recorder().handlers);
    expect(upstream.requests).toEqual(['socket']);
    await connection.close();
  });

  it('gives up with the reason of the signal', async () => {
    const abort = new AbortController();
    const reason = new Error('changed my mind');
    abort.abort(reason);
    await expect(connector().open(request(abort.signal), recorder().handlers)).rejects.toBe(reason);
  });

  it('keeps the password of a proxy out of errors', async () => {
    const attempt = connector().open(request(undefined, 'ftp://user:planted-secret@p:1'), recorder().handlers);
    const error: unknown = await attempt.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: 'configuration' });
    expect(String(error) + JSON.stringify(error)).not.toContain('planted-secret');
  });
});

describe('errors of the library', () => {
  it.each(CONNECTOR_ERROR_CODES)('%s has a meaning for rooms', (code) => {
    const error = new ConnectorError('words', { code, retryable: true, retryAfterMs: 5 });
    expect(toConnectError(error)).toMatchObject({
      failure: FAILURE_OF_CODE[code],
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
