import type { StreamerAccess } from './streamer-access.js';
import type { StreamerState } from './streamer.js';

export const LIVE_VERDICTS = ['live', 'paused', 'offline', 'restricted', 'notFound', 'unknown'] as const;
export type LiveVerdict = (typeof LIVE_VERDICTS)[number];

/** Who can be asked: the first three by name, the next two by room id, the last one about many streamers at once. */
export const LIVE_SOURCES = ['html', 'apiLive', 'euler', 'checkAlive', 'roomInfo', 'bulk'] as const;
export type LiveSourceName = (typeof LIVE_SOURCES)[number];

/** Who is asked about. What is known already decides how far the first answer is believed; all of it may be absent. */
export interface CheckedStreamer extends StreamerAccess {
  readonly uniqueId: string;
  /** Known: TikTok named this user before. */
  readonly tiktokUserId?: string;
  /** `live` or `paused`: an end is believed only when a second source says so. */
  readonly state?: StreamerState;
  /** Room of the present or last live. */
  readonly roomId?: string;
  /** When the streamer was last seen live; with another state than live, when `roomId` was left. */
  readonly lastLiveAt?: Date;
  /** The bulk check said just now that the streamer is live in this room: it is asked where nobody can tell by name. */
  readonly heardRoom?: string | undefined;
}

export interface LiveCheckResult {
  readonly verdict: LiveVerdict;
  /** In words, for operators: which source said what, and how a disagreement was settled. */
  readonly reason: string;
  readonly roomId?: string;
  readonly tiktokUserId?: string;
  readonly uniqueId?: string;
  readonly nickname?: string;
  readonly avatarUrl?: string;
  readonly title?: string;
  /** Start of the stream, ms since the epoch, when the source says. */
  readonly startedAt?: number;
  /** Nobody can be asked before so many ms have passed. */
  readonly retryAfterMs?: number;
}

/** Asks TikTok whether a streamer is live. */
export interface LiveChecker {
  /** Never rejects but for an aborted signal: every failure is the verdict `unknown` with its reason. */
  check(streamer: CheckedStreamer, signal?: AbortSignal): Promise<LiveCheckResult>;
  /**
   * From which of our addresses a streamer is checked (its own text for each, secret): those with the same one share what a
   * host grants to it. Absent: all from one.
   */
  addressOf?(streamer: StreamerAccess): string;
  /** For many at once; absent where that is not to be had. */
  readonly bulk?: BulkLiveChecker | undefined;
}

export const LIVE_CHECKER = Symbol('LiveChecker');

/** Asks about many streamers at once, where that is to be had. */
export interface BulkLiveChecker {
  /** Most streamers in one request. */
  readonly limit: number;
  /** Least time between two requests, ms: each costs quota. */
  readonly gapMs: number;
  /** Ms until it may be asked again; 0: now. */
  pausedFor(): number;
  /**
   * By TikTok user id: `live` or `offline`. Those of whom nothing was said are absent, all of them when the request failed.
   * Never rejects but for an aborted signal.
   */
  check(tiktokUserIds: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, LiveCheckResult>>;
}
