import type { Clock } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import { NO_ROOM } from '../leases/lease-store.port.js';
import type { StreamerStore } from '../streamers/streamer-store.port.js';
import { accessOf } from '../streamers/streamer-access.js';
import type { Streamer } from '../streamers/streamer.js';
import type { ConcurrencyGate, GateTicket } from './concurrency-gate.js';
import type { RoomConnector } from './room-connector.port.js';
import { type WarmBudget, WarmSocket } from './warm-socket.js';

export interface HandOverSocketsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly streamers: Pick<StreamerStore, 'findByIds'>;
  readonly connector: RoomConnector;
  /** Shared with the rooms: how many sockets are being opened at once. */
  readonly gate: ConcurrencyGate;
  /** True while nothing can be admitted: then no socket is opened. */
  readonly pressed: () => boolean;
}

interface Preparation {
  readonly roomId: string;
  readonly ready: (roomId: string | undefined) => void;
  ticket?: GateTicket;
  socket?: WarmSocket;
}

/** The sockets that are opened for streamers which other replicas offer to this one. */
export class HandOverSockets {
  readonly #o: HandOverSocketsOptions;
  readonly #preparations = new Map<string, Preparation>();
  readonly #budget: WarmBudget = { bytes: 0 };
  /** Of streamers that are read together in this turn. */
  #unread: string[] = [];

  constructor(options: HandOverSocketsOptions) {
    this.#o = options;
  }

  /** See `HandOverRooms.prepare`. */
  prepare(streamerId: string, roomId: string, ready: (roomId: string | undefined) => void): void {
    this.discard([streamerId]);
    if (roomId === NO_ROOM) return ready(NO_ROOM);
    this.#preparations.set(streamerId, { roomId, ready });
    this.#unread.push(streamerId);
    if (this.#unread.length === 1) queueMicrotask(() => void this.#open());
  }

  /** Takes out the socket of a streamer that is ours now; undefined when there is none that is open. */
  take(streamerId: string): WarmSocket | undefined {
    const preparation = this.#preparations.get(streamerId);
    if (preparation?.socket?.open !== true) {
      this.discard([streamerId]);
      return undefined;
    }
    this.#preparations.delete(streamerId);
    preparation.ticket?.leave();
    return preparation.socket;
  }

  discard(streamerIds: Iterable<string>): void {
    for (const id of streamerIds) {
      const preparation = this.#preparations.get(id);
      if (preparation === undefined) continue;
      this.#preparations.delete(id);
      preparation.ticket?.leave();
      void preparation.socket?.drop();
    }
  }

  close(): void {
    this.discard([...this.#preparations.keys()]);
  }

  async #open(): Promise<void> {
    const ids = this.#unread;
    this.#unread = [];
    let streamers: readonly Streamer[] = [];
    try {
      streamers = await this.#o.streamers.findByIds(ids);
    } catch (error) {
      this.#o.logger.warn('streamers.unreadable', { count: ids.length, error });
    }
    const byId = new Map(streamers.map((streamer) => [streamer.id, streamer]));
    for (const id of ids) {
      const preparation = this.#preparations.get(id);
      if (preparation === undefined || preparation.ticket !== undefined) continue;
      const streamer = byId.get(id);
      if (streamer === undefined || this.#o.pressed()) this.#fail(id, preparation);
      else this.#dial(streamer, preparation);
    }
  }

  #dial(streamer: Streamer, preparation: Preparation): void {
    const { clock, connector, gate } = this.#o;
    const { roomId, ready } = preparation;
    preparation.ticket = gate.enter(() => {
      preparation.socket = new WarmSocket({
        ...{ clock, connector, budget: this.#budget },
        request: {
          ...{ roomId, uniqueId: streamer.uniqueId, access: accessOf(streamer) },
          priority: streamer.priority,
          // Rooms without any socket have waited longer, so they come first; that this one is live is the owner's word.
          waitingSince: clock.monotonic(),
          confirmLive: () => Promise.resolve(true),
        },
        onSettled: () => preparation.ticket?.leave(),
        onWarm: () => ready(roomId),
        onFailed: () => this.#fail(streamer.id, preparation),
      });
    });
  }

  #fail(id: string, preparation: Preparation): void {
    if (this.#preparations.get(id) === preparation) this.#preparations.delete(id);
    preparation.ticket?.leave();
    preparation.ready(undefined);
  }
}
