export type LiveVerdict = 'live' | 'paused' | 'offline' | 'restricted' | 'notFound' | 'unknown';

export interface LiveCheckResult {
  readonly verdict: LiveVerdict;
  /** In words, for operators: which source said what. */
  readonly reason: string;
  readonly roomId?: string;
  readonly tiktokUserId?: string;
  readonly uniqueId?: string;
  readonly nickname?: string;
  readonly avatarUrl?: string;
  readonly title?: string;
  /** Start of the stream, ms since the epoch, when the source says. */
  readonly startedAt?: number;
  /** The source asked to wait this long before the next request. */
  readonly retryAfterMs?: number;
}

/** Asks TikTok whether a streamer is live. */
export interface LiveChecker {
  /** Never rejects but for an aborted signal: every failure is the verdict `unknown` with its reason. */
  check(
    streamer: { readonly uniqueId: string; readonly proxyUrl?: string },
    signal?: AbortSignal,
  ): Promise<LiveCheckResult>;
}

export const LIVE_CHECKER = Symbol('LiveChecker');
