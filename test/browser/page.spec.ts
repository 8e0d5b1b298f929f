import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Simulator, temporaryFolder, Watcher } from '../system/processes.js';
import { chromiumPath, openBrowser } from './chromium.js';
import { expectToFit, seriousFaults, watchFaults, watchTransfers } from './page-driver.js';

const PICTURES = fileURLToPath(new URL('../../.cache/screenshots/', import.meta.url));
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const FIRST_VIEW_LIMIT_BYTES = 200_000;
/** Names that a page may stumble over: another direction, letters beyond Latin, pictures, and a long one without a space. */
const NAMES = {
  'first.one': 'Silver Harbor',
  right_to_left: 'مريم العلي 🌙',
  far_east: '日本語の名前',
  long_name: 'AVeryLongNameWithoutAnySpaceInItThatGoesOnAndOnAndOnAndOn',
};
/** A figure as the page writes it: `1,234` or `12.3K`. */
const figureOf = (text: string): number =>
  Number.parseFloat(text.replaceAll(',', '')) * (text.endsWith('M') ? 1e6 : text.endsWith('K') ? 1e3 : 1);

describe.skipIf(chromiumPath === undefined)('the page, in a real browser', () => {
  let simulator: Simulator;
  let watcher: Watcher;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let settings: Record<string, string>;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let page: Page;
  let faults: readonly string[];

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    folder = await temporaryFolder();
    simulator = await Simulator.start(['--streamers', '0', '--seed', '5', '--schedule', 'false']);
    for (const [uniqueId, nickname] of Object.entries(NAMES))
      await simulator.post('/_sim/streamers', {
        uniqueId,
        nickname,
        rate: 6,
        live: true,
        title: `LIVE of ${nickname}`,
      });
    settings = {
      ...simulator.settings,
      LIVETAP_DATA_DIR: folder.path,
      LIVETAP_SNAPSHOT_INTERVAL_MS: '1000',
      LIVETAP_SECRETS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    };
    watcher = await Watcher.start(settings);
    browser = await openBrowser(DESKTOP);
  });
  afterAll(async () => {
    await browser.close();
    await watcher.stop();
    await simulator.stop();
    await folder.remove();
  });
  beforeEach(async () => {
    page = await browser.context.newPage();
    faults = watchFaults(page);
  });
  afterEach(async () => {
    expect(faults).toEqual([]);
    await page.close();
  });

  const open = (place = ''): Promise<unknown> => page.goto(`${watcher.url}/${place}`);
  const row = (name: string) =>
    page
      .getByRole('list', { name: 'Streamers' })
      .locator('li')
      .filter({ hasText: `@${name}` });

  it('adds pasted streamers, shows their events as they come and their history, and goes on after a restart', async () => {
    const { files, origins } = watchTransfers(page);
    await open();
    await page.getByRole('heading', { name: 'Add the first streamer' }).waitFor();
    // The first view is whole now: everything that it needs was fetched, from this service alone.
    const fetched = await files();
    expect(fetched.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(FIRST_VIEW_LIMIT_BYTES);
    expect([...origins]).toEqual([watcher.url]);

    await page.getByRole('button', { name: 'Add streamers' }).click();
    await page
      .getByLabel('Names', { exact: true })
      .fill(`uniqueId\n${Object.keys(NAMES).join('\n')}\n@first.one, gone!wrong`);
    await page.getByRole('button', { name: 'Add 5 streamers' }).click();
    // What could not be added is told in the service's own words and stays in the form; the others are there.
    await page.getByText(/letters, digits/).waitFor();
    expect(await page.getByLabel('Names', { exact: true }).inputValue()).toBe('gone!wrong');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Streamers', exact: true }).click();
    for (const name of Object.keys(NAMES)) await row(name).getByText('Live', { exact: true }).waitFor();

    await row('first.one').getByRole('link').click();
    await page.getByRole('heading', { name: NAMES['first.one'], level: 1 }).waitFor();
    const lines = page.locator('ol.events > li');
    await lines.nth(3).waitFor();
    await page.getByRole('slider', { name: 'Viewers over time' }).waitFor();

    const port = new URL(watcher.url).port;
    expect(await watcher.stop()).toBe(0);
    // Each part of the view says so for itself.
    const away = page.getByText('The service does not answer');
    await away.first().waitFor();
    watcher = await Watcher.start({ ...settings, LIVETAP_HTTP_PORT: port });
    await expect.poll(() => away.count(), { timeout: 90_000 }).toBe(0);
    // Each line is numbered in the order of arrival: what comes now is behind what was shown before.
    await page.getByText('Connected', { exact: true }).waitFor();
    const before = await lines.first().textContent();
    await expect.poll(() => lines.first().textContent(), { timeout: 60_000 }).not.toBe(before);

    await page.getByRole('link', { name: 'Charts and comparison' }).click();
    await page.getByRole('heading', { name: '@first.one', level: 1 }).waitFor();
    await page.getByRole('checkbox', { name: /^Compare the LIVE/ }).check();
    await page.getByRole('heading', { name: 'Comparison' }).waitFor();
    await page.getByRole('slider', { name: /since the start of each LIVE/ }).waitFor();
    await page
      .getByRole('row', { name: /Silver Harbor/ })
      .getByRole('link')
      .click();
    await page.getByText('Peak viewers').first().waitFor();
    // When nothing was seen, and why, as it is recorded.
    await page.locator('ul.gaps li').filter({ hasText: 'restart' }).first().waitFor();
  });

  it('can be used by keyboard alone', async () => {
    const key = (name: string): Promise<void> => page.keyboard.press(name);
    /** Goes on with Tab until what has the focus bears the name, as a person would. */
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let steps = 0; steps < 60; steps += 1) {
        await key('Tab');
        const focused = await page.evaluate<string>(
          "(() => { const e = document.activeElement; return e?.getAttribute('aria-label') || e?.labels?.[0]?.textContent || e?.textContent || ''; })()",
        );
        if (name.test(focused.trim())) return;
      }
      throw new Error(`Tab leads nowhere near ${String(name)}`);
    };
    await open();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await tabTo(/^Skip to the content$/);
    await tabTo(/^Streamers$/);
    await key('Enter');
    await row('first.one').waitFor();
    await tabTo(/^Add streamers$/);
    await key('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('by_keyboard');
    await tabTo(/^Do not watch them yet$/);
    await key('Space');
    await tabTo(/^Add streamer$/);
    await key('Enter');
    await row('by_keyboard').getByText('Not watched').waitFor();
    await tabTo(/^Remove by_keyboard$/);
    await key('Enter');
    await page.getByRole('heading', { name: 'Remove @by_keyboard?' }).waitFor();
    await tabTo(/^Remove$/);
    await key('Enter');
    await row('by_keyboard').waitFor({ state: 'detached' });
    // A chart is read out with the arrow keys.
    await open('#/streamers/first.one');
    const chart = page.getByRole('slider', { name: 'Diamonds over time' });
    await chart.waitFor();
    await tabTo(/^Diamonds over time$/);
    await key('Home');
    await expect.poll(() => chart.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d: Diamonds [\d,]+$/);
  });

  it('changes, stops and removes streamers, and shows what was set, but nothing of what is secret', async () => {
    const set = async (method: string, route: string, body: object): Promise<void> =>
      expect((await watcher.call(route, { method, body })).ok).toBe(true);
    await set('POST', '/v1/proxy-pools', { name: 'eu', proxies: ['http://user:planted@127.0.0.1:9'] });
    await set('PUT', '/v1/label-defaults/europe', { proxyPool: 'eu' });
    await set('POST', '/v1/streamers', { uniqueId: 'settled', paused: true, labels: ['vip', 'europe'] });
    await set('PUT', '/v1/streamers/settled/session', { sessionId: 'planted', ttTargetIdc: 'planted' });
    await open('#/streamers?search=settled');
    await row('settled').getByText('login', { exact: true }).waitFor();
    expect(await row('settled').locator('.tags > span').allTextContents()).toEqual([
      'pool eu (label europe)',
      'login',
      'vip',
      'europe',
    ]);

    await page.getByRole('button', { name: 'Change settled' }).click();
    await page.getByLabel('Labels').fill('west coast, europe');
    await page.getByRole('spinbutton', { name: 'Priority' }).fill('80');
    await page.getByRole('button', { name: 'Save' }).click();
    await row('settled').getByText('west coast').waitFor();
    await row('settled').getByText('Priority 80').waitFor();

    await page.getByRole('checkbox', { name: 'Choose settled' }).check();
    await page.getByRole('button', { name: 'Watch', exact: true }).click();
    await page.getByText('1 streamer watched again.').waitFor();
    await page.getByRole('button', { name: 'Remove settled' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('Nobody fits').waitFor();

    await page.getByRole('button', { name: 'Import CSV' }).click();
    const list = Buffer.from('uniqueId,paused,labels\nfrom_file,true,settled;vip\nwrong!,,\n');
    await page.getByLabel('CSV file').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: list });
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('1 streamer added').waitFor();
    await page.getByText('wrong!').waitFor();
    await page.keyboard.press('Escape');
    await row('from_file').getByText('vip', { exact: true }).waitFor();
    expect((await watcher.call('/v1/streamers/from_file?purge=true', { method: 'DELETE' })).ok).toBe(true);

    await open('#/settings');
    await page.getByText('http://***@127.0.0.1:9').waitFor();
    expect(await page.content()).not.toContain('planted');
  });

  it('adds a webhook, shows its secret once, and says when nobody takes its calls', async () => {
    await open('#/webhooks');
    await page.getByText('No webhook yet').waitFor();
    await page.getByRole('button', { name: 'Add webhook' }).click();
    await page.getByLabel('Address').fill('https://receiver.invalid/hook');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const secret = await page.locator('.secret code').textContent();
    expect(secret?.length).toBeGreaterThan(20);
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByRole('link', { name: /receiver\.invalid/ }).click();
    await page.getByRole('button', { name: 'Send a test call' }).click();
    await page.getByText(/The test call failed/).waitFor();
    expect(await page.content()).not.toContain(secret);
  });

  it('makes a key, shows its secret once, names the change in the audit log, and revokes it', async () => {
    await open('#/keys');
    await page.getByText('No key yet').waitFor();
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByLabel('Name', { exact: true }).fill('dashboard');
    await page.getByRole('button', { name: 'Make', exact: true }).click();
    const secret = (await page.locator('.secret code').textContent()) ?? '';
    const withKey = (): Promise<Response> =>
      watcher.call('/v1/access', { headers: { authorization: `Bearer ${secret}` } });
    expect(await (await withKey()).json()).toMatchObject({ name: 'dashboard', role: 'read' });
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page
      .getByRole('row', { name: /key\.\w+ .*keys\// })
      .first()
      .waitFor();
    expect(await page.content()).not.toContain(secret);
    await page.getByRole('button', { name: 'Revoke dashboard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('No key yet').waitFor();
    expect((await withKey()).status).toBe(401);
  });

  it('ranks streamers and gifters of a period, and lists the sessions of all in the order that is asked for', async () => {
    await open('#/leaderboards');
    const streamers = page.getByRole('group', { name: 'Table of streamers' });
    await streamers.getByRole('link', { name: '@right_to_left' }).waitFor();
    await page.getByRole('radio', { name: 'Likes' }).check();
    await page.getByRole('heading', { name: 'The most likes' }).waitFor();
    await streamers.getByRole('columnheader', { name: 'Likes' }).waitFor();
    await page.getByRole('radio', { name: '24 hours' }).check();
    await page.getByRole('radio', { name: 'Gifters' }).check();
    await page.getByLabel('Gifts to').fill('@first.one');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The most diamonds given to @first.one' }).waitFor();
    await page.getByRole('group', { name: 'Table of gifters' }).getByRole('row').nth(1).waitFor();
    expect(new URL(page.url()).hash).toBe('#/leaderboards?board=gifters&period=day&streamer=first.one');

    await open('#/history');
    const sessions = page.getByRole('group', { name: 'Table of sessions' });
    await sessions.getByRole('button', { name: 'Diamonds' }).click();
    await sessions.locator('th[aria-sort=descending]').getByText('Diamonds').waitFor();
    const inOrder = async (): Promise<boolean> => {
      const cells = await sessions.locator('tbody tr td:nth-child(5)').allTextContents();
      const diamonds = cells.map(figureOf);
      return cells.length >= Object.keys(NAMES).length && diamonds.every((n, at) => at === 0 || n <= diamonds[at - 1]!);
    };
    await expect.poll(inOrder).toBe(true);
    await sessions.getByRole('link', { name: '@far_east' }).first().click();
    await page.getByRole('heading', { name: '@far_east', level: 1 }).waitFor();
  });

  it('is readable on a phone and a desk, in the dark and in the light, and axe finds no serious fault', async () => {
    const views = {
      overview: '#/',
      streamers: '#/streamers',
      room: '#/streamers/right_to_left',
      history: '#/history/first.one',
      sessions: '#/history',
      leaderboards: '#/leaderboards',
      webhooks: '#/webhooks',
      keys: '#/keys',
      settings: '#/settings',
    };
    for (const [name, place] of Object.entries(views)) {
      await page.setViewportSize(DESKTOP);
      await open(place);
      await page.locator('main h1').waitFor();
      await expect.poll(() => page.getByText(/^Loading/).count(), { timeout: 60_000 }).toBe(0);
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
          await page.setViewportSize(viewport);
          await page.screenshot({ path: `${PICTURES}${name}-${size}-${colorScheme}.png` });
          await expectToFit(page);
        }
        expect(await seriousFaults(page)).toEqual([]);
      }
    }
  });

  it('stays light with 2,000 streamers', async () => {
    const all = Array.from({ length: 2_000 }, (_, index) => ({
      uniqueId: `many_${String(index).padStart(4, '0')}`,
      paused: true,
    }));
    for (const streamers of [all.slice(0, 1_000), all.slice(1_000)])
      expect((await watcher.call('/v1/streamers', { method: 'POST', body: { streamers } })).ok).toBe(true);
    await open('#/streamers?sort=name&state=notWatched');
    await row('many_0000').waitFor();
    const rows = page.getByRole('list', { name: 'Streamers' }).locator('li');
    expect(await rows.first().getAttribute('aria-setsize')).toBe('2000');
    expect(await rows.count()).toBeLessThan(60);
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    await row('many_1999').waitFor();
    expect(await rows.count()).toBeLessThan(60);
    await page.getByLabel('Find a streamer').fill('many_1234');
    await row('many_1234').waitFor();
    await expect.poll(() => rows.count()).toBe(1);
  });

  it('asks for a key where the service demands one, and keeps it in this tab alone', async () => {
    expect(await watcher.stop()).toBe(0);
    watcher = await Watcher.start({ ...settings, LIVETAP_API_KEYS: 'viewer:read:key-of-the-viewer-000000000000' });
    await open();
    await page.getByRole('heading', { name: 'This service asks for a key' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByLabel('API key').fill('a-wrong-key-a-wrong-key-a-wrong-key');
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByText('not known to the service').waitFor();
    await page.getByLabel('API key').fill('key-of-the-viewer-000000000000');
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('link', { name: 'Streamers', exact: true }).click();
    // The role of the key does not reach: said in the service's own words.
    await page.getByRole('button', { name: 'Add streamers' }).click();
    await page.getByLabel('Names', { exact: true }).fill('not_allowed');
    await page.getByRole('button', { name: 'Add streamer', exact: true }).click();
    await page.getByText(/has the role read/).waitFor();
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('key-of-the-viewer');
    // A file is fetched with the key as well, and kept without a fault of the page's policy.
    await page.keyboard.press('Escape');
    const file = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV: download the list of all streamers' }).click();
    const download = await file;
    expect(download.suggestedFilename()).toBe('livetap-streamers.csv');
    expect(await readFile(await download.path(), 'utf8')).toMatch(/^uniqueId,[^]*\nfirst\.one,/);
  });
});
