import { WebSocket } from 'ws';
import { generateUniqId } from '../common/random.js';
import { enterRoomFrame } from './frames.js';

/** What a socket client needs beyond the WebSocket itself. */
export interface RoomEntry {
  /** Called after "enter room" was sent, with the room. */
  onEntered(roomId: string): void;
}

/** The WebSocket of a connection: the `ws` client with the few words of the Webcast protocol that callers use. */
export class WebcastWebSocketClient extends WebSocket {
  private entry: RoomEntry | undefined;

  /** True while frames can be sent. */
  get open(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  /** Used by the session that owns this client. */
  attach(entry: RoomEntry): void {
    this.entry = entry;
  }

  /** Sends one binary frame. False when the socket is not open (nothing is queued). */
  sendBytes(bytes: Uint8Array): boolean {
    if (!this.open) return false;
    this.send(bytes);
    return true;
  }

  /** Enters another room on the same socket; heartbeats then speak of that room and count from 1 again. */
  switchRooms(roomId: string): void {
    if (this.sendBytes(enterRoomFrame(roomId, generateUniqId()))) this.entry?.onEntered(roomId);
  }
}
