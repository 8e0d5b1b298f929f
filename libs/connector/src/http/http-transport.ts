import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import axios, { AxiosHeaders, isAxiosError, type CreateAxiosDefaults } from 'axios';
import { linkAbort, sleep, throwIfAborted } from '../common/abort.js';
import { systemClock, type ConnectorClock } from '../common/clock.js';
import { HttpRequestError } from '../errors/http-errors.js';
import { isPrivateAddress } from './endpoints.js';
import {
  DEFAULT_RETRY_POLICY,
  isRetryableStatus,
  parseRetryAfter,
  retryDelay,
  type RetryPolicy,
} from './retry-policy.js';
import type { WebcastCookieJar } from './cookie-jar.js';

/** Proxy agents (hpagent, socks-proxy-agent, …) or plain ones, by the scheme of the address. */
export interface HttpAgents {
  readonly http?: HttpAgent;
  readonly https?: HttpsAgent;
}

export interface HttpTransportOptions {
  readonly agents?: HttpAgents;
  /** Milliseconds for one attempt, all of it. Default 10,000. */
  readonly timeoutMs?: number;
  /** Largest answer that is read, in bytes. Default 8 MiB. */
  readonly maxResponseBytes?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Redirects followed for one request, default 5. */
  readonly maxRedirects?: number;
  /** Further options of axios; what the transport decides itself comes before them. */
  readonly axios?: Readonly<Record<string, unknown>>;
  readonly clock?: ConnectorClock;
  /** Uniform in [0, 1): jitter of the waits. */
  readonly random?: () => number;
}

export interface HttpRequest {
  readonly url: string;
  /** Default GET. Only GET is ever repeated. */
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** Redirects are followed unless false. */
  readonly followRedirects?: boolean;
  readonly timeoutMs?: number | undefined;
  readonly retries?: number | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const DEFAULT_MAX_RESPONSE_BYTES = 8 * 1024 * 1024;
const MAX_REDIRECTS = 5;

const targetOf = (url: URL): string => `${url.host}${url.pathname}`;

/** What a transport works by, made once from its options. */
interface TransportSettings {
  readonly defaults: CreateAxiosDefaults;
  readonly clock: ConnectorClock;
  readonly random: () => number;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly maxRedirects: number;
}

function settle(options: HttpTransportOptions): TransportSettings {
  return {
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    timeoutMs: options.timeoutMs ?? 10_000,
    retry: { ...DEFAULT_RETRY_POLICY, ...options.retry },
    maxRedirects: options.maxRedirects ?? MAX_REDIRECTS,
    defaults: {
      decompress: true,
      maxBodyLength: DEFAULT_MAX_RESPONSE_BYTES,
      ...(options.axios as CreateAxiosDefaults | undefined),
      adapter: 'http',
      // A proxy is what `agents` says; the environment must not redirect traffic behind the caller's back.
      proxy: false,
      maxRedirects: 0,
      maxContentLength: options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
      responseType: 'arraybuffer',
      validateStatus: () => true,
      ...(options.agents?.http ? { httpAgent: options.agents.http } : {}),
      ...(options.agents?.https ? { httpsAgent: options.agents.https } : {}),
    },
  };
}

/** Of all transports without options of their own. */
const PLAIN = settle({});
const OPTION_NAMES = [
  'agents',
  'timeoutMs',
  'maxResponseBytes',
  'retry',
  'maxRedirects',
  'axios',
  'clock',
  'random',
] as const satisfies readonly (keyof HttpTransportOptions)[];

/**
 * HTTP with TikTok's cookies: time-outs, bounded repeats with jitter, no cookie to another host or in clear, redirects
 * only to private addresses. One transport may carry any number of requests at once.
 */
export class HttpTransport {
  private readonly settings: TransportSettings;

  constructor(
    private readonly jar: WebcastCookieJar,
    options: HttpTransportOptions = {},
  ) {
    this.settings = OPTION_NAMES.some((name) => options[name] !== undefined) ? settle(options) : PLAIN;
  }

