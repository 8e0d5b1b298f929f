import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkLive } from '@livetap/connector';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accessOf } from './streamer-access.js';
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
  const how = { proxyUrl: 'http://p:1', language: 'de', region: 'DE', socketSources: ['euler', 'direct'] as const };
  expect(accessOf({ uniqueId: 'anna', priority: 3, ...how } as unknown as Streamer)).toEqual(how);
  expect(accessOf({ uniqueId: 'anna' } as Streamer)).toEqual({});
});

let pages: Pages;
let access: TikTokAccess;

beforeEach(async () => {
  pages = new Pages();
  const url = await pages.listen();
  access = new TikTokAccess({ webUrl: url, webcastUrl: url, socketUrl: url, signApiUrl: url });
});

afterEach(() => pages.stop());

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
