import { checkLive, type LiveCheck, type LiveSource } from '@livetap/connector';
import { askedWait } from './asked-wait.js';
import type { HostRateLimiter } from './host-rate-limiter.js';
import type { LiveChecker, LiveCheckResult } from './live-checker.port.js';
import type { TikTokAccess, TikTokRoute } from './tiktok-access.adapter.js';
import { userIdOf } from './unique-id.js';

export interface ConnectorLiveCheckerOptions {
  readonly access: TikTokAccess;
  /** Shared with whatever else sends requests to the same hosts. */
  readonly limiter: HostRateLimiter;
  /** Which sources, in which order. Default: live page, web API, and the sign server when there is a key for it. */
  readonly sources?: readonly LiveSource[];
}

/** A host that wants to be left alone for longer than this is not waited for: the answer is `unknown` at once. */
const MAX_BLOCK_WAIT_MS = 5_000;

/**
 * Asks TikTok through the connector, one source after the other until one says something; each request waits for its
 * turn at its host, and a host that asked for a pause gets it.
 */
export class ConnectorLiveChecker implements LiveChecker {
  readonly #options: ConnectorLiveCheckerOptions;
  readonly #sources: readonly LiveSource[];

  constructor(options: ConnectorLiveCheckerOptions) {
    this.#options = options;
    this.#sources = options.sources ?? ['html', 'apiLive', ...(options.access.hasSignKey ? (['euler'] as const) : [])];
  }

  async check(
    streamer: { readonly uniqueId: string; readonly proxyUrl?: string },
    signal?: AbortSignal,
  ): Promise<LiveCheckResult> {
    if (userIdOf(streamer.uniqueId) !== undefined) {
      return { verdict: 'unknown', reason: 'only the TikTok user id is known; a live can be looked up by name only' };
    }
    let route: TikTokRoute;
    try {
      route = this.#options.access.route(streamer.proxyUrl);
    } catch {
      // The cause may quote the address, which may hold a password.
      return { verdict: 'unknown', reason: 'the proxy address cannot be used' };
    }
    const doubts: LiveCheck[] = [];
    for (const source of this.#sources) {
      const check = await this.#ask(route, source, streamer.uniqueId, signal);
      if (check.verdict !== 'unknown') return toResult(check);
      doubts.push(check);
    }
    const waits = doubts.flatMap(({ retryAfterMs }) => (retryAfterMs === undefined ? [] : [retryAfterMs]));
    return {
      ...toResult(doubts.findLast(({ user }) => user !== undefined) ?? { verdict: 'unknown', reason: '' }),
      verdict: 'unknown',
      reason: doubts.map(({ reason }) => reason).join('; '),
      ...(waits.length === 0 ? {} : { retryAfterMs: Math.max(...waits) }),
    };
  }

  async #ask(route: TikTokRoute, source: LiveSource, uniqueId: string, signal?: AbortSignal): Promise<LiveCheck> {
    const { access, limiter } = this.#options;
    const host = `${source === 'euler' ? access.signHost : access.webHost} ${route.key}`;
    const blockedMs = limiter.blockedFor(host);
    if (blockedMs > MAX_BLOCK_WAIT_MS) {
      return { verdict: 'unknown', reason: `${source}: asked to wait`, source, retryAfterMs: Math.ceil(blockedMs) };
    }
    await limiter.acquire(host, signal);
    const check = await checkLive(route.client, {
      uniqueId,
      sources: [source],
      signal,
      timeoutMs: access.requestTimeoutMs,
    });
    if (check.retryAfterMs === undefined) return check;
    const retryAfterMs = askedWait(check.retryAfterMs);
    limiter.block(host, retryAfterMs);
    return { ...check, retryAfterMs };
  }
}

function toResult({ verdict, reason, roomId, user, title, startedAt, retryAfterMs }: LiveCheck): LiveCheckResult {
  return {
    verdict,
    reason,
    ...(roomId === undefined ? {} : { roomId }),
    ...(user?.id === undefined ? {} : { tiktokUserId: user.id }),
    ...(user?.uniqueId === undefined ? {} : { uniqueId: user.uniqueId }),
    ...(user?.nickname === undefined ? {} : { nickname: user.nickname }),
    ...(user?.avatarUrl === undefined ? {} : { avatarUrl: user.avatarUrl }),
    ...(title === undefined ? {} : { title }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
