import { ControlEvent } from '../events/webcast-event.js';
import type { WebcastPushFrame } from '../proto/index.js';
import type { RawBatch } from '../socket/batch.js';
import type { SocketClosed, WebcastSocket, WebcastSocketHandlers } from '../socket/webcast-socket.js';
import type { Attempt, LifeCycle } from './life-cycle.js';

/** What a connection does about one of its sockets. Sockets that are not the current one any more are not heard. */
export class SessionHandlers implements WebcastSocketHandlers {
  private session: WebcastSocket | undefined;

  constructor(
    private readonly life: LifeCycle,
    private attempt: Attempt | undefined,
  ) {}

  onOpen(opened: WebcastSocket): void {
    const { attempt } = this;
    if (!attempt) return;
    this.attempt = undefined;
    this.session = opened;
    if (!this.life.opened(attempt, opened)) this.session = undefined;
  }

  onBytes(bytes: Buffer): void {
    if (this.isHeard) this.life.emitControl(ControlEvent.WEBSOCKET_DATA, bytes);
  }

  onEnterRoom(frame: WebcastPushFrame): void {
    if (this.isHeard) this.life.emitControl(ControlEvent.ENTER_ROOM, frame);
  }

  onBatch(batch: RawBatch): void {
    if (this.isHeard && this.life.dispatcher.dispatchBatch(batch) && this.isCurrent) this.life.ended();
  }

  onFrameRejected(_bytes: Uint8Array, _receivedAt: number, error: unknown): void {
    if (this.isHeard) this.life.reportError('WebSocket message decoding failed', error);
  }

  onHandlerError(error: unknown): void {
    this.life.reportError('Error while processing a WebSocket message', error);
  }

  onClosed(closed: SocketClosed): void {
    if (this.isCurrent) this.life.closed(closed);
  }

  private get isCurrent(): boolean {
    return this.session !== undefined && this.life.session === this.session;
  }

  private get isHeard(): boolean {
    return this.isCurrent && !this.life.leaving;
  }
}
