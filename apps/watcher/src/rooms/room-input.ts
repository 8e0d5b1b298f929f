import type { GapReason } from '@livetap/contracts';
import type { LiveCheckResult } from '../streamers/live-checker.port.js';
import type { Streamer } from '../streamers/streamer.js';
import type { RoomClosed, RoomFrame } from './room-connector.port.js';
import type { SessionEndReason, SessionLeaveReason } from './session-pipeline.js';

/** What of a streamer goes into its events. */
export type StreamerFacts = Pick<Streamer, 'uniqueId' | 'tiktokUserId' | 'nickname' | 'avatarUrl'>;

/** What of a live check goes into the events of the session that follows it. */
export type LiveFacts = Pick<
  LiveCheckResult,
  'tiktokUserId' | 'uniqueId' | 'nickname' | 'avatarUrl' | 'title' | 'startedAt'
>;

/**
 * Everything that the events of one streamer under one lease are made of, beside its start (`Lease`) and the prices of
 * gifts: the same inputs in the same order give the same events, byte for byte. Times are ms since the epoch.
 */
export type RoomInput =
  | { readonly kind: 'streamer'; readonly streamer: StreamerFacts }
  /** The room to follow, and what the check knew about it. */
  | { readonly kind: 'aimed'; readonly roomId: string; readonly live: LiveFacts }
  /** The session of the checkpoint goes on. */
  | { readonly kind: 'resumed' }
  /** A socket is open and is the one that counts. `source`: which way led to it. */
  | { readonly kind: 'opened'; readonly at: number; readonly source: string }
  | { readonly kind: 'frame'; readonly frame: RoomFrame }
  | { readonly kind: 'rejected'; readonly at: number; readonly bytes: Uint8Array }
  /** There is no healthy socket any more. `closed`: how the socket was closed, where one was. */
  | { readonly kind: 'lost'; readonly at: number; readonly reason: GapReason; readonly closed?: RoomClosed }
  /** The socket is read again after a pause: silence counts from here. */
  | { readonly kind: 'reading'; readonly at: number }
  /** So much time passed, and something became due by it. */
  | { readonly kind: 'elapsed'; readonly at: number }
  | { readonly kind: 'ended'; readonly at: number; readonly reason: SessionEndReason }
  | { readonly kind: 'left'; readonly at: number; readonly reason: SessionLeaveReason }
  /** The socket was given up without a loss: the stream is over, or nobody watches any more. */
  | { readonly kind: 'detached' };
