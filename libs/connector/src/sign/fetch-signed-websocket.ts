import type EulerStreamApiClient from '@eulerstream/euler-api-sdk';
import { WebcastFetchPlatform, type SoaxProxyRegion } from '@eulerstream/euler-api-sdk';
import type { RawAxiosRequestConfig } from 'axios';
import { systemClock, type ConnectorClock } from '../common/clock.js';
import { LIBRARY_IDENTITY } from '../config/client-config.js';
import { environment } from '../config/environment.js';
import { SchemaDecodeError } from '../errors/connection-errors.js';
import {
  AuthenticatedWebSocketConnectionError,
  ErrorReason,
  PremiumFeatureError,
  SignAPIError,
  SignatureRateLimitError,
  SignStatusError,
} from '../errors/sign-errors.js';
import type { CookieSessionBundle } from '../http/cookie-jar.js';
import { isInClear } from '../http/endpoints.js';
import { SESSION_COOKIE_NAMES, TARGET_IDC_COOKIE_NAME } from '../http/cookie-jar.js';
import { parseJsonLossless } from '../http/json.js';
import type { OAuthTokenSessionBundle, WebcastHttpClient } from '../http/webcast-http-client.js';
import { asObject, asText } from '../room/live-verdict.js';
import { ProtoMessageFetchResult } from '../proto/index.js';
import { readRateLimit, type SignRateLimit } from './rate-limit.js';
import { callSignServer, SignCallFailure, type SignAnswer } from './sign-call.js';

/** A login in either or both of its forms. Secret. */
export interface SessionBundle {
  readonly cookie?: CookieSessionBundle;
  readonly oAuthToken?: OAuthTokenSessionBundle;
}

export interface FetchSignedWebSocketParams {
  readonly webClient: WebcastHttpClient;
  readonly apiClient: EulerStreamApiClient;
  readonly roomId: string;
  readonly cursor?: string | undefined;
  readonly country?: string | undefined;
  readonly session?: SessionBundle | undefined;
  /** Hand the session to the sign server. Only to the host that WHITELIST_AUTHENTICATED_SESSION_ID_HOST names. */
  readonly authenticateWs?: boolean | undefined;
  /** The host that may be given the session, in the place of WHITELIST_AUTHENTICATED_SESSION_ID_HOST. */
  readonly sessionHost?: string | undefined;
  /** Ask for the mobile app's socket; implies `authenticateWs` and needs cookies. */
  readonly useMobile?: boolean | undefined;
  readonly options?: RawAxiosRequestConfig | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the call. Default 15,000. */
  readonly timeoutMs?: number | undefined;
  readonly clock?: ConnectorClock | undefined;
  /** Told what every answer, also a refusal, says about the quota; synchronously, before the call ends. Must not throw. */
  readonly onAnswer?: ((rateLimit: SignRateLimit) => void) | undefined;
}

export interface SignedWebSocket {
  readonly fetchResult: ProtoMessageFetchResult;
  /** The cookies to connect with, as the sign server wrote them. Secret. */
  readonly fetchResultCookieHeader: string;
  /** The room, when the sign server corrects it. */
  readonly fetchResultRoomId?: string;
}

const DEFAULT_TIMEOUT_MS = 15_000;
const MAX_QUOTED_BODY = 500;

/**
 * Asks the sign server for a socket address and the recent messages of a room. One request, no repeats.
 * @throws SignAPIError and its subclasses for what the server answered, SchemaDecodeError for bytes that are no answer;
 *   the signal's reason when aborted
 */
export async function fetchSignedWebSocketFromEuler(params: FetchSignedWebSocketParams): Promise<SignedWebSocket> {
  const { webClient, apiClient, roomId, cursor, country, useMobile } = params;
  const cookies = credentials(params);
  const platform = useMobile ? WebcastFetchPlatform.Mobile : WebcastFetchPlatform.Web;
  const answer = await callSignServer(
    (options) =>
      apiClient.webcast.fetchWebcastURL(
        LIBRARY_IDENTITY,
        roomId,
        undefined,
        cursor,
        webClient.userAgent,
        true,
        country as SoaxProxyRegion | undefined,
        platform,
        cookies.oAuthToken,
        cookies.cookieHeader,
        undefined,
        undefined,
        options,
      ),
    {
      agents: webClient.agents,
      signal: params.signal,
      timeoutMs: params.timeoutMs ?? webClient.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      options: params.options,
      ...(params.clock ? { clock: params.clock } : {}),
    },
  ).catch((error: unknown): never => {
    if (!(error instanceof SignCallFailure)) throw error;
    throw new SignAPIError(ErrorReason.CONNECT_ERROR, undefined, undefined, 'Failed to connect to sign server.', error);
  });
  const label = answer.status === 429 ? asText(jsonOf(answer.body)?.['limit_label']) : undefined;
  params.onAnswer?.(readRateLimit(answer, (params.clock ?? systemClock).now(), label));
  return readSignedWebSocket(answer);
}

