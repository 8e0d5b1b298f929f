import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeClock, SeededRandom } from '@livetap/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConnectorLiveChecker } from './connector-live-checker.adapter.js';
import { HostRateLimiter } from './host-rate-limiter.js';
import type { CheckedStreamer, LiveVerdict } from './live-checker.port.js';
import { TikTokAccess } from './tiktok-access.adapter.js';

const ROOM = '7312345678901234567';
const NEW_ROOM = '7312399999901234568';
const NOW = Date.UTC(2026, 10, 25, 20);
const minutesAgo = (minutes: number): number => NOW - minutes * 60_000;
const seconds = (ms: number): number => Math.floor(ms / 1_000);

interface Body {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = (value: object, status = 200, headers: Readonly<Record<string, string>> = {}): Body => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

/** As the live page and the web API both carry it. `status`: of the user and of the room. */
function pair(
  status: number | undefined,
  roomId: string = ROOM,
  startedAt = minutesAgo(90),
  userStatus = status,
): object {
  return {
    user: {
      avatarLarger: 'https://p16-sign.example/large.webp',
      avatarMedium: 'https://p16-sign.example/medium.webp',
      avatarThumb: 'https://p16-sign.example/thumb.webp',
      id: '6812345678901234567',
      nickname: 'Anna & Co.',
      secUid: 'MS4wLjABAAAA',
      secret: false,
      uniqueId: 'anna',
      verified: false,
      roomId,
      signature: 'hi <3',
      ...(userStatus === undefined ? {} : { status: userStatus }),
      followStatus: 0,
    },
    stats: { followingCount: 12, followerCount: 3_400 },
    liveRoom: {
      coverUrl: 'https://p16-sign.example/cover.webp',
      title: 'evening talk',
      startTime: seconds(startedAt),
      ...(status === undefined ? {} : { status }),
      paidEvent: { event_id: 0, paid_type: 0 },
      liveSubOnly: 0,
      liveRoomMode: 0,
      hashTagId: 5,
      streamId: '2995812345678901234',
      liveRoomStats: { userCount: 38, enterCount: 1_204 },
    },
  };
}

const html = (state: object, status = 200): Body => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!DOCTYPE html><html><head><title>Anna is LIVE</title></head><body><div id="app"></div><script id="SIGI_STATE" type="application/json">${JSON.stringify(
    { AppContext: { language: 'en' }, SharingMetaState: { value: {} }, ...state },
  ).replaceAll('<', '\\u003c')}</script></body></html>`,
});
const page = (...args: Parameters<typeof pair>): Body =>
  html({ LiveRoom: { loadingState: { getUserInfo: 3 }, needLogin: false, liveRoomUserInfo: pair(...args) } });
const api = (...args: Parameters<typeof pair>): Body =>
  json({ data: pair(...args), extra: { now: NOW }, message: '', statusCode: 0 });
const alive = (is: boolean, room = ROOM): Body =>
  json({ data: [{ alive: is, room_id: Number(room), room_id_str: room }], extra: { now: NOW }, status_code: 0 });
const info = (status: number, room = ROOM): Body =>
  json({
    data: {
      id: Number(room),
      id_str: room,
      status,
      title: 'evening talk',
      create_time: seconds(minutesAgo(90)),
      owner: { id_str: '6812345678901234567', display_id: 'anna', nickname: 'Anna & Co.' },
      stats: { like_count: 100, total_user: 1_204 },
    },
    extra: { now: NOW },
    status_code: 0,
  });
const sign = (isLive: boolean, room = ROOM): Body =>
  json({ code: 200, ok: true, room_id: room, is_live: isLive, message: '', routes_attempted: ['api-live'] });

const CAPTCHA: Body = { body: '<!DOCTYPE html><html><head><title>Security check</title></head><body>…</body></html>' };
const NO_ROOM = html({ MobileUserModule: {}, UserPage: {} });
const NO_PAGE = html({ AppContext: {} }, 404);
const FORBIDDEN: Body = { status: 403, body: '<html>Access Denied</html>' };
const SLOW_DOWN: Body = { status: 429, headers: { 'retry-after': '120' }, body: '' };
const BROKEN: Body = { status: 502, body: '<html>Bad Gateway</html>' };
const TORN = { ...page(2), body: page(2).body.slice(0, 400) };
const NO_USER = json({ data: {}, extra: { now: NOW }, message: 'user_not_found', statusCode: 19_881_007 });
const API_ERROR = json({ data: {}, message: 'server error', statusCode: 10_201 });
const ADULTS_BY_API = json({
  data: { prompts: 'This LIVE is for people of 18 years and more.' },
  statusCode: 4_003_110,
});
const ADULTS = json({
  data: { prompts: 'Log in to confirm your age', message: '' },
  extra: {},
  status_code: 4_003_110,
});
const EMPTY_PROMPTS = json({ data: { message: 'room not found', prompts: '' }, extra: {}, status_code: 30_003 });
const BAD_PARAMS = json({ data: { message: 'Request params error' }, extra: {}, status_code: 10_011 });
const NOTHING = json({});
const LIST = { ...json([]), body: '[]' };

/** Nobody answers who is not named in a row. */
interface Answers {
  readonly html?: Body;
  readonly apiLive?: Body;
  readonly checkAlive?: Body;
  readonly roomInfo?: Body;
  readonly euler?: Body;
}

type Row = readonly [
  name: string,
  streamer: Partial<CheckedStreamer>,
  answers: Answers,
  verdict: LiveVerdict,
  /** Who was asked, in this order. */
  asked: string,
  reason?: string,
];

const NEW = {} as const;
/** Known to TikTok, not live when last looked at. */
const OFFLINE = {
  state: 'offline',
  tiktokUserId: '6812345678901234567',
  roomId: ROOM,
  lastLiveAt: new Date(minutesAgo(600)),
} as const;
/** A session of ours is open in ROOM. */
const JOINED = {
  state: 'live',
  tiktokUserId: '6812345678901234567',
  roomId: ROOM,
  lastLiveAt: new Date(minutesAgo(80)),
} as const;
/** ROOM ended two minutes ago. */
const JUST_ENDED = { ...OFFLINE, lastLiveAt: new Date(minutesAgo(2)) } as const;

/** The bulk check saw a live in NEW_ROOM. */
const HEARD = { ...OFFLINE, heardRoom: NEW_ROOM } as const;
const BY_ID = { uniqueId: 'id:6812345678901234567' } as const;

const TABLE: readonly Row[] = [
  // One source is enough.
  ['live', OFFLINE, { html: page(2, NEW_ROOM) }, 'live', 'html', 'html: status 2/2, room id present'],
  ['live, the user behind the room', OFFLINE, { html: page(2, NEW_ROOM, NOW, 4) }, 'live', 'html'],
  ['live, and known to be', JOINED, { html: page(2) }, 'live', 'html'],
  ['live in another room than the one joined', JOINED, { html: page(2, NEW_ROOM) }, 'live', 'html'],
  ['paused', OFFLINE, { html: page(3, NEW_ROOM) }, 'paused', 'html'],
  [
    'offline, with the room of the last live',
    OFFLINE,
    { html: page(4) },
    'offline',
    'html',
    'html: status 4/4, room id present',
  ],
  ['offline, seen for the first time', NEW, { html: page(4) }, 'offline', 'html'],
  // The page does not say.
  ['captcha, then live', OFFLINE, { html: CAPTCHA, apiLive: api(2, NEW_ROOM) }, 'live', 'html apiLive'],
  ['captcha, then offline', OFFLINE, { html: CAPTCHA, apiLive: api(4) }, 'offline', 'html apiLive'],
  ['page without a room, then paused', OFFLINE, { html: NO_ROOM, apiLive: api(3) }, 'paused', 'html apiLive'],
  ['torn page, then live', OFFLINE, { html: TORN, apiLive: api(2, NEW_ROOM) }, 'live', 'html apiLive'],
  ['a status nobody knows, then offline', OFFLINE, { html: page(1), apiLive: api(4) }, 'offline', 'html apiLive'],
  [
    'live without a room id, then live with one',
    OFFLINE,
    { html: page(2, ''), apiLive: api(2) },
    'live',
    'html apiLive',
  ],
  [
    'both blocked, the sign server knows: live',
    OFFLINE,
    { html: FORBIDDEN, apiLive: FORBIDDEN, euler: sign(true) },
    'live',
    'html apiLive euler',
  ],
  [
    'both blocked, the sign server knows: offline',
    OFFLINE,
    { html: FORBIDDEN, apiLive: CAPTCHA, euler: sign(false) },
    'offline',
    'html apiLive euler',
  ],
  // Nobody says.
  ['everybody blocked', OFFLINE, { html: SLOW_DOWN, apiLive: FORBIDDEN, euler: SLOW_DOWN }, 'unknown', 'html euler'],
  [
    'garbage everywhere',
    OFFLINE,
    { html: { body: 'ok' }, apiLive: LIST, euler: NOTHING },
    'unknown',
    'html apiLive euler',
  ],
  ['errors everywhere', OFFLINE, { html: BROKEN, apiLive: API_ERROR, euler: BROKEN }, 'unknown', 'html apiLive euler'],
  [
    'empty objects',
    OFFLINE,
    { html: html({ LiveRoom: null }), apiLive: json({ statusCode: 0, data: { user: {} } }), euler: NOTHING },
    'unknown',
    'html apiLive euler',
  ],
  // Thin evidence is confirmed.
  [
    'no room at all, twice',
    NEW,
    { html: page(undefined, ''), apiLive: api(0, '0') },
    'offline',
    'html apiLive',
    'html: status absent, no room id; apiLive: status 0/0, no room id (they agree)',
  ],
  ['no room on the page, but live', NEW, { html: page(undefined, ''), apiLive: api(2) }, 'live', 'html apiLive'],
  [
    'no room on the page, nobody else answers',
    NEW,
    { html: page(undefined, ''), apiLive: FORBIDDEN },
    'offline',
    'html apiLive',
  ],
  ['no such page, no such user', OFFLINE, { html: NO_PAGE, apiLive: NO_USER }, 'notFound', 'html apiLive'],
  ['no such page, but the user is offline', OFFLINE, { html: NO_PAGE, apiLive: api(4) }, 'offline', 'html apiLive'],
  [
    'no such user, the page is blocked, never seen',
    NEW,
    { html: CAPTCHA, apiLive: NO_USER },
    'notFound',
    'html apiLive',
  ],
  [
    'no such user, the page is blocked, but known',
    OFFLINE,
    { html: CAPTCHA, apiLive: NO_USER, euler: NOTHING },
    'unknown',
    'html apiLive euler',
  ],
  [
    'no such user, the page is blocked, live by the sign server',
    OFFLINE,
    { html: CAPTCHA, apiLive: NO_USER, euler: sign(true) },
    'unknown',
    'html apiLive euler checkAlive roomInfo',
  ],
  [
    'the same, and the room is alive',
    OFFLINE,
    { html: CAPTCHA, apiLive: NO_USER, euler: sign(true), checkAlive: alive(true) },
    'live',
    'html apiLive euler checkAlive',
  ],
  // Restricted.
  [
    'adults only, and nobody else says',
    OFFLINE,
    { html: CAPTCHA, apiLive: ADULTS_BY_API },
    'restricted',
    'html apiLive',
    'html: no state in the page; apiLive: age restricted',
  ],
  ['adults only, no page', OFFLINE, { html: NO_PAGE, apiLive: ADULTS_BY_API }, 'restricted', 'html apiLive euler'],
  [
    'adults only, but the page shows it live',
    OFFLINE,
    { html: page(2, NEW_ROOM), apiLive: ADULTS_BY_API },
    'live',
    'html',
  ],
  [
    'adults only, joined, alive',
    JOINED,
    { html: CAPTCHA, apiLive: ADULTS_BY_API, checkAlive: alive(true) },
    'live',
    'html apiLive checkAlive',
  ],
  [
    'adults only, joined, the room is over',
    JOINED,
    { html: CAPTCHA, apiLive: ADULTS_BY_API, checkAlive: alive(false) },
    'offline',
    'html apiLive checkAlive',
  ],
  [
    'adults only, joined, room info closed as well',
    JOINED,
    { html: CAPTCHA, apiLive: ADULTS_BY_API, checkAlive: FORBIDDEN, roomInfo: ADULTS },
    'restricted',
    'html apiLive checkAlive roomInfo',
  ],
  // The end of a live that we hold to be on.
  [
    'joined, offline, the room is over',
    JOINED,
    { html: page(4), checkAlive: alive(false) },
    'offline',
    'html checkAlive',
    'html: status 4/4, room id present; checkAlive: the room is over (they agree)',
  ],
  [
    'joined, offline, but the room is alive',
    JOINED,
    { html: page(4), checkAlive: alive(true) },
    'live',
    'html checkAlive',
    'html: status 4/4, room id present; checkAlive: the room is alive (checkAlive is better evidence than html)',
  ],
  [
    'joined, offline, check_alive does not know the room',
    JOINED,
    { html: page(4), checkAlive: alive(true, NEW_ROOM), roomInfo: info(4) },
    'offline',
    'html checkAlive roomInfo',
  ],
  [
    'joined, offline, room info says paused',
    JOINED,
    { html: page(4), checkAlive: FORBIDDEN, roomInfo: info(3) },
    'paused',
    'html checkAlive roomInfo',
  ],
  [
    'joined, offline, room info is empty, the web API agrees',
    JOINED,
    { html: page(4), checkAlive: BROKEN, roomInfo: EMPTY_PROMPTS, apiLive: api(4) },
    'offline',
    'html checkAlive roomInfo apiLive',
  ],
  [
    'joined, offline, the web API says live',
    JOINED,
    { html: page(4), checkAlive: BROKEN, roomInfo: BAD_PARAMS, apiLive: api(2) },
    'unknown',
    'html checkAlive roomInfo apiLive',
  ],
  [
    'joined, offline, nobody else answers',
    JOINED,
    { html: page(4), checkAlive: BROKEN, roomInfo: BROKEN, apiLive: BROKEN },
    'offline',
    'html checkAlive roomInfo apiLive',
  ],
  [
    'joined, no such user, nobody else answers',
    JOINED,
    { html: BROKEN, apiLive: NO_USER, checkAlive: BROKEN, roomInfo: BROKEN },
    'unknown',
    'html apiLive checkAlive roomInfo euler',
  ],
  [
    'joined, no such user, the room is over',
    JOINED,
    { html: NO_PAGE, checkAlive: alive(false) },
    'notFound',
    'html checkAlive',
  ],
  [
    'joined, nobody knows the name, the room is alive',
    JOINED,
    { html: CAPTCHA, apiLive: FORBIDDEN, checkAlive: alive(true) },
    'live',
    'html apiLive checkAlive',
  ],
  [
    'joined, nobody knows anything',
    JOINED,
    { html: CAPTCHA, apiLive: FORBIDDEN, checkAlive: FORBIDDEN, roomInfo: BAD_PARAMS, euler: BROKEN },
    'unknown',
    'html apiLive checkAlive roomInfo euler',
  ],
  // A page that is behind: the room ended a moment ago.
  [
    'just ended, the page still shows it, the room is over',
    JUST_ENDED,
    { html: page(2), checkAlive: alive(false) },
    'offline',
    'html checkAlive',
    'html: status 2/2, room id present; checkAlive: the room is over (checkAlive is better evidence than html)',
  ],
  [
    'just ended, live again in the same room',
    JUST_ENDED,
    { html: page(2), checkAlive: alive(true) },
    'live',
    'html checkAlive',
  ],
  ['just ended, live again with a later start', JUST_ENDED, { html: page(2, ROOM, minutesAgo(1)) }, 'live', 'html'],
  ['just ended, live in a new room', JUST_ENDED, { html: page(2, NEW_ROOM) }, 'live', 'html'],
  [
    'just ended, paused in the same room',
    JUST_ENDED,
    { html: page(3), checkAlive: alive(true) },
    'paused',
    'html checkAlive',
  ],
  [
    'just ended, only the web API answers: offline',
    JUST_ENDED,
    { html: page(2), apiLive: api(4) },
    'unknown',
    'html checkAlive roomInfo apiLive',
  ],
  [
    'just ended, nobody contradicts the page',
    JUST_ENDED,
    { html: page(2), apiLive: BROKEN },
    'live',
    'html checkAlive roomInfo apiLive',
  ],
  ['just ended, offline', JUST_ENDED, { html: page(4) }, 'offline', 'html'],
  // The bulk check said live, and nobody can be asked by name.
  ['heard of, and offline by the page', HEARD, { html: page(4) }, 'offline', 'html'],
  [
    'heard of, both blocked, the room is live',
    HEARD,
    { html: FORBIDDEN, apiLive: FORBIDDEN, roomInfo: info(2, NEW_ROOM) },
    'live',
    'html apiLive roomInfo',
  ],
  [
    'heard of, both blocked, the room is over: there may be another',
    HEARD,
    { html: FORBIDDEN, apiLive: CAPTCHA, roomInfo: info(4, NEW_ROOM), euler: BROKEN },
    'unknown',
    'html apiLive roomInfo euler',
  ],
  // Known by user id alone.
  ['known by id, nothing heard', BY_ID, { html: page(2) }, 'unknown', ''],
  [
    'known by id, the room that was heard of is live',
    { ...BY_ID, heardRoom: NEW_ROOM },
    { html: page(4), roomInfo: info(2, NEW_ROOM) },
    'live',
    'roomInfo',
  ],
  [
    'known by id, the room that was heard of is for adults',
    { ...BY_ID, heardRoom: NEW_ROOM },
    { roomInfo: ADULTS, checkAlive: alive(true, NEW_ROOM) },
    'live',
    'roomInfo checkAlive',
  ],
  [
    'known by id, the room that was heard of is somebody else’s',
    { uniqueId: 'id:5', heardRoom: NEW_ROOM },
    { roomInfo: info(2, NEW_ROOM), checkAlive: alive(true, NEW_ROOM) },
    'unknown',
    'roomInfo',
    'roomInfo: the room is another user’s',
  ],
  ['known by id, the last room is over', { ...BY_ID, roomId: ROOM }, { roomInfo: info(4) }, 'unknown', 'roomInfo'],
  [
    'known by id, joined, the room is over',
    { ...JOINED, ...BY_ID },
    { checkAlive: alive(false) },
    'offline',
    'checkAlive',
  ],
];

describe('the verdict of what the sources answer', () => {
  /** TikTok's pages, its webcast API and the sign server: three hosts. */
  let servers: readonly Server[];
  let urls: readonly string[];
  let answers: Answers;
  let asked: string[];
  let checker: ConnectorLiveChecker;

  const sourceOf = (path: string): keyof Answers => {
    if (path.startsWith('/@')) return 'html';
    if (path.startsWith('/api-live/user/room')) return 'apiLive';
    if (path.startsWith('/webcast/room/check_alive')) return 'checkAlive';
    return path.startsWith('/webcast/room/info') ? 'roomInfo' : 'euler';
  };

  beforeAll(async () => {
    servers = [0, 1, 2].map(() =>
      createServer((request: IncomingMessage, response: ServerResponse) => {
        const source = sourceOf(request.url ?? '');
        asked.push(source);
        const { status = 200, headers, body } = answers[source] ?? { status: 503, body: 'nobody here' };
        response.writeHead(status, headers).end(body);
      }),
    );
    urls = await Promise.all(
      servers.map(async (server) => {
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      }),
    );
  });

  afterAll(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  beforeEach(() => {
    asked = [];
    const clock = new FakeClock(NOW);
    checker = new ConnectorLiveChecker({
      access: new TikTokAccess({
        webUrl: urls[0],
        webcastUrl: urls[1],
        signApiUrl: urls[2],
        signApiKey: 'planted-key',
      }),
      limiter: new HostRateLimiter({ clock, perSecond: 1_000, burst: 1_000 }),
      clock,
      random: new SeededRandom(1),
    });
  });

  it(`has ${TABLE.length} rows`, () => {
    expect(TABLE.length).toBeGreaterThanOrEqual(30);
    expect(new Set(TABLE.map(([name]) => name)).size).toBe(TABLE.length);
  });

  it.each(TABLE.map((row) => ({ name: row[0], row })))('$name', async ({ row }) => {
    const [, streamer, given, verdict, expected, reason] = row;
    answers = given;
    const result = await checker.check({ uniqueId: 'anna', ...streamer });
    expect({ verdict: result.verdict, asked: asked.join(' ') }).toEqual({ verdict, asked: expected });
    // Each source that was asked stands in the reason, and no secret does.
    expect(result.reason).not.toBe('');
    if (reason !== undefined) expect(result.reason).toBe(reason);
    expect(JSON.stringify(result)).not.toMatch(/planted-key|device_id|msToken/);
    if (verdict === 'live' || verdict === 'paused') expect(result.roomId).toMatch(/^73/);
  });

  it('tells what the page knew, also when the room itself decided', async () => {
    answers = { html: page(2), checkAlive: alive(true) };
    expect(await checker.check({ uniqueId: 'anna', ...JUST_ENDED })).toEqual({
      verdict: 'live',
      reason: 'html: status 2/2, room id present; checkAlive: the room is alive (they agree)',
      roomId: ROOM,
      tiktokUserId: '6812345678901234567',
      uniqueId: 'anna',
      nickname: 'Anna & Co.',
      avatarUrl: 'https://p16-sign.example/large.webp',
      title: 'evening talk',
      startedAt: minutesAgo(90),
    });
  });

  it('learns the name of a streamer who is known by id from the room, live or not', async () => {
    answers = { roomInfo: info(4) };
    expect(await checker.check({ ...BY_ID, roomId: ROOM })).toMatchObject({ verdict: 'unknown', uniqueId: 'anna' });
    answers = { roomInfo: info(2, NEW_ROOM) };
    expect(await checker.check({ ...BY_ID, heardRoom: NEW_ROOM })).toMatchObject({
      roomId: NEW_ROOM,
      uniqueId: 'anna',
    });
    answers = { roomInfo: info(2, NEW_ROOM) };
    expect(await checker.check({ uniqueId: 'id:5', heardRoom: NEW_ROOM })).not.toHaveProperty('uniqueId');
  });
});
