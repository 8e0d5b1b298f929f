import type { Clock } from '../common/clock.port.js';
import type { LiveChecker, LiveCheckResult } from '../streamers/live-checker.port.js';
import { accessOf } from '../streamers/streamer-access.js';
import type { Streamer } from '../streamers/streamer.js';
import type { ConcurrencyGate, GateTicket } from './concurrency-gate.js';
import { LiveProof } from './live-proof.js';
import type { RoomConnector } from './room-connector.port.js';
import { RoomSocket, type RoomSocketEvents } from './room-socket.js';

export interface RoomDiallerOptions {
  readonly clock: Clock;
  readonly gate: ConcurrencyGate;
  readonly connector: RoomConnector;
  readonly checker: LiveChecker;
  readonly events: RoomSocketEvents;
  /** Told every answer of the checker. */
  readonly onResult: (result: LiveCheckResult) => void;
}

/** Opens the sockets of one room: its place among those that are being opened, how long it waits, and whether it is live. */
export class RoomDialler {
  /** When the room was last known to be live. */
  readonly proof: LiveProof;
  readonly #o: RoomDiallerOptions;
  #ticket: GateTicket | undefined;
  /** Since when there is no socket; monotonic. */
  #since: number | undefined;
  #waitingForQuota = false;

  constructor(options: RoomDiallerOptions) {
    this.#o = options;
    this.proof = new LiveProof(options);
  }

  /** The attempt waits for a signature. */
  get waitingForQuota(): boolean {
    return this.#waitingForQuota;
  }

  /** Makes a socket when the room has its place: `take` gets it. */
  dial(streamer: Streamer, roomId: string, take: (socket: RoomSocket) => void): void {
    this.#since ??= this.#o.clock.monotonic();
    this.#ticket = this.#o.gate.enter(() => take(this.#socket(streamer, roomId, streamer.priority)));
  }

  /** A second socket for a room that has one: rooms without any come before it. */
  second(streamer: Streamer, roomId: string): RoomSocket {
    return this.#socket(streamer, roomId, 0);
  }

  /** The attempt waits for a signature, maybe for minutes: its place is for others. False when that is known already. */
  waits(): boolean {
    if (this.#waitingForQuota) return false;
    this.giveUp();
    this.#waitingForQuota = true;
    return true;
  }

  /** The attempt is over, well or not: its place is free. How long the room waits goes on. */
  giveUp(): void {
    this.#ticket?.leave();
    this.#ticket = undefined;
    this.#waitingForQuota = false;
  }

  /** The room has a socket, or needs none any more. */
  done(): void {
    this.giveUp();
    this.#since = undefined;
  }

  #socket(streamer: Streamer, roomId: string, priority: number): RoomSocket {
    const { clock, connector, events } = this.#o;
    const request = {
      roomId,
      uniqueId: streamer.uniqueId,
      access: accessOf(streamer),
      priority,
      waitingSince: this.#since ?? clock.monotonic(),
      confirmLive: (signal: AbortSignal) => this.proof.confirm(streamer, roomId, signal),
    };
    return new RoomSocket(connector, request, events);
  }
}
