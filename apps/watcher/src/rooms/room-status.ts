import type { Clock } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import type { StreamerActivity } from '../streamers/streamer-activity.js';
import type { RoomSessions } from './room-sessions.js';
import type { RoomSocket } from './room-socket.js';
import { nextRoomState, type RoomSignal, type RoomState } from './room-state.js';

export interface RoomStatusOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sessions: RoomSessions;
}

/** Where a room stands by the table of states, why, and since when; each change is one line of the log. */
export class RoomStatus {
  readonly #o: RoomStatusOptions;
  #state: RoomState = 'idle';
  #since: number;
  /** In words, for people. */
  reason = 'waiting for a live check';

  constructor(options: RoomStatusOptions) {
    this.#o = options;
    this.#since = options.clock.now();
  }

  get state(): RoomState {
    return this.#state;
  }

  /** Does nothing when the signal means nothing in the present state. */
  move(signal: RoomSignal, reason: string): void {
    const next = nextRoomState(this.#state, signal);
    if (next === undefined) return;
    this.log('room.state', { from: this.#state, to: next, reason });
    this.#state = next;
    this.reason = reason;
    this.#since = this.#o.clock.now();
  }

  log(event: string, fields: Readonly<Record<string, unknown>>): void {
    const { streamer, roomId } = this.#o.sessions;
    this.#o.logger.info(event, { uniqueId: streamer.uniqueId, roomId, ...fields });
  }

  /** What an operator is shown. */
  activity(socket: RoomSocket | undefined, waitingForQuota: boolean): StreamerActivity {
    return {
      state: this.#state,
      reason: this.reason,
      since: this.#since,
      ...(socket?.open === true ? { source: socket.source } : {}),
      ...(waitingForQuota ? { waitingFor: 'quota' as const } : {}),
      ...this.#o.sessions.activity(),
    };
  }
}
