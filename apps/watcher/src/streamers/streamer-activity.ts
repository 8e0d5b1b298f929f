import type { RoomState } from '../rooms/room-state.js';
import type { Streamer } from './streamer.js';

/** What this replica is doing for one streamer right now. Times are ms since the epoch. */
export interface StreamerActivity {
  readonly state: RoomState;
  /** Why the state is what it is, in words; never a secret. */
  readonly reason: string;
  /** When this state was entered. */
  readonly since: number;
  readonly roomId?: string;
  readonly sessionId?: string;
  /** Which way led to the socket: `direct`, `euler`, `fixed`. */
  readonly source?: string;
  /** Why the room has no socket yet, where it waits its turn. */
  readonly waitingFor?: 'quota';
  readonly lastFrameAt?: number;
  /** Frames and events of the current session in this process. */
  readonly frames: number;
  readonly events: number;
  /** Lease epoch under which it is watched. */
  readonly epoch: number;
}

/** Read side: what is going on for a streamer here; undefined when another replica or nobody watches it. */
export interface StreamerActivitySource {
  activityOf(streamerId: string): StreamerActivity | undefined;
}

/** What the operator's changes set in motion. */
export interface StreamerControl {
  /** Streamers were added or resumed: take their leases and check them at once. Returns immediately. */
  added(): void;
  /** Settings changed. Pausing closes the room with `live.left` and resolves once that is durable and the lease is free. */
  changed(streamer: Streamer): Promise<void>;
  /** Called before the row goes away: as pausing, with reason `removed`. */
  removed(streamer: Streamer): Promise<void>;
}
