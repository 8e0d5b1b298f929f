import { sessionId } from '@livetap/contracts';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import { RoomPipeline, type RoomPipelineOptions } from '../pipeline/room-pipeline.js';
import type { LiveCheckResult } from '../streamers/live-checker.port.js';
import type { Streamer } from '../streamers/streamer.js';

export type SessionEndReason = 'ended' | 'suspended' | 'offline' | 'replaced';
export type SessionLeaveReason = 'paused' | 'removed';

/** What one session needs of its pipeline. */
export type SessionPipeline = Pick<
  RoomPipeline,
  | 'counters'
  | 'sequence'
  | 'started'
  | 'frame'
  | 'rejectedFrame'
  | 'gapOpened'
  | 'gapClosed'
  | 'timers'
  | 'ended'
  | 'left'
  | 'checkpoint'
>;

export interface SessionPipelineRequest {
  readonly streamer: Streamer;
  readonly epoch: number;
  readonly roomId: string;
  /** How many times this room id has been live, counting from 1. */
  readonly occurrence: number;
  /** Of the session that is taken up again, or of the room's session before. */
  readonly checkpoint?: PipelineCheckpoint;
  /** Number of the last event of the room's session before, under the same epoch and in this process; else 0. */
  readonly sequence: number;
  /** What the check that found the room live knew about it. */
  readonly live?: LiveCheckResult;
}

export type SessionPipelines = (request: SessionPipelineRequest) => SessionPipeline;

/** Makes the pipelines of all rooms of the process; `prices` and `shaper` are shared between them. */
export function roomPipelines(shared: Pick<RoomPipelineOptions, 'rawTopic' | 'prices' | 'shaper'>): SessionPipelines {
  return ({ streamer, live, epoch, roomId, occurrence, checkpoint, sequence }) =>
    new RoomPipeline({
      ...shared,
      roomId,
      occurrence,
      sessionId: sessionId(roomId, occurrence),
      epoch,
      sequence,
      checkpoint,
      subject: streamer.uniqueId,
      streamerId: live?.tiktokUserId ?? streamer.tiktokUserId,
    });
}
