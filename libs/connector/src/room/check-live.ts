import { ConnectorError } from '../errors/connector-error.js';
import { callEulerForJson } from '../sign/euler-calls.js';
import { parseRetryAfter } from '../http/retry-policy.js';
import { HttpRequestError } from '../errors/http-errors.js';
import type { RequestOptions, WebcastHttpClient } from '../http/webcast-http-client.js';
import { parseJsonLossless } from '../http/json.js';
import { readLivePage } from './live-page.js';
import {
  asNumber,
  asObject,
  asRoomId,
  isAgeRestricted,
  USER_NOT_FOUND,
  verdictOfCheckAlive,
  verdictOfRoomInfo,
  verdictOfUserAndRoom,
  type LiveCheck,
  type LiveSource,
} from './live-verdict.js';

export interface CheckLiveOptions {
  /** The streamer's unique id, without `@`. */
  readonly uniqueId: string;
  /** The room that `checkAlive` and `roomInfo` are asked about; without it they know nothing. */
  readonly roomId?: string | undefined;
  /** Which sources, in which order. Default: live page, web API, then the sign server if the client has one. */
  readonly sources?: readonly LiveSource[];
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for one request; default: the client's. */
  readonly timeoutMs?: number;
  /** Repeats of one failed request; default 0, since the next check repeats anyway. */
  readonly retries?: number;
}

interface Subject {
  readonly uniqueId: string;
  readonly roomId?: string | undefined;
}

type Check = (client: WebcastHttpClient, subject: Subject, options: RequestOptions) => Promise<LiveCheck>;

/**
 * Asks whether a streamer is live: one source after the other until one gives a clear answer (anything but `unknown` and
 * weak ones; a weak answer counts when nobody after it knows better).
 * Never rejects but for an aborted signal: whatever fails is `unknown`, with every source's reason in words, and with the
 * longest wait that a source asked for.
 */
export async function checkLive(client: WebcastHttpClient, options: CheckLiveOptions): Promise<LiveCheck> {
  const sources = options.sources ?? ['html', 'apiLive', ...(client.hasApiClient ? (['euler'] as const) : [])];
  const request: RequestOptions = {
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    retries: options.retries ?? 0,
  };
  const doubts: LiveCheck[] = [];
  for (const source of sources) {
    const check = await CHECKS[source](client, options, request).catch((error: unknown): LiveCheck => {
      if (options.signal?.aborted) throw error;
      return doubt(source, error);
    });
    if (check.verdict !== 'unknown' && check.weak !== true) return check;
    doubts.push(check);
  }
  const [only] = doubts;
  if (only !== undefined && doubts.length === 1) return only;
  const weak = doubts.find((check) => check.verdict !== 'unknown');
  const waits = doubts.map((check) => check.retryAfterMs).filter((wait) => wait !== undefined);
  return {
    // Facts of the last source that knew any, for example the user behind an unclear status.
    ...(doubts.findLast((check) => check.user !== undefined) ?? {}),
    ...(weak ?? { verdict: 'unknown' }),
    reason: doubts.map((check) => check.reason).join('; ') || 'no source to ask',
    ...(waits.length > 0 ? { retryAfterMs: Math.max(...waits) } : {}),
  };
}

const CHECKS: Readonly<Record<LiveSource, Check>> = {
  html: checkPage,
  apiLive: checkApi,
  euler: checkEuler,
  checkAlive: checkRoomAlive,
  roomInfo: checkRoomInfo,
};

