import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LoopbackServer } from '../../test-support/loopback.js';
import { createTikTokWebClient, type WebcastHttpClient } from '../http/webcast-http-client.js';
import { buildEulerClient } from '../sign/sign-config.js';
import { checkLiveInBulk } from './check-live-bulk.js';

const ROOM = '7312345678901234567';

describe('checkLiveInBulk', () => {
  let server: LoopbackServer;
  let client: WebcastHttpClient;
  beforeEach(async () => {
    server = await new LoopbackServer().start();
    const apiClient = buildEulerClient({ basePath: server.url, apiKey: 'euler-key' });
    client = createTikTokWebClient({ endpoints: server.endpoints, apiClient });
  });
  afterEach(() => server.close());
  const check = (signal?: AbortSignal): ReturnType<typeof checkLiveInBulk> =>
    checkLiveInBulk(client, { userIds: ['11', '12', '13', '14'], oAuthToken: 'planted-token', signal });

  it('asks for all in one request and tells who is live', async () => {
    server.json(
      '/webcast/bulk_live_check',
      `{"code":200,"response":{"data":{"11":{"room_id":${ROOM},"is_live":true},"12":{"room_id":"1","is_live":false},"13":null,"14":{"room_id":"","is_live":true}}}}`,
    );
    const { checks, reason, blocked } = await check();
    expect([...checks]).toEqual([
      ['11', { verdict: 'live', reason: 'bulk: is live', roomId: ROOM }],
      ['12', { verdict: 'offline', reason: 'bulk: is not live', roomId: '1' }],
    ]);
    expect([reason, blocked]).toEqual(['bulk: 2 streamers', undefined]);
    const [request] = server.requests;
    expect(server.requests).toHaveLength(1);
    expect(JSON.parse(request?.body ?? '')).toEqual({ user_numeric_ids: ['11', '12', '13', '14'] });
    expect(request?.headers).toMatchObject({ 'x-oauth-token': 'planted-token', 'x-api-key': 'euler-key' });
  });

  it.each([
    [402, { message: 'premium' }, true],
    [403, { message: 'not entitled' }, true],
    [429, { message: 'quota' }, true],
    [500, {}, false],
    [200, { code: 200 }, false],
    [200, '<html>', false],
    [200, { code: 400, response: { data: {} } }, false],
  ])('knows nothing after %i %j', async (status, body, blocked) => {
    server.json('/webcast/bulk_live_check', body, status, { 'retry-after': '30' });
    const answer = await check();
    expect(answer.checks.size).toBe(0);
    expect(answer.blocked ?? false).toBe(blocked);
    expect(answer.retryAfterMs).toBe(30_000);
    expect(JSON.stringify(answer)).not.toMatch(/planted-token|euler-key/);
  });

  it('rejects only when aborted', async () => {
    const controller = new AbortController();
    server.answers.set('/webcast/bulk_live_check', () => controller.abort(new Error('stop')));
    await expect(check(controller.signal)).rejects.toThrow('stop');
    await server.close();
    server = await new LoopbackServer().start();
    expect((await check()).checks.size).toBe(0);
  });
});
