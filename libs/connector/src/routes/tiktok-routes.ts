import type { RoomGiftInfo, RoomInfo } from '../connection/connection-types.js';
import { InvalidRequestError, InvalidResponseError } from '../errors/route-errors.js';
import { parseJsonLossless } from '../http/json.js';
import { readLivePage, SIGI_STATE_PATTERN } from '../room/live-page.js';
import { asNumber, asObject, asRoomId, asText } from '../room/live-verdict.js';
import { createRoute, type WebcastHttpRouteArgs } from './route.js';
import { BaseFetchRoute } from './route-ids.js';

export interface RoomInfoRouteParams extends WebcastHttpRouteArgs {
  /** Default: the room that the client is bound to. */
  readonly roomId?: string | undefined;
}

export type RoomGiftsRouteParams = RoomInfoRouteParams;

export interface UniqueIdRouteParams extends WebcastHttpRouteArgs {
  readonly uniqueId: string;
}

/** How the live page is read. One mutable object: users replace the pattern when TikTok changes the page. */
export const RoomInfoFromHtmlRouteConfig: { extractionPattern: RegExp } = { extractionPattern: SIGI_STATE_PATTERN };

function roomOf({ roomId, webClient }: RoomInfoRouteParams, routeId: string): string {
  const room = roomId ?? webClient.roomId;
  if (room === '')
    throw new InvalidRequestError({ routeId }, 'Missing roomId. Please provide a roomId to the HTTP route.');
  return room;
}

/** Room info as TikTok sends it; the room itself is under `data`. */
export const fetchRoomInfoRoute = createRoute(
  BaseFetchRoute.FETCH_ROOM_INFO,
  async (args: RoomInfoRouteParams & { routeId: string }) => {
    const room_id = roomOf(args, args.routeId);
    return (await args.webClient.getJsonObjectFromWebcastApi('room/info/', { room_id }, false, {
      signal: args.signal,
    })) as RoomInfo;
  },
);

/** The room's gift list. Asked for unsigned first; signed when that answer is empty and a signer is there. */
export const fetchRoomGiftsRoute = createRoute(
  BaseFetchRoute.FETCH_ROOM_GIFTS,
  async (args: RoomGiftsRouteParams & { routeId: string }) => {
    const room_id = roomOf(args, args.routeId);
    const fetch = async (sign: boolean): Promise<RoomGiftInfo | undefined> => {
      const body = asObject(
        await args.webClient.getJsonObjectFromWebcastApi('gift/list/', { room_id }, sign, { signal: args.signal }),
      );
      const gifts = asObject(body?.['data'])?.['gifts'];
      return Array.isArray(gifts) ? (gifts as RoomGiftInfo) : undefined;
    };
    const unsigned = await fetch(false);
    const gifts = !unsigned?.length && args.webClient.signer ? await fetch(true) : unsigned;
    if (!gifts) throw new InvalidResponseError({ routeId: args.routeId }, 'The answer holds no gift list.');
    return gifts;
  },
);

/** The web API's `{data: {user, liveRoom}}`, as it is. */
export const fetchRoomInfoFromApiLiveRoute = createRoute(
  BaseFetchRoute.FETCH_ROOM_INFO_API_LIVE,
  async (args: UniqueIdRouteParams & { routeId: string }) => {
    const { webClient, uniqueId, routeId, signal } = args;
    const body = asObject(
      await webClient.getJsonObjectFromTikTokApi('api-live/user/room/', { uniqueId, sourceType: '54' }, false, {
        signal,
      }),
    );
    const code = asNumber(body?.['statusCode']);
    if (!body || code) {
      const message = asText(body?.['message']) ?? asText(asObject(body?.['data'])?.['message']) ?? 'Unknown Error';
      throw new InvalidResponseError({ routeId }, `API Error ${code ?? ''}`.trim(), `(${message})`);
    }
    if (!asRoomId(asObject(asObject(body['data'])?.['user'])?.['roomId']))
      throw new InvalidResponseError({ routeId }, 'The answer holds no room id.');
    return body;
  },
);

/** `{user, liveRoom}` from the state of the live page. */
export const fetchRoomInfoFromHtmlRoute = createRoute(
  BaseFetchRoute.FETCH_ROOM_INFO_HTML,
  async (args: UniqueIdRouteParams & { routeId: string }) => {
    const { webClient, uniqueId, routeId, signal } = args;
    const html = await webClient.getHtmlFromTikTokWebsite(`@${encodeURIComponent(uniqueId)}/live`, { signal });
    const page = readLivePage(html, parseJsonLossless, RoomInfoFromHtmlRouteConfig.extractionPattern);
    if (page.kind === 'found') return page.liveRoomUserInfo;
    const words = {
      noState: 'The page holds no SIGI_STATE.',
      badState: 'SIGI_STATE is not JSON.',
      noRoom: 'SIGI_STATE holds no live room.',
    };
    throw new InvalidResponseError({ routeId }, words[page.kind]);
  },
);
