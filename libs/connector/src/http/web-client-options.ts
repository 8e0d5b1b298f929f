import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { AxiosProxyConfig, RawAxiosRequestConfig } from 'axios';
import type { HttpTransportOptions } from './http-transport.js';
import { createProxyAgents } from './proxy-agents.js';

/** What the client itself decides about every request; nobody may change it from outside. */
type Own =
  | 'url'
  | 'baseURL'
  | 'method'
  | 'data'
  | 'responseType'
  | 'responseEncoding'
  | 'validateStatus'
  | 'transformRequest'
  | 'transformResponse'
  | 'signal'
  | 'cancelToken'
  | 'withCredentials'
  | 'beforeRedirect';

const OWN: ReadonlySet<string> = new Set<Own>([
  'url',
  'baseURL',
  'method',
  'data',
  'responseType',
  'responseEncoding',
  'validateStatus',
  'transformRequest',
  'transformResponse',
  'signal',
  'cancelToken',
  'withCredentials',
  'beforeRedirect',
]);

type SearchParams = URLSearchParams | string | Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Options of the HTTP client: the shapes of got (`agent`, `timeout: {request}`, `searchParams`, `retry`) and those of axios. */
export interface WebClientOptions extends Omit<
  RawAxiosRequestConfig,
  Own | 'headers' | 'params' | 'timeout' | 'proxy' | 'httpAgent' | 'httpsAgent'
> {
  /** Agents by scheme, for example of a proxy. Sign requests go through them as well. HTTP/2 is not spoken. */
  readonly agent?: { readonly http?: HttpAgent; readonly https?: HttpsAgent; readonly http2?: unknown };
  /** As `agent.http`. */
  readonly httpAgent?: HttpAgent;
  /** As `agent.https`. */
  readonly httpsAgent?: HttpsAgent;
  /** A proxy in the words of axios; the same as `agent: createProxyAgents(…)`. */
  readonly proxy?: AxiosProxyConfig | false;
  /** Milliseconds for one request, sign requests included. Default: TIKTOK_CLIENT_TIMEOUT, else 10,000. */
  readonly timeout?: number | { readonly request?: number };
  /** Laid over the default headers. A Cookie goes into the jar instead of the default one. */
  readonly headers?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  /** Laid over the default parameters of every request. */
  readonly searchParams?: SearchParams;
  /** As `searchParams`. */
  readonly params?: SearchParams;
  /** Repeats of a failed GET, default 2. */
  readonly retry?: number | { readonly limit?: number };
}

export interface ResolvedWebClientOptions {
  readonly transport: HttpTransportOptions;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly searchParams: Readonly<Record<string, string>>;
}

/**
 * Reads options in any of their shapes. What is not named here goes to axios as it is.
 * @throws CONNECTOR_CONFIGURATION for a proxy that cannot be used (not retryable)
 */
export function readWebClientOptions(options: WebClientOptions): ResolvedWebClientOptions {
  const { agent, httpAgent, httpsAgent, proxy, timeout, retry, maxRedirects, maxContentLength, ...others } = options;
  const { headers = {}, searchParams, params, ...rest } = others;
  const proxyAgents = proxy ? createProxyAgents(proxyAddress(proxy)) : undefined;
  const http = agent?.http ?? httpAgent ?? proxyAgents?.http;
  const https = agent?.https ?? httpsAgent ?? proxyAgents?.https;
  const timeoutMs = typeof timeout === 'number' ? timeout : timeout?.request;
  const retries = typeof retry === 'number' ? retry : retry?.limit;
  const axios = Object.fromEntries(Object.entries(rest).filter(([name]) => !OWN.has(name)));
  return {
    transport: {
      ...(http || https ? { agents: { ...(http ? { http } : {}), ...(https ? { https } : {}) } } : {}),
      // In axios and in the examples of got, 0 means no limit; here everything ends some time.
      ...(timeoutMs ? { timeoutMs } : {}),
      ...(retries === undefined ? {} : { retry: { retries } }),
      ...(maxRedirects === undefined ? {} : { maxRedirects }),
      ...(maxContentLength === undefined || maxContentLength < 0 ? {} : { maxResponseBytes: maxContentLength }),
      ...(Object.keys(axios).length === 0 ? {} : { axios }),
    },
    headers,
    searchParams: { ...readSearchParams(params), ...readSearchParams(searchParams) },
  };
}

function readSearchParams(given: SearchParams | undefined): Record<string, string> {
  if (given === undefined) return {};
  if (typeof given === 'string' || given instanceof URLSearchParams)
    return Object.fromEntries(new URLSearchParams(given).entries());
  const read: Record<string, string> = {};
  // As got: null is an empty value, undefined none at all.
  for (const [name, value] of Object.entries(given)) if (value !== undefined) read[name] = String(value ?? '');
  return read;
}

function proxyAddress({ protocol = 'http', host, port, auth }: AxiosProxyConfig): string {
  const login = auth ? `${encodeURIComponent(auth.username)}:${encodeURIComponent(auth.password)}@` : '';
  return `${protocol.replace(/:$/, '')}://${login}${host}:${port}`;
}