const HTTP_NOT_FOUND = 404;
/** Statuses that mean: not you, or not now. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([401, 402, 403, 429]);

async function checkPage(client: WebcastHttpClient, subject: Subject, options: RequestOptions): Promise<LiveCheck> {
  let html: string;
  try {
    html = await client.getHtmlFromTikTokWebsite(`@${encodeURIComponent(subject.uniqueId)}/live`, options);
  } catch (error) {
    // The page of a user who exists is missing at times: no more than a hint.
    if (!(error instanceof HttpRequestError) || error.status !== HTTP_NOT_FOUND) throw error;
    return { verdict: 'notFound', reason: 'html: no such page', source: 'html', weak: true };
  }
  const page = readLivePage(html, parseJsonLossless);
  if (page.kind === 'found') return verdictOfUserAndRoom('html', page.liveRoomUserInfo);
  const words = {
    noState: 'no state in the page',
    badState: 'the state of the page is not JSON',
    noRoom: 'no room in the page',
  };
  const blocked = page.kind === 'noState' ? ({ blocked: true } as const) : {};
  return { verdict: 'unknown', reason: `html: ${words[page.kind]}`, source: 'html', ...blocked };
}

async function checkRoomAlive(
  client: WebcastHttpClient,
  { roomId }: Subject,
  options: RequestOptions,
): Promise<LiveCheck> {
  if (roomId === undefined) return noRoom('checkAlive');
  const query = { room_ids: roomId };
  const body = await client.getJsonObjectFromWebcastApi('room/check_alive/', query, false, options);
  return verdictOfCheckAlive(body, roomId);
}

async function checkRoomInfo(
  client: WebcastHttpClient,
  { roomId }: Subject,
  options: RequestOptions,
): Promise<LiveCheck> {
  if (roomId === undefined) return noRoom('roomInfo');
  const query = { room_id: roomId };
  return {
    roomId,
    ...verdictOfRoomInfo(await client.getJsonObjectFromWebcastApi('room/info/', query, false, options)),
  };
}

function noRoom(source: LiveSource): LiveCheck {
  return { verdict: 'unknown', reason: `${source}: no room to ask about`, source };
}

async function checkApi(client: WebcastHttpClient, { uniqueId }: Subject, options: RequestOptions): Promise<LiveCheck> {
  const body = asObject(
    await client.getJsonObjectFromTikTokApi(
      'api-live/user/room/',
      { uniqueId, sourceType: '54', staleTime: '600000' },
      false,
      options,
    ),
  );
  if (!body) return { verdict: 'unknown', reason: 'apiLive: no object in the answer', source: 'apiLive' };
  return verdictOfApiLive(body);
}

/** The verdict of the web API's answer (`{statusCode, data: {user, liveRoom}}`). */
export function verdictOfApiLive(body: Readonly<Record<string, unknown>>): LiveCheck {
  const source = 'apiLive';
  const statusCode = asNumber(body['statusCode']);
  // Said of users who exist and are live as well.
  if (statusCode === USER_NOT_FOUND)
    return { verdict: 'notFound', reason: 'apiLive: no such user', source, weak: true };
  if (isAgeRestricted(body)) return { verdict: 'restricted', reason: 'apiLive: age restricted', source };
  if (statusCode !== undefined && statusCode !== 0)
    return { verdict: 'unknown', reason: `apiLive: status code ${statusCode}`, source };
  return verdictOfUserAndRoom(source, asObject(body['data']) ?? {});
}

async function checkEuler(
  client: WebcastHttpClient,
  { uniqueId }: Subject,
  options: RequestOptions,
): Promise<LiveCheck> {
  const source = 'euler';
  const { apiClient } = client;
  const { status, headers, json } = await callEulerForJson(
    { apiClient, webClient: client, signal: options.signal, timeoutMs: options.timeoutMs },
    (callOptions) => apiClient.webcast.retrieveRoomId(uniqueId, callOptions),
  );
  const retryAfterMs = parseRetryAfter(headers['retry-after'], Date.now());
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  const unknown = (words: string): LiveCheck => ({ verdict: 'unknown', reason: `euler: ${words}`, source, ...wait });
  if (status !== 200) {
    const refused = REFUSALS.has(status) ? ({ blocked: true } as const) : {};
    return { ...unknown(`HTTP status ${status}`), ...refused };
  }
  const body = asObject(json);
  if (!body || asNumber(body['code']) !== 200) return unknown('no usable answer');
  const roomId = asRoomId(body['room_id']);
  const isLive = body['is_live'];
  if (isLive === true && roomId !== undefined) return { verdict: 'live', reason: 'euler: is live', source, roomId };
  if (isLive === false)
    return { verdict: 'offline', reason: 'euler: is not live', source, ...(roomId === undefined ? {} : { roomId }) };
  return unknown('no statement about the live');
}

function doubt(source: LiveSource, error: unknown): LiveCheck {
  const blocked =
    error instanceof HttpRequestError && (REFUSALS.has(error.status) || error.code === 'CONNECTOR_HTTP_BAD_JSON');
  const words = error instanceof ConnectorError ? error.message : 'the request failed';
  const wait = error instanceof ConnectorError ? error.retryAfterMs : undefined;
  return {
    verdict: 'unknown',
    reason: `${source}: ${blocked ? 'blocked, ' : ''}${words}`,
    source,
    ...(blocked ? { blocked: true } : {}),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}
