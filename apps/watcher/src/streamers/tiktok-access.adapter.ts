import {
  buildEulerClient,
  type CookieSessionBundle,
  createProxyAgents,
  createTikTokWebClient,
  DEFAULT_ENDPOINTS,
  DEFAULT_SIGN_URL,
  DirectSocketUrlSource,
  EulerSocketUrlSource,
  FixedSocketUrlSource,
  type HttpAgents,
  type SignRateLimit,
  type ProxyAgentsOptions,
  SESSION_COOKIE_NAMES,
  type SocketUrlSource,
  TARGET_IDC_COOKIE_NAME,
  type TikTokEndpoints,
  type WebcastHttpClient,
} from '@livetap/connector';
import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { z } from 'zod';
import type { Redactor } from '../common/redactor.js';
import { RecentlyUsed } from '../common/recently-used.js';
import { SecretBoxError } from '../common/secret-box/secret-box.errors.js';
import { localeOf } from './client-locale.adapter.js';
import { HostLookup } from './host-lookup.adapter.js';
import { type QuotaAnswer, SIGN_WINDOWS } from '../rooms/sign-budget/sign-budget.port.js';
import type { SocketSource } from '../rooms/sources/socket-source.js';
import { proxyFailureOf, reporting } from './proxies/proxied-client.adapter.js';
import type { ProxyPools } from './proxies/proxy-pools.js';
import { AccessRefusedError, type StreamerAccess } from './streamer-access.js';
import { StreamerVault } from './streamer-vault.js';
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
  /** The one sign server that may be given logins, as `host` or `host:port`; undefined: none may. */
  readonly sessionSignHost?: string | undefined;
  /** Opens what streamers have sealed; without one, a streamer with something sealed is refused. */
  readonly vault?: StreamerVault | undefined;
  /** Told the secrets of streamers when they are used. */
  readonly redactor?: Redactor | undefined;
  /** Without them, a streamer that names a pool is refused. */
  readonly pools?: Pick<ProxyPools, 'pick' | 'peek' | 'report'> | undefined;
  /** Milliseconds for one request; default 10,000. */
  readonly requestTimeoutMs?: number | undefined;
}

/** The sign server answered, but with this status. */
export class SignServerStatusError extends Error {
  override readonly name = 'SignServerStatusError';

  constructor(readonly status: number) {
    super(`the sign server answered ${status}`);
  }
}

/** Access as the settings say. */
export function tikTokAccessOf(
  tiktok: WatcherConfig['tiktok'],
  { vault, pools, redactor }: Pick<TikTokAccessOptions, 'vault' | 'pools' | 'redactor'> = {},
): TikTokAccess {
  const { webUrl, webcastUrl, socketUrl, signApiUrl, signApiKey, fixedSocketUrl, sessionSignHost } = tiktok;
  return new TikTokAccess({
    webUrl,
    webcastUrl,
    socketUrl,
    signApiUrl,
    signApiKey: signApiKey?.reveal(),
    fixedSocketUrl: fixedSocketUrl?.reveal(),
    sessionSignHost,
    vault,
    pools,
    redactor,
  });
}

/** How one address of ours (its own, or one proxy) reaches TikTok. */
export interface TikTokRoute {
  /** Tells addresses of ours apart: limits hold for each. Secret: a proxy's address may carry a password. */
  readonly key: string;
  /** How it is shown: `own address`, or host and port of the proxy. */
  readonly label: string;
  readonly client: WebcastHttpClient;
  /** Agent for a socket address. */
  socketAgent(url: string): Agent | undefined;
  /**
   * A source of addresses. `onAnswer` is told what each answer of the sign server says about its quota.
   * @throws ConfigurationError of the connector for an address of `fixed` that is none (not retryable)
   */
  source(name: SocketSource, onAnswer?: (rateLimit: SignRateLimit) => void): SocketUrlSource;
}

