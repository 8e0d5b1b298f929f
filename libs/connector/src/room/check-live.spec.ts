import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LoopbackServer } from '../../test-support/loopback.js';
import { createTikTokWebClient, type WebcastHttpClient } from '../http/webcast-http-client.js';
import { parseJsonLossless } from '../http/json.js';
import { buildEulerClient } from '../sign/sign-config.js';
import { checkLive, verdictOfApiLive } from './check-live.js';
import { readLivePage } from './live-page.js';
import { verdictOfCheckAlive, verdictOfRoomInfo, type LiveVerdict } from './live-verdict.js';

const ROOM = '7312345678901234567';
const user = {
  id: '107955',
  uniqueId: 'tv_asahi_news',
  nickname: 'News',
  avatarThumb: 'https://p16.example/a.webp',
  roomId: ROOM,
  status: 2,
};
const pair = (liveStatus: number | undefined, userStatus: number | undefined, roomId: unknown = ROOM): object => ({
  user: { ...user, roomId, status: userStatus },
  liveRoom: { title: 'Hello', startTime: 1_700_000_000, status: liveStatus },
});

describe('the verdict of the web API', () => {
  it.each<[string, object, LiveVerdict]>([
    ['both live', { statusCode: 0, data: pair(2, 2) }, 'live'],
    ['room live, user behind', { statusCode: 0, data: pair(2, 4) }, 'live'],
    ['user live, room silent', { statusCode: 0, data: pair(undefined, 2) }, 'live'],
    ['paused', { statusCode: 0, data: pair(3, 3) }, 'paused'],
    ['ended', { statusCode: 0, data: pair(4, 4) }, 'offline'],
    ['ended, user silent', { statusCode: 0, data: pair(4, undefined) }, 'offline'],
    ['never had a room', { statusCode: 0, data: pair(undefined, undefined, '') }, 'offline'],
    ['room id "0" and no status', { statusCode: 0, data: pair(0, 0, '0') }, 'offline'],
    ['live without a room id', { statusCode: 0, data: pair(2, 2, '') }, 'unknown'],
    ['ended, but the user is paused', { statusCode: 0, data: pair(4, 3) }, 'paused'],
    ['a status nobody knows', { statusCode: 0, data: pair(1, 1) }, 'unknown'],
    ['ended and a status nobody knows', { statusCode: 0, data: pair(4, 7) }, 'unknown'],
    ['no such user', { statusCode: 19881007, message: 'user_not_found' }, 'notFound'],
    ['another API error', { statusCode: 10201, data: pair(4, 4) }, 'unknown'],
    ['age restricted by code', { statusCode: 4003110 }, 'restricted'],
    ['age restricted by prompts', { status_code: 0, data: { prompts: 'Adults only' } }, 'restricted'],
    ['an empty object', {}, 'unknown'],
    ['a user that says nothing', { statusCode: 0, data: { user: {} } }, 'unknown'],
    ['data of another type', { statusCode: 0, data: [] }, 'unknown'],
  ])('%s', (_name, body, verdict) => {
    expect(verdictOfApiLive(body as Record<string, unknown>).verdict).toBe(verdict);
  });

  it('carries what the source knew', () => {
    expect(verdictOfApiLive({ statusCode: 0, data: pair(2, 2) })).toEqual({
      verdict: 'live',
      reason: 'apiLive: status 2/2, room id present',
      source: 'apiLive',
      roomId: ROOM,
      user: { id: '107955', uniqueId: 'tv_asahi_news', nickname: 'News', avatarUrl: 'https://p16.example/a.webp' },
      title: 'Hello',
      startedAt: 1_700_000_000_000,
    });
  });
});

describe('the verdict of room info', () => {
  it.each<[unknown, LiveVerdict]>([
    [{ data: { id_str: ROOM, status: 2 }, status_code: 0 }, 'live'],
    [{ data: { status: 3 } }, 'paused'],
    [{ data: { status: 4 } }, 'offline'],
    [{ data: { prompts: '' }, status_code: 4003110 }, 'restricted'],
    // Rooms that are over are answered so as well: no sign of an age limit.
    [{ data: { prompts: '', message: 'room not found' }, status_code: 30003 }, 'unknown'],
    [{ data: { prompts: 'Adults only' }, status_code: 0 }, 'restricted'],
    [{ data: { message: 'x' }, status_code: 10011 }, 'unknown'],
    ['text', 'unknown'],
  ])('%j', (body, verdict) => {
    expect(verdictOfRoomInfo(body).verdict).toBe(verdict);
  });
});

