import {
  ConnectorError,
  type SignRateLimit,
  SocketRefusedError,
  type SocketAddress,
  WebcastSocket,
} from '@livetap/connector';
import type { Clock, Random, TimerHandle } from '../common/clock.port.js';
import { askedWait } from '../streamers/asked-wait.js';
import { AccessRefusedError } from '../streamers/streamer-access.js';
import type { TikTokAccess, TikTokRoute } from '../streamers/tiktok-access.adapter.js';
import {
  type OpenRoomRequest,
  RoomConnectError,
  type RoomConnection,
  type RoomConnectionHandlers,
  type RoomConnector,
} from './room-connector.port.js';
import {
  SIGN_WINDOWS,
  type QuotaAnswer,
  type SignBudget,
  type SignOutcome,
  type SignPermit,
  SignQueueFullError,
} from './sign-budget/sign-budget.port.js';
import { classifySourceFailure } from './sources/classify-source-failure.adapter.js';
import { PAID_SOURCE, type SocketSource } from './sources/socket-source.js';
import { SOURCE_FAILURE_RULES, type SourceFailure } from './sources/source-failures.js';
import type { SourceHealth } from './sources/source-health.js';

export interface ConnectorRoomConnectorOptions {
  readonly access: TikTokAccess;
  readonly clock: Clock;
  readonly random: Random;
  /** Ways to a socket address, in the order of trying, for streamers without an order of their own; at least one. */
  readonly sources: readonly SocketSource[];
  readonly health: SourceHealth;
  readonly budget: SignBudget;
  /** Milliseconds until a socket must be open; default 20,000. */
  readonly connectTimeoutMs?: number;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 20_000;
/** A room whose place in the queue was refused comes again after, ms. */
const QUEUE_FULL_MS = 60_000;

/** How often a room that waits for a signature looks whether a way that costs nothing is back, on average, ms. */
const LOOK_MS = 5_000;

const isFree = (source: SocketSource): boolean => source !== PAID_SOURCE;

/** The attempt goes on elsewhere: a way that costs nothing can be tried instead of waiting for a signature. */
class OtherWay extends Error {}

/** How one attempt at a room went so far. */
interface Progress {
  readonly failures: RoomConnectError[];
  /** Rests and waits that were asked for, ms. */
  readonly waits: number[];
  /** Ways that were tried. */
  readonly done: Set<SocketSource>;
  /** There is no signature at once: ways that cost nothing come first, whatever the order. */
  freeFirst: boolean;
}

interface Attempt {
  readonly route: TikTokRoute;
  readonly request: OpenRoomRequest;
  readonly handlers: RoomConnectionHandlers;
  readonly progress: Progress;
}

/**
 * Opens rooms through the connector: a fresh address for each attempt, from the ways of the streamer in their order. A way
 * that was refused gives way to the next one at once, one that goes on failing rests (see `SOURCE_FAILURE_RULES`). A
 * signature is spent only after its turn in the shared budget, only on a room that is live for all that is known, and only
 * when no way that costs nothing is left.
 */
export class ConnectorRoomConnector implements RoomConnector {
  constructor(private readonly options: ConnectorRoomConnectorOptions) {}

  async open(request: OpenRoomRequest, handlers: RoomConnectionHandlers): Promise<RoomConnection> {
    const route = this.#route(request);
    const sources = request.access.socketSources ?? this.options.sources;
    const progress: Progress = { failures: [], waits: [], done: new Set(), freeFirst: false };
    for (;;) {
      const source = this.#next(sources, route, progress);
      if (source === undefined) throw this.#concluded(sources, route, progress);
      try {
        return await this.#openBy(source, sources, { route, request, handlers, progress });
      } catch (error) {
        request.signal.throwIfAborted();
        if (error instanceof OtherWay) continue;
        const kind = classifyFailure(error);
        const failure = toConnectError(error, kind);
        progress.done.add(source);
        progress.failures.push(failure);
        if (failure.details.retryAfterMs !== undefined) progress.waits.push(failure.details.retryAfterMs);
        const { next } = SOURCE_FAILURE_RULES[kind];
        if (next === 'free') progress.done.add(PAID_SOURCE);
        if (next === 'none') throw failure;
      }
    }
  }

