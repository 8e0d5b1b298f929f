import type EulerStreamApiClient from '@eulerstream/euler-api-sdk';
import { sleep, throwIfAborted } from '../common/abort.js';
import { systemClock, type ConnectorClock } from '../common/clock.js';
import { environment } from '../config/environment.js';
import {
  AlreadyConnectedError,
  AlreadyConnectingError,
  ConnectCancelledError,
  SocketRefusedError,
  UserOfflineError,
} from '../errors/connection-errors.js';
import type { EventArguments } from '../events/event-types.js';
import { TypedEmitter } from '../events/typed-emitter.js';
import { ControlEvent } from '../events/webcast-event.js';
import type { WebcastHttpClient } from '../http/webcast-http-client.js';
import { asNumber, asObject, ROOM_STATUS_ENDED } from '../room/live-verdict.js';
import { RouteConfig } from '../routes/route-config.js';
import type { SignedWebSocket } from '../sign/fetch-signed-websocket.js';
import type { SocketUrlSource } from '../socket/socket-url-source.js';
import { WebcastSocket, type SocketClosed, type WebcastSocketHandlers } from '../socket/webcast-socket.js';
import { closeKind, type CloseKind } from '../socket/close-kind.js';
import type { WebcastWebSocketClient } from '../socket/webcast-web-socket-client.js';
import {
  ConnectState,
  type RoomGiftInfo,
  type RoomInfo,
  type TikTokLiveConnectionMutableOptions,
  type TikTokLiveConnectionOptions,
  type TikTokLiveConnectionState,
} from './connection-types.js';
import { createConnectionParts, heartbeatIntervalOf } from './connection-parts.js';
import { EventDelivery } from './event-delivery.js';
import { MessageDispatcher } from './message-dispatcher.js';
import { resolveReconnect, type ResolvedReconnectOptions } from './reconnect-options.js';
import { Reconnector } from './reconnector.js';
import { withDataGetters } from './room-info.js';
import { validateAndNormalizeUniqueId } from './unique-id.js';

const MIN_POLL_SECONDS = 30;
const DEFAULT_POLL_SECONDS = 60;

/** Silence that makes a connection worth opening again, ms: six heartbeats of which each is answered. */
const RECONNECT_STALL_TIMEOUT_MS = 60_000;

/** One call of connect(), or the opening of a lost connection, from its start to its end. */
interface Attempt {
  readonly abort: AbortController;
  /** The loss, when a connection is being opened again. */
  readonly lost?: Loss;
}

interface Loss {
  readonly code: number;
  readonly reason: string;
  readonly kind: CloseKind;
}

/**
 * A connection to the chat of one streamer's live. `connect()` may be called again after `disconnected`; a lost connection
 * is opened again only with the option `reconnect`. Listeners are called synchronously, in order of arrival; one that
 * throws, or whose promise rejects, is reported as `error` and stops nothing. Nothing is shared between two connections but what `SignConfig` and `RouteConfig` say.
 */
export class TikTokLiveConnection extends TypedEmitter {
  readonly uniqueId: string;
  readonly options: TikTokLiveConnectionMutableOptions;
  readonly webClient: WebcastHttpClient;
  private readonly source: SocketUrlSource;
  private readonly dispatcher: MessageDispatcher;
  private readonly clock: ConnectorClock;
  private readonly delivery = new EventDelivery(this);
  private readonly reconnector: Reconnector | undefined;
  private connectState = ConnectState.DISCONNECTED;
  private attempt: Attempt | null = null;
  private session: WebcastSocket | null = null;
  /** True from the call of disconnect() on: nothing but `disconnected` is handed out any more. */
  private leaving = false;
  /** The live is over: that is why the connection is being closed. */
  private streamEnded = false;
  private _roomInfo: RoomInfo | null = null;
  private _availableGifts: RoomGiftInfo | null = null;