describe('the verdict of check_alive', () => {
  it.each<[unknown, LiveVerdict]>([
    [{ data: [{ alive: true, room_id_str: ROOM }], status_code: 0 }, 'live'],
    [{ data: [{ alive: false, room_id: ROOM }], status_code: 0 }, 'offline'],
    [
      {
        data: [
          { alive: true, room_id_str: '1' },
          { alive: false, room_id_str: ROOM },
        ],
      },
      'offline',
    ],
    // A room id that lost its last digits on the way names another room.
    [{ data: [{ alive: true, room_id: 7312345678901234000 }], status_code: 0 }, 'unknown'],
    [{ data: [{ room_id_str: ROOM }], status_code: 0 }, 'unknown'],
    [{ data: [], status_code: 0 }, 'unknown'],
    [{ data: {}, status_code: 0 }, 'unknown'],
    [{ data: [{ alive: true, room_id_str: ROOM }], status_code: 10011 }, 'unknown'],
    ['text', 'unknown'],
  ])('%j', (body, verdict) => {
    expect(verdictOfCheckAlive(body, ROOM).verdict).toBe(verdict);
  });
});

describe('the live page', () => {
  const state = JSON.stringify({ LiveRoom: { liveRoomUserInfo: pair(2, 2) } });
  it.each([
    ['plain', `<script id="SIGI_STATE" type="application/json">${state}</script>`, 'found'],
    [
      'other order of attributes',
      `<html><script async\n type="application/json"  id='SIGI_STATE'>\n${state}\n</script>`,
      'found',
    ],
    [
      'assigned to a variable',
      `<script id="sigi-persisted-data">window['SIGI_STATE']=${state};window['SIGI_RETRY']={"x":1};</script>`,
      'found',
    ],
    ['none', '<html>captcha</html>', 'noState'],
    ['cut off', `<script id="SIGI_STATE">{"LiveRoom":</script>`, 'badState'],
    ['no room', `<script id="SIGI_STATE">{"LiveRoom":null}</script>`, 'noRoom'],
  ])('%s', (_name, html, kind) => {
    expect(readLivePage(html, parseJsonLossless).kind).toBe(kind);
  });
});

