import EulerStreamApiClient from '@eulerstream/euler-api-sdk';
import { VERSION } from '../config/client-config.js';
import { environment } from '../config/environment.js';
import type { HttpAgents } from '../http/http-transport.js';

export const DEFAULT_SIGN_URL = 'https://api.eulerstream.com';

/** Request options that go along with every call to the sign server. */
export interface SignBaseOptions {
  headers?: Record<string, string>;
  validateStatus?: ((status: number) => boolean) | null;
  [option: string]: unknown;
}

/** Settings of the sign server for connections that do not bring their own client. Read once, when the first client is made. */
export interface SignConfiguration {
  basePath: string;
  apiKey: string | undefined;
  baseOptions: SignBaseOptions | undefined;
  /** The client that connections share; delete it to have later changes of this object take effect. */
  cachedInstance?: EulerStreamApiClient | undefined;
}

const userAgent = (): string => `tiktok-live-connector/${VERSION} ${process.platform}`;

/**
 * The shared settings. One mutable object, because that is how users of this interface set a key, a server or headers;
 * connections that are given `eulerApiInstance` never read it.
 */
// The name stands for the object and for its type.
export type SignConfig = SignConfiguration;
export const SignConfig: SignConfiguration = {
  basePath: environment.signApiUrl() ?? DEFAULT_SIGN_URL,
  apiKey: environment.signApiKey(),
  baseOptions: { headers: { 'User-Agent': userAgent() }, validateStatus: () => true },
};

/** What every call of a client made here has unless told otherwise, calls on `apiClient` itself included. */
const CALL_DEFAULTS = {
  validateStatus: () => true,
  /** Milliseconds. */
  timeout: 30_000,
  // A redirect would take the key to whoever it names.
  maxRedirects: 0,
};

export interface EulerClientOptions {
  /** Base address. Default: Euler Stream's own. */
  readonly basePath?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of the sign server with settings of its own; nothing is shared or cached. */
export function buildEulerClient(options: EulerClientOptions = {}): EulerStreamApiClient {
  return new EulerStreamApiClient({
    basePath: (options.basePath ?? DEFAULT_SIGN_URL).replace(/\/+$/, ''),
    ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
    baseOptions: { ...CALL_DEFAULTS, headers: { 'User-Agent': userAgent(), ...options.headers } },
  });
}

/** The client made from `SignConfig`, made at the first call and then shared. `SignConfig` itself is not changed by it. */
export function createEulerClient(): EulerStreamApiClient {
  SignConfig.cachedInstance ??= new EulerStreamApiClient({
    basePath: SignConfig.basePath.replace(/\/+$/, ''),
    ...(SignConfig.apiKey === undefined ? {} : { apiKey: SignConfig.apiKey }),
    // A copy: the client writes the key into the headers that it is given.
    baseOptions: { ...CALL_DEFAULTS, ...SignConfig.baseOptions, headers: { ...SignConfig.baseOptions?.headers } },
  });
  return SignConfig.cachedInstance;
}

/** What one connection has that the shared client has not. */
export interface OwnSignSettings {
  readonly apiKey?: string | undefined;
  readonly agents?: HttpAgents | undefined;
}

const KEY_HEADER = 'X-Api-Key';

/**
 * The client for one connection: the shared one when that already fits, else a client of its own with the same address
 * and headers but its own key and its own proxy, so that no other connection is affected.
 */
export function eulerClientFor({ apiKey, agents }: OwnSignSettings): EulerStreamApiClient {
  const shared = createEulerClient();
  const options = (shared.configuration.baseOptions ?? {}) as SignBaseOptions;
  const hasAgents = agents?.http !== undefined || agents?.https !== undefined;
  if (!hasAgents && (apiKey === undefined || options.headers?.[KEY_HEADER] === apiKey)) return shared;
  return new EulerStreamApiClient({
    ...(shared.configuration.basePath === undefined ? {} : { basePath: shared.configuration.basePath }),
    baseOptions: {
      ...options,
      ...(hasAgents ? { proxy: false } : {}),
      ...(agents?.http ? { httpAgent: agents.http } : {}),
      ...(agents?.https ? { httpsAgent: agents.https } : {}),
      headers: { ...options.headers, ...(apiKey === undefined ? {} : { [KEY_HEADER]: apiKey }) },
    },
  });
}