  /**
   * Sends one request and answers with whatever status came back, after repeats for those that promise to pass.
   * @throws HttpRequestError for network failures, time-outs and answers that are too large; the signal's reason when aborted
   */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    const retries = request.method === 'POST' ? 0 : (request.retries ?? this.settings.retry.retries);
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.attempt(request).catch((error: unknown) => {
        if (error instanceof HttpRequestError && error.retryable && attempt < retries) return error;
        throw error;
      });
      const failed = outcome instanceof HttpRequestError;
      if (!failed && !isRetryableStatus(outcome.status)) return outcome;
      const retryAfterMs = failed
        ? undefined
        : parseRetryAfter(outcome.headers['retry-after'], this.settings.clock.now());
      const delay =
        attempt < retries ? retryDelay(this.settings.retry, attempt, retryAfterMs, this.settings.random) : undefined;
      if (delay === undefined) {
        if (failed) throw outcome;
        return outcome;
      }
      await sleep(this.settings.clock, delay, request.signal);
    }
  }

  /** The error for an answer whose status is not what the caller needs. */
  statusError(request: HttpRequest, answer: HttpAnswer): HttpRequestError {
    return new HttpRequestError(`HTTP status ${answer.status}`, {
      code: 'CONNECTOR_HTTP_STATUS',
      retryable: isRetryableStatus(answer.status) || answer.status === 403,
      target: targetOf(new URL(request.url)),
      status: answer.status,
      retryAfterMs: parseRetryAfter(answer.headers['retry-after'], this.settings.clock.now()),
    });
  }

  private async attempt(request: HttpRequest): Promise<HttpAnswer> {
    let url = new URL(request.url);
    if (!isPrivateAddress(url))
      throw new HttpRequestError('The address is not encrypted', {
        code: 'CONNECTOR_HTTP_NETWORK',
        retryable: false,
        target: targetOf(url),
      });
    for (let hop = 0; ; hop += 1) {
      const answer = await this.send(url, request, hop === 0);
      const location = answer.headers['location'];
      const redirected = answer.status >= 300 && answer.status < 400 && answer.status !== 304 && location !== undefined;
      if (
        !redirected ||
        request.followRedirects === false ||
        this.settings.maxRedirects === 0 ||
        (request.method ?? 'GET') !== 'GET'
      )
        return answer;
      const next = new URL(location, url);
      if (hop === this.settings.maxRedirects || !isPrivateAddress(next))
        throw new HttpRequestError(
          hop === this.settings.maxRedirects ? 'Too many redirects' : 'Redirected to an unencrypted address',
          {
            code: 'CONNECTOR_HTTP_STATUS',
            retryable: false,
            target: targetOf(url),
            status: answer.status,
          },
        );
      url = next;
    }
  }

  private async send(url: URL, request: HttpRequest, withOwnHost: boolean): Promise<HttpAnswer> {
    throwIfAborted(request.signal);
    const abort = linkAbort(request.signal);
    const timeoutMs = request.timeoutMs ?? this.settings.timeoutMs;
    let timedOut = false;
    const timer = this.settings.clock.setTimeout(() => {
      timedOut = true;
      abort.abort(new Error('timeout'));
    }, timeoutMs);
    try {
      // Made for each call: an idle connection would keep 5 KiB of it for nothing.
      const response = await axios.create(this.settings.defaults).request<Buffer>({
        url: url.href,
        method: request.method ?? 'GET',
        headers: this.headersFor(url, request, withOwnHost),
        data: request.body,
        signal: abort.signal,
      });
      this.jar.acceptResponse(url, setCookieOf(response.headers));
      return { status: response.status, headers: flatten(response.headers), body: Buffer.from(response.data) };
    } catch (error) {
      throwIfAborted(request.signal);
      throw this.failure(error, url, timedOut, timeoutMs);
    } finally {
      timer.cancel();
      abort.release();
    }
  }

  private headersFor(url: URL, request: HttpRequest, withOwnHost: boolean): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers ?? {})) {
      const lower = name.toLowerCase();
      // The jar alone decides about cookies; authorization never follows a redirect.
      if (lower === 'cookie' || (!withOwnHost && lower === 'authorization')) continue;
      headers[name] = value;
    }
    const cookie = this.jar.getCookieString(url);
    if (cookie !== '') headers['Cookie'] = cookie;
    return headers;
  }

  private failure(error: unknown, url: URL, timedOut: boolean, timeoutMs: number): HttpRequestError {
    const target = targetOf(url);
    if (timedOut)
      return new HttpRequestError(`No answer within ${timeoutMs} ms`, {
        code: 'CONNECTOR_HTTP_TIMEOUT',
        retryable: true,
        target,
      });
    const message = error instanceof Error ? error.message : 'unknown failure';
    if (isAxiosError(error) && /maxContentLength/.test(message))
      return new HttpRequestError('The answer is too large', {
        code: 'CONNECTOR_HTTP_TOO_LARGE',
        retryable: false,
        target,
      });
    // Not the axios error itself as the cause: it carries the whole request, cookies included.
    const code = isAxiosError(error) ? error.code : undefined;
    return new HttpRequestError(`The request failed: ${code ?? message}`, {
      code: 'CONNECTOR_HTTP_NETWORK',
      retryable: true,
      target,
    });
  }
}

function setCookieOf(headers: unknown): string[] {
  const value = AxiosHeaders.from(headers as AxiosHeaders).get('set-cookie');
  return Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
}

function flatten(headers: unknown): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(AxiosHeaders.from(headers as AxiosHeaders).toJSON())) {
    if (value !== undefined && value !== null)
      flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return flat;
}
