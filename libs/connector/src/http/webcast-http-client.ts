import type EulerStreamApiClient from '@eulerstream/euler-api-sdk';
import { DEFAULT_PRESETS, generateDeviceId, type ClientPresets } from '../config/presets.js';
import { ConfigurationError } from '../errors/connector-error.js';
import { HttpRequestError } from '../errors/http-errors.js';
import { WebcastCookieJar } from './cookie-jar.js';
import { addressOfHost, resolveEndpoints, type TikTokEndpoints } from './endpoints.js';
import { headerOf, mergeHeaders } from './header-map.js';
import {
  HttpTransport,
  type HttpAgents,
  type HttpAnswer,
  type HttpRequest,
  type HttpTransportOptions,
} from './http-transport.js';
import { parseJsonLossless } from './json.js';
import { requestProfile, type RequestProfile, type RequestSettings } from './request-profile.js';
import { deserializeMessage, type DecodedFetchResult, type WebcastMessage } from '../connection/deserialize-message.js';

/** A token that stands for a TikTok account at the sign server. Secret. */
export interface OAuthTokenSessionBundle {
  readonly type: 'oAuthToken';
  readonly value: string;
}

export interface WebcastHttpClientOptions extends HttpTransportOptions, RequestSettings {
  readonly endpoints?: Partial<TikTokEndpoints>;
  /** What the client looks like. Default: the fixed default presets. */
  readonly presets?: ClientPresets;
  /** Needed by routes that ask the sign server, and for signed requests. */
  readonly apiClient?: EulerStreamApiClient;
  /** The `signer` that the client begins with; told which client asks, so that one function can serve them all. */
  readonly signWith?: ((client: WebcastHttpClient, request: SignRequest) => Promise<SignedRequest>) | undefined;
}

/** What a single call may change. */
export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly retries?: number | undefined;
  readonly followRedirects?: boolean;
}

type Params = Readonly<Record<string, string | number | boolean | undefined>>;

type CallOptions = RequestOptions & { method?: 'GET' | 'POST'; body?: string; signRequest?: boolean };

/** A request by host and path. */
export interface WebcastHttpClientRequestParams extends CallOptions {
  /** With a port if need be; spoken to over TLS unless it is this computer. */
  readonly host: string;
  readonly path: string;
  readonly searchParams?: Params;
}

/** A TikTok URL that is to be signed. */
export interface SignRequest {
  url: string;
  method: string;
  userAgent: string;
}

/** The signed URL and the User-Agent that it was signed for. */
export interface SignedRequest {
  url: string;
  userAgent: string;
}

/** Signs a TikTok URL; answers with the signed URL and the User-Agent it was signed for. */
export type UrlSigner = (request: SignRequest) => Promise<SignedRequest>;

const NO_AGENTS: HttpAgents = Object.freeze({});

/**
 * Speaks to TikTok's web and webcast APIs for one connection: own cookies, own parameters, own agents; nothing that one
 * client is told reaches another. Any number of requests may run at once.
 */
export class WebcastHttpClient {
  readonly cookieJar: WebcastCookieJar;
  readonly endpoints: TikTokEndpoints;
  readonly agents: HttpAgents;
  /** The time limit that this client was given, in milliseconds; it holds for its sign calls as well. */
  readonly timeoutMs: number | undefined;
  /** Set when the account is known by a token instead of cookies. */
  oAuthSessionBundle: OAuthTokenSessionBundle | null = null;
  private readonly transport: HttpTransport;
  private readonly euler: EulerStreamApiClient | undefined;
  // Parameters and headers are made of these when they are needed: an idle client has no maps.
  private readonly profile: RequestProfile;
  private readonly presets: ClientPresets;
  private deviceId: string | undefined;
  /** Parameters of this client alone, until somebody holds the whole map. */
  private ownParams: Record<string, string> = {};
  private heldParams: Record<string, string> | undefined;
  private heldHeaders: Record<string, string> | undefined;
  private signWith: WebcastHttpClientOptions['signWith'];
  private ownSigner: UrlSigner | undefined;

