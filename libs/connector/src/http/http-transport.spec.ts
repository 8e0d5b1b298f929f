import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LoopbackServer, signalled } from '../../test-support/loopback.js';
import { ManualClock } from '../../test-support/manual-clock.js';
import { HttpRequestError } from '../errors/http-errors.js';
import { WebcastCookieJar } from './cookie-jar.js';
import { resolveEndpoints } from './endpoints.js';
import { HttpTransport, type HttpTransportOptions } from './http-transport.js';
import { parseRetryAfter, retryDelay } from './retry-policy.js';
import { createTikTokWebClient, type WebcastHttpClientOptions } from './webcast-http-client.js';

const TIMEOUT_MS = 54_321;
let server: LoopbackServer;
let other: LoopbackServer;

beforeEach(async () => {
  server = await new LoopbackServer().start();
  other = await new LoopbackServer().start();
});
afterEach(async () => {
  await Promise.all([server.close(), other.close()]);
});

/** Waits fire at once and are recorded; the time-out never comes. */
const hurriedClock = (): ManualClock => new ManualClock((delay) => delay !== TIMEOUT_MS);

function setUp(options: HttpTransportOptions = {}): {
  transport: HttpTransport;
  jar: WebcastCookieJar;
  clock: ManualClock;
} {
  const clock = hurriedClock();
  const jar = new WebcastCookieJar(server.endpoints);
  return {
    transport: new HttpTransport(jar, { clock, random: () => 0.5, timeoutMs: TIMEOUT_MS, ...options }),
    jar,
    clock,
  };
}

const waits = (clock: ManualClock): number[] => clock.delays.filter((delay) => delay !== TIMEOUT_MS);

async function errorOf(promise: Promise<unknown>): Promise<HttpRequestError> {
  const error: unknown = await promise.then(() => undefined).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(HttpRequestError);
  return error as HttpRequestError;
}

