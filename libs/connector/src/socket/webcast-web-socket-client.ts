import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket, type RawData } from 'ws';
import { generateUniqId } from '../common/random.js';
import { enterRoomFrame } from './frames.js';
import { PackedAddress } from './packed-address.js';

/**
 * What the session that owns a client does about its events: functions that all sessions share, called with the session.
 * They come before the listeners of anybody else.
 */
export interface ClientOwnerCalls<Owner> {
  opened(owner: Owner): void;
  message(owner: Owner, data: RawData, isBinary: boolean): void;
  /** A ping or a pong came. */
  heard(owner: Owner): void;
  /** The upgrade was answered with something else. The owner ends the response. */
  refused(owner: Owner, response: IncomingMessage): void;
  failed(owner: Owner, error: Error): void;
  closed(owner: Owner, code: number, reason: Buffer): void;
  /** "Enter room" was sent. */
  entered(owner: Owner, roomId: string): void;
}

/** The WebSocket of a connection: the `ws` client with the few words of the Webcast protocol that callers use. */
export class WebcastWebSocketClient extends WebSocket {
  /** Set while the constructor of `ws` runs, before fields would be initialised. */
  declare private address: string | PackedAddress;
  private owner: unknown;
  private calls: ClientOwnerCalls<unknown> | undefined;
  private transport: Socket | undefined;

  /** The address, where `ws` keeps it and takes `url` from. */
  protected get _url(): string {
    return String(this.address);
  }

  protected set _url(address: string) {
    this.address = address;
  }

  /** True while frames can be sent. */
  get open(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  /**
   * Used by the session that owns this client. It is no listener among others, since six listeners and what they are
   * bound to are more than all else that a waiting session holds.
   */
  own<Owner>(owner: Owner, calls: ClientOwnerCalls<Owner>): void {
    this.owner = owner;
    this.calls = calls;
  }

  /** Sends one binary frame. False when the socket is not open (nothing is queued). */
  sendBytes(bytes: Uint8Array): boolean {
    if (!this.open) return false;
    this.send(bytes);
    return true;
  }

  /**
   * As `sendBytes`, but what is sent so within one turn of the event loop leaves in one piece at its end: frames often come
   * several at a time, and a system call for the ack of each costs more than all else about it.
   */
  sendTogether(bytes: Uint8Array): boolean {
    const { transport } = this;
    if (transport !== undefined && transport.writableCorked === 0) {
      transport.cork();
      process.nextTick(uncork, transport);
    }
    return this.sendBytes(bytes);
  }

  /** Enters another room on the same socket; heartbeats then speak of that room and count from 1 again. */
  switchRooms(roomId: string): void {
    if (this.sendBytes(enterRoomFrame(roomId, generateUniqId()))) this.calls?.entered(this.owner, roomId);
  }

  /** Tells the owner first, then whoever listens. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const { calls } = this;
    if (event === 'upgrade') this.transport = (args[0] as IncomingMessage).socket;
    if (event === 'open') this.packAddress();
    const told = calls !== undefined && this.tellOwner(calls, event, args);
    // What the owner has taken care of needs no other listener; without one an `error` would be thrown.
    if (told && this.listenerCount(event) === 0) return true;
    return super.emit(event, ...args);
  }

  /** The dialling is over: nobody goes by the address any more. */
  private packAddress(): void {
    this.address = new PackedAddress(this._url);
  }

  /** False for events that the owner has no use for. */
  private tellOwner(calls: ClientOwnerCalls<unknown>, event: string | symbol, args: unknown[]): boolean {
    switch (event) {
      case 'message':
        calls.message(this.owner, args[0] as RawData, args[1] as boolean);
        return true;
      case 'ping':
      case 'pong':
        calls.heard(this.owner);
        return true;
      case 'open':
        calls.opened(this.owner);
        return true;
      case 'unexpected-response':
        calls.refused(this.owner, args[1] as IncomingMessage);
        return true;
      case 'error':
        calls.failed(this.owner, args[0] as Error);
        return true;
      case 'close':
        calls.closed(this.owner, args[0] as number, args[1] as Buffer);
        return true;
      default:
        return false;
    }
  }
}

function uncork(transport: Socket): void {
  transport.uncork();
}
