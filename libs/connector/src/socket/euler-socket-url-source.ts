import type EulerStreamApiClient from '@eulerstream/euler-api-sdk';
import { systemClock, type ConnectorClock } from '../common/clock.js';
import { getWebSocketConfigDefaults, mergeConfig, type WebcastWebSocketConfig } from '../config/client-config.js';
import { DEFAULT_PRESETS } from '../config/presets.js';
import { InvalidResponseError } from '../errors/route-errors.js';
import type { WebcastHttpClient } from '../http/webcast-http-client.js';
import { EulerFetchRoute } from '../routes/route-ids.js';
import {
  fetchSignedWebSocketFromEuler,
  type FetchSignedWebSocketParams,
  type SessionBundle,
  type SignedWebSocket,
} from '../sign/fetch-signed-websocket.js';
import type { SignRateLimit } from '../sign/rate-limit.js';
import type { ProtoMessageFetchResult } from '../proto/index.js';
import type { RawBatch } from './batch.js';
import { assertSocketUrl } from './fixed-socket-url-source.js';
import type { SocketAddress, SocketUrlRequest, SocketUrlSource } from './socket-url-source.js';

export interface EulerSocketUrlSourceOptions {
  /** Cookies, User-Agent and proxy agents; the sign server's cookies go into its jar. */
  readonly webClient: WebcastHttpClient;
  readonly apiClient: EulerStreamApiClient;
  /** Partial changes of the socket's parameters and headers; maps are merged key by key. */
  readonly wsConfig?: Partial<WebcastWebSocketConfig>;
  /** Position to go on from, asked for at each request; `""` (default) for the newest. */
  readonly cursor?: () => string;
  readonly country?: string;
  readonly session?: SessionBundle | undefined;
  /** Read at each request. */
  readonly authenticateWs?: () => boolean | undefined;
  /** The host that may be given the session, in the place of WHITELIST_AUTHENTICATED_SESSION_ID_HOST. */
  readonly sessionHost?: string;
  /** Read at each request. */
  readonly useMobile?: () => boolean | undefined;
  /** Milliseconds for the sign call. Default 15,000. */
  readonly timeoutMs?: number;
  readonly clock?: ConnectorClock;
  /** The sign call itself; replaceable, default {@link fetchSignedWebSocketFromEuler}. */
  readonly sign?: (params: FetchSignedWebSocketParams) => Promise<SignedWebSocket>;
  /** Sees every signed answer before it is turned into an address. */
  readonly onSigned?: (signed: SignedWebSocket) => void;
  /** Told what every answer of the sign server, also a refusal, says about its quota. Must not throw. */
  readonly onAnswer?: (rateLimit: SignRateLimit) => void;
}

/** The signed way: the Euler Stream sign server names the socket, its parameters and its cookies, and sends recent messages along. */
export class EulerSocketUrlSource implements SocketUrlSource {
  readonly name = 'euler';
  private readonly config: WebcastWebSocketConfig;
  private readonly clock: ConnectorClock;

  constructor(private readonly options: EulerSocketUrlSourceOptions) {
    this.config = mergeConfig(getWebSocketConfigDefaults(DEFAULT_PRESETS), options.wsConfig);
    this.clock = options.clock ?? systemClock;
  }

  /**
   * One sign call, no repeats.
   * @throws SignAPIError and its subclasses, SchemaDecodeError, InvalidResponseError without a cursor or a socket address;
   *   the signal's reason when aborted
   */
  async resolve({ roomId, signal }: SocketUrlRequest): Promise<SocketAddress> {
    const { webClient, apiClient, country, session, timeoutMs, clock } = this.options;
    const sign = this.options.sign ?? fetchSignedWebSocketFromEuler;
    const signed = await sign({
      webClient,
      apiClient,
      roomId,
      cursor: this.options.cursor?.() ?? '',
      country,
      session,
      authenticateWs: this.options.authenticateWs?.(),
      sessionHost: this.options.sessionHost,
      useMobile: this.options.useMobile?.(),
      timeoutMs,
      clock,
      signal,
      onAnswer: this.options.onAnswer,
    });
    const receivedAt = this.clock.now();
    webClient.cookieJar.processSetCookieHeader(signed.fetchResultCookieHeader);
    this.options.onSigned?.(signed);
    const { fetchResult } = signed;
    const room = signed.fetchResultRoomId ?? roomId;
    const url = this.url(fetchResult, room);
    const cookie = webClient.cookieJar.getCookieString(url);
    return {
      source: this.name,
      url: url.href,
      headers: { ...this.config.DEFAULT_WS_CLIENT_HEADERS, ...(cookie === '' ? {} : { Cookie: cookie }) },
      roomId: room,
      initialBatch: initialBatchOf(fetchResult, receivedAt),
    };
  }

  private url(fetchResult: ProtoMessageFetchResult, roomId: string): URL {
    const routeId = EulerFetchRoute.FETCH_SIGNED_WEBSOCKET;
    if (fetchResult.cursor === '') throw new InvalidResponseError({ routeId }, 'The sign server sent no cursor.');
    if (fetchResult.pushServer === '')
      throw new InvalidResponseError({ routeId }, 'The sign server sent no socket address.');
    const params = new Map(Object.entries(this.config.DEFAULT_WS_CLIENT_PARAMS));
    params
      .set('compress', 'gzip')
      .set('room_id', roomId)
      .set('internal_ext', fetchResult.internalExt)
      .set('cursor', fetchResult.cursor);
    for (const [name, value] of Object.entries(fetchResult.routeParams)) if (value !== '') params.set(name, value);
    const query = new URLSearchParams([...params]).toString();
    const joint = fetchResult.pushServer.includes('?') ? '&' : '?';
    return assertSocketUrl(
      `${fetchResult.pushServer}${joint}${query}${this.config.DEFAULT_WS_CLIENT_PARAMS_APPEND_PARAMETER}`,
    );
  }
}

/** The messages that came with an address, as a batch like any other. */
export function initialBatchOf(fetchResult: ProtoMessageFetchResult, receivedAt: number): RawBatch {
  const { messages, now, cursor, internalExt } = fetchResult;
  return {
    messages: messages.map(({ method, msgId, payload, isHistory }) => ({ method, msgId, payload, isHistory })),
    receivedAt,
    now,
    cursor,
    internalExt,
  };
}
