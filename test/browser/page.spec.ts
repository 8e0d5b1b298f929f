import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Simulator, temporaryFolder, Watcher } from '../system/processes.js';
import { chromiumPath, openBrowser } from './chromium.js';

const PICTURES = fileURLToPath(new URL('../../.cache/screenshots/', import.meta.url));

describe.skipIf(chromiumPath === undefined)('the page, in a real browser', () => {
  let simulator: Simulator;
  let watcher: Watcher;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let settings: Record<string, string>;

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    folder = await temporaryFolder();
    simulator = await Simulator.start([
      '--streamers',
      '8',
      '--seed',
      '5',
      '--schedule',
      'false',
      '--live-at-start',
      '1',
    ]);
    settings = {
      ...simulator.settings,
      LIVETAP_DATA_DIR: folder.path,
      LIVETAP_SECRETS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    };
    watcher = await Watcher.start(settings);
  });
  afterAll(async () => {
    await watcher.stop();
    await simulator.stop();
    await folder.remove();
  });

  it('adds a streamer, shows its state and its events as they come, and goes on after the service restarts', async () => {
    const names = (await simulator.streamers()).map(({ uniqueId }) => uniqueId);
    const browser = await openBrowser({ width: 1280, height: 800 });
    const faults: string[] = [];
    try {
      const page = await browser.context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text());
      });
      page.on('pageerror', (error) => faults.push(String(error)));
      await page.goto(watcher.url);
      await page.getByText('No streamers yet.').waitFor();

      await page.getByLabel('Names to add').fill(names.join(' '));
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      const rows = page.locator('ul.streamers > li');
      await rows.nth(names.length - 1).waitFor();
      await page
        .locator('.state.live')
        .nth(names.length - 1)
        .waitFor();
      await page.locator('ol.events > li.chat').first().waitFor();
      // The way that led into the rooms, and how it is.
      await page.getByLabel('Ways into rooms').getByText('direct').waitFor();
      await page.screenshot({ path: `${PICTURES}page-desktop-dark.png` });

      // One streamer alone: every line shown is hers.
      const [first = ''] = names;
      await page.getByRole('button', { name: new RegExp(`@${first}`) }).click();
      await page.getByRole('heading', { name: `Events of @${first}` }).waitFor();
      await page.locator('ol.events > li').nth(3).waitFor();
      expect(new Set(await page.locator('ol.events .room').allTextContents())).toEqual(new Set([`@${first}`]));

      // A wrong name: the service's own words.
      await page.getByLabel('Names to add').fill('gone.wrong!');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText(/letters, digits/).waitFor();
      expect(faults.filter((fault) => !fault.includes('400'))).toEqual([]);

      const port = new URL(watcher.url).port;
      expect(await watcher.stop()).toBe(0);
      await page.getByText('The service does not answer').waitFor();
      watcher = await Watcher.start({ ...settings, LIVETAP_HTTP_PORT: port });
      await page.locator('.link.good').waitFor();
      await page.getByText('The service does not answer').waitFor({ state: 'detached' });
    } finally {
      await browser.close();
    }
  });

  it('shows what was set for a streamer, and nothing of what is secret', async () => {
    const set = async (method: string, route: string, body: object): Promise<void> =>
      expect((await watcher.call(route, { method, body })).ok).toBe(true);
    await set('POST', '/v1/proxy-pools', { name: 'eu', proxies: ['http://user:planted@127.0.0.1:9'] });
    await set('PUT', '/v1/label-defaults/europe', { proxyPool: 'eu' });
    await set('POST', '/v1/streamers', { uniqueId: 'settled', paused: true, labels: ['vip', 'europe'] });
    await set('PUT', '/v1/streamers/settled/session', { sessionId: 'planted', ttTargetIdc: 'planted' });
    const browser = await openBrowser({ width: 1280, height: 800 });
    try {
      const page = await browser.context.newPage();
      await page.goto(watcher.url);
      const row = page.locator('ul.streamers > li').filter({ hasText: '@settled' });
      await row.getByText('login', { exact: true }).waitFor();
      expect(await row.locator('.tags > span').allTextContents()).toEqual([
        'pool eu (label europe)',
        'login',
        'vip',
        'europe',
      ]);
      expect(await page.content()).not.toContain('planted');
      await page.screenshot({ path: `${PICTURES}page-settings.png` });
    } finally {
      await browser.close();
    }
  });

  it('is readable on a phone and in light colours, and nothing is wider than the screen', async () => {
    const browser = await openBrowser({ width: 390, height: 844 }, 'light');
    try {
      const page = await browser.context.newPage();
      await page.goto(watcher.url);
      await page.locator('ol.events > li').nth(5).waitFor();
      await page.screenshot({ path: `${PICTURES}page-phone-light.png` });
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    } finally {
      await browser.close();
    }
  });
});
