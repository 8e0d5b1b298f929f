import type { Random } from '../common/clock.port.js';
import { BackOff } from '../common/back-off.js';
import type { RoomSocket } from './room-socket.js';

const BACK_OFF_BASE_MS = 4_000;

/** The second socket to a room, opened because the first one is silent. Times are monotonic ms. */
export class SpareSocket {
  readonly #backOff: BackOff;
  #socket: RoomSocket | undefined;
  #openedAt: number | undefined;

  constructor(random: Random) {
    this.#backOff = new BackOff({ random, baseMs: BACK_OFF_BASE_MS });
  }

  /** False for undefined. */
  is(socket: RoomSocket): boolean {
    return this.#socket === socket;
  }

  get exists(): boolean {
    return this.#socket !== undefined;
  }

  set(socket: RoomSocket): void {
    this.#socket = socket;
    this.#openedAt = undefined;
  }

  opened(at: number): void {
    this.#openedAt = at;
    this.#backOff.reset();
  }

  /** It failed or closed; returns how long to wait before another one, ms. */
  lost(): number {
    this.#socket = undefined;
    return this.#backOff.next(BACK_OFF_BASE_MS);
  }

  /** True once it was open for `ms` (and, since it is still the second one, had nothing new to say). */
  quietFor(ms: number, at: number): boolean {
    return this.#openedAt !== undefined && at - this.#openedAt >= ms;
  }

  /** Takes it over when it is open; else undefined. */
  takeOpen(): RoomSocket | undefined {
    const socket = this.#socket?.open === true ? this.#socket : undefined;
    if (socket !== undefined) this.#socket = undefined;
    return socket;
  }

  setPaused(paused: boolean): void {
    this.#socket?.setPaused(paused);
  }

  async drop(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    await socket?.drop();
  }
}
