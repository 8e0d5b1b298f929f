import { throwIfAborted } from '../common/abort.js';
import { systemClock, type ConnectorClock } from '../common/clock.js';
import { environment } from '../config/environment.js';
import type { ClientPresets } from '../config/presets.js';
import {
  AlreadyConnectedError,
  AlreadyConnectingError,
  ConnectCancelledError,
  SocketRefusedError,
  UserOfflineError,
} from '../errors/connection-errors.js';
import type { EventArguments } from '../events/event-types.js';
import { ControlEvent } from '../events/webcast-event.js';
import type { WebcastHttpClient } from '../http/webcast-http-client.js';
import { asNumber, asObject, ROOM_STATUS_ENDED } from '../room/live-verdict.js';
import { RouteConfig } from '../routes/route-config.js';
import { closeKind, type CloseKind } from '../socket/close-kind.js';
import { EulerSocketUrlSource } from '../socket/euler-socket-url-source.js';
import type { SocketUrlSource } from '../socket/socket-url-source.js';
import { WebcastSocket, type SocketClosed } from '../socket/webcast-socket.js';
import { heartbeatIntervalOf, wsConfigOf, type SocketSettings } from './connection-parts.js';
import {
  ConnectState,
  type RoomGiftInfo,
  type RoomInfo,
  type TikTokLiveConnectionMutableOptions,
  type TikTokLiveConnectionState,
} from './connection-types.js';
import { EventDelivery } from './event-delivery.js';
import type { MessageContinuity } from './message-continuity.js';
import { MessageDispatcher, type DispatchTarget } from './message-dispatcher.js';
import type { ReconnectingEvent, ResolvedReconnectOptions } from './reconnect-options.js';
import { Reconnector, type ReconnectTarget } from './reconnector.js';
import { SessionHandlers } from './session-handlers.js';
import type { TikTokLiveConnection } from './tiktok-live-connection.js';

/** Silence that makes a connection worth opening again, ms: six heartbeats of which each is answered. */
const RECONNECT_STALL_TIMEOUT_MS = 60_000;

/** One call of connect(), or the opening of a lost connection, from its start to its end. */
export interface Attempt {
  readonly abort: AbortController;
  /** The loss, when a connection is being opened again. */
  readonly lost?: Loss;
}

interface Loss {
  readonly code: number;
  readonly reason: string;
  readonly kind: CloseKind;
}

export interface LifeCycleOptions {
  readonly webClient: WebcastHttpClient;
  readonly options: TikTokLiveConnectionMutableOptions;
  readonly settings: SocketSettings;
  readonly presets: ClientPresets;
  readonly reconnect: ResolvedReconnectOptions | undefined;
}

/**
 * The inner side of a connection: connecting, its socket, what comes from it, the end, and opening it again. Its methods
 * are what dispatcher, socket and reconnector call, so that a waiting connection holds no functions of its own.
 */
export class LifeCycle implements DispatchTarget, ReconnectTarget {
  readonly clock: ConnectorClock;
  readonly dispatcher: MessageDispatcher;
  /** The socket; null before `websocketConnected` and after `disconnected`. */
  session: WebcastSocket | null = null;
  connectState = ConnectState.DISCONNECTED;
  /** True from the call of disconnect() on: nothing but `disconnected` is handed out any more. */
  leaving = false;
  roomInfo: RoomInfo | null = null;
  availableGifts: RoomGiftInfo | null = null;
  private readonly webClient: WebcastHttpClient;
  private readonly options: TikTokLiveConnectionMutableOptions;
  private readonly settings: SocketSettings;
  private readonly presets: ClientPresets;
  private readonly delivery: EventDelivery;
  private readonly reconnector: Reconnector | undefined;
  /** Until the connection is open, or has failed. */
  private attempt: Attempt | null = null;
  /** The live is over: that is why the connection is being closed. */
  private streamEnded = false;

