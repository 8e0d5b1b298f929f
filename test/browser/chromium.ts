import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

const PLACES = [
  process.env['LIVETAP_TEST_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A Chromium of this machine, or undefined. `LIVETAP_TEST_CHROMIUM` names another one. */
export const chromiumPath = PLACES.find((path) => path !== undefined && path !== '' && existsSync(path));
if (chromiumPath === undefined)
  console.log('skipped: no Chromium (set LIVETAP_TEST_CHROMIUM); the page is not tested in a browser');

/** A browser with a profile of its own that talks to nobody but the page. */
export async function openBrowser(
  viewport: { width: number; height: number },
  scheme: 'dark' | 'light' = 'dark',
): Promise<{ context: BrowserContext; close(): Promise<void> }> {
  const profile = await mkdtemp(join(tmpdir(), 'livetap-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    headless: true,
    viewport,
    colorScheme: scheme,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  // Only against hanging: the machine may be busy with other suites.
  context.setDefaultTimeout(90_000);
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
