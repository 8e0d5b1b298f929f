import {
  buildEulerClient,
  createProxyAgents,
  createTikTokWebClient,
  DEFAULT_ENDPOINTS,
  DEFAULT_SIGN_URL,
  DirectSocketUrlSource,
  EulerSocketUrlSource,
  type HttpAgents,
  type SocketUrlSource,
  type TikTokEndpoints,
  type WebcastHttpClient,
} from '@livetap/connector';
import type { Agent } from 'node:http';
import { z } from 'zod';
import type { SignQuota } from '../rooms/sign-meter.js';
import { RecentlyUsed } from '../common/recently-used.js';
import { localeOf } from './client-locale.adapter.js';
import type { StreamerAccess } from './streamer-access.js';
import type { WatcherConfig } from '../config/watcher-config.js';

export interface TikTokAccessOptions {
  /** Other addresses than TikTok's own are for tests, simulators and forwarding proxies. */
  readonly webUrl?: string | undefined;
  readonly webcastUrl?: string | undefined;
  readonly socketUrl?: string | undefined;
  readonly signApiUrl?: string | undefined;
  /** Secret. */
  readonly signApiKey?: string | undefined;
  /** Milliseconds for one request; default 10,000. */
  readonly requestTimeoutMs?: number | undefined;
}

/** Access as the settings say. */
export function tikTokAccessOf(tiktok: WatcherConfig['tiktok']): TikTokAccess {
  const { webUrl, webcastUrl, socketUrl, signApiUrl, signApiKey } = tiktok;
  return new TikTokAccess({ webUrl, webcastUrl, socketUrl, signApiUrl, signApiKey: signApiKey?.reveal() });
}

/** How one address of ours (its own, or one proxy) reaches TikTok. */
export interface TikTokRoute {
  /** Tells addresses of ours apart: limits hold for each. Secret: a proxy's address may carry a password. */
  readonly key: string;
  readonly client: WebcastHttpClient;
  /** Agent for a socket address, undefined without a proxy. */
  socketAgent(url: string): Agent | undefined;
  source(name: 'direct' | 'euler'): SocketUrlSource;
}

/** Routes and addresses kept at once. */
const MAX_ROUTES = 2_000;
const OWN_ADDRESS = '';
const DEFAULT_TIMEOUT_MS = 10_000;

const windowSchema = z.object({ remaining: z.number() }).transform(({ remaining }) => remaining);
const quotaSchema = z.object({ minute: windowSchema, hour: windowSchema, day: windowSchema });

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

  /**
   * What the sign server still answers in this minute, hour and day. Bounded in time by the client.
   * @throws Error when there is no answer, or none of this form
   */
  async signQuota(): Promise<SignQuota> {
    const { signApiUrl: basePath, signApiKey: apiKey } = this.#options;
    const { data } = await buildEulerClient({ basePath, apiKey }).webcast.getRateLimits();
    return quotaSchema.parse(data);
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
    return {
      key,
      client: client(),
      socketAgent: (url) => (url.startsWith('ws:') ? agents.http : agents.https),
      source: (name) =>
        name === 'direct'
          ? direct
          : // Cookies that come with a signed address are for one room alone: a client of its own for each attempt.
            new EulerSocketUrlSource({
              apiClient,
              webClient: client(),
              ...(locale && { wsConfig: locale.socketParams }),
            }),
    };
  }
}
