import EulerStreamApiClient from '@eulerstream/euler-api-sdk';
import { environment } from '../config/environment.js';
import { VERSION } from '../config/client-config.js';

export const DEFAULT_SIGN_URL = 'https://tiktok.eulerstream.com';

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
export const SignConfig: SignConfiguration = {
  basePath: environment.signApiUrl() ?? DEFAULT_SIGN_URL,
  apiKey: environment.signApiKey(),
  baseOptions: { headers: { 'User-Agent': userAgent() }, validateStatus: () => true },
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
    baseOptions: { headers: { 'User-Agent': userAgent(), ...options.headers }, validateStatus: () => true },
  });
}

/** The client made from `SignConfig`, made at the first call and then shared. */
export function createEulerClient(): EulerStreamApiClient {
  SignConfig.cachedInstance ??= new EulerStreamApiClient({
    basePath: SignConfig.basePath,
    ...(SignConfig.apiKey === undefined ? {} : { apiKey: SignConfig.apiKey }),
    ...(SignConfig.baseOptions === undefined ? {} : { baseOptions: SignConfig.baseOptions }),
  });
  return SignConfig.cachedInstance;
}
