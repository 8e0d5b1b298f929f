import {
  getWebConfig,
  resolveWebConfig,
  type WebcastWebConfig,
  type WebConfigOverrides,
} from '../config/client-config.js';
import { DEFAULT_PRESETS, type ClientPresets } from '../config/presets.js';
import { copyConfig, settledWebDefaults } from '../config/settled-defaults.js';
import { WebcastCookieJar, type SessionCookieNames } from './cookie-jar.js';
import { headerOf, mergeHeaders } from './header-map.js';

/** What of a client's requests is settled when the client is made. */
export interface RequestSettings {
  /** Partial changes of headers and parameters; maps are merged key by key. */
  readonly webConfig?: WebConfigOverrides;
  /** Laid over the headers of the configuration. A Cookie goes into the jar. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Laid over the parameters of the configuration. */
  readonly searchParams?: Readonly<Record<string, string>>;
}

/** How the requests of a client look, but for its presets and its device id. Clients without settings of their own share it. */
export class RequestProfile {
  /** The names of the cookies that make a login. */
  readonly cookieNames: SessionCookieNames;
  /** The cookies that a client begins with. */
  readonly cookies: WebcastCookieJar;

  constructor(
    private readonly defaults: WebcastWebConfig,
    private readonly settings: RequestSettings,
  ) {
    // Neither depends on the presets.
    const config = this.config(DEFAULT_PRESETS, '');
    this.cookieNames = { session: config.SESSION_COOKIE_NAMES, targetIdc: config.TARGET_IDC_COOKIE_NAME };
    this.cookies = new WebcastCookieJar();
    const cookie = headerOf(mergeHeaders(config.DEFAULT_HTTP_CLIENT_HEADERS, settings.headers), 'Cookie');
    if (cookie) this.cookies.seed(cookie);
  }

  /** Fresh parameters for every request, the caller's own. */
  params(presets: ClientPresets, deviceId: string): Record<string, string> {
    return { ...this.config(presets, deviceId).DEFAULT_HTTP_CLIENT_PARAMS, ...this.settings.searchParams };
  }

  /** Fresh headers for every request, the caller's own; Cookie is not among them, that is the jar's. */
  headers(presets: ClientPresets): Record<string, string> {
    const headers = mergeHeaders(this.config(presets, '').DEFAULT_HTTP_CLIENT_HEADERS, this.settings.headers);
    return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'cookie'));
  }

  private config(presets: ClientPresets, deviceId: string): WebcastWebConfig {
    return resolveWebConfig(presets, this.settings.webConfig, getWebConfig(presets, this.defaults, deviceId));
  }
}

const isEmpty = (map: object | undefined): boolean => map === undefined || Object.keys(map).length === 0;

/** The profiles without settings of their own, by the defaults that they are made of. */
const shared = new WeakMap<WebcastWebConfig, RequestProfile>();

/** The profile for these settings by the defaults of this moment. Later changes of either do not reach it. */
export function requestProfile({ webConfig, headers, searchParams }: RequestSettings): RequestProfile {
  const defaults = settledWebDefaults();
  if (!isEmpty(webConfig) || !isEmpty(headers) || !isEmpty(searchParams))
    return new RequestProfile(defaults, {
      ...(webConfig === undefined ? {} : { webConfig: copyConfig(webConfig) }),
      ...(headers === undefined ? {} : { headers: copyConfig(headers) }),
      ...(searchParams === undefined ? {} : { searchParams: { ...searchParams } }),
    });
  const profile = shared.get(defaults) ?? new RequestProfile(defaults, {});
  shared.set(defaults, profile);
  return profile;
}
