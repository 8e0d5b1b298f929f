import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeViolation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe calls serious or critical on the page as it is shown now, as text. */
export async function seriousFaults(page: Page): Promise<readonly string[]> {
  // Evaluated by the debugger: the page's own policy lets no foreign script in.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<{ violations: AxeViolation[] }>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
}

/** Nothing is wider than the screen. */
export async function expectToFit(page: Page): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
}

/** Messages of the browser's console that tell of a fault; refused requests that a test provokes are not counted. */
export function watchFaults(page: Page): readonly string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|ERR_CONNECTION/.test(message.text()))
      faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  return faults;
}

export interface Transfer {
  readonly url: string;
  /** As sent, without headers. */
  readonly bytes: number;
}

/** Collects the static files that the page fetches, with their compressed sizes. */
export function watchTransfers(page: Page): {
  files: () => Promise<readonly Transfer[]>;
  origins: ReadonlySet<string>;
} {
  const waiting: Promise<Transfer | undefined>[] = [];
  const origins = new Set<string>();
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  page.on('response', (response) => {
    const url = new URL(response.url());
    if (url.pathname.startsWith('/v1') || url.pathname === '/readyz') return;
    waiting.push(
      response
        .request()
        .sizes()
        .then(({ responseBodySize }) => ({ url: url.pathname, bytes: responseBodySize })),
    );
  });
  return { origins, files: async () => (await Promise.all(waiting)).filter((file) => file !== undefined) };
}
