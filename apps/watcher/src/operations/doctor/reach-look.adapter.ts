import { HttpRequestError } from '@livetap/connector';
import type { Clock } from '../../common/clock.port.js';
import type { Redactor } from '../../common/redactor.js';
import { withTimeout } from '../../common/with-timeout.js';
import type { WatcherConfig } from '../../config/watcher-config.js';
import { addressOf } from '../../streamers/proxies/proxy-pool.js';
import type { ProxyOutcome } from '../../streamers/proxies/proxy-pools.js';
import { AccessRefusedError } from '../../streamers/streamer-access.js';
import {
  OWN_ADDRESS,
  SignServerStatusError,
  type TikTokAccess,
  tikTokAccessOf,
  type TikTokRoute,
} from '../../streamers/tiktok-access.adapter.js';
import type { HostLook, ProxyLook, SignLook } from './reach-findings.js';
import type { OpenedProxy } from './secret-findings.js';

const TIMEOUT_MS = 8_000;
/** Proxies that are tried, and how many at once. */
const MAX_PROXIES = 100;
const AT_ONCE = 8;
/** Small, without parameters of ours that would matter, and nobody's limits count it. */
const HARMLESS_PATH = '/robots.txt';

/** Web site, web API and sockets, each asked once. */
export async function inspectTikTok(access: TikTokAccess): Promise<readonly HostLook[]> {
  const route = access.route();
  const { webUrl, webcastUrl, socketUrl } = route.client.endpoints;
  const bases = [webUrl, webcastUrl, socketUrl.replace(/^ws/, 'http')].map((base) => new URL(base).origin);
  return Promise.all(
    [...new Set(bases)].map(async (base) => ({ host: new URL(base).host, failure: await failureOf(route, base) })),
  );
}

/** Whatever status comes back: it was reached. */
async function failureOf(route: TikTokRoute, base: string): Promise<string | undefined> {
  try {
    const options = { retries: 0, timeoutMs: TIMEOUT_MS, followRedirects: false };
    await route.client.request(base, HARMLESS_PATH, {}, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof HttpRequestError)) throw error;
    const nothingCame = error.code === 'CONNECTOR_HTTP_NETWORK' || error.code === 'CONNECTOR_HTTP_TIMEOUT';
    return nothingCame ? reasonOf(error) : undefined;
  }
}

/** What happened, without the words around it and the address. */
function reasonOf(error: Error): string {
  return error.message.replace(/^The request failed: /, '').replace(/ \([^()]*\)$/, '');
}

/** Asking for the quota costs nothing of it. */
export async function inspectSignServer(
  access: TikTokAccess,
  sources: WatcherConfig['tiktok']['socketSources'],
  clock: Clock,
): Promise<SignLook> {
  const { signHost: host, hasSignKey: hasKey } = access;
  if (!sources.includes('euler')) return { kind: 'unused' };
  try {
    const answer = await withTimeout(() => access.signQuota(), TIMEOUT_MS, clock, `no answer in ${TIMEOUT_MS} ms`);
    const windows = answer.map(({ window = 'minute', limit = 0, remaining = 0, resetInMs }) => ({
      window,
      limit,
      remaining,
      resetInMs,
    }));
    return { kind: 'quota', host, hasKey, windows };
  } catch (error) {
    if (error instanceof SignServerStatusError) return { kind: 'status', host, hasKey, status: error.status };
    // The client's errors may quote the request, key and all: only the system's word is shown.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it gave no answer of the known form';
    return { kind: 'away', host, failure: code };
  }
}

/** Some at once; each asks TikTok's web site for something small. */
export async function inspectProxies(
  tiktok: WatcherConfig['tiktok'],
  proxies: readonly OpenedProxy[],
  redactor: Redactor,
): Promise<{ readonly looks: readonly ProxyLook[]; readonly left: number }> {
  const outcomes = new Map<string, ProxyOutcome>();
  const pools = {
    report: (key: string, outcome: ProxyOutcome) => void outcomes.set(key, outcome),
    pick: () => OWN_ADDRESS,
    peek: () => OWN_ADDRESS,
  };
  const access = tikTokAccessOf(tiktok, { redactor, pools });
  const waiting = proxies.slice(0, MAX_PROXIES);
  const left = proxies.length - waiting.length;
  const looks: ProxyLook[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      looks.push(await lookThrough(access, next, outcomes));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { looks, left };
}

async function lookThrough(
  access: TikTokAccess,
  { owner, url }: OpenedProxy,
  outcomes: ReadonlyMap<string, ProxyOutcome>,
): Promise<ProxyLook> {
  const shown = { owner, address: addressOf(url) };
  let failure: string | undefined;
  try {
    const route = access.route({ proxyUrl: url });
    failure = await failureOf(route, route.client.endpoints.webUrl);
  } catch (error) {
    if (!(error instanceof AccessRefusedError)) throw error;
    return { ...shown, outcome: 'unreachable', failure: error.message };
  }
  const outcome = outcomes.get(url);
  if (outcome === 'denied') return { ...shown, outcome };
  if (failure === undefined) return { ...shown, outcome: 'ok' };
  // The tunnel stood, and then nothing came.
  const stood = outcome === 'connected' || outcome === 'silent';
  return { ...shown, outcome: stood ? 'noWay' : 'unreachable', failure };
}
