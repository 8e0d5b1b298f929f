import type { GapReason } from '@livetap/contracts';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { LiveCheckResult } from '../streamers/live-checker.port.js';
import type { Streamer } from '../streamers/streamer.js';
import type { RoomFrame } from './room-connector.port.js';

export type SessionEndReason = 'ended' | 'suspended' | 'offline' | 'replaced';
export type SessionLeaveReason = 'paused' | 'removed';

export interface SessionStart {
  readonly title?: string;
  /** When TikTok says that the stream began, ms since the epoch. */
  readonly startedAt?: number;
  /** When the first socket was healthy, ms since the epoch. */
  readonly joinedAt: number;
  readonly via: string;
}

/** What one live session needs of a pipeline. All methods are synchronous; events come back in the order to publish. */
export interface SessionPipeline {
  readonly roomId: string;
  readonly sessionId: string;
  /** Number of the last event made for the room under this epoch. */
  readonly sequence: number;
  /** `live.started`; once, before the first frame, for a session that was not joined before. */
  started(start: SessionStart): readonly FinishedEvent[];
  /** Also ends an interval without a healthy socket. `ended`: the frame said that the stream is over. */
  frame(frame: RoomFrame): { readonly events: readonly FinishedEvent[]; readonly ended?: 'ended' | 'suspended' };
  rejectedFrame(bytes: Uint8Array, receivedAt: number): readonly FinishedEvent[];
  /** True when the frame holds a message that this session has not had. Changes nothing. */
  hasNews(frame: RoomFrame): boolean;
  /** No healthy socket from now on. An interval that is open already keeps its start and its reason. */
  gapOpened(reason: GapReason): void;
  /** A socket is healthy again although no frame came. */
  gapClosed(at: number): void;
  /** What is due by time alone (streaks that ended without an end frame); about once a second. */
  timers(now: number): readonly FinishedEvent[];
  /** `live.ended` and what must come before it; the last call but `checkpoint`. */
  ended(at: number, reason: SessionEndReason): readonly FinishedEvent[];
  left(at: number, reason: SessionLeaveReason): readonly FinishedEvent[];
  checkpoint(): PipelineCheckpoint;
}

export interface SessionPipelineRequest {
  readonly streamer: Streamer;
  readonly epoch: number;
  readonly roomId: string;
  /** How many times this room id has been live, counting from 1. */
  readonly occurrence: number;
  /** Present when a joined session is taken up again (`resume`), or for the ids of the room's session before. */
  readonly checkpoint?: PipelineCheckpoint;
  /** Number of the last event of the room's session before, under the same epoch and in this process; else 0. */
  readonly sequence: number;
  /** What the check that found the room live knew about it. */
  readonly live?: LiveCheckResult;
  /** True: go on with the checkpoint's session. */
  readonly resume: boolean;
}

export type SessionPipelines = (request: SessionPipelineRequest) => SessionPipeline;
