import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';

/**
 * What the rooms do when leases change hands in order. Called in turn, never in parallel with each other for one
 * streamer; must not throw.
 */
export interface HandOverRooms {
  /** Room of the open session, `NO_ROOM` without one; undefined: this streamer cannot be handed over now. */
  roomOf(streamerId: string): string | undefined;
  /**
   * The giver's last moment: from now on nothing of these streamers is admitted, but nothing is closed or thrown away.
   * Resolves when everything before is durable, with the final checkpoints (undefined: the stored one is final). Those
   * left out go on as if nothing had happened.
   */
  cut(streamerIds: readonly string[]): Promise<ReadonlyMap<string, PipelineCheckpoint | undefined>>;
  /** The hand-over of these did not come about: they go on, and what arrived meanwhile is admitted. */
  mend(streamerIds: readonly string[]): void;
  /** The leases of these are the other's: close their sockets, forget them. */
  handedOver(streamerIds: readonly string[]): void;
  /**
   * The taker's preparation: opens a socket and keeps what it brings, without admitting any of it. `ready` is told the
   * room when it is open, and undefined when that is not possible or does not hold any longer.
   */
  prepare(streamerId: string, roomId: string, ready: (roomId: string | undefined) => void): void;
  /** The offers of these are off: close what was prepared. */
  discard(streamerIds: readonly string[]): void;
}
