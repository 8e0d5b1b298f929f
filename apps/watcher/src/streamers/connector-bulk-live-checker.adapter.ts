import { BULK_CHECK_LIMIT, checkLiveInBulk } from '@livetap/connector';
import type { Clock, Random } from '../common/clock.port.js';
import type { Secret } from '../common/secret.js';
import type { SignBudget } from '../rooms/sign-budget/sign-budget.port.js';
import { askedWait } from './asked-wait.js';
import type { HostRateLimiter } from './host-rate-limiter.js';
import type { BulkLiveChecker, LiveCheckResult, LiveSourceName } from './live-checker.port.js';
import { SourcePauses } from './source-pauses.js';
import { OWN_ADDRESS, type TikTokAccess } from './tiktok-access.adapter.js';

export interface ConnectorBulkLiveCheckerOptions {
  readonly access: TikTokAccess;
  /** Shared with whatever else asks the sign server. */
  readonly limiter: HostRateLimiter;
  /** Asked only while plenty of its quota is left: rooms come first. */
  readonly budget: Pick<SignBudget, 'tryAcquire'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Of the sign server, for the account in whose name it asks. */
  readonly oAuthToken: Secret;
  readonly requestsPerMinute: number;
  /** Something was said about a streamer; for metrics. */
  readonly onAnswer?: (source: LiveSourceName, verdict: LiveCheckResult['verdict']) => void;
}

/** While the quota is kept for rooms, streamers are checked one by one for so long, ms. */
const NO_QUOTA_MS = 60_000;

/**
 * Asks the sign server about many streamers in one request, from our own address whatever proxies they have. One that it refuses is left
 * alone for a while.
 */
export class ConnectorBulkLiveChecker implements BulkLiveChecker {
  readonly limit = BULK_CHECK_LIMIT;
  readonly gapMs: number;
  readonly #options: ConnectorBulkLiveCheckerOptions;
  readonly #pauses: SourcePauses;
  readonly #host: string;

  constructor(options: ConnectorBulkLiveCheckerOptions) {
    this.#options = options;
    this.#pauses = new SourcePauses(options);
    this.#host = `${options.access.signHost} ${OWN_ADDRESS}`;
    this.gapMs = 60_000 / options.requestsPerMinute;
  }

  pausedFor(): number {
    return Math.max(this.#pauses.pausedFor('bulk', OWN_ADDRESS), this.#options.limiter.blockedFor(this.#host));
  }

  async check(tiktokUserIds: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, LiveCheckResult>> {
    const { access, limiter, budget, oAuthToken, onAnswer } = this.#options;
    const permit = await budget.tryAcquire();
    if (permit === undefined) {
      this.#pauses.refused('bulk', OWN_ADDRESS, NO_QUOTA_MS);
      return new Map();
    }
    await limiter.acquire(this.#host, signal).catch((error: unknown): never => {
      permit.unused();
      throw error;
    });
    const { checks, blocked, retryAfterMs } = await checkLiveInBulk(access.route().client, {
      userIds: tiktokUserIds,
      oAuthToken: oAuthToken.reveal(),
      signal,
      timeoutMs: access.requestTimeoutMs,
    }).catch((error: unknown): never => {
      // Whether it was sent is not known: it counts.
      permit.spent('cancelled');
      throw error;
    });
    const waitMs = retryAfterMs === undefined ? undefined : askedWait(retryAfterMs);
    if (waitMs === undefined) permit.spent('checked');
    else permit.spent('rateLimited', { retryAfterMs: waitMs });
    if (waitMs !== undefined) limiter.block(this.#host, waitMs);
    // An answer without a word about anybody is as good as a refusal.
    if (blocked === true || checks.size === 0) this.#pauses.refused('bulk', OWN_ADDRESS, waitMs);
    else this.#pauses.answered('bulk', OWN_ADDRESS);
    const answers = new Map<string, LiveCheckResult>();
    for (const id of tiktokUserIds) {
      const said = checks.get(id);
      onAnswer?.('bulk', said?.verdict ?? 'unknown');
      if (said === undefined) continue;
      const { verdict, reason, roomId } = said;
      answers.set(id, { verdict, reason, ...(roomId === undefined ? {} : { roomId }) });
    }
    return answers;
  }
}
