import {
  buildEulerClient,
  createProxyAgents,
  createTikTokWebClient,
  DEFAULT_ENDPOINTS,
  DEFAULT_SIGN_URL,
  DirectSocketUrlSource,
  EulerSocketUrlSource,
  FixedSocketUrlSource,
  type HttpAgents,
  type SignRateLimit,
  type SocketUrlSource,
  type TikTokEndpoints,
  type WebcastHttpClient,
} from '@livetap/connector';
import { createHash } from 'node:crypto';
import type { Agent } from 'node:http';
import { z } from 'zod';
import { RecentlyUsed } from '../common/recently-used.js';
import { localeOf } from './client-locale.adapter.js';
import type { StreamerAccess } from './streamer-access.js';
import { type QuotaAnswer, SIGN_WINDOWS } from '../rooms/sign-budget/sign-budget.port.js';
import type { SocketSource } from '../rooms/sources/socket-source.js';
import type { WatcherConfig } from '../config/watcher-config.js';

export interface TikTokAccessOptions {
  /** Other addresses than TikTok's own are for tests, simulators and forwarding proxies. */
  readonly webUrl?: string | undefined;
  readonly webcastUrl?: string | undefined;
  readonly socketUrl?: string | undefined;
  /** Address of the way `fixed`; `{roomId}` in it is replaced. Secret: it may carry a signature. */
  readonly fixedSocketUrl?: string | undefined;
  readonly signApiUrl?: string | undefined;
  /** Secret. */
  readonly signApiKey?: string | undefined;
  /** Milliseconds for one request; default 10,000. */
  readonly requestTimeoutMs?: number | undefined;
}

/** Access as the settings say. */
export function tikTokAccessOf(tiktok: WatcherConfig['tiktok']): TikTokAccess {
  const { signApiKey, fixedSocketUrl, webUrl, webcastUrl, socketUrl, signApiUrl } = tiktok;
  return new TikTokAccess({
    webUrl,
    webcastUrl,
    socketUrl,
    signApiUrl,
    signApiKey: signApiKey?.reveal(),
    fixedSocketUrl: fixedSocketUrl?.reveal(),
  });
}

/** How one address of ours (its own, or one proxy) reaches TikTok. */
export interface TikTokRoute {
  /** Tells addresses of ours apart: limits hold for each. Secret: a proxy's address may carry a password. */
  readonly key: string;
  /** How it is shown: `own address`, or host and port of the proxy. */
  readonly label: string;
  readonly client: WebcastHttpClient;
  /** Agent for a socket address, undefined without a proxy. */
  socketAgent(url: string): Agent | undefined;
  /**
   * A source of addresses. `onAnswer` is told what each answer of the sign server says about its quota.
   * @throws ConfigurationError of the connector for an address of `fixed` that is none (not retryable)
   */
  source(name: SocketSource, onAnswer?: (rateLimit: SignRateLimit) => void): SocketUrlSource;
}

/** Routes and addresses kept at once. */
const MAX_ROUTES = 2_000;
const OWN_ADDRESS = '';
const DEFAULT_TIMEOUT_MS = 10_000;

const windowSchema = z.object({
  max: z.number().int().min(0),
  remaining: z.number().int().min(0),
  reset_at: z.iso.datetime().nullish(),
});
const quotaSchema = z.object({
  minute: windowSchema.optional(),
  hour: windowSchema.optional(),
  day: windowSchema.optional(),
});
/** A window without a limit of its own. */
const UNLIMITED = 1_000_000_000;

/**
 * The clients of the connector that live checks and rooms share: one set for each address of ours and look, made when first
 * needed. Connections are shared by all looks of one address.
 */
export class TikTokAccess {
  readonly webHost: string;
  readonly webcastHost: string;
  readonly signHost: string;
  readonly #options: TikTokAccessOptions;
  readonly #endpoints: Partial<TikTokEndpoints>;
  readonly #agents = new RecentlyUsed<HttpAgents>(MAX_ROUTES);
  readonly #routes = new RecentlyUsed<TikTokRoute>(MAX_ROUTES);