  /**
   * @param uniqueId name of the streamer; `@name` and addresses of the profile or live page are understood as well
   * @throws InvalidUniqueIdError for anything but a string; CONNECTOR_CONFIGURATION for addresses that may not be used
   */
  constructor(
    uniqueId: string,
    private readonly settings: TikTokLiveConnectionOptions = {},
  ) {
    super();
    this.uniqueId = validateAndNormalizeUniqueId(uniqueId);
    this.clock = settings.clock ?? systemClock;
    this.options = {
      processInitialData: settings.processInitialData ?? true,
      fetchRoomInfoOnConnect: settings.fetchRoomInfoOnConnect ?? true,
      enableExtendedGiftInfo: settings.enableExtendedGiftInfo ?? false,
      authenticateWs: settings.authenticateWs,
      useMobile: settings.useMobile,
    };
    const parts = createConnectionParts(settings, this.options, (signed) => this.onSigned(signed));
    this.webClient = parts.webClient;
    this.source = parts.source;
    this.dispatcher = new MessageDispatcher({
      listens: (event) => this.listenerCount(event) > 0,
      dispatch: (event, ...args) => this.delivery.deliver(event, args),
      reportError: (info, exception) => this.reportError(info, exception),
      isActive: () => !this.leaving && this.connectState !== ConnectState.DISCONNECTED,
      continuity: () => this.reconnector?.continuity,
      roomId: () => this.roomId,
      gifts: () => (this.options.enableExtendedGiftInfo ? this._availableGifts : null),
    });
    const reconnect = resolveReconnect(settings.reconnect);
    this.reconnector = reconnect && this.createReconnector(reconnect);
    this.reset();
  }

  get apiClient(): EulerStreamApiClient {
    return this.webClient.apiClient;
  }

  /** The open socket; null before `websocketConnected` and after `disconnected`. */
  get wsClient(): WebcastWebSocketClient | null {
    return this.session?.client ?? null;
  }

  get roomInfo(): RoomInfo | null {
    return this._roomInfo;
  }

  get availableGifts(): RoomGiftInfo | null {
    return this._availableGifts;
  }

  get isConnecting(): boolean {
    return this.connectState === ConnectState.CONNECTING;
  }

  get isConnected(): boolean {
    return this.connectState === ConnectState.CONNECTED;
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
    if (this.isConnecting) throw new AlreadyConnectingError();
    if (this.isConnected) throw new AlreadyConnectedError();
    const attempt: Attempt = { abort: new AbortController() };
    this.attempt = attempt;
    this.leaving = false;
    this.streamEnded = false;
    this.connectState = ConnectState.CONNECTING;
    this.reconnector?.begin();
    try {
      return await this.performConnect(attempt, roomId);
    } catch (error) {
      if (this.attempt === attempt) {
        this.reset();
        this.reportError('Error while connecting', error, true);
      }
      // What a given-up call says on its way out does not matter: the reason of giving up does.
      throwIfAborted(attempt.abort.signal);
      throw error;
    }
  }