  /** The first way in the order that was not tried and does not rest. */
  #next(sources: readonly SocketSource[], route: TikTokRoute, progress: Progress): SocketSource | undefined {
    const { done, freeFirst } = progress;
    const ready = sources.filter((source) => !done.has(source) && this.#ready(source, route));
    return (freeFirst ? ready.find(isFree) : undefined) ?? ready[0];
  }

  #ready(source: SocketSource, route: TikTokRoute): boolean {
    return this.options.health.rest(source, route) === undefined;
  }

  #concluded(sources: readonly SocketSource[], route: TikTokRoute, { failures, waits }: Progress): RoomConnectError {
    const rests = sources.flatMap((source) => this.options.health.rest(source, route) ?? []);
    const all = [...waits, ...rests.map(({ ms }) => ms)];
    const wait = all.length === 0 ? {} : { retryAfterMs: Math.ceil(Math.min(...all)) };
    const last = failures.at(-1);
    if (last !== undefined) return new RoomConnectError(last.failure, last.message, { ...last.details, ...wait });
    const [rest] = rests;
    if (rest === undefined) return new RoomConnectError('configuration', 'no way into a room is configured');
    const { failure } = SOURCE_FAILURE_RULES[rest.failure];
    return new RoomConnectError(failure, `every way into the room rests (${rest.failure})`, wait);
  }

  async #openBy(source: SocketSource, sources: readonly SocketSource[], attempt: Attempt): Promise<RoomConnection> {
    const { route, request, handlers } = attempt;
    const { health } = this.options;
    const permit = source === PAID_SOURCE ? await this.#permit(sources, attempt) : undefined;
    const entered = health.enter(source, route);
    if (entered === undefined) {
      // It began to rest while this room waited for its turn.
      permit?.unused();
      throw new OtherWay();
    }
    try {
      const address = await this.#address(source, permit, route, request);
      const connection = await this.#dial(source, address, route, request, handlers);
      entered.succeeded();
      return connection;
    } catch (error) {
      if (request.signal.aborted) entered.left();
      else entered.failed(classifyFailure(error), retryAfterOf(error));
      throw error;
    }
  }

  async #address(
    source: SocketSource,
    permit: SignPermit | undefined,
    route: TikTokRoute,
    { roomId, signal }: OpenRoomRequest,
  ): Promise<{ readonly address: SocketAddress; readonly refused: (error: SocketRefusedError) => void }> {
    let answer: QuotaAnswer | undefined;
    const way = route.source(source, (rateLimit) => (answer = quotaAnswerOf(rateLimit)));
    try {
      const address = await way.resolve({ roomId, signal });
      permit?.spent('signed', answer);
      return { address, refused: (error) => way.onRefused?.(address, error) };
    } catch (error) {
      permit?.spent(signal.aborted ? 'cancelled' : signOutcomeOf(classifyFailure(error)), answer);
      throw error;
    }
  }

  async #dial(
    source: SocketSource,
    { address, refused }: { readonly address: SocketAddress; readonly refused: (error: SocketRefusedError) => void },
    route: TikTokRoute,
    { signal }: OpenRoomRequest,
    handlers: RoomConnectionHandlers,
  ): Promise<RoomConnection> {
    try {
      return await WebcastSocket.open({
        address,
        signal,
        connectTimeoutMs: this.options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
        agent: route.socketAgent(address.url),
        handlers: {
          onOpen: () => {
            handlers.onOpen(source);
            if (address.initialBatch !== undefined) handlers.onFrame(address.initialBatch);
          },
          onBatch: (batch) => handlers.onFrame(batch),
          onFrameRejected: (bytes, receivedAt) => handlers.onFrameRejected(bytes, receivedAt),
          onClosed: ({ code, reason }) => handlers.onClosed({ code, reason }),
        },
      });
    } catch (error) {
      if (error instanceof SocketRefusedError) refused(error);
      throw error;
    }
  }

  /**
   * The right to one signature for a room that is live. While there is none, ways that cost nothing are tried: at once
   * those that were not tried yet, and those that rest as soon as their rest is over.
   * @throws OtherWay, RoomConnectError `notLive` or `quota`, or the signal's reason
   */
  async #permit(
    sources: readonly SocketSource[],
    { route, request, handlers, progress }: Attempt,
  ): Promise<SignPermit> {
    const { budget } = this.options;
    const { signal, priority, waitingSince } = request;
    for (;;) {
      const other = new AbortController();
      const untried = sources.some((way) => isFree(way) && !progress.done.has(way) && this.#ready(way, route));
      const goElsewhere = (): void => {
        progress.freeFirst = true;
        other.abort(new OtherWay());
      };
      const look = this.#whenFree(sources, route, () => {
        for (const way of sources) if (isFree(way)) progress.done.delete(way);
        goElsewhere();
      });
      let permit: SignPermit;
      try {
        permit = await budget.acquire({
          priority,
          waitingSince,
          signal: AbortSignal.any([signal, other.signal]),
          onWaiting: () => (untried ? goElsewhere() : handlers.onWaiting()),
        });
      } catch (error) {
        if (!(error instanceof SignQueueFullError)) throw error;
        throw new RoomConnectError('quota', 'too many rooms wait for a signature', { retryAfterMs: QUEUE_FULL_MS });
      } finally {
        look.cancel();
      }
      let live: boolean;
      try {
        live = await request.confirmLive(signal);
      } catch (error) {
        permit.unused();
        throw error;
      }
      if (live && permit.valid) return permit;
      permit.unused();
      if (!live) throw new RoomConnectError('notLive', 'not known to be live any more: no signature is spent on it');
    }
  }

  /** Calls back once when a way that rests and costs nothing may be tried again; looked at every few seconds. */
  #whenFree(sources: readonly SocketSource[], route: TikTokRoute, found: () => void): TimerHandle {
    const { clock, random } = this.options;
    const resting = sources.filter((way) => isFree(way) && !this.#ready(way, route));
    if (resting.length === 0) return { cancel: () => undefined };
    let timer: TimerHandle;
    const arm = (): TimerHandle => clock.setTimeout(look, LOOK_MS * (0.5 + random.next()));
    const look = (): void => {
      if (resting.some((way) => this.#ready(way, route))) found();
      else timer = arm();
    };
    timer = arm();
    return { cancel: () => timer.cancel() };
  }

  #route({ access }: OpenRoomRequest): TikTokRoute {
    try {
      return this.options.access.route(access);
    } catch (error) {
      if (!(error instanceof AccessRefusedError)) throw error;
      const { message, retryAfterMs } = error;
      const failure = retryAfterMs === undefined ? 'configuration' : 'network';
      throw new RoomConnectError(failure, message, retryAfterMs === undefined ? {} : { retryAfterMs });
    }
  }
}

