import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkLive } from '@livetap/connector';
import { FakeClock, SeededRandom } from '@livetap/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretBox } from '../common/secret-box/secret-box.js';
import { Secret } from '../common/secret.js';
import { ConnectorLiveChecker } from './connector-live-checker.adapter.js';
import { HostRateLimiter } from './host-rate-limiter.js';
import { accessOf, AccessRefusedError } from './streamer-access.js';
import { StreamerVault } from './streamer-vault.js';
import type { Streamer } from './streamer.js';
import { TikTokAccess } from './tiktok-access.adapter.js';

const ROOM = '7300000000000000001';

/** TikTok's pages: writes down what each request carried. */
class Pages {
  readonly seen: { readonly url: URL; readonly headers: IncomingHttpHeaders }[] = [];
  readonly #server: Server = createServer(({ url = '/', headers }, response) => {
    this.seen.push({ url: new URL(url, 'http://x'), headers });
    response.writeHead(200, { 'set-cookie': `ttwid=visitor${this.seen.length}; Path=/` }).end('{}');
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

it('is the part of a streamer’s settings that says how it is reached', () => {
  const how = {
    id: '7',
    proxyUrl: 'http://p:1',
    language: 'de',
    region: 'DE',
    socketSources: ['euler', 'direct'] as const,
  };
  expect(accessOf({ uniqueId: 'anna', priority: 3, ...how } as unknown as Streamer)).toEqual(how);
  expect(accessOf({ id: '7', uniqueId: 'anna' } as Streamer)).toEqual({ id: '7' });
});

let pages: Pages;
let access: TikTokAccess;
let url: string;
const vault = new StreamerVault(new SecretBox([{ id: 'k', key: new Secret(Buffer.alloc(32, 1).toString('base64')) }]));

beforeEach(async () => {
  pages = new Pages();
  url = await pages.listen();
  access = new TikTokAccess({ webUrl: url, webcastUrl: url, socketUrl: url, signApiUrl: url, vault });
});

afterEach(() => pages.stop());

it('tells by one text who goes out from the same address, however it is sealed, and apart who cannot be reached', () => {
  const behind = (id: string, proxy: string): string => access.addressOf({ id, proxyUrl: vault.sealProxy(id, proxy) });
  expect(behind('1', 'http://user:planted@p:1')).toBe(behind('2', 'http://user:planted@p:1'));
  expect(behind('1', 'http://q:1')).not.toBe(behind('1', 'http://p:1'));
  expect(access.addressOf({ id: '1' })).toBe(access.addressOf({ id: '2', language: 'de' }));
  const unreachable = access.addressOf({ id: '1', proxyPool: 'nowhere' });
  expect([access.addressOf({ id: '1' }), behind('1', 'http://p:1')]).not.toContain(unreachable);
  expect(() => access.route({ id: '1', proxyPool: 'nowhere' })).toThrow(AccessRefusedError);
});

describe('language and region', () => {
  it('are what requests and sockets of the streamer say', async () => {
    const route = access.route({ language: 'de', region: 'AT' });
    await checkLive(route.client, { uniqueId: 'anna', sources: ['apiLive'] });
    expect(Object.fromEntries(pages.seen[0]!.url.searchParams)).toMatchObject({
      app_language: 'de',
      webcast_language: 'de',
      browser_language: 'de-AT',
      region: 'AT',
      priority_region: 'AT',
      tz_name: 'Europe/Vienna',
    });
    expect(pages.seen[0]?.headers['accept-language']).toBe('de-AT,de;q=0.9');
    const socket = await route.source('direct').resolve({ roomId: ROOM });
    expect(Object.fromEntries(new URL(socket.url).searchParams)).toMatchObject({
      app_language: 'de',
      browser_language: 'de-AT',
      tz_name: 'Europe/Vienna',
    });
    expect(socket.headers['Accept-Language']).toBe('de-AT,de;q=0.9');
  });

  it('are the connector’s own when nobody set them; one alone is enough', async () => {
    for (const wanted of [{}, { language: 'ja' }, { region: 'US' }])
      await checkLive(access.route(wanted).client, { uniqueId: 'anna', sources: ['apiLive'] });
    const said = pages.seen.map(({ url, headers }) => [
      url.searchParams.get('browser_language'),
      url.searchParams.get('tz_name'),
      headers['accept-language'],
    ]);
    expect(said).toEqual([
      ['en-DE', 'Europe/Berlin', 'en-US,en;q=0.9'],
      ['ja-DE', 'Europe/Berlin', 'ja-DE,ja;q=0.9'],
      ['en-US', 'America/New_York', 'en-US,en;q=0.9'],
    ]);
  });

  it('of two streamers share their address with its limits, but not their visitor', async () => {
    const german = access.route({ language: 'de' });
    const french = access.route({ language: 'fr' });
    expect(french.key).toBe(german.key);
    expect(access.route({ language: 'de' })).toBe(german);
    const cookies = await Promise.all(
      [german, french, german].map(
        async (route) => (await route.source('direct').resolve({ roomId: ROOM })).headers.Cookie,
      ),
    );
    expect(new Set(cookies).size).toBe(2);
  });
});

describe('the login of a streamer', () => {
  const sealedSession = vault.sealSession('7', {
    sessionId: new Secret('planted-session'),
    ttTargetIdc: new Secret('planted-idc'),
  });
  const cookie = (headers: IncomingHttpHeaders | Readonly<Record<string, string>> | undefined): string =>
    String(headers?.['Cookie'] ?? headers?.['cookie'] ?? '');
  const sign = async (allowed?: string): Promise<IncomingHttpHeaders | undefined> => {
    const options = { webUrl: url, webcastUrl: url, socketUrl: url, signApiUrl: url, vault, sessionSignHost: allowed };
    const route = new TikTokAccess(options).route({ id: '7', sealedSession });
    // The answer is no signature, which does not matter here.
    await route
      .source('euler')
      .resolve({ roomId: ROOM })
      .catch(() => undefined);
    return pages.seen.at(-1)?.headers;
  };

  it('is in the cookies of its sockets and requests to TikTok, and of nobody else’s', async () => {
    const route = access.route({ id: '7', sealedSession });
    const socket = await route.source('direct').resolve({ roomId: ROOM });
    expect(cookie(socket.headers)).toMatch(/^ttwid=visitor1; sessionid=planted-session; .*tt-target-idc=planted-idc$/);
    await checkLive(route.client, { uniqueId: 'anna', sources: ['apiLive'] });
    expect(cookie(pages.seen.at(-1)?.headers)).toContain('sessionid=planted-session');
    for (const other of [access.route({}), access.route({ id: '8' })]) {
      expect(cookie((await other.source('direct').resolve({ roomId: ROOM })).headers)).not.toContain('planted');
      await checkLive(other.client, { uniqueId: 'anna', sources: ['apiLive'] });
      expect(cookie(pages.seen.at(-1)?.headers)).not.toContain('planted');
    }
  });

  it('goes to the sign server that the operator named, and to no other', async () => {
    const host = new URL(url).host;
    for (const allowed of [undefined, 'sign.example', `${host}9`, host.replace(/:.*/, '')]) {
      const headers = await sign(allowed);
      expect(headers).toBeDefined();
      expect(JSON.stringify(headers)).not.toContain('planted');
    }
    expect(JSON.stringify(await sign(host))).toContain('sessionid=planted-session');
  });

  it('or a proxy that cannot be decrypted closes the way: nothing goes out without it', async () => {
    const proxyUrl = vault.sealProxy('7', 'http://user:planted@127.0.0.1:1');
    const keyless = new TikTokAccess({ webUrl: url, webcastUrl: url, socketUrl: url, signApiUrl: url });
    for (const refused of [
      () => keyless.route({ id: '7', sealedSession }),
      () => keyless.route({ id: '7', proxyUrl }),
      () => access.route({ id: '8', sealedSession }),
      () => access.route({ id: '8', proxyUrl }),
      () => access.route({ id: '8', proxyUrl: 'ftp://user:planted@x' }),
    ]) {
      expect(refused).toThrow(AccessRefusedError);
      expect(refused).not.toThrow(/planted|v1\./);
    }
    const checker = new ConnectorLiveChecker({
      access: keyless,
      limiter: new HostRateLimiter({ clock: new FakeClock() }),
      clock: new FakeClock(),
      random: new SeededRandom(1),
    });
    expect(await checker.check({ uniqueId: 'anna', id: '7', proxyUrl })).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringMatching(/the address of its proxy cannot be decrypted.*LIVETAP_SECRETS_KEYS/) as string,
    });
    expect(pages.seen).toEqual([]);
  });
});
