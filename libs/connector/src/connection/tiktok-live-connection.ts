import type EulerStreamApiClient from '@eulerstream/euler-api-sdk';
import { sleep, throwIfAborted } from '../common/abort.js';
import { TypedEmitter } from '../events/typed-emitter.js';
import type { WebcastHttpClient } from '../http/webcast-http-client.js';
import { RouteConfig } from '../routes/route-config.js';
import type { WebcastWebSocketClient } from '../socket/webcast-web-socket-client.js';
import { createConnectionParts } from './connection-parts.js';
import {
  ConnectState,
  type RoomGiftInfo,
  type RoomInfo,
  type TikTokLiveConnectionMutableOptions,
  type TikTokLiveConnectionOptions,
  type TikTokLiveConnectionState,
} from './connection-types.js';
import { LifeCycle } from './life-cycle.js';
import { resolveReconnect } from './reconnect-options.js';
import { withDataGetters } from './room-info.js';
import { validateAndNormalizeUniqueId } from './unique-id.js';

const MIN_POLL_SECONDS = 30;
const DEFAULT_POLL_SECONDS = 60;

/**
 * A connection to the chat of one streamer's live. `connect()` may be called again after `disconnected`; a lost connection
 * is opened again only with the option `reconnect`. Listeners are called synchronously, in order of arrival; one that
 * throws, or whose promise rejects, is reported as `error` and stops nothing. Nothing is shared between two connections but what `SignConfig` and `RouteConfig` say.
 */
export class TikTokLiveConnection extends TypedEmitter {
  readonly uniqueId: string;
  readonly options: TikTokLiveConnectionMutableOptions;
  readonly webClient: WebcastHttpClient;
  private readonly life: LifeCycle;

  /**
   * @param uniqueId name of the streamer; `@name` and addresses of the profile or live page are understood as well
   * @throws InvalidUniqueIdError for anything but a string; CONNECTOR_CONFIGURATION for addresses that may not be used
   */
  constructor(uniqueId: string, settings: TikTokLiveConnectionOptions = {}) {
    super();
    this.uniqueId = validateAndNormalizeUniqueId(uniqueId);
    const options = {
      processInitialData: settings.processInitialData ?? true,
      fetchRoomInfoOnConnect: settings.fetchRoomInfoOnConnect ?? true,
      enableExtendedGiftInfo: settings.enableExtendedGiftInfo ?? false,
      authenticateWs: settings.authenticateWs,
      useMobile: settings.useMobile,
    };
    const { webClient, presets, socketSettings } = createConnectionParts(settings);
    this.options = options;
    this.webClient = webClient;
    const reconnect = resolveReconnect(settings.reconnect);
    this.life = new LifeCycle(this, { webClient, options, presets, settings: socketSettings, reconnect });
  }

  get apiClient(): EulerStreamApiClient {
    return this.webClient.apiClient;
  }

  /** The open socket; null before `websocketConnected` and after `disconnected`. */
  get wsClient(): WebcastWebSocketClient | null {
    return this.life.session?.client ?? null;
  }

  get roomInfo(): RoomInfo | null {
    return this.life.roomInfo;
  }

  get availableGifts(): RoomGiftInfo | null {
    return this.life.availableGifts;
  }

  get isConnecting(): boolean {
    return this.life.connectState === ConnectState.CONNECTING;
  }

  get isConnected(): boolean {
    return this.life.connectState === ConnectState.CONNECTED;
  }

  get clientParams(): Record<string, string> {
    return this.webClient.clientParams;
  }

  /** The bound room, `""` when none is. */
  get roomId(): string {
    return this.webClient.roomId;
  }

  get state(): TikTokLiveConnectionState {
    const { isConnected, isConnecting, roomId, roomInfo, availableGifts } = this;
    return { isConnected, isConnecting, roomId, roomInfo, availableGifts };
  }

  /**
   * Resolves the room, takes a socket address, opens the socket and enters the room; resolves when that is done.
   * @param roomId skips the resolution of the room
   * @throws AlreadyConnectingError, AlreadyConnectedError (without effect on what is there); ConnectCancelledError when
   *   `disconnect()` was called meanwhile; UserOfflineError; whatever the room, the sign server or the socket say
   */
  async connect(roomId?: string): Promise<TikTokLiveConnectionState> {
    return await this.life.begin(roomId);
  }

