import { checkLive, type LiveCheck, type LiveSource } from '@livetap/connector';
import type { Clock, Random } from '../common/clock.port.js';
import type { SignBudget, SignPermit } from '../rooms/sign-budget/sign-budget.port.js';
import { askedWait } from './asked-wait.js';
import type { HostRateLimiter } from './host-rate-limiter.js';
import type {
  BulkLiveChecker,
  CheckedStreamer,
  LiveChecker,
  LiveCheckResult,
  LiveSourceName,
} from './live-checker.port.js';
import { BY_ROOM, nextStep, questionOf, type VerdictStep } from './settle-verdict.js';
import { SourcePauses } from './source-pauses.js';
import { AccessRefusedError } from './streamer-access.js';
import type { TikTokAccess, TikTokRoute } from './tiktok-access.adapter.js';
import { userIdOf } from './unique-id.js';

export interface ConnectorLiveCheckerOptions {
  readonly access: TikTokAccess;
  /** Shared with whatever else sends requests to the same hosts. */
  readonly limiter: HostRateLimiter;
  /** The sign server is asked only while plenty of its quota is left: rooms come first. Absent: whenever it is of use. */
  readonly budget?: Pick<SignBudget, 'tryAcquire'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Who may be asked. Default: everybody, the sign server only when there is a key for it. */
  readonly sources?: readonly LiveSource[];
  /** Checks many at once. */
  readonly bulk?: BulkLiveChecker | undefined;
  /** A source answered; for metrics. */
  readonly onAnswer?: (source: LiveSourceName, verdict: LiveCheckResult['verdict']) => void;
}

/** A host that wants to be left alone for longer than this is not waited for: it cannot be asked now. */
const MAX_BLOCK_WAIT_MS = 5_000;
/** Sources that are worth waiting for when nobody can be asked. */
const BY_NAME: readonly LiveSource[] = ['html', 'apiLive', 'euler'];

type Answer = LiveCheck & { readonly source: LiveSource };

/** No source is asked by user id but the bulk check. */
const ONLY_ID: LiveCheckResult = {
  verdict: 'unknown',
  reason: 'only the TikTok user id is known: a live is looked up by name, by room, or by the bulk check',
};

/**
 * Asks TikTok through the connector, as many sources as the verdict needs (`nextStep`); each request waits for its turn at
 * its host, a host that asked for a pause gets it, and a source that refuses is left alone for a while.
 */
export class ConnectorLiveChecker implements LiveChecker {
  readonly #options: ConnectorLiveCheckerOptions;
  readonly #sources: ReadonlySet<LiveSourceName>;
  readonly #pauses: SourcePauses;

  constructor(options: ConnectorLiveCheckerOptions) {
    this.#options = options;
    const { hasSignKey } = options.access;
    const all: readonly LiveSource[] = [
      'html',
      'apiLive',
      'checkAlive',
      'roomInfo',
      ...(hasSignKey ? (['euler'] as const) : []),
    ];
    this.#sources = new Set(options.sources ?? all);
    this.#pauses = new SourcePauses(options);
  }

  get bulk(): BulkLiveChecker | undefined {
    return this.#options.bulk;
  }

  /** Sources that are left alone at the moment, by how many of our addresses. */
  get pausedSources(): Readonly<Partial<Record<LiveSourceName, number>>> {
    return this.#pauses.paused;
  }

  addressOf(streamer: CheckedStreamer): string {
    return this.#options.access.addressOf(streamer);
  }

