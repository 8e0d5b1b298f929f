import type { Logger } from '../common/logger.port.js';
import type { HandOverRooms } from '../leases/hand-over.port.js';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { HandOverSockets } from './hand-over-sockets.js';
import type { RoomSupervisor } from './room-supervisor.js';

export interface RoomHandOverOptions {
  readonly logger: Logger;
  readonly rooms: ReadonlyMap<string, RoomSupervisor>;
  readonly sockets: HandOverSockets;
  /** Resolves when everything that was received so far is durable. @throws Error when that takes too long */
  readonly flushed: () => Promise<void>;
  /** The room is another replica's: forget it. */
  readonly gone: (streamerId: string) => void;
}

/** The rooms' part in hand-overs between replicas. */
export class RoomHandOver implements HandOverRooms {
  constructor(private readonly options: RoomHandOverOptions) {}

  roomOf(streamerId: string): string | undefined {
    return this.options.rooms.get(streamerId)?.handOverRoom;
  }

  async cut(streamerIds: readonly string[]): Promise<ReadonlyMap<string, PipelineCheckpoint | undefined>> {
    const rooms = streamerIds.flatMap((id) => this.options.rooms.get(id) ?? []);
    for (const room of rooms) room.cut();
    const checkpoints = new Map(rooms.map((room) => [room.streamer.id, room.checkpoint()]));
    try {
      await this.options.flushed();
      return checkpoints;
    } catch (error) {
      // What is not durable must not be in a checkpoint.
      this.options.logger.warn('rooms.cut_failed', { count: rooms.length, error });
      this.mend([...checkpoints.keys()]);
      return new Map();
    }
  }

  mend(streamerIds: readonly string[]): void {
    for (const id of streamerIds) this.options.rooms.get(id)?.mend();
  }

  handedOver(streamerIds: readonly string[]): void {
    for (const id of streamerIds) {
      void this.options.rooms.get(id)?.handedOver();
      this.options.gone(id);
    }
  }

  prepare(streamerId: string, roomId: string, ready: (roomId: string | undefined) => void): void {
    this.options.sockets.prepare(streamerId, roomId, ready);
  }

  discard(streamerIds: readonly string[]): void {
    this.options.sockets.discard(streamerIds);
  }
}