  /** @throws CONNECTOR_CONFIGURATION for an address that may not be used (not retryable) */
  constructor(options: WebcastHttpClientOptions = {}) {
    this.profile = requestProfile(options);
    this.presets = options.presets ?? DEFAULT_PRESETS;
    this.endpoints = resolveEndpoints(options.endpoints);
    this.agents = options.agents ?? NO_AGENTS;
    this.timeoutMs = options.timeoutMs;
    this.cookieJar = new WebcastCookieJar(this.endpoints, this.profile.cookieNames, this.profile.cookies);
    this.transport = new HttpTransport(this.cookieJar, options);
    this.euler = options.apiClient;
    this.signWith = options.signWith;
  }

  /** Parameters of every request; may be changed at any time. */
  get clientParams(): Record<string, string> {
    this.heldParams ??= this.params();
    return this.heldParams;
  }

  /** Headers of every request (but Cookie, which is the jar's); may be changed at any time. */
  get clientHeaders(): Record<string, string> {
    this.heldHeaders ??= this.headers();
    return this.heldHeaders;
  }

  /** How `signRequest` gets its signature; undefined when there is no sign server. */
  get signer(): UrlSigner | undefined {
    const { signWith } = this;
    if (signWith) this.ownSigner ??= (request) => signWith(this, request);
    return this.ownSigner;
  }

  set signer(signer: UrlSigner | undefined) {
    this.signWith = undefined;
    this.ownSigner = signer;
  }

  /** One parameter of every request, as `clientParams` has it. */
  clientParam(name: string): string | undefined {
    return this.heldParams ? this.heldParams[name] : (this.ownParams[name] ?? this.params()[name]);
  }

  /** Sets one parameter of every request, as by `clientParams`. */
  setClientParam(name: string, value: string): void {
    (this.heldParams ?? this.ownParams)[name] = value;
  }

  /** @throws CONNECTOR_CONFIGURATION when the client was made without one (not retryable) */
  get apiClient(): EulerStreamApiClient {
    if (!this.euler) throw new ConfigurationError('This client was made without a sign server.');
    return this.euler;
  }

  get hasApiClient(): boolean {
    return this.euler !== undefined;
  }

  /** The bound room, `""` when none is; it is the parameter `room_id` of every request. */
  get roomId(): string {
    return this.clientParam('room_id') ?? '';
  }

  set roomId(value: string) {
    this.setClientParam('room_id', value);
  }

  get userAgent(): string {
    return headerOf(this.headers(), 'User-Agent') ?? '';
  }