  /**
   * Closes the socket and resolves after `disconnected`. While connecting it gives the attempt up instead: no event
   * follows, but `disconnected` when a lost connection was being opened again. Resolves at once when there is nothing to close; may be called any number of times.
   */
  async disconnect(): Promise<void> {
    await this.life.end();
  }

  /** Room id of the streamer (or of `uniqueId`), which this connection is then bound to. Failures also come as `error`. */
  async fetchRoomId(uniqueId?: string): Promise<string> {
    return await this.reported('Failed to retrieve the room id', async () => {
      const name = uniqueId === undefined ? this.uniqueId : validateAndNormalizeUniqueId(uniqueId);
      const args = this.routeArgs();
      const roomId = await RouteConfig.fetchRoomIdComposite({ ...args, uniqueId: name });
      throwIfAborted(args.signal);
      this.webClient.roomId = roomId;
      return roomId;
    });
  }

  /** True when the streamer (or `uniqueId`) is live; a paused live counts. Failures also come as `error`. */
  async fetchIsLive(uniqueId?: string): Promise<boolean> {
    return await this.reported('Failed to retrieve the live status', () => this.isLive(uniqueId));
  }

  /**
   * Resolves when the streamer is live, asking at once and then each `seconds` (at least 30).
   * @throws the signal's reason when aborted; the failure of a check (which also comes as `error`)
   */
  async waitUntilLive(seconds = DEFAULT_POLL_SECONDS, abortSignal?: AbortSignal): Promise<void> {
    const delayMs = Math.max(MIN_POLL_SECONDS, seconds) * 1000;
    throwIfAborted(abortSignal);
    while (
      !(await this.reported(
        'Failed to retrieve the live status',
        () => this.isLive(undefined, abortSignal),
        abortSignal,
      ))
    ) {
      await sleep(this.life.clock, delayMs, abortSignal);
    }
  }

  /** Room info of the bound room (or of `roomId`, which does not bind it), kept as `roomInfo`. Failures also come as `error`. */
  async fetchRoomInfo(roomId?: string): Promise<RoomInfo> {
    return await this.reported('Failed to retrieve the room info', async () => {
      const room = roomId ?? (this.roomId || (await this.fetchRoomId()));
      const { signal } = this.life;
      const info = withDataGetters(
        await RouteConfig.fetchRoomInfo({ webClient: this.webClient, roomId: room, signal }),
      );
      throwIfAborted(signal);
      this.life.roomInfo = info;
      return info;
    });
  }

  /** The gift list of the room, kept as `availableGifts`. Failures also come as `error`. */
  async fetchAvailableGifts(): Promise<RoomGiftInfo> {
    return await this.reported('Failed to retrieve the gift list', async () => {
      const roomId = this.roomId || (await this.fetchRoomId());
      const { signal } = this.life;
      const gifts = await RouteConfig.fetchRoomGifts({ webClient: this.webClient, roomId, signal });
      throwIfAborted(signal);
      this.life.availableGifts = gifts;
      return gifts;
    });
  }

  /** Posts a chat message into the bound room (or `roomId`). Needs a key and a session. Failures also come as `error`. */
  async sendMessage(content: string, roomId?: string): Promise<RoomInfo> {
    return await this.reported('Failed to send the message', () =>
      RouteConfig.sendRoomChatFromProvider({
        webClient: this.webClient,
        apiClient: this.apiClient,
        roomId: roomId ?? this.roomId,
        content,
      }),
    );
  }

  private routeArgs(): {
    webClient: WebcastHttpClient;
    apiClient: EulerStreamApiClient;
    signal: AbortSignal | undefined;
  } {
    return { webClient: this.webClient, apiClient: this.apiClient, signal: this.life.signal };
  }

  private async isLive(uniqueId?: string, signal?: AbortSignal): Promise<boolean> {
    const name = uniqueId === undefined ? this.uniqueId : validateAndNormalizeUniqueId(uniqueId);
    return await RouteConfig.fetchIsLiveComposite({
      ...this.routeArgs(),
      ...(signal ? { signal } : {}),
      uniqueId: name,
    });
  }

  /** Runs a call and reports its failure as `error`, unless its owner gave it up. */
  private async reported<T>(info: string, call: () => Promise<T>, signal = this.life.signal): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!signal?.aborted) this.life.reportError(info, error, true);
      throw error;
    }
  }

  /** Emits `error`; for subclasses, and for methods decorated with `HandleError`. */
  protected handleError(exception: unknown, info: string): void {
    this.life.reportError(info, exception);
  }
}
