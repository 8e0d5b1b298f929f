import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LoopbackServer, signalled } from '../../test-support/loopback.js';
import { ManualClock } from '../../test-support/manual-clock.js';
import { SocketRefusedError } from '../errors/connection-errors.js';
import { DirectSocketUrlSource, type DirectSocketUrlSourceOptions } from './direct-socket-url-source.js';
import { FixedSocketUrlSource } from './fixed-socket-url-source.js';

const ROOM = '7312345678901234567';
let server: LoopbackServer;
let served: number;

beforeEach(async () => {
  server = await new LoopbackServer().start();
  served = 0;
  server.answers.set('/', (_request, response) => {
    served += 1;
    response
      .writeHead(302, {
        'set-cookie': `ttwid=visitor-${served}; Domain=.tiktok.com; Path=/; Secure`,
        location: '/explore',
      })
      .end();
  });
});
afterEach(() => server.close());

const make = (options: Partial<DirectSocketUrlSourceOptions> = {}): DirectSocketUrlSource =>
  new DirectSocketUrlSource({ endpoints: server.endpoints, clock: new ManualClock(), random: () => 0.25, ...options });
const cookieOf = ({ headers }: { headers: Readonly<Record<string, string>> }): string | undefined => headers['Cookie'];

describe('DirectSocketUrlSource', () => {
  it('makes the address as the web page does, without a signature', async () => {
    const address = await make({ sessionCookies: 'sessionid=s' }).resolve({ roomId: ROOM });
    const url = new URL(address.url);
    expect(`${url.origin}${url.pathname}`).toBe(`${server.wsUrl}/webcast/im/ws_proxy/ws_reuse_supplement/`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      room_id: ROOM,
      aid: '1988',
      compress: 'gzip',
      ws_direct: '1',
      live_id: '12',
      heartbeat_duration: '10000',
      last_rtt: '125.000',
      version_code: '180800',
      history_comment_count: '6',
      identity: 'audience',
    });
    for (const name of ['cursor', 'internal_ext', 'X-Bogus', 'signature'])
      expect(url.searchParams.has(name)).toBe(false);
    expect(address).toMatchObject({
      source: 'direct',
      roomId: ROOM,
      headers: {
        Cookie: 'ttwid=visitor-1; sessionid=s',
        Origin: 'https://www.tiktok.com',
        'Cache-Control': 'no-cache',
      },
    });
    expect(address.headers['User-Agent']).toBe(server.requests[0]?.headers['user-agent']);
    expect(server.requests.map(({ url: { pathname, search } }) => pathname + search)).toEqual(['/']);
  });

  it('takes one cookie for all rooms, and a new one when it is old', async () => {
    const clock = new ManualClock();
    const source = make({ clock, maxAgeMs: 1000 });
    const first = await Promise.all([source.resolve({ roomId: '1' }), source.resolve({ roomId: '2' })]);
    expect(first.map(cookieOf)).toEqual(['ttwid=visitor-1', 'ttwid=visitor-1']);
    clock.advance(999);
    expect(cookieOf(await source.resolve({ roomId: '3' }))).toBe('ttwid=visitor-1');
    clock.advance(1);
    expect(cookieOf(await source.resolve({ roomId: '4' }))).toBe('ttwid=visitor-2');
  });

  it('takes a new cookie and another browser when the device is blocked, once for each cookie', async () => {
    const clock = new ManualClock();
    const source = make({ clock });
    const [first, second] = await Promise.all([source.resolve({ roomId: '1' }), source.resolve({ roomId: '2' })]);
    clock.advance(60_000);
    const blocked = new SocketRefusedError('deviceBlocked', 403, 'DEVICE_BLOCKED');
    source.onRefused(first, blocked);
    const third = await source.resolve({ roomId: '1' });
    source.onRefused(second, blocked);
    expect(cookieOf(third)).toBe('ttwid=visitor-2');
    expect(third.headers['User-Agent']).not.toBe(first.headers['User-Agent']);
    expect(cookieOf(await source.resolve({ roomId: '2' }))).toBe('ttwid=visitor-2');
  });

  it('does not ask hot when a fresh cookie is refused', async () => {
    const clock = new ManualClock();
    const source = make({ clock, minRenewIntervalMs: 30_000 });
    const address = await source.resolve({ roomId: '1' });
    clock.advance(10_000);
    source.onRefused(address, new SocketRefusedError('deviceBlocked', 403, 'DEVICE_BLOCKED'));
    await expect(source.resolve({ roomId: '1' })).rejects.toMatchObject({
      code: 'CONNECTOR_TTWID_UNAVAILABLE',
      retryable: true,
      retryAfterMs: 20_000,
    });
    clock.advance(20_000);
    expect(cookieOf(await source.resolve({ roomId: '1' }))).toBe('ttwid=visitor-2');
  });

  it('stays closed for a while when TikTok closes this way', async () => {
    const clock = new ManualClock();
    const source = make({ clock, closedForMs: 60_000 });
    source.onRefused(
      await source.resolve({ roomId: '1' }),
      new SocketRefusedError('routeClosed', 417, 'illegal secret key'),
    );
    await expect(source.resolve({ roomId: '1' })).rejects.toMatchObject({
      code: 'CONNECTOR_SOCKET_ROUTE_CLOSED',
      retryAfterMs: 60_000,
    });
    clock.advance(60_000);
    expect(cookieOf(await source.resolve({ roomId: '1' }))).toBe('ttwid=visitor-1');
  });

  it('says when the page gives no cookie', async () => {
    server.answers.set('/', (_request, response) => void response.end('captcha'));
    await expect(make().resolve({ roomId: '1' })).rejects.toMatchObject({
      code: 'CONNECTOR_TTWID_UNAVAILABLE',
      retryable: true,
    });
  });

  it('lets one caller go without taking the cookie from the others', async () => {
    const reached = signalled();
    const release = signalled();
    server.answers.set('/', async (_request, response) => {
      reached.done();
      await release.promise;
      response.writeHead(200, { 'set-cookie': 'ttwid=late' }).end();
    });
    const source = make();
    const controller = new AbortController();
    const impatient = source.resolve({ roomId: '1', signal: controller.signal }).catch((error: unknown) => error);
    const patient = source.resolve({ roomId: '2' });
    await reached.promise;
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await impatient).toBe(reason);
    release.done();
    expect(cookieOf(await patient)).toBe('ttwid=late');
    expect(server.requests).toHaveLength(1);
  });
});

describe('FixedSocketUrlSource', () => {
  it('always gives the same address, with the room filled in', async () => {
    const source = new FixedSocketUrlSource({
      url: 'ws://127.0.0.1:9/push?room={roomId}',
      headers: { 'User-Agent': 'x' },
    });
    expect(await source.resolve({ roomId: ROOM })).toEqual({
      source: 'fixed',
      url: `ws://127.0.0.1:9/push?room=${ROOM}`,
      headers: { 'User-Agent': 'x' },
      roomId: ROOM,
    });
    await expect(source.resolve({ roomId: ROOM, signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
  });

  it.each(['ws://tiktok.com/', 'https://tiktok.com/', 'nonsense'])('refuses %s', (url) => {
    expect(() => new FixedSocketUrlSource({ url })).toThrow(
      expect.objectContaining({ code: 'CONNECTOR_CONFIGURATION' }) as Error,
    );
  });
});