  constructor(options: TikTokAccessOptions) {
    const { webUrl, webcastUrl, socketUrl } = options;
    this.#options = options;
    this.#endpoints = {
      ...(webUrl === undefined ? {} : { webUrl }),
      ...(webcastUrl === undefined ? {} : { webcastUrl }),
      ...(socketUrl === undefined ? {} : { socketUrl }),
    };
    this.webHost = new URL(webUrl ?? DEFAULT_ENDPOINTS.webUrl).host;
    this.webcastHost = new URL(webcastUrl ?? DEFAULT_ENDPOINTS.webcastUrl).host;
    this.signHost = new URL(options.signApiUrl ?? DEFAULT_SIGN_URL).host;
  }

  /** True when the sign server knows us, so that asking it more than must be is fair. */
  get hasSignKey(): boolean {
    return this.#options.signApiKey !== undefined;
  }

  get requestTimeoutMs(): number {
    return this.#options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** Tells the keys of sign servers apart without being one: hex of a hash over address and key. */
  get signKeyHash(): string {
    const { signApiKey = '' } = this.#options;
    return createHash('sha256').update(`${this.signHost}\n${signApiKey}`).digest('hex');
  }

  /**
   * What the sign server still answers in each of its windows; this question costs nothing of it. Bounded in time by the
   * client.
   * @throws Error when there is no answer, or none of this form
   */
  async signQuota(): Promise<readonly QuotaAnswer[]> {
    const { signApiUrl: basePath, signApiKey: apiKey } = this.#options;
    const { data, status, headers } = await buildEulerClient({ basePath, apiKey }).webcast.getRateLimits();
    if (status !== 200) throw new Error(`the sign server answered ${status}`);
    const windows = quotaSchema.parse(data);
    const date = Date.parse(String(headers['date'] ?? ''));
    // Whole seconds, cut: by it a reset is never taken to be sooner than it is.
    const serverSeconds = Math.floor((Number.isNaN(date) ? Date.now() : date) / 1000);
    return SIGN_WINDOWS.map((window) => {
      const found = windows[window];
      if (found === undefined) return { window, limit: UNLIMITED, remaining: UNLIMITED };
      const { max: limit, remaining, reset_at: reset } = found;
      if (reset === undefined || reset === null) return { window, limit, remaining };
      const resetMark = Math.ceil(Date.parse(reset) / 1000);
      return { window, limit, remaining, resetMark, resetInMs: Math.max(0, resetMark - serverSeconds) * 1000 };
    });
  }

  /** @throws ConfigurationError of the connector for a proxy address that cannot be used (not retryable) */
  route(wanted: StreamerAccess = {}): TikTokRoute {
    const { proxyUrl, language, region } = wanted;
    const key = proxyUrl ?? OWN_ADDRESS;
    const agents = this.#agents.get(key, () => (proxyUrl === undefined ? {} : createProxyAgents(proxyUrl)));
    return this.#routes.get(JSON.stringify([key, language, region]), () => this.#make(key, agents, wanted));
  }

  #make(key: string, agents: HttpAgents, wanted: StreamerAccess): TikTokRoute {
    // Rooms and checks come again by themselves, with back-off and within the budget: no repeats behind their back.
    const retry = { retries: 0 };
    const common = { endpoints: this.#endpoints, agents, retry, timeoutMs: this.requestTimeoutMs };
    const locale = localeOf(wanted);
    const apiClient = buildEulerClient({ basePath: this.#options.signApiUrl, apiKey: this.#options.signApiKey });
    const look = locale && { presets: locale.presets, headers: { 'Accept-Language': locale.acceptLanguage } };
    const client = (): WebcastHttpClient => createTikTokWebClient({ ...common, ...look, apiClient });
    const direct = new DirectSocketUrlSource({ ...common, ...(locale && { location: locale.presets.location }) });
    const { fixedSocketUrl } = this.#options;
    return {
      key,
      label: key === OWN_ADDRESS ? 'own address' : new URL(key).host,
      client: client(),
      socketAgent: (url) => (url.startsWith('ws:') ? agents.http : agents.https),
      source: (name, onAnswer) => {
        switch (name) {
          case 'direct':
            return direct;
          case 'fixed':
            return new FixedSocketUrlSource({ url: fixedSocketUrl ?? '' });
          case 'euler':
            // Cookies that come with a signed address are for one room alone: a client of its own for each attempt.
            return new EulerSocketUrlSource({
              apiClient,
              webClient: client(),
              ...(locale && { wsConfig: locale.socketParams }),
              ...(onAnswer === undefined ? {} : { onAnswer }),
            });
        }
      },
    };
  }
}