/** Routes and addresses kept at once. */
const MAX_ROUTES = 2_000;
/** Key of the route without a proxy. */
export const OWN_ADDRESS = '';
/** Whoever cannot be reached as was set for it makes no requests. */
const NO_ADDRESS = 'none';
const MIN_NAME_LENGTH = 8;
const DEFAULT_TIMEOUT_MS = 10_000;
/** At once to one host, open sockets of rooms not counted; the same as through a proxy. */
const MAX_CONNECTIONS = 256;
const MAX_IDLE_CONNECTIONS = 16;

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
  readonly #vault: StreamerVault;
  readonly #agents = new RecentlyUsed<HttpAgents>(MAX_ROUTES);
  readonly #routes = new RecentlyUsed<TikTokRoute>(MAX_ROUTES);

  constructor(options: TikTokAccessOptions) {
    const { webUrl, webcastUrl, socketUrl } = options;
    this.#options = options;
    this.#vault = options.vault ?? StreamerVault.withoutKeys();
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
   * @throws SignServerStatusError; Error when there is no answer, or none of this form
   */
  async signQuota(): Promise<readonly QuotaAnswer[]> {
    const { signApiUrl: basePath, signApiKey: apiKey } = this.#options;
    const { data, status, headers } = await buildEulerClient({ basePath, apiKey }).webcast.getRateLimits();
    if (status !== 200) throw new SignServerStatusError(status);
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

  /** The key of the route that a streamer would take now; nothing is made or tried by asking. Secret, as the key is. */
  addressOf(wanted: StreamerAccess): string {
    try {
      return this.#addressFor(wanted, 'peek');
    } catch {
      // Why is said when it is to be reached.
      return NO_ADDRESS;
    }
  }

  /** @throws AccessRefusedError when the streamer cannot be reached as was set for it: never is it reached otherwise */
  route(wanted: StreamerAccess = {}): TikTokRoute {
    const { sealedSession, language, region } = wanted;
    const { key, agents } = this.#outgoing(wanted);
    const look = JSON.stringify([key, language, region, sealedSession]);
    return this.#routes.get(look, () => this.#make(key, agents, wanted));
  }

  #outgoing(wanted: StreamerAccess): { readonly key: string; readonly agents: HttpAgents } {
    const key = this.#addressFor(wanted);
    if (key === OWN_ADDRESS) return { key, agents: this.#agents.get(key, ownAgents) };
    const { pools } = this.#options;
    const onTunnel = (error?: Error): void =>
      pools?.report(key, error === undefined ? 'connected' : proxyFailureOf(error));
    try {
      const options = { onTunnel, connectTimeoutMs: this.requestTimeoutMs };
      return { key, agents: this.#agents.get(key, () => this.#proxied(key, options)) };
    } catch {
      // The cause may quote the address, which may hold a password.
      throw new AccessRefusedError('the proxy address cannot be used');
    }
  }

  #proxied(url: string, options: ProxyAgentsOptions): HttpAgents {
    const agents = createProxyAgents(url, options);
    const { username, password } = new URL(url);
    const login = [username, password].map(decodeURIComponent);
    // Names are often tokens; short ones are words that texts are made of.
    const words = [...login, password].filter((text, index) => index > 0 || text.length >= MIN_NAME_LENGTH);
    this.#options.redactor?.learn(...words, login.join(':'));
    return agents;
  }

  #addressFor({ id = '', proxyUrl, proxyPool }: StreamerAccess, way: 'pick' | 'peek' = 'pick'): string {
    if (proxyUrl !== undefined)
      return this.#opened('the address of its proxy', (vault) => vault.openProxy(id, proxyUrl));
    if (proxyPool === undefined) return OWN_ADDRESS;
    const { pools } = this.#options;
    if (pools === undefined) throw new AccessRefusedError(`there is no proxy pool "${proxyPool}" here`);
    return pools[way](proxyPool, id);
  }

  #opened<T>(what: string, open: (vault: StreamerVault) => T): T {
    try {
      return open(this.#vault);
    } catch (error) {
      const why = error instanceof SecretBoxError ? error.message : 'it is not as it was written';
      throw new AccessRefusedError(`${what} cannot be decrypted: ${why}`);
    }
  }

  #make(key: string, agents: HttpAgents, wanted: StreamerAccess): TikTokRoute {
    // Rooms and checks come again by themselves, with back-off and within the budget: no repeats behind their back.
    const retry = { retries: 0 };
    const common = { endpoints: this.#endpoints, agents, retry, timeoutMs: this.requestTimeoutMs };
    const locale = localeOf(wanted);
    const apiClient = buildEulerClient({ basePath: this.#options.signApiUrl, apiKey: this.#options.signApiKey });
    const look = locale && { presets: locale.presets, headers: { 'Accept-Language': locale.acceptLanguage } };
    const login = this.#loginOf(wanted);
    const client = (): WebcastHttpClient => {
      const made = createTikTokWebClient({ ...common, ...look, apiClient });
      if (login !== undefined) made.cookieJar.setSessionBundle(login);
      const { pools } = this.#options;
      return pools === undefined || key === OWN_ADDRESS
        ? made
        : reporting(made, (outcome) => pools.report(key, outcome));
    };
    const direct = new DirectSocketUrlSource({
      ...common,
      ...(locale && { location: locale.presets.location }),
      ...(login && { sessionCookies: cookiesOf(login) }),
    });
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
              // The login is not for the sign server, unless the operator named exactly this one.
              ...(login && this.#maySign && { authenticateWs: () => true, sessionHost: this.signHost }),
            });
        }
      },
    };
  }

  get #maySign(): boolean {
    return this.#options.sessionSignHost === this.signHost;
  }

  #loginOf({ id = '', sealedSession }: StreamerAccess): CookieSessionBundle | undefined {
    if (sealedSession === undefined) return undefined;
    const session = this.#opened('its login', (vault) => vault.openSession(id, sealedSession));
    const value = { sessionId: session.sessionId.reveal(), ttTargetIdc: session.ttTargetIdc.reveal() };
    this.#options.redactor?.learn(value.sessionId, value.ttTargetIdc);
    return { type: 'cookie', value };
  }
}

/**
 * Connections without a proxy: names are asked for once, and a thousand sockets that open again take up the TLS sessions that
 * they had, where a whole handshake for each would cost the process a second or two.
 */
function ownAgents(): HttpAgents {
  const { lookup } = new HostLookup();
  const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS, maxFreeSockets: MAX_IDLE_CONNECTIONS, lookup };
  return { http: new Agent(options), https: new TlsAgent(options) };
}

/** The cookies of a login, as a browser sends them. */
function cookiesOf({ value }: CookieSessionBundle): string {
  return [
    ...SESSION_COOKIE_NAMES.map((name) => `${name}=${value.sessionId}`),
    `${TARGET_IDC_COOKIE_NAME}=${value.ttTargetIdc}`,
  ].join('; ');
}