describe('repeats', () => {
  it('repeats a failing GET twice, with growing waits and jitter', async () => {
    server.json('/x', {}, 503);
    const { transport, clock } = setUp();
    expect((await transport.request({ url: `${server.url}/x` })).status).toBe(503);
    expect(server.requests).toHaveLength(3);
    expect(waits(clock)).toEqual([1500, 3000]);
  });

  it('obeys retry-after', async () => {
    let count = 0;
    server.answers.set('/x', (_request, response) => {
      count += 1;
      response.writeHead(count === 1 ? 429 : 200, { 'retry-after': '7' }).end('ok');
    });
    const { transport, clock } = setUp();
    expect((await transport.request({ url: `${server.url}/x` })).body.toString()).toBe('ok');
    expect(waits(clock)).toEqual([7000]);
  });

  it('does not wait longer than allowed, and says how long it should have been', async () => {
    server.json('/x', {}, 429, { 'retry-after': '3600' });
    const client = createTikTokWebClient({ endpoints: server.endpoints, clock: hurriedClock(), timeoutMs: TIMEOUT_MS });
    const error = await errorOf(client.request(server.url, '/x'));
    expect(error).toMatchObject({
      code: 'CONNECTOR_HTTP_STATUS',
      status: 429,
      retryable: true,
      retryAfterMs: 3_600_000,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('never repeats a POST, nor what cannot pass', async () => {
    server.json('/x', {}, 503);
    server.json('/y', {}, 404);
    const { transport } = setUp();
    await transport.request({ url: `${server.url}/x`, method: 'POST', body: '{}' });
    await transport.request({ url: `${server.url}/y` });
    expect(server.requests).toHaveLength(2);
  });

  it('repeats after a broken connection and then gives up with a typed error', async () => {
    server.answers.set('/x', (_request, response) => void response.destroy());
    const { transport } = setUp();
    expect(await errorOf(transport.request({ url: `${server.url}/x?token=secret` }))).toMatchObject({
      code: 'CONNECTOR_HTTP_NETWORK',
      retryable: true,
    });
    expect(server.requests).toHaveLength(3);
  });

  it('keeps the waits within bounds', () => {
    const policy = { retries: 9, baseDelayMs: 1000, maxDelayMs: 10_000 };
    for (let attempt = 0; attempt < 9; attempt += 1)
      for (const random of [0, 0.99])
        expect(retryDelay(policy, attempt, undefined, () => random)).toBeLessThanOrEqual(10_000);
    expect(parseRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', Date.UTC(2026, 0, 1))).toBe(30_000);
    expect(parseRetryAfter('soon', 0)).toBeUndefined();
  });
});

describe('limits', () => {
  it('gives up after the time-out', async () => {
    const reached = signalled();
    server.answers.set('/slow', () => reached.done());
    const clock = new ManualClock();
    const { transport } = setUp({ clock, retry: { retries: 0 } });
    const failure = errorOf(transport.request({ url: `${server.url}/slow` }));
    await reached.promise;
    clock.advance(TIMEOUT_MS);
    expect(await failure).toMatchObject({ code: 'CONNECTOR_HTTP_TIMEOUT', retryable: true });
  });

  it('stops at once when aborted, also in a wait, with the reason of the signal', async () => {
    const reached = signalled();
    server.answers.set('/slow', () => reached.done());
    server.json('/fails', {}, 503);
    const clock = new ManualClock();
    const { transport } = setUp({ clock });
    const controller = new AbortController();
    const reason = new Error('enough');
    const first = transport
      .request({ url: `${server.url}/slow`, signal: controller.signal })
      .catch((error: unknown) => error);
    const second = transport
      .request({ url: `${server.url}/fails`, signal: controller.signal })
      .catch((error: unknown) => error);
    await reached.promise;
    controller.abort(reason);
    expect([await first, await second]).toEqual([reason, reason]);
    expect(clock.timers).toBe(0);
  });

  it('reads no more than allowed, packed or not', async () => {
    server.answers.set('/big', (_request, response) => void response.end('x'.repeat(50_000)));
    server.answers.set(
      '/bomb',
      (_request, response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5_000_000))),
    );
    const { transport } = setUp({ maxResponseBytes: 10_000 });
    expect(gzipSync(Buffer.alloc(5_000_000)).length).toBeLessThan(10_000);
    expect(await errorOf(transport.request({ url: `${server.url}/bomb` }))).toMatchObject({
      code: 'CONNECTOR_HTTP_TOO_LARGE',
    });
    expect(await errorOf(transport.request({ url: `${server.url}/big` }))).toMatchObject({
      code: 'CONNECTOR_HTTP_TOO_LARGE',
      retryable: false,
    });
  });
});

describe('who hears what', () => {
  it('sends cookies to TikTok and takes its answers, and keeps secrets out of errors', async () => {
    server.answers.set(
      '/set',
      (_request, response) => void response.writeHead(200, { 'set-cookie': ['ttwid=1', 'b=2'] }).end(),
    );
    const { transport, jar } = setUp();
    await transport.request({ url: `${server.url}/set` });
    expect(jar.getCookieString(server.url)).toBe('ttwid=1; b=2');
    await transport.request({ url: `${server.url}/again`, headers: { Cookie: 'mine=1' } });
    expect(server.requests[1]?.headers.cookie).toBe('ttwid=1; b=2');
    const answer = await transport.request({ url: `${server.url}/missing?token=secret` });
    expect(String(transport.statusError({ url: `${server.url}/missing?token=secret` }, answer).stack)).not.toContain(
      'secret',
    );
  });

  it('follows redirects within TikTok, and takes no cookies along to another host', async () => {
    const endpoints = {
      webUrl: 'https://www.tiktok.com',
      webcastUrl: 'https://webcast.tiktok.com',
      socketUrl: 'wss://webcast-ws.tiktok.com',
    };
    other.answers.set(
      '/landing',
      (request, response) =>
        void response.writeHead(200, { 'set-cookie': 'planted=1' }).end(request.headers.cookie ?? 'none'),
    );
    const jar = new WebcastCookieJar(endpoints);
    jar.set('sessionid', 'secret');
    const transport = new HttpTransport(jar);
    expect((await transport.request({ url: `${other.url}/landing` })).body.toString()).toBe('none');
    expect(jar.get('planted')).toBeUndefined();
    server.answers.set('/from', (_request, response) => void response.writeHead(302, { location: '/to' }).end());
    server.answers.set('/to', (_request, response) => void response.end('arrived'));
    expect((await setUp().transport.request({ url: `${server.url}/from` })).body.toString()).toBe('arrived');
  });

  it('does not follow a redirect into the clear, or in circles', async () => {
    server.answers.set(
      '/clear',
      (_request, response) => void response.writeHead(301, { location: 'http://www.tiktok.com/' }).end(),
    );
    server.answers.set('/round', (_request, response) => void response.writeHead(302, { location: '/round' }).end());
    const { transport } = setUp();
    expect(await errorOf(transport.request({ url: `${server.url}/clear` }))).toMatchObject({
      code: 'CONNECTOR_HTTP_STATUS',
      retryable: false,
    });
    expect(await errorOf(transport.request({ url: `${server.url}/round` }))).toMatchObject({ retryable: false });
    expect(server.requests).toHaveLength(7);
  });

  it.each(['http://www.tiktok.com', 'ftp://www.tiktok.com', 'www.tiktok.com'])(
    'refuses %s as the address of TikTok',
    (webUrl) => {
      expect(() => resolveEndpoints({ webUrl })).toThrow(
        expect.objectContaining({ code: 'CONNECTOR_CONFIGURATION' }) as Error,
      );
    },
  );
});

describe('WebcastHttpClient', () => {
  it('overlays parameters and headers, and binds the room', async () => {
    server.json('/webcast/room/info/', { data: { id: 1 } });
    const client = createTikTokWebClient({
      endpoints: server.endpoints,
      webConfig: { DEFAULT_HTTP_CLIENT_PARAMS: { app_language: 'fr' } },
    });
    client.roomId = '7';
    client.clientParams['extra'] = 'x';
    await client.getJsonObjectFromWebcastApi('room/info/', { room_id: '8' });
    const { url, headers } = server.requests[0]!;
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      aid: '1988',
      app_language: 'fr',
      room_id: '8',
      extra: 'x',
    });
    expect(url.searchParams.get('device_id')).toMatch(/^[1-9]\d{18}$/);
    expect(headers['user-agent']).toContain('Edg/128');
    expect(headers.cookie).toBe('tt-target-idc=useast1a');
  });

  it('says when a page came instead of JSON', async () => {
    server.answers.set('/api-live/', (_request, response) => void response.end('<html>captcha</html>'));
    const client = createTikTokWebClient({ endpoints: server.endpoints });
    expect(await errorOf(client.getJsonObjectFromTikTokApi('api-live/user/room/'))).toMatchObject({
      code: 'CONNECTOR_HTTP_BAD_JSON',
      retryable: true,
      status: 200,
    });
  });

  it('shares nothing between two clients', () => {
    const [first, second] = [createTikTokWebClient(), createTikTokWebClient()];
    first.clientParams['x'] = '1';
    first.cookieJar.set('a', '1');
    expect(second.clientParams['x']).toBeUndefined();
    expect(second.cookieJar.get('a')).toBeUndefined();
    expect(first.clientParams['device_id']).not.toBe(second.clientParams['device_id']);
  });

  it('has one device id and one set of parameters, whether somebody holds them or not', async () => {
    server.json('/webcast/room/info/', {});
    const client = createTikTokWebClient({ endpoints: server.endpoints });
    client.setClientParam('cursor', 'a');
    await client.getJsonObjectFromWebcastApi('room/info/');
    expect(client.clientParam('cursor')).toBe('a');
    const { clientParams, clientHeaders } = client;
    clientParams['held'] = 'x';
    clientHeaders['X-Held'] = 'y';
    client.setClientParam('cursor', 'b');
    expect([clientParams['cursor'], client.clientParam('held'), client.clientParam('none')]).toEqual([
      'b',
      'x',
      undefined,
    ]);
    await client.getJsonObjectFromWebcastApi('room/info/');
    const [first, second] = server.requests.map(({ url }) => url.searchParams);
    expect(first?.get('device_id')).toBe(clientParams['device_id']);
    expect(second?.get('device_id')).toBe(clientParams['device_id']);
    expect([first?.get('cursor'), second?.get('cursor'), second?.get('held')]).toEqual(['a', 'b', 'x']);
    expect(server.requests[1]?.headers['x-held']).toBe('y');
  });

  it('signs as it was told when it was made, until it is told otherwise', async () => {
    const askedBy: unknown[] = [];
    const signWith: WebcastHttpClientOptions['signWith'] = async (asking, { url, userAgent }) => {
      askedBy.push(asking);
      return { url: `${url}&signed=1`, userAgent };
    };
    server.json('/webcast/room/info/', {});
    const client = createTikTokWebClient({ endpoints: server.endpoints, signWith });
    await client.getJsonObjectFromWebcastApi('room/info/', {}, true);
    expect(server.requests[0]?.url.searchParams.get('signed')).toBe('1');
    expect(askedBy).toEqual([client]);
    client.signer = undefined;
    await expect(client.getJsonObjectFromWebcastApi('room/info/', {}, true)).rejects.toMatchObject({
      code: 'CONNECTOR_CONFIGURATION',
    });
  });
});
