import type { RoomInfo } from '../connection/connection-types.js';
import { InvalidResponseCompositeError, InvalidResponseError } from '../errors/route-errors.js';
import { throwIfAborted } from '../common/abort.js';
import { asNumber, asObject, asRoomId, asText, ROOM_STATUS_ENDED } from '../room/live-verdict.js';
import { createRoute, type HttpRoute, type WebcastHttpCompositeRouteArgs } from './route.js';
import { CompositeFetchRoute } from './route-ids.js';

export interface CompositeRouteParams extends WebcastHttpCompositeRouteArgs {
  readonly uniqueId: string;
}

/** Which sources a composite route leaves out. */
export interface CompositeRouteConfig {
  skipFetchRoomInfoFromHtmlRoute: boolean;
  skipFetchRoomInfoFromApiLiveRoute: boolean;
  skipFetchRoomIdFromEulerRoute: boolean;
}

/** The inner routes; looked up at each call, so that replaced ones count. */
export interface CompositeSources {
  readonly fetchRoomInfoFromHtml: HttpRoute<CompositeRouteParams, RoomInfo>;
  readonly fetchRoomInfoFromApiLive: HttpRoute<CompositeRouteParams, RoomInfo>;
  readonly fetchRoomIdFromProvider: HttpRoute<CompositeRouteParams, RoomInfo>;
}

type Routed = CompositeRouteParams & { readonly routeId: string };
/** One source's answer; undefined: it does not say. */
type Source<T> = () => Promise<T | undefined>;

const newConfig = (): CompositeRouteConfig => ({
  skipFetchRoomInfoFromHtmlRoute: false,
  skipFetchRoomInfoFromApiLiveRoute: false,
  skipFetchRoomIdFromEulerRoute: false,
});

export const RoomIdRouteConfig: CompositeRouteConfig = newConfig();
export const IsLiveRouteConfig: CompositeRouteConfig = newConfig();

/** Room id by name: live page, web API, sign server. */
export function createFetchRoomIdComposite(sources: () => CompositeSources): HttpRoute<CompositeRouteParams, string> {
  return createRoute(CompositeFetchRoute.FETCH_ROOM_ID, (args: Routed) =>
    firstAnswer(args, RoomIdRouteConfig, 'Failed to retrieve the room id from all sources.', {
      html: async () => asRoomId(asObject((await sources().fetchRoomInfoFromHtml(args))['user'])?.['roomId']),
      api: async () =>
        asRoomId(asObject(asObject((await sources().fetchRoomInfoFromApiLive(args))['data'])?.['user'])?.['roomId']),
      euler: async () => asRoomId(usable(args.routeId, await sources().fetchRoomIdFromProvider(args))['room_id']),
    }),
  );
}

/** Live or not, by name: everything but "ended" counts as live, a paused stream as well. */
export function createFetchIsLiveComposite(sources: () => CompositeSources): HttpRoute<CompositeRouteParams, boolean> {
  const isLive = (liveRoom: unknown): boolean | undefined => {
    const status = asNumber(asObject(liveRoom)?.['status']);
    return status === undefined ? undefined : status !== ROOM_STATUS_ENDED;
  };
  return createRoute(CompositeFetchRoute.FETCH_IS_LIVE, (args: Routed) =>
    firstAnswer(args, IsLiveRouteConfig, 'Failed to retrieve the live status from all sources.', {
      html: async () => isLive((await sources().fetchRoomInfoFromHtml(args))['liveRoom']),
      api: async () => isLive(asObject((await sources().fetchRoomInfoFromApiLive(args))['data'])?.['liveRoom']),
      euler: async () => {
        const answer = usable(args.routeId, await sources().fetchRoomIdFromProvider(args));
        return typeof answer['is_live'] === 'boolean' ? answer['is_live'] : undefined;
      },
    }),
  );
}

async function firstAnswer<T>(
  args: Routed,
  config: CompositeRouteConfig,
  failure: string,
  sources: { readonly html: Source<T>; readonly api: Source<T>; readonly euler: Source<T> },
): Promise<T> {
  const order: [boolean, string, Source<T>][] = [
    [config.skipFetchRoomInfoFromHtmlRoute, 'the live page', sources.html],
    [config.skipFetchRoomInfoFromApiLiveRoute, 'the web API', sources.api],
    [config.skipFetchRoomIdFromEulerRoute, 'the sign server', sources.euler],
  ];
  const requestErrs: Error[] = [];
  for (const [skipped, name, source] of order) {
    if (skipped) continue;
    try {
      const answer = await source();
      if (answer !== undefined) return answer;
      requestErrs.push(new InvalidResponseError({ routeId: args.routeId }, `No answer from ${name}.`));
    } catch (error) {
      throwIfAborted(args.signal);
      requestErrs.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  throw new InvalidResponseCompositeError({ routeId: args.routeId, requestErrs }, failure);
}

function usable(routeId: string, answer: RoomInfo): RoomInfo {
  const code = asNumber(answer['code']);
  if (code === 401 || code === 402 || code === 403)
    throw new InvalidResponseError(
      { routeId },
      `The sign server wants a key with more rights (code ${code}); set skipFetchRoomIdFromEulerRoute to leave it out.`,
    );
  if (answer['ok'] === false || (code !== undefined && code !== 200))
    throw new InvalidResponseError(
      { routeId },
      'The sign server found nothing:',
      asText(answer['message']) ?? `code ${code ?? 'absent'}`,
    );
  return answer;
}