  /**
   * One request to `base` + `path` with this client's parameters and headers, both overlaid by the given ones.
   * @throws HttpRequestError for a failure or a status outside 200–299
   */
  async request(call: WebcastHttpClientRequestParams): Promise<HttpAnswer>;
  async request(base: string, path: string, params?: Params, options?: CallOptions): Promise<HttpAnswer>;
  async request(
    target: string | WebcastHttpClientRequestParams,
    ownPath = '',
    ownParams: Params = {},
    ownOptions: CallOptions = {},
  ): Promise<HttpAnswer> {
    const call =
      typeof target === 'string' ? { path: ownPath, searchParams: ownParams, ...ownOptions, base: target } : target;
    const { path, searchParams: params = {}, ...options } = call;
    const base = 'base' in call ? call.base : addressOfHost(call.host);
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...this.params(), ...params }))
      if (value !== undefined) query.set(name, String(value));
    let url = `${base}/${path.replace(/^\/+/, '')}?${query.toString()}`;
    let headers = mergeHeaders(this.headers(), options.headers);
    const method = options.method ?? 'GET';
    if (options.signRequest) {
      if (!this.signer) throw new ConfigurationError('A signed request needs a sign server.');
      const signed = await this.signer({ url, method, userAgent: this.userAgent });
      url = signed.url;
      headers = mergeHeaders(headers, { 'User-Agent': signed.userAgent });
    }
    const { signal, timeoutMs, retries, followRedirects = true } = options;
    const request: HttpRequest = {
      url,
      method,
      headers,
      signal,
      timeoutMs,
      retries,
      followRedirects,
      ...(options.body === undefined ? {} : { body: options.body }),
    };
    const answer = await this.transport.request(request);
    const ok = answer.status >= 200 && answer.status < 300;
    if (!ok && !(followRedirects === false && answer.status < 400)) throw this.transport.statusError(request, answer);
    return answer;
  }

  /** A page of the TikTok web site as text. */
  async getHtmlFromTikTokWebsite(path: string, options: RequestOptions = {}): Promise<string> {
    const answer = await this.request(this.endpoints.webUrl, path, {}, options);
    return answer.body.toString('utf8');
  }

  /** JSON of the web site's API; integers beyond 2^53 come as strings. */
  async getJsonObjectFromTikTokApi(
    path: string,
    params: Params = {},
    signRequest = false,
    options: RequestOptions = {},
  ): Promise<unknown> {
    return this.json(
      await this.request(this.endpoints.webUrl, path, params, { ...options, signRequest }),
      this.endpoints.webUrl,
      path,
    );
  }

  /** JSON of the webcast API; integers beyond 2^53 come as strings. */
  async getJsonObjectFromWebcastApi(
    path: string,
    params: Params = {},
    signRequest = false,
    options: RequestOptions = {},
  ): Promise<unknown> {
    const full = `webcast/${path.replace(/^\/+/, '')}`;
    return this.json(
      await this.request(this.endpoints.webcastUrl, full, params, { ...options, signRequest }),
      this.endpoints.webcastUrl,
      full,
    );
  }

  async postJsonObjectToWebcastApi(
    path: string,
    params: Params,
    data: unknown,
    signRequest = false,
    options: RequestOptions = {},
  ): Promise<unknown> {
    const full = `webcast/${path.replace(/^\/+/, '')}`;
    const answer = await this.request(this.endpoints.webcastUrl, full, params, {
      ...options,
      signRequest,
      method: 'POST',
      body: JSON.stringify(data),
      headers: { ...options.headers, 'Content-Type': 'application/json; charset=UTF-8' },
    });
    return this.json(answer, this.endpoints.webcastUrl, full);
  }

  /**
   * A message of the webcast API that is protobuf instead of JSON.
   * @throws InvalidSchemaNameError for a name that is not in the schema, SchemaDecodeError for an answer that is no such message
   */
  async getDeserializedObjectFromWebcastApi<T extends keyof WebcastMessage>(
    path: string,
    params: Params,
    schemaName: T,
    signRequest = false,
    options: RequestOptions = {},
  ): Promise<T extends 'ProtoMessageFetchResult' ? DecodedFetchResult : WebcastMessage[T]> {
    const full = `webcast/${path.replace(/^\/+/, '')}`;
    const answer = await this.request(this.endpoints.webcastUrl, full, params, { ...options, signRequest });
    return deserializeMessage(schemaName, answer.body) as never;
  }

  private params(): Record<string, string> {
    if (this.heldParams) return this.heldParams;
    this.deviceId ??= generateDeviceId();
    return { ...this.profile.params(this.presets, this.deviceId), ...this.ownParams };
  }

  private headers(): Record<string, string> {
    return this.heldHeaders ?? this.profile.headers(this.presets);
  }

  private json(answer: HttpAnswer, base: string, path: string): unknown {
    try {
      return parseJsonLossless(answer.body.toString('utf8'));
    } catch (cause) {
      throw new HttpRequestError('The answer is not JSON', {
        code: 'CONNECTOR_HTTP_BAD_JSON',
        retryable: true,
        target: `${new URL(base).host}/${path.replace(/^\/+/, '')}`,
        status: answer.status,
        cause,
      });
    }
  }
}

/** A client for one streamer or one proxy, as the service uses it. */
export function createTikTokWebClient(options: WebcastHttpClientOptions = {}): WebcastHttpClient {
  return new WebcastHttpClient(options);
}