function classifyFailure(error: unknown): SourceFailure {
  if (!(error instanceof RoomConnectError)) return classifySourceFailure(error);
  return error.failure === 'notLive' ? 'notLive' : 'quotaSpent';
}

function retryAfterOf(error: unknown): number | undefined {
  const retryAfterMs = error instanceof ConnectorError ? error.retryAfterMs : undefined;
  return retryAfterMs === undefined ? undefined : askedWait(retryAfterMs);
}

function signOutcomeOf(failure: SourceFailure): SignOutcome {
  if (failure === 'quotaSpent') return 'rateLimited';
  return failure === 'signUnreachable' || failure === 'network' || failure === 'timeout' ? 'unreachable' : 'refused';
}

function quotaAnswerOf({
  limit,
  remaining,
  resetMark,
  resetInMs,
  retryAfterMs,
  label,
  status,
}: SignRateLimit): QuotaAnswer {
  return {
    limit,
    remaining,
    resetMark,
    resetInMs,
    window: SIGN_WINDOWS.find((window) => window === label),
    ...(status === 429 ? { retryAfterMs: askedWait(retryAfterMs ?? 0) } : {}),
  };
}

/** An error as the rooms know it, with the wait that the other side asked for. */
export function toConnectError(error: unknown, kind = classifyFailure(error)): RoomConnectError {
  if (error instanceof RoomConnectError) return error;
  const { failure } = SOURCE_FAILURE_RULES[kind];
  if (!(error instanceof ConnectorError)) return new RoomConnectError(failure, 'the attempt failed', { cause: error });
  const retryAfterMs = retryAfterOf(error);
  const { code, message } = error;
  return new RoomConnectError(failure, message, {
    code,
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
