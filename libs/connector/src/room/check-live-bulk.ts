import { ConnectorError } from '../errors/connector-error.js';
import { parseRetryAfter } from '../http/retry-policy.js';
import type { WebcastHttpClient } from '../http/webcast-http-client.js';
import { callEulerForJson } from '../sign/euler-calls.js';
import { asNumber, asObject, asRoomId, type LiveCheck } from './live-verdict.js';

/** Users that the sign server takes in one request. */
export const BULK_CHECK_LIMIT = 50;

export interface BulkLiveCheckOptions {
  /** TikTok user ids (decimal), at most `BULK_CHECK_LIMIT`. */
  readonly userIds: readonly string[];
  /** OAuth token of the sign server for a TikTok account: the request is made in its name. Secret. */
  readonly oAuthToken: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the request; default: the client's. */
  readonly timeoutMs?: number | undefined;
}

export interface BulkLiveCheck {
  /** By user id: `live` or `offline`. Those of whom nothing was said are absent. */
  readonly checks: ReadonlyMap<string, LiveCheck>;
  /** In words, for operators. Free of secrets. */
  readonly reason: string;
  /** The sign server did not let us ask: no such right, no quota. */
  readonly blocked?: true;
  readonly retryAfterMs?: number;
}

const REFUSALS: ReadonlySet<number> = new Set([401, 402, 403, 429]);

/**
 * Asks the sign server about many streamers in one request (its `/webcast/bulk_live_check`, which a key must be entitled
 * to). Never rejects but for an aborted signal: whatever fails leaves `checks` empty and says why.
 * @throws CONNECTOR_CONFIGURATION when the client was made without a sign server (not retryable)
 */
export async function checkLiveInBulk(
  client: WebcastHttpClient,
  options: BulkLiveCheckOptions,
): Promise<BulkLiveCheck> {
  const { apiClient } = client;
  const { userIds, oAuthToken, signal, timeoutMs } = options;
  try {
    const { status, headers, json } = await callEulerForJson(
      { apiClient, webClient: client, signal, timeoutMs },
      (callOptions) =>
        apiClient.premium.retrieveBulkLiveCheck({ user_numeric_ids: [...userIds] }, oAuthToken, undefined, callOptions),
    );
    const retryAfterMs = parseRetryAfter(headers['retry-after'], Date.now());
    return {
      ...verdictsOfBulk(status, json),
      ...(REFUSALS.has(status) ? { blocked: true } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  } catch (error) {
    if (signal?.aborted) throw error;
    return {
      checks: new Map(),
      reason: `bulk: ${error instanceof ConnectorError ? error.message : 'the request failed'}`,
    };
  }
}

/** `{code: 200, response: {data: {<user id>: {is_live, room_id} | null}}}`. */
function verdictsOfBulk(status: number, json: unknown): BulkLiveCheck {
  const checks = new Map<string, LiveCheck>();
  if (status !== 200) return { checks, reason: `bulk: HTTP status ${status}` };
  const body = asObject(json);
  const data = asObject(asObject(body?.['response'])?.['data']);
  if (asNumber(body?.['code']) !== 200 || data === undefined) return { checks, reason: 'bulk: no usable answer' };
  for (const [userId, value] of Object.entries(data)) {
    const said = asObject(value);
    const roomId = asRoomId(said?.['room_id']);
    const room = roomId === undefined ? {} : { roomId };
    if (said?.['is_live'] === false) checks.set(userId, { verdict: 'offline', reason: 'bulk: is not live', ...room });
    else if (said?.['is_live'] === true && roomId !== undefined)
      checks.set(userId, { verdict: 'live', reason: 'bulk: is live', roomId });
  }
  return { checks, reason: `bulk: ${checks.size} streamers` };
}
