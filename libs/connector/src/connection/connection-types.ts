import type EulerStreamApiClient from '@eulerstream/euler-api-sdk';
import type { ClientOptions } from 'ws';
import type { ConnectorClock } from '../common/clock.js';
import type { WebcastWebConfig, WebcastWebSocketConfig } from '../config/client-config.js';
import type { ClientPresets } from '../config/presets.js';
import type { TikTokEndpoints } from '../http/endpoints.js';
import type { WebClientOptions } from '../http/web-client-options.js';
import type { ReconnectOptions } from './reconnect-options.js';
import type { SessionBundle } from '../sign/fetch-signed-websocket.js';
import type { SocketUrlSource } from '../socket/socket-url-source.js';

/** TikTok's own JSON; its shape is theirs and changes. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the documented type: users reach into it without casts
export type RoomInfo = Record<string, any>;
/** The entries of the room's gift list (`id`, `name`, `diamond_count`, `image`, …). */
export type RoomGiftInfo = RoomInfo[];

/** Options that are kept on the connection and read at each `connect()`, so they may be changed between two. */
export interface TikTokLiveConnectionMutableOptions {
  /** Hand out the messages that come with the socket address (recent history). Default true. */
  processInitialData: boolean;
  /** Fetch room info first, and refuse to connect to a room that has ended. Default true. */
  fetchRoomInfoOnConnect: boolean;
  /** Fetch the gift list first, so that gifts carry `extendedGiftInfo`. Default false. */
  enableExtendedGiftInfo: boolean;
  /** Hand the session to the sign server, so that the socket is authenticated. Default false. */
  authenticateWs?: boolean | undefined;
  /** Ask for the mobile app's socket; implies `authenticateWs`, needs `session.cookie`. Default false. */
  useMobile?: boolean | undefined;
}

export interface TikTokLiveConnectionOptions extends Partial<TikTokLiveConnectionMutableOptions> {
  /** Key of the sign server; written to `SignConfig.apiKey` unless `eulerApiInstance` is given. */
  readonly signApiKey?: string;
  readonly eulerApiInstance?: EulerStreamApiClient;
  readonly session?: SessionBundle;
  readonly clientPresets?: ClientPresets;
  readonly webClientOptions?: WebClientOptions;
  readonly wsClientOptions?: ClientOptions;
  readonly webConfigOverrides?: Partial<WebcastWebConfig>;
  readonly wsConfigOverrides?: Partial<WebcastWebSocketConfig>;
  /**
   * Open a lost connection again: with growing, random delays, a freshly signed address each time, repeated messages
   * removed by their ids, and gaps told by the event `gap`. Instead of `disconnected` come `reconnecting` and
   * `reconnected`; `disconnected` comes once, when the live has ended, when `disconnect()` was called, or when a reconnect
   * makes no sense. The first connect() is never repeated. Default false.
   */
  readonly reconnect?: boolean | ReconnectOptions;
  /**
   * Milliseconds of silence after which an open socket counts as broken and is cut, with a SocketStalledError; 0: never.
   * It is noticed within 5/4 of the time. Default 60,000 with `reconnect`, else never: a connection that nobody would open
   * again is worth keeping, however quiet.
   */
  readonly stallTimeoutMs?: number;
  /** Another way to the socket than the sign server, for example a DirectSocketUrlSource. */
  readonly socketUrlSource?: SocketUrlSource;
  /** Other hosts than TikTok's, for tests and forwarding proxies. */
  readonly endpoints?: Partial<TikTokEndpoints>;
  readonly clock?: ConnectorClock;
}

/** A snapshot: it does not change afterwards. */
export interface TikTokLiveConnectionState {
  readonly isConnected: boolean;
  readonly isConnecting: boolean;
  readonly roomId: string;
  readonly roomInfo: RoomInfo | null;
  readonly availableGifts: RoomGiftInfo | null;
}

export enum ConnectState {
  DISCONNECTED = 'DISCONNECTED',
  CONNECTING = 'CONNECTING',
  CONNECTED = 'CONNECTED',
}
