import type { CookieSessionBundle } from '../http/cookie-jar.js';
import type { RoomInfo } from '../connection/connection-types.js';
import { LIBRARY_IDENTITY } from '../config/client-config.js';
import { InvalidRequestError, InvalidResponseError } from '../errors/route-errors.js';
import { ErrorReason, PremiumFeatureError, SignAPIError, SignatureMissingTokensError } from '../errors/sign-errors.js';
import { isInClear } from '../http/endpoints.js';
import { asObject, asText, type JsonObject } from '../room/live-verdict.js';
import { callEulerForJson } from '../sign/euler-calls.js';
import { fetchSignedWebSocketFromEuler, type FetchSignedWebSocketParams } from '../sign/fetch-signed-websocket.js';
import { createRoute, type WebcastHttpEulerRouteArgs } from './route.js';
import { EulerFetchRoute } from './route-ids.js';

export interface EulerUniqueIdParams extends WebcastHttpEulerRouteArgs {
  readonly uniqueId: string;
}

export interface FetchWebcastSignatureFromEulerRouteParams extends WebcastHttpEulerRouteArgs {
  readonly url: string;
  readonly method: string;
  readonly userAgent: string;
}

export interface SendRoomChatFromEulerRouteParams extends WebcastHttpEulerRouteArgs {
  readonly roomId: string;
  readonly content: string;
}

type Routed<T> = T & { readonly routeId: string };

/** `{code, ok, room_id, is_live, message}`, as the sign server says it. */
export const fetchRoomIdFromEulerRoute = createRoute(
  EulerFetchRoute.FETCH_ROOM_ID,
  async (args: Routed<EulerUniqueIdParams>) => {
    const { json, status } = await callEulerForJson(args, (options) =>
      args.apiClient.webcast.retrieveRoomId(args.uniqueId, options),
    );
    return answerOf(args.routeId, status, json);
  },
);

/** Room info by name, as the sign server says it. */
export const fetchRoomInfoFromEulerRoute = createRoute(
  EulerFetchRoute.FETCH_ROOM_INFO,
  async (args: Routed<EulerUniqueIdParams>) => {
    const { json, status } = await callEulerForJson(args, (options) =>
      args.apiClient.premium.retrieveRoomInfo(args.uniqueId, options),
    );
    return answerOf(args.routeId, status, json);
  },
);

/** A signed socket address; see {@link fetchSignedWebSocketFromEuler}. */
export const fetchSignedWebSocketFromEulerRoute = createRoute(
  EulerFetchRoute.FETCH_SIGNED_WEBSOCKET,
  (args: Routed<FetchSignedWebSocketParams>) => fetchSignedWebSocketFromEuler(args),
);

const UNSIGNED_PARAMETERS = ['X-Bogus', 'X-Gnarly', 'msToken'];

/** Has a TikTok URL signed. */
export const fetchWebcastSignatureFromEulerRoute = createRoute(
  EulerFetchRoute.FETCH_WEBCAST_SIGNATURE,
  async (args: Routed<FetchWebcastSignatureFromEulerRouteParams>) => {
    const url = new URL(args.url);
    for (const name of UNSIGNED_PARAMETERS) url.searchParams.delete(name);
    const session = sessionOf(args);
    if (session) assertNotInClear(args.apiClient, args.routeId);
    const body = {
      url: url.href,
      method: args.method as 'GET',
      userAgent: args.userAgent,
      ...(session ? { sessionId: session.value.sessionId, ttTargetIdc: session.value.ttTargetIdc } : {}),
    };
    const { json, status, headers } = await callEulerForJson(args, (options) =>
      args.apiClient.webcast.signWebcastUrl(body, LIBRARY_IDENTITY, options),
    );
    const answer = asObject(json);
    if (status === 403)
      throw new PremiumFeatureError(asText(answer?.['message']), 'Signing needs permission from the sign server.');
    if (status !== 200)
      throw new SignatureMissingTokensError(
        `The sign server answered with status ${status}.`,
        `Agent: ${asText(headers['x-agent-id']) ?? 'unknown'}`,
      );
    const response = asObject(answer?.['response']);
    if (asText(response?.['signedUrl']) === undefined || Object.keys(asObject(response?.['tokens']) ?? {}).length === 0)
      throw new SignatureMissingTokensError('The sign server sent no tokens.');
    return answer as RoomInfo;
  },
);

/** Posts a chat message as the account of the session. */
export const sendRoomChatFromEulerRoute = createRoute(
  EulerFetchRoute.SEND_ROOM_CHAT,
  async (args: Routed<SendRoomChatFromEulerRouteParams>) => {
    const { webClient, apiClient, roomId, content, routeId } = args;
    if (roomId === '') throw new InvalidRequestError({ routeId }, 'Missing roomId. Connect first, or name the room.');
    assertNotInClear(apiClient, routeId);
    const hasSession = webClient.cookieJar.getSessionBundle() !== null;
    const token = hasSession ? undefined : webClient.oAuthSessionBundle?.value;
    const cookies = hasSession ? webClient.cookieJar.getCookieString() : undefined;
    const body = { content, targetRoomId: roomId, sessionId: '', ttTargetIdc: '' };
    const { json, status } = await callEulerForJson(args, (options) =>
      apiClient.premium.sendRoomChat(body, token, cookies, options),
    );
    const message = asText(asObject(json)?.['message']);
    if (status === 401 || status === 403)
      throw new PremiumFeatureError(message, 'Sending chat needs a key with permission for it.');
    if (status !== 200)
      throw new InvalidResponseError({ routeId }, `The sign server answered with status ${status}.`, message ?? '');
    return json as RoomInfo;
  },
);

/** Sessions go by TLS, or to this computer. */
function assertNotInClear({ configuration }: WebcastHttpEulerRouteArgs['apiClient'], routeId: string): void {
  if (isInClear(configuration.basePath))
    throw new InvalidRequestError({ routeId }, 'The session is not sent to a sign server in the clear.');
}

function sessionOf({
  webClient,
  routeId,
}: Routed<FetchWebcastSignatureFromEulerRouteParams>): CookieSessionBundle | undefined {
  const { cookieJar } = webClient;
  const bundle = cookieJar.getSessionBundle();
  if (!bundle && cookieJar.get('sessionid') !== undefined)
    throw new InvalidRequestError({ routeId }, 'A session id without tt-target-idc cannot be signed for.');
  return bundle ?? undefined;
}

function answerOf(routeId: string, status: number, json: unknown): JsonObject {
  const body = asObject(json);
  if (body) return body;
  throw status === 200
    ? new InvalidResponseError({ routeId }, 'The answer of the sign server is not JSON.')
    : new SignAPIError(ErrorReason.SIGN_NOT_200, undefined, undefined, `Unexpected sign server status ${status}.`);
}