  constructor(
    /** What users hold: its methods can be overridden by them. */
    private readonly connection: TikTokLiveConnection,
    { webClient, options, settings, presets, reconnect }: LifeCycleOptions,
  ) {
    this.webClient = webClient;
    this.options = options;
    this.settings = settings;
    this.presets = presets;
    this.clock = settings.clock ?? systemClock;
    this.delivery = new EventDelivery(connection);
    this.dispatcher = new MessageDispatcher(this);
    this.reconnector = reconnect && new Reconnector(reconnect, this);
    this.reset();
  }

  /** Aborts with the attempt to connect that runs. */
  get signal(): AbortSignal | undefined {
    return this.attempt?.abort.signal;
  }

  /** As `TikTokLiveConnection.connect`. */
  async begin(roomId: string | undefined): Promise<TikTokLiveConnectionState> {
    if (this.connectState === ConnectState.CONNECTING) throw new AlreadyConnectingError();
    if (this.connectState === ConnectState.CONNECTED) throw new AlreadyConnectedError();
    const attempt: Attempt = { abort: new AbortController() };
    this.attempt = attempt;
    this.leaving = false;
    this.streamEnded = false;
    this.connectState = ConnectState.CONNECTING;
    this.reconnector?.begin();
    try {
      const state = await this.performConnect(attempt, roomId);
      this.concluded(attempt);
      return state;
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

  /** As `TikTokLiveConnection.disconnect`. */
  async end(): Promise<void> {
    if (this.connectState === ConnectState.CONNECTING) {
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

  /** The socket of an attempt is open. */
  opened(attempt: Attempt, session: WebcastSocket): boolean {
    if (this.attempt !== attempt || attempt.abort.signal.aborted) {
      session.terminate();
      return false;
    }
    this.session = session;
    this.emitControl(ControlEvent.WEBSOCKET_CONNECTED, session.client);
    if (this.session !== session) return true;
    this.connectState = ConnectState.CONNECTED;
    this.reconnector?.opened();
    this.emitControl(attempt.lost ? ControlEvent.RECONNECTED : ControlEvent.CONNECTED, this.connection.state);
    return true;
  }

  /** The live is over. */
  ended(): void {
    this.streamEnded = !this.leaving;
    void this.connection.disconnect();
  }

  /** The current socket is closed. */
  closed(closed: SocketClosed): void {
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

  listens(event: string): boolean {
    return this.connection.listenerCount(event) > 0;
  }

  dispatch(event: string, ...args: unknown[]): void {
    this.delivery.deliver(event, args);
  }

  isActive(): boolean {
    return !this.leaving && this.connectState !== ConnectState.DISCONNECTED;
  }

  continuity(): MessageContinuity | undefined {
    return this.reconnector?.continuity;
  }

  roomId(): string {
    return this.webClient.roomId;
  }

  gifts(): RoomGiftInfo | null {
    return this.options.enableExtendedGiftInfo ? this.availableGifts : null;
  }

  onReconnecting(event: ReconnectingEvent): void {
    this.emitControl(ControlEvent.RECONNECTING, event);
  }

  /** One attempt to open a lost connection again. */
  async connect(): Promise<void> {
    if (this.attempt) await this.performConnect(this.attempt, this.roomId());
  }

  onFailed(error: unknown): void {
    this.reportError('Error while reconnecting', error, true);
  }

  /** @param isCarried a promise, or another event, tells the caller the same */
  reportError(info: string, exception: unknown, isCarried = false): void {
    this.delivery.report(info, exception, isCarried);
  }

  emitControl<E extends ControlEvent>(event: E, ...args: EventArguments[E]): void {
    this.delivery.deliver(event, args);
  }

  private async performConnect(attempt: Attempt, requested: string | undefined): Promise<TikTokLiveConnectionState> {
    const { signal } = attempt.abort;
    const { options, connection } = this;
    const roomId = requested || this.roomId() || (await connection.fetchRoomId());
    throwIfAborted(signal);
    this.webClient.roomId = roomId;
    if (options.fetchRoomInfoOnConnect) {
      const info = await connection.fetchRoomInfo();
      throwIfAborted(signal);
      if (asNumber(asObject(info['data'])?.['status']) === ROOM_STATUS_ENDED) throw new UserOfflineError();
    }
    if (options.enableExtendedGiftInfo) await connection.fetchAvailableGifts();
    throwIfAborted(signal);
    const source = this.settings.socketUrlSource ?? this.signedSource();
    const address = await source.resolve({ roomId, signal });
    throwIfAborted(signal);
    this.webClient.roomId = address.roomId;
    if (options.processInitialData && address.initialBatch) {
      const ended = this.dispatcher.dispatchBatch(address.initialBatch);
      throwIfAborted(signal);
      if (ended) throw new UserOfflineError('The stream has ended.');
    }
    const { wsClientOptions, stallTimeoutMs } = this.settings;
    await WebcastSocket.open({
      address,
      handlers: new SessionHandlers(this, attempt),
      signal,
      connectTimeoutMs: environment.connectTimeoutMs(),
      closeTimeoutMs: environment.disconnectTimeoutMs(),
      stallTimeoutMs: stallTimeoutMs ?? (this.reconnector ? RECONNECT_STALL_TIMEOUT_MS : 0),
      heartbeatIntervalMs: heartbeatIntervalOf(this.settings),
      // Offered as browsers do.
      wsOptions: { perMessageDeflate: true, ...wsClientOptions },
      clock: this.clock,
    }).catch((error: unknown): never => {
      if (error instanceof SocketRefusedError) source.onRefused?.(address, error);
      throw error;
    });
    throwIfAborted(signal);
    return connection.state;
  }

  /** The way by the sign server, made for each attempt: it remembers nothing, and the next one may be hours away. */
  private signedSource(): SocketUrlSource {
    const { webClient, options, settings } = this;
    return new EulerSocketUrlSource({
      webClient,
      apiClient: webClient.apiClient,
      session: settings.session,
      wsConfig: wsConfigOf(settings, this.presets),
      cursor: () => webClient.clientParam('cursor') ?? '',
      authenticateWs: () => options.authenticateWs,
      useMobile: () => options.useMobile,
      sign: (params) => RouteConfig.fetchSignedWebSocketFromProvider(params),
      onSigned: ({ fetchResult: { cursor, internalExt } }) => {
        webClient.setClientParam('cursor', cursor);
        webClient.setClientParam('internal_ext', internalExt);
      },
      ...(settings.clock ? { clock: settings.clock } : {}),
    });
  }

  private reopen(reconnector: Reconnector, lost: Loss, error: unknown): void {
    const attempt: Attempt = { abort: new AbortController(), lost };
    this.attempt = attempt;
    this.session = null;
    this.connectState = ConnectState.CONNECTING;
    if (error) this.reportError('WebSocket Error', error, true);
    void reconnector.run(lost.code, lost.kind, attempt.abort.signal).then((outcome) => {
      if (outcome === 'open') this.concluded(attempt);
      if (outcome === 'open' || this.attempt !== attempt) return;
      this.reset();
      this.emitControl(ControlEvent.DISCONNECTED, outcome === 'ended' ? { ...lost, kind: 'streamEnded' } : lost);
    });
  }

  /** The attempt has done its work; nothing can abort it any more. */
  private concluded(attempt: Attempt): void {
    if (this.attempt === attempt) this.attempt = null;
  }

  /** Back to the state before connect(). Cookies stay. */
  private reset(): void {
    this.reconnector?.stop();
    this.connectState = ConnectState.DISCONNECTED;
    this.attempt = null;
    this.session = null;
    this.roomInfo = null;
    this.availableGifts = null;
    for (const name of ['cursor', 'room_id', 'internal_ext']) this.webClient.setClientParam(name, '');
  }
}
