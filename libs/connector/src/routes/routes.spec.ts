import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LoopbackServer } from '../../test-support/loopback.js';
import { createTikTokWebClient, type WebcastHttpClient } from '../http/webcast-http-client.js';
import { buildEulerClient } from '../sign/sign-config.js';
import { IsLiveRouteConfig, RoomIdRouteConfig } from './composite-routes.js';
import { RouteConfig } from './route-config.js';
import { createRoute } from './route.js';

let server: LoopbackServer;
let webClient: WebcastHttpClient;

const euler = (): { webClient: WebcastHttpClient; apiClient: ReturnType<typeof buildEulerClient> } => ({
  webClient,
  apiClient: buildEulerClient({ basePath: server.url, apiKey: 'euler-key' }),
});

beforeEach(async () => {
  server = await new LoopbackServer().start();
  webClient = createTikTokWebClient({ endpoints: server.endpoints });
});
afterEach(async () => {
  for (const config of [RoomIdRouteConfig, IsLiveRouteConfig])
    Object.assign(config, {
      skipFetchRoomInfoFromHtmlRoute: false,
      skipFetchRoomInfoFromApiLiveRoute: false,
      skipFetchRoomIdFromEulerRoute: false,
    });
  await server.close();
});

describe('routes to TikTok', () => {
  it('need a room', async () => {
    const error = { name: 'InvalidRequestError', code: 'CONNECTOR_INVALID_REQUEST' };
    await expect(RouteConfig.fetchRoomInfo({ webClient })).rejects.toMatchObject({
      ...error,
      config: { routeId: 'fetchRoomInfoRoute' },
    });
    await expect(RouteConfig.fetchRoomGifts({ webClient })).rejects.toMatchObject({
      ...error,
      config: { routeId: 'fetchRoomGiftsRoute' },
    });
    expect(server.requests).toHaveLength(0);
  });

  it('ask for the gift list unsigned, and signed when that comes back empty', async () => {
    let asked = 0;
    server.answers.set('/webcast/gift/list/', (_request, response) => {
      asked += 1;
      response.end(JSON.stringify({ data: { gifts: asked === 1 ? [] : [{ id: 1 }] } }));
    });
    webClient.signer = async ({ url, method }) => ({ url: `${url}&X-Bogus=${method}`, userAgent: 'Signed/1' });
    expect(await RouteConfig.fetchRoomGifts({ webClient, roomId: '7' })).toEqual([{ id: 1 }]);
    expect(
      server.requests.map(({ url, headers }) => [
        url.searchParams.get('X-Bogus'),
        headers['user-agent'] === 'Signed/1',
      ]),
    ).toEqual([
      [null, false],
      ['GET', true],
    ]);
  });

  it.each([
    [{ statusCode: 19881007, message: 'user_not_found' }, 'API Error 19881007 (user_not_found)'],
    [{ statusCode: 5 }, 'API Error 5 (Unknown Error)'],
    [{ statusCode: 0, data: { user: { roomId: '' } } }, 'no room id'],
  ])('say what the web API said: %j', async (body, words) => {
    server.json('/api-live/user/room/', body);
    await expect(RouteConfig.fetchRoomInfoFromApiLive({ webClient, uniqueId: 'x' })).rejects.toThrow(words);
  });
});

describe('signing a URL', () => {
  const args = (): Parameters<typeof RouteConfig.fetchWebcastSignatureFromProvider>[0] => ({
    ...euler(),
    url: 'https://webcast.tiktok.com/webcast/gift/list/?aid=1988&msToken=old&X-Bogus=old&room_id=7312345678901234567',
    method: 'GET',
    userAgent: 'Browser/1',
  });

  it('sends the URL without old signatures, and the session when there is one', async () => {
    server.json('/webcast/sign_url', {
      code: 200,
      response: { signedUrl: 'https://signed', userAgent: 'Signed/1', tokens: { 'X-Bogus': 'new' } },
    });
    expect(await RouteConfig.fetchWebcastSignatureFromProvider(args())).toMatchObject({
      response: { signedUrl: 'https://signed' },
    });
    webClient.cookieJar.setSessionBundle({ type: 'cookie', value: { sessionId: 's', ttTargetIdc: 'idc' } });
    await RouteConfig.fetchWebcastSignatureFromProvider(args());
    const url = 'https://webcast.tiktok.com/webcast/gift/list/?aid=1988&room_id=7312345678901234567';
    expect(server.requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { url, method: 'GET', userAgent: 'Browser/1' },
      { url, method: 'GET', userAgent: 'Browser/1', sessionId: 's', ttTargetIdc: 'idc' },
    ]);
    expect(server.requests[0]?.url.searchParams.get('client')).toBe('ttlive-node');
  });

  it.each([
    [403, { message: 'no' }, 'PremiumFeatureError'],
    [500, {}, 'SignatureMissingTokensError'],
    [200, { response: { signedUrl: 'x', tokens: {} } }, 'SignatureMissingTokensError'],
    [200, 'not JSON', 'SignatureMissingTokensError'],
  ])('%i %j: %s', async (status, body, name) => {
    server.json('/webcast/sign_url', body, status);
    await expect(RouteConfig.fetchWebcastSignatureFromProvider(args())).rejects.toMatchObject({ name });
  });

  it('refuses half a session', async () => {
    webClient.cookieJar.set('sessionid', 's');
    webClient.cookieJar.delete('tt-target-idc');
    await expect(RouteConfig.fetchWebcastSignatureFromProvider(args())).rejects.toMatchObject({
      name: 'InvalidRequestError',
    });
  });
});

describe('routes over several sources', () => {
  it('leave out what is switched off', async () => {
    Object.assign(RoomIdRouteConfig, { skipFetchRoomInfoFromHtmlRoute: true, skipFetchRoomInfoFromApiLiveRoute: true });
    server.json('/webcast/room_id', '{"code":200,"ok":true,"room_id":7312345678901234567,"is_live":true}');
    expect(await RouteConfig.fetchRoomIdComposite({ ...euler(), uniqueId: 'x' })).toBe('7312345678901234567');
    expect(server.requests).toHaveLength(1);
    RoomIdRouteConfig.skipFetchRoomIdFromEulerRoute = true;
    await expect(RouteConfig.fetchRoomIdComposite({ ...euler(), uniqueId: 'x' })).rejects.toMatchObject({
      name: 'InvalidResponseCompositeError',
      config: { requestErrs: [] },
    });
  });

  it('ask the next source when one does not say', async () => {
    server.answers.set(
      '/@',
      (_request, response) =>
        void response.end(
          '<script id="SIGI_STATE">{"LiveRoom":{"liveRoomUserInfo":{"user":{"roomId":""},"liveRoom":{}}}}</script>',
        ),
    );
    server.json('/api-live/user/room/', { statusCode: 0, data: { user: { roomId: '7' }, liveRoom: { status: 4 } } });
    expect(await RouteConfig.fetchRoomIdComposite({ ...euler(), uniqueId: 'x' })).toBe('7');
    expect(await RouteConfig.fetchIsLiveComposite({ ...euler(), uniqueId: 'x' })).toBe(false);
  });
});

it('own routes see their id', async () => {
  const route = createRoute(
    'mine',
    async (args: { readonly x: number; readonly routeId: string }) => `${args.routeId} ${args.x}`,
  );
  expect(await route({ x: 1 })).toBe('mine 1');
});