  async check(streamer: CheckedStreamer, signal?: AbortSignal): Promise<LiveCheckResult> {
    const userId = userIdOf(streamer.uniqueId);
    let route: TikTokRoute;
    try {
      route = this.#options.access.route(streamer);
    } catch (error) {
      if (!(error instanceof AccessRefusedError)) throw error;
      const { message: reason, retryAfterMs } = error;
      return { verdict: 'unknown', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    }
    const question = questionOf(streamer, this.#options.clock.now());
    if (userId !== undefined && (question.sessionRoom ?? question.heardRoom) === undefined) return ONLY_ID;
    let foreign = false;
    const able = (source: LiveSourceName): boolean =>
      !foreign &&
      this.#sources.has(source) &&
      (userId === undefined || BY_ROOM.includes(source)) &&
      this.#waitFor(source, route) === 0;
    const answers: Answer[] = [];
    for (;;) {
      const step = nextStep(question, answers, able);
      if (!('ask' in step)) return this.#conclude(step, answers, route);
      const answer = await this.#ask(route, step.ask as LiveSource, { ...step, uniqueId: streamer.uniqueId }, signal);
      // A room that was heard of is believed only when it is not somebody else's.
      foreign = userId !== undefined && answer.user?.id !== undefined && answer.user.id !== userId;
      answers.push(foreign ? foreignRoom(answer) : answer);
    }
  }

  async #ask(
    route: TikTokRoute,
    source: LiveSource,
    { uniqueId, roomId }: { readonly uniqueId: string; readonly roomId?: string },
    signal?: AbortSignal,
  ): Promise<Answer> {
    const { access, limiter, onAnswer } = this.#options;
    const host = this.#hostOf(source, route);
    const { budget } = this.#options;
    const permit = source === 'euler' ? await budget?.tryAcquire() : undefined;
    if (source === 'euler' && budget !== undefined && permit === undefined)
      return { verdict: 'unknown', reason: 'euler: its quota is kept for rooms', source };
    let found: LiveCheck;
    try {
      await limiter.acquire(host, signal);
      found = await checkLive(route.client, {
        uniqueId,
        roomId,
        sources: [source],
        signal,
        timeoutMs: access.requestTimeoutMs,
      });
    } catch (error) {
      // Whether the request was sent is not known: it counts.
      permit?.spent('cancelled');
      throw error;
    }
    settle(permit, found);
    onAnswer?.(source, found.verdict);
    const retryAfterMs = found.retryAfterMs === undefined ? undefined : askedWait(found.retryAfterMs);
    if (retryAfterMs !== undefined) limiter.block(host, retryAfterMs);
    if (found.blocked === true) this.#pauses.refused(source, route.key, retryAfterMs);
    else this.#pauses.answered(source, route.key);
    return { ...found, source };
  }

  #conclude(
    step: Exclude<VerdictStep, { ask: unknown }>,
    answers: readonly Answer[],
    route: TikTokRoute,
  ): LiveCheckResult {
    const { verdict, roomId, words } = step;
    const by = answers.find((answer) => answer === step.by);
    const facts = answers.find(({ user }) => user !== undefined);
    const reasons = answers.map(({ reason }) => reason);
    const waitMs = verdict === 'unknown' ? this.#waitForAnybody(route) : 0;
    if (answers.length === 0) reasons.push('no source can be asked at the moment');
    return {
      ...factsOf({ ...facts, ...(by === undefined ? {} : { title: by.title, startedAt: by.startedAt }) }),
      verdict,
      reason: `${reasons.join('; ')}${words === undefined ? '' : ` (${words})`}`,
      ...(roomId === undefined ? {} : { roomId }),
      ...(waitMs === 0 ? {} : { retryAfterMs: Math.ceil(waitMs) }),
    };
  }

  #waitForAnybody(route: TikTokRoute): number {
    const sources = BY_NAME.filter((source) => this.#sources.has(source));
    return sources.length === 0 ? 0 : Math.min(...sources.map((source) => this.#waitFor(source, route)));
  }

  /** Ms until the source may be asked; 0 when its turn comes soon enough to wait for it. */
  #waitFor(source: LiveSourceName, route: TikTokRoute): number {
    const blockedMs = this.#options.limiter.blockedFor(this.#hostOf(source, route));
    return Math.max(blockedMs > MAX_BLOCK_WAIT_MS ? blockedMs : 0, this.#pauses.pausedFor(source, route.key));
  }

  #hostOf(source: LiveSourceName, route: TikTokRoute): string {
    const { webHost, webcastHost, signHost } = this.#options.access;
    const host =
      source === 'euler' ? signHost : source === 'checkAlive' || source === 'roomInfo' ? webcastHost : webHost;
    return `${host} ${route.key}`;
  }
}

function foreignRoom({ source }: Answer): Answer {
  return { verdict: 'unknown', reason: `${source}: the room is another user’s`, source };
}

function settle(permit: SignPermit | undefined, { retryAfterMs }: LiveCheck): void {
  if (retryAfterMs === undefined) permit?.spent('checked');
  else permit?.spent('rateLimited', { retryAfterMs: askedWait(retryAfterMs) });
}

function factsOf({
  user,
  title,
  startedAt,
}: Pick<LiveCheck, 'user' | 'title' | 'startedAt'>): Partial<LiveCheckResult> {
  return {
    ...(user?.id === undefined ? {} : { tiktokUserId: user.id }),
    ...(user?.uniqueId === undefined ? {} : { uniqueId: user.uniqueId }),
    ...(user?.nickname === undefined ? {} : { nickname: user.nickname }),
    ...(user?.avatarUrl === undefined ? {} : { avatarUrl: user.avatarUrl }),
    ...(title === undefined ? {} : { title }),
    ...(startedAt === undefined ? {} : { startedAt }),
  };
}
