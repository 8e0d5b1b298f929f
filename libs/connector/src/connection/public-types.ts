// Type names that programs written for this interface import. Each stands for what the library itself works with.
import type EulerStreamApiClient from '@eulerstream/euler-api-sdk';
import type { RawAxiosRequestConfig } from 'axios';
import type { WebcastWebSocketConfig } from '../config/client-config.js';
import type { ClientPresets } from '../config/presets.js';
import type { WebcastEventMessage } from '../events/event-types.js';
import type { TypedEmitter } from '../events/typed-emitter.js';
import type { WebcastEvent } from '../events/webcast-event.js';
import type { WebcastCookieJar } from '../http/cookie-jar.js';
import type { UrlSigner, WebcastHttpClientOptions } from '../http/webcast-http-client.js';
import type { CompositeRouteParams } from '../routes/composite-routes.js';
import type { EulerUniqueIdParams } from '../routes/euler-routes.js';
import type { HttpRoute, WebcastHttpRouteArgs } from '../routes/route.js';
import type { UniqueIdRouteParams } from '../routes/tiktok-routes.js';
import type { FetchSignedWebSocketParams, SessionBundle, SignedWebSocket } from '../sign/fetch-signed-websocket.js';
import type {
  RoomGiftInfo,
  RoomInfo,
  TikTokLiveConnectionMutableOptions,
  TikTokLiveConnectionOptions,
} from './connection-types.js';

/** What a cookie jar of this library does for its users. */
export type AbstractWebcastCookieJar = Pick<
  WebcastCookieJar,
  'getCookieString' | 'processSetCookieHeader' | 'setSessionBundle' | 'getSessionBundle'
>;

/** The payload of any event of the room. */
export type BasicWebcastEventMessage = WebcastEventMessage[WebcastEvent];
export type EventHandler<T> = (event: T) => void | Promise<void>;
/** An emitter whose listeners know what comes with each event. */
export type WebcastTypedClient = TypedEmitter;

export type EulerRouteRequestOptions = RawAxiosRequestConfig;
export type FetchIsLiveRouteParams = CompositeRouteParams;
export type FetchRoomIdRouteParams = CompositeRouteParams;
export type FetchRoomIdFromEulerRouteParams = EulerUniqueIdParams;
export type FetchRoomInfoFromEulerRouteParams = EulerUniqueIdParams;
export type FetchRoomInfoFromApiRouteParams = UniqueIdRouteParams;
export type FetchRoomInfoFromApiRouteResponse = RoomInfo;
export type FetchRoomInfoFromHtmlRouteParams = UniqueIdRouteParams;
export type FetchRoomInfoFromHtmlRouteResponse = RoomInfo;
export type FetchSignedWebSocketFromEulerRouteParams = FetchSignedWebSocketParams;
export type FetchSignedWebSocketFromEulerRouteResponse = SignedWebSocket;
/** TikTok's answer; the room is under `data`, and its keys are readable on `connection.roomInfo` itself. */
export type RoomInfoResponse = RoomInfo;
export type RoomGiftsResponse = RoomGiftInfo;
/** A route with the id already given, as `createRoute` makes it. */
export type WrappedHttpRoute<Args extends WebcastHttpRouteArgs, Result> = HttpRoute<Args, Result>;

export type WebcastSignerParams = Parameters<UrlSigner>[0];
export type WebcastSignerResponse = Awaited<ReturnType<UrlSigner>>;

export type GetWebConfigParams = ClientPresets;
export type GetWebSocketConfigParams = ClientPresets;
export type WebcastGotHttpConfig = WebcastHttpClientOptions;
export type WebcastWebSocketConfigDefaults = WebcastWebSocketConfig;

/** How a connection authenticates. */
export interface TikTokLiveConnectionBundledAuthOptions {
  readonly session?: SessionBundle;
  readonly authenticateWs?: boolean;
  readonly useMobile?: boolean;
}

/** How a connection reaches the sign server. */
export interface TikTokLiveConnectionProviderOptions {
  readonly signApiKey?: string;
  readonly eulerApiInstance?: EulerStreamApiClient;
}

/** Everything that the constructor takes; all of it optional. */
export type TikTokLiveConstructorConnectionOptions = TikTokLiveConnectionOptions &
  Partial<TikTokLiveConnectionMutableOptions>;