function readSignedWebSocket(answer: SignAnswer): SignedWebSocket {
  const { status, headers, body } = answer;
  const requestId = asText(headers['x-request-id']);
  const agentId = asText(headers['x-agent-id']);
  if (status === 429) {
    const message = jsonOf(body);
    const label = asText(message?.['limit_label']);
    throw new SignatureRateLimitError(
      serverMessage(message),
      `${label ? `(${label}) ` : ''}Too many connections started, try again in %s ms.`,
      { headers },
    );
  }
  if (status === 402)
    throw new PremiumFeatureError(serverMessage(jsonOf(body)), 'Error fetching the signed TikTok WebSocket:');
  if (status !== 200) {
    const text = body.toString('utf8', 0, MAX_QUOTED_BODY);
    throw new SignStatusError(status, requestId, agentId, `Unexpected sign server status ${status}. Payload:`, text);
  }
  const cookieHeader = setTtCookie(headers['x-set-tt-cookie']);
  if (cookieHeader === undefined)
    throw new SignAPIError(ErrorReason.EMPTY_COOKIES, requestId, agentId, 'No cookies received from sign server.');
  let fetchResult: ProtoMessageFetchResult;
  try {
    fetchResult = ProtoMessageFetchResult.decode(body);
  } catch (cause) {
    throw new SchemaDecodeError('The answer of the sign server is not a ProtoMessageFetchResult.', cause);
  }
  const fetchResultRoomId = asText(headers['x-room-id']);
  return {
    fetchResult,
    fetchResultCookieHeader: cookieHeader,
    ...(fetchResultRoomId === undefined ? {} : { fetchResultRoomId }),
  };
}

function setTtCookie(value: unknown): string | undefined {
  return asText(Array.isArray(value) ? value.join(', ') : value);
}

function jsonOf(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(parseJsonLossless(body.toString('utf8')));
  } catch {
    // The message is only for people; a body that is no JSON has none.
    return undefined;
  }
}

function serverMessage(body: Readonly<Record<string, unknown>> | undefined): string | undefined {
  return environment.signServerMessageDisabled() ? undefined : asText(body?.['message']);
}

/** What of the session goes to the sign server; nothing unless asked for and allowed. */
function credentials(params: FetchSignedWebSocketParams): { cookieHeader?: string; oAuthToken?: string } {
  const { session, useMobile, webClient, apiClient } = params;
  if (!params.authenticateWs && !useMobile) return {};
  const bundle = session?.cookie ?? webClient.cookieJar.getSessionBundle() ?? undefined;
  const token = session?.oAuthToken ?? webClient.oAuthSessionBundle ?? undefined;
  if (useMobile && !isComplete(bundle))
    throw new AuthenticatedWebSocketConnectionError('The mobile socket needs a session with both cookies.');
  if (!isComplete(bundle) && !token)
    throw new AuthenticatedWebSocketConnectionError('An authenticated socket needs a session (cookies or a token).');
  const host = hostOf(apiClient.configuration.basePath);
  const allowed = params.sessionHost ?? environment.authenticatedSessionHost();
  if (allowed === undefined || host === undefined || allowed !== host)
    throw new AuthenticatedWebSocketConnectionError(
      `Set WHITELIST_AUTHENTICATED_SESSION_ID_HOST to "${host ?? ''}" to allow that the session is sent to this sign server.`,
    );
  if (isInClear(apiClient.configuration.basePath))
    throw new AuthenticatedWebSocketConnectionError('The session is not sent to a sign server in the clear.');
  if (!isComplete(bundle)) return { oAuthToken: (token as OAuthTokenSessionBundle).value };
  const pairs = [
    ...SESSION_COOKIE_NAMES.map((name) => `${name}=${bundle.value.sessionId}`),
    `${TARGET_IDC_COOKIE_NAME}=${bundle.value.ttTargetIdc}`,
  ];
  return {
    cookieHeader: webClient.cookieJar.getSessionBundle() ? webClient.cookieJar.getCookieString() : pairs.join('; '),
  };
}

function isComplete(bundle: CookieSessionBundle | undefined): bundle is CookieSessionBundle {
  return Boolean(bundle?.value.sessionId && bundle.value.ttTargetIdc);
}

function hostOf(basePath: string | undefined): string | undefined {
  return basePath !== undefined && URL.canParse(basePath) ? new URL(basePath).host : undefined;
}