  /**
   * Closes the socket and resolves after `disconnected`. While connecting it gives the attempt up instead: no event
   * follows, but `disconnected` when a lost connection was being opened again. Resolves at once when there is nothing to close; may be called any number of times.
   */
  async disconnect(): Promise<void> {
    if (this.isConnecting) {
      const { attempt, session } = this;
      this.reset();
      session?.terminate();
      attempt?.abort.abort(new ConnectCancelledError());
      if (attempt?.lost) this.emitControl(ControlEvent.DISCONNECTED, { ...attempt.lost, kind: 'client' });
      return;
    }
    const { session } = this;
    if (!session) return;
    this.leaving = true;
    await session.close();
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
      await sleep(this.clock, delayMs, abortSignal);
    }
  }

  /** Room info of the bound room (or of `roomId`, which does not bind it), kept as `roomInfo`. Failures also come as `error`. */
  async fetchRoomInfo(roomId?: string): Promise<RoomInfo> {
    return await this.reported('Failed to retrieve the room info', async () => {
      const room = roomId ?? (this.roomId || (await this.fetchRoomId()));
      const signal = this.signal();
      const info = withDataGetters(
        await RouteConfig.fetchRoomInfo({ webClient: this.webClient, roomId: room, signal }),
      );
      throwIfAborted(signal);
      this._roomInfo = info;
      return info;
    });
  }

  /** The gift list of the room, kept as `availableGifts`. Failures also come as `error`. */
  async fetchAvailableGifts(): Promise<RoomGiftInfo> {
    return await this.reported('Failed to retrieve the gift list', async () => {
      const roomId = this.roomId || (await this.fetchRoomId());
      const signal = this.signal();
      const gifts = await RouteConfig.fetchRoomGifts({ webClient: this.webClient, roomId, signal });
      throwIfAborted(signal);
      this._availableGifts = gifts;
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

  private async performConnect(attempt: Attempt, requested: string | undefined): Promise<TikTokLiveConnectionState> {
    const { signal } = attempt.abort;
    const { options } = this;
    const roomId = requested || this.roomId || (await this.fetchRoomId());
    throwIfAborted(signal);
    this.webClient.roomId = roomId;
    if (options.fetchRoomInfoOnConnect) {
      const info = await this.fetchRoomInfo();
      throwIfAborted(signal);
      if (asNumber(asObject(info['data'])?.['status']) === ROOM_STATUS_ENDED) throw new UserOfflineError();
    }
    if (options.enableExtendedGiftInfo) await this.fetchAvailableGifts();
    throwIfAborted(signal);
    const address = await this.source.resolve({ roomId, signal });
    throwIfAborted(signal);
    this.webClient.roomId = address.roomId;
    if (options.processInitialData && address.initialBatch) {
      const ended = this.dispatcher.dispatchBatch(address.initialBatch);
      throwIfAborted(signal);
      if (ended) throw new UserOfflineError('The stream has ended.');
    }
    const { wsClientOptions } = this.settings;
    await WebcastSocket.open({
      address,
      handlers: this.handlers(attempt),
      signal,
      connectTimeoutMs: environment.connectTimeoutMs(),
      closeTimeoutMs: environment.disconnectTimeoutMs(),
      stallTimeoutMs: this.settings.stallTimeoutMs ?? (this.reconnector ? RECONNECT_STALL_TIMEOUT_MS : 0),
      heartbeatIntervalMs: heartbeatIntervalOf(this.settings),
      // Offered as browsers do.
      wsOptions: { perMessageDeflate: true, ...wsClientOptions },
      clock: this.clock,
    }).catch((error: unknown): never => {
      if (error instanceof SocketRefusedError) this.source.onRefused?.(address, error);
      throw error;
    });
    throwIfAborted(signal);
    return this.state;
  }

  private handlers(attempt: Attempt): WebcastSocketHandlers {
    let session: WebcastSocket | null = null;
    const isCurrent = (): boolean => session !== null && this.session === session;
    return {
      onOpen: (opened) => {
        if (this.attempt !== attempt || attempt.abort.signal.aborted) {
          opened.terminate();
          return;
        }
        session = opened;
        this.session = opened;
        this.emitControl(ControlEvent.WEBSOCKET_CONNECTED, opened.client);
        if (!isCurrent()) return;
        this.connectState = ConnectState.CONNECTED;
        this.reconnector?.opened();
        this.emitControl(attempt.lost ? ControlEvent.RECONNECTED : ControlEvent.CONNECTED, this.state);
      },
      onBytes: (bytes) => {
        if (isCurrent() && !this.leaving) this.emitControl(ControlEvent.WEBSOCKET_DATA, bytes);
      },
      onEnterRoom: (frame) => {
        if (isCurrent() && !this.leaving) this.emitControl(ControlEvent.ENTER_ROOM, frame);
      },
      onBatch: (batch) => {
        if (!isCurrent() || this.leaving) return;
        if (!this.dispatcher.dispatchBatch(batch) || !isCurrent()) return;
        this.streamEnded = !this.leaving;
        void this.disconnect();
      },
      onFrameRejected: (_bytes, _receivedAt, error) => {
        if (isCurrent() && !this.leaving) this.reportError('WebSocket message decoding failed', error);
      },
      onHandlerError: (error) => this.reportError('Error while processing a WebSocket message', error),
      onClosed: (closed) => {
        if (isCurrent()) this.onClosed(closed);
      },
    };
  }

  private onClosed(closed: SocketClosed): void {
    const { code, reason, error } = closed;
    const loss: Loss = { code, reason, kind: this.streamEnded ? 'streamEnded' : closeKind(closed) };
    if (this.reconnector && !this.leaving) {
      this.reopen(this.reconnector, loss, error);
      return;
    }
    const report = !this.leaving && error;
    this.reset();
    if (report) this.reportError('WebSocket Error', error);
    this.emitControl(ControlEvent.DISCONNECTED, loss);
  }

  private reopen(reconnector: Reconnector, lost: Loss, error: unknown): void {
    const attempt: Attempt = { abort: new AbortController(), lost };
    this.attempt = attempt;
    this.session = null;
    this.connectState = ConnectState.CONNECTING;
    if (error) this.reportError('WebSocket Error', error, true);
    void reconnector.run(lost.code, lost.kind, attempt.abort.signal).then((outcome) => {
      if (outcome === 'open' || this.attempt !== attempt) return;
      this.reset();
      this.emitControl(ControlEvent.DISCONNECTED, outcome === 'ended' ? { ...lost, kind: 'streamEnded' } : lost);
    });
  }

  private createReconnector(options: ResolvedReconnectOptions): Reconnector {
    return new Reconnector(options, {
      clock: this.clock,
      onReconnecting: (event) => this.emitControl(ControlEvent.RECONNECTING, event),
      connect: async () => {
        if (this.attempt) await this.performConnect(this.attempt, this.roomId);
      },
      onFailed: (error) => this.reportError('Error while reconnecting', error, true),
    });
  }

  private onSigned({ fetchResult }: SignedWebSocket): void {
    this.clientParams['cursor'] = fetchResult.cursor;
    this.clientParams['internal_ext'] = fetchResult.internalExt;
  }

  /** Back to the state before connect(). Cookies stay. */
  private reset(): void {
    this.reconnector?.stop();
    this.connectState = ConnectState.DISCONNECTED;
    this.attempt = null;
    this.session = null;
    this._roomInfo = null;
    this._availableGifts = null;
    const { clientParams } = this;
    // One by one: copied in together they would turn the map into a hash table of 3 KiB, for each connection.
    clientParams['cursor'] = '';
    clientParams['room_id'] = '';
    clientParams['internal_ext'] = '';
  }

  private signal(): AbortSignal | undefined {
    return this.attempt?.abort.signal;
  }

  private routeArgs(): {
    webClient: WebcastHttpClient;
    apiClient: EulerStreamApiClient;
    signal: AbortSignal | undefined;
  } {
    return { webClient: this.webClient, apiClient: this.apiClient, signal: this.signal() };
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
  private async reported<T>(info: string, call: () => Promise<T>, signal = this.signal()): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!signal?.aborted) this.reportError(info, error, true);
      throw error;
    }
  }

  /** Emits `error`; for subclasses, and for methods decorated with `HandleError`. */
  protected handleError(exception: unknown, info: string): void {
    this.reportError(info, exception);
  }

  /** @param isCarried a promise, or another event, tells the caller the same */
  private reportError(info: string, exception: unknown, isCarried = false): void {
    this.delivery.report(info, exception, isCarried);
  }

  private emitControl<E extends ControlEvent>(event: E, ...args: EventArguments[E]): void {
    this.delivery.deliver(event, args);
  }
}
