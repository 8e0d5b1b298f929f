import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LoopbackServer } from '../../test-support/loopback.js';
import { WebcastHttpClient } from '../http/webcast-http-client.js';
import { fetchWebcastSignatureFromEulerRoute, sendRoomChatFromEulerRoute } from '../routes/euler-routes.js';
import { fetchSignedWebSocketFromEuler } from './fetch-signed-websocket.js';
import { buildEulerClient, createEulerClient, SignConfig } from './sign-config.js';

const SESSION = { type: 'cookie', value: { sessionId: 'planted-session', ttTargetIdc: 'useast5' } } as const;
let server: LoopbackServer;
let elsewhere: LoopbackServer;

beforeEach(async () => {
  [server, elsewhere] = await Promise.all([new LoopbackServer().start(), new LoopbackServer().start()]);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([server.close(), elsewhere.close()]);
});

function webClient(): WebcastHttpClient {
  const client = new WebcastHttpClient({ endpoints: server.endpoints });
  client.cookieJar.setSessionBundle(SESSION);
  return client;
}

it('no redirect takes the key or the session to another host', async () => {
  vi.stubEnv('WHITELIST_AUTHENTICATED_SESSION_ID_HOST', server.host);
  for (const path of ['/webcast/fetch', '/webcast/chat', '/webcast/rate_limits'])
    server.json(path, {}, 307, { location: `${elsewhere.url}/taken` });
  const apiClient = buildEulerClient({ basePath: server.url, apiKey: 'planted-key' });
  const args = { webClient: webClient(), apiClient, roomId: '7' };
  await expect(fetchSignedWebSocketFromEuler({ ...args, authenticateWs: true })).rejects.toMatchObject({
    name: 'SignAPIError',
    status: 307,
  });
  await expect(sendRoomChatFromEulerRoute({ ...args, content: 'hello' })).rejects.toThrow('307');
  expect((await apiClient.webcast.getRateLimits()).status).toBe(307);
  expect(server.requests).toHaveLength(3);
  expect(elsewhere.requests).toEqual([]);
});

it('no session goes to a sign server in the clear', async () => {
  vi.stubEnv('WHITELIST_AUTHENTICATED_SESSION_ID_HOST', 'sign.example');
  const apiClient = buildEulerClient({ basePath: 'http://sign.example', apiKey: 'key' });
  const call = vi.spyOn(apiClient.webcast, 'fetchWebcastURL');
  const chat = vi.spyOn(apiClient.premium, 'sendRoomChat');
  const sign = vi.spyOn(apiClient.webcast, 'signWebcastUrl');
  const args = { webClient: webClient(), apiClient, roomId: '7' };
  const words = 'in the clear';
  await expect(fetchSignedWebSocketFromEuler({ ...args, authenticateWs: true })).rejects.toThrow(words);
  await expect(sendRoomChatFromEulerRoute({ ...args, content: 'hello' })).rejects.toThrow(words);
  await expect(
    fetchWebcastSignatureFromEulerRoute({
      ...args,
      url: 'https://webcast.tiktok.com/x',
      method: 'GET',
      userAgent: 'u',
    }),
  ).rejects.toThrow(words);
  for (const spy of [call, chat, sign]) expect(spy).not.toHaveBeenCalled();
});

it('a signed address in the clear is not asked', async () => {
  const client = webClient();
  client.signer = () => Promise.resolve({ url: 'http://webcast.tiktok.com/signed?msToken=planted', userAgent: 'u' });
  const attempt = client.getJsonObjectFromWebcastApi('gift/list/', {}, true);
  const error: unknown = await attempt.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'HttpRequestError', retryable: false });
  expect(`${String(error)}${JSON.stringify(error)}`).not.toContain('planted');
});

it('a sign call sends no cookies of TikTok and keeps none that the sign server sets', async () => {
  server.json('/webcast/fetch', {}, 500, { 'set-cookie': 'sign=1' });
  const client = webClient();
  const apiClient = buildEulerClient({ basePath: server.url });
  await expect(fetchSignedWebSocketFromEuler({ webClient: client, apiClient, roomId: '7' })).rejects.toThrow('500');
  expect(server.requests[0]?.headers).not.toHaveProperty('cookie');
  expect(client.cookieJar.get('sign')).toBeUndefined();
});

it('calls on the client itself end as well, and the limit can be set', async () => {
  expect(buildEulerClient().configuration.baseOptions).toMatchObject({ timeout: 30_000, maxRedirects: 0 });
  server.answers.set('/webcast/rate_limits', () => undefined);
  const shared = { ...SignConfig };
  try {
    Object.assign(SignConfig, { basePath: server.url, baseOptions: { timeout: 20 }, cachedInstance: undefined });
    await expect(createEulerClient().webcast.getRateLimits()).rejects.toMatchObject({ code: 'ECONNABORTED' });
  } finally {
    Object.assign(SignConfig, shared, { cachedInstance: shared.cachedInstance });
  }
});