describe('checkLive', () => {
  let server: LoopbackServer;
  let client: WebcastHttpClient;
  beforeEach(async () => {
    server = await new LoopbackServer().start();
    client = createTikTokWebClient({
      endpoints: server.endpoints,
      apiClient: buildEulerClient({ basePath: server.url, apiKey: 'euler-key' }),
    });
  });
  afterEach(() => server.close());
  const page = (content: string): void =>
    void server.answers.set('/@', (_request, response) => void response.end(content));
  const paths = (): string[] => server.requests.map(({ url }) => url.pathname);

  it('stops at the first clear answer', async () => {
    page(`<script id="SIGI_STATE">${JSON.stringify({ LiveRoom: { liveRoomUserInfo: pair(4, 4) } })}</script>`);
    expect(await checkLive(client, { uniqueId: 'tv_asahi_news' })).toMatchObject({
      verdict: 'offline',
      source: 'html',
    });
    expect(paths()).toEqual(['/@tv_asahi_news/live']);
  });

  it('asks the next source after a doubt, in the given order', async () => {
    page('<html>captcha</html>');
    server.json('/api-live/user/room/', { statusCode: 0, data: { user: {} } });
    server.json('/webcast/room_id', `{"code":200,"ok":true,"room_id":${ROOM},"is_live":true}`);
    expect(await checkLive(client, { uniqueId: 'x' })).toEqual({
      verdict: 'live',
      reason: 'euler: is live',
      source: 'euler',
      roomId: ROOM,
    });
    expect(paths()).toEqual(['/@x/live', '/api-live/user/room/', '/webcast/room_id']);
    expect(server.requests[2]?.headers['x-api-key']).toBe('euler-key');
    expect(server.requests[2]?.headers.cookie).toBeUndefined();
  });

  it('asks about a room by its id', async () => {
    server.json('/webcast/room/check_alive', `{"data":[{"alive":true,"room_id":${ROOM}}],"status_code":0}`);
    server.json('/webcast/room/info', { data: { status: 4 }, status_code: 0 });
    const ask = (source: 'checkAlive' | 'roomInfo', roomId?: string): ReturnType<typeof checkLive> =>
      checkLive(client, { uniqueId: 'x', roomId, sources: [source] });
    expect(await ask('checkAlive', ROOM)).toMatchObject({ verdict: 'live', roomId: ROOM, source: 'checkAlive' });
    expect(await ask('roomInfo', ROOM)).toMatchObject({ verdict: 'offline', roomId: ROOM, source: 'roomInfo' });
    expect(
      server.requests.map(({ url }) => url.searchParams.get('room_ids') ?? url.searchParams.get('room_id')),
    ).toEqual([ROOM, ROOM]);
    expect(await ask('checkAlive')).toMatchObject({ verdict: 'unknown' });
    expect(server.requests).toHaveLength(2);
  });

  it('believes a weak answer only when nobody knows better', async () => {
    server.answers.set('/@', (_request, response) => void response.writeHead(404).end('<html>'));
    server.json('/api-live/user/room/', { statusCode: 0, data: pair(2, 2) });
    const sources = ['html', 'apiLive'] as const;
    expect(await checkLive(client, { uniqueId: 'x', sources })).toMatchObject({ verdict: 'live', source: 'apiLive' });
    server.json('/api-live/user/room/', {}, 500);
    expect(await checkLive(client, { uniqueId: 'x', sources })).toMatchObject({ verdict: 'notFound', source: 'html' });
  });

  it('is unknown, never offline, when everybody blocks; with the longest wait and without secrets', async () => {
    page('<html>captcha</html>');
    server.json('/api-live/user/room/', {}, 429, { 'retry-after': '120' });
    server.json('/webcast/room_id', { message: 'quota' }, 429, { 'retry-after': '60' });
    const check = await checkLive(client, { uniqueId: 'x' });
    expect(check).toMatchObject({ verdict: 'unknown', retryAfterMs: 120_000 });
    expect(check.reason).toContain('html: no state in the page; apiLive: blocked, HTTP status 429');
    expect(JSON.stringify(check)).not.toMatch(/euler-key|device_id/);
    expect(server.requests).toHaveLength(3);
  });

  it.each([
    [403, '<html>'],
    [200, '<html>'],
    [500, '{}'],
  ])('is unknown when the web API answers %i %s', async (status, body) => {
    server.json('/api-live/user/room/', body, status);
    expect(await checkLive(client, { uniqueId: 'x', sources: ['apiLive'] })).toMatchObject({ verdict: 'unknown' });
  });

  it('keeps the user of an unclear answer', async () => {
    server.json('/api-live/user/room/', { statusCode: 0, data: pair(1, 1) });
    expect(await checkLive(client, { uniqueId: 'x', sources: ['apiLive'] })).toMatchObject({
      verdict: 'unknown',
      user: { id: '107955' },
    });
  });

  it.each([
    [{ code: 200, ok: true, room_id: ROOM, is_live: false }, 'offline'],
    [{ code: 200, ok: true, room_id: '', is_live: true }, 'unknown'],
    [{ code: 404, ok: false, room_id: null, is_live: false }, 'unknown'],
    [{ code: 200 }, 'unknown'],
  ])('reads the sign server: %j', async (body, verdict) => {
    server.json('/webcast/room_id', body);
    expect((await checkLive(client, { uniqueId: 'x', sources: ['euler'] })).verdict).toBe(verdict);
  });

  it('rejects only when aborted', async () => {
    const reason = new Error('shutting down');
    const controller = new AbortController();
    server.answers.set('/@', () => controller.abort(reason));
    await expect(checkLive(client, { uniqueId: 'x', signal: controller.signal })).rejects.toBe(reason);
    await server.close();
    server = await new LoopbackServer().start();
    expect(await checkLive(client, { uniqueId: 'x' })).toMatchObject({ verdict: 'unknown' });
  });
});
