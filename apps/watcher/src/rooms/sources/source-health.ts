import type { Clock, Random } from '../../common/clock.port.js';
import { BREAKER_STATES, type BreakerState, CircuitBreaker } from './circuit-breaker.js';
import { SOCKET_SOURCES, type SocketSource } from './socket-source.js';
import { SOURCE_FAILURES, SOURCE_FAILURE_RULES, type SourceFailure } from './source-failures.js';

/** One way over one route, for operators. No secrets: of a proxy its host alone. */
export interface SourceRouteStatus {
  readonly source: SocketSource;
  /** `own address`, or host and port of the proxy. */
  readonly route: string;
  readonly state: BreakerState;
  /** How long it still rests, ms. */
  readonly restForMs: number;
  /** Sockets that were opened this way. */
  readonly opened: number;
  readonly failed: number;
  readonly lastFailure?: SourceFailure;
  /** Since the last success. */
  readonly failuresInARow: number;
}

/** Figures of all ways of this process; they only rise, but for `states`. */
export interface SourceFigures {
  readonly opened: Readonly<Record<SocketSource, number>>;
  readonly failures: Readonly<Record<SocketSource, Readonly<Record<SourceFailure, number>>>>;
  /** Routes of each way by the state of their breaker. */
  readonly states: Readonly<Record<SocketSource, Readonly<Record<BreakerState, number>>>>;
}

/** How a route is told apart, and how it is shown. */
export interface RouteName {
  /** Secret: a proxy's address may carry a password. */
  readonly key: string;
  readonly label: string;
}

/** An attempt that was let through; exactly one of its methods is called. */
export interface SourceAttempt {
  succeeded(): void;
  failed(failure: SourceFailure, retryAfterMs?: number): void;
  /** Given up by us. */
  left(): void;
}

interface Way {
  readonly source: SocketSource;
  readonly route: string;
  readonly breaker: CircuitBreaker;
  opened: number;
  failed: number;
  lastFailure?: SourceFailure;
}

/** Routes whose health is remembered; the one not used for the longest time goes first. */
const MAX_WAYS = 2_000;

/** The health of every way over every route: a proxy that TikTok blocks does not close the way over the others. */
export class SourceHealth {
  readonly #ways = new Map<string, Way>();
  readonly #opened = bySource(() => 0);
  readonly #failures = bySource(() => zeros(SOURCE_FAILURES));

  constructor(private readonly options: { readonly clock: Clock; readonly random: Random }) {}

  /** How long until an attempt may be made this way, ms, and why; undefined when one may be made now. */
  rest(source: SocketSource, route: RouteName): { readonly ms: number; readonly failure: SourceFailure } | undefined {
    const way = this.#ways.get(keyOf(source, route));
    const ms = way?.breaker.restForMs ?? 0;
    return ms === 0 ? undefined : { ms, failure: way?.lastFailure ?? 'unknown' };
  }

  /** Begins an attempt; undefined while the way rests. */
  enter(source: SocketSource, route: RouteName): SourceAttempt | undefined {
    const way = this.#way(source, route);
    if (!way.breaker.enter()) return undefined;
    return {
      succeeded: () => {
        way.breaker.succeeded();
        way.opened += 1;
        this.#opened[source] += 1;
      },
      failed: (failure, askedMs) => {
        way.breaker.failed({ ...SOURCE_FAILURE_RULES[failure], askedMs });
        way.failed += 1;
        way.lastFailure = failure;
        this.#failures[source][failure] += 1;
      },
      left: () => way.breaker.left(),
    };
  }

  figures(): SourceFigures {
    const states = bySource(() => zeros(BREAKER_STATES));
    for (const { source, breaker } of this.#ways.values()) states[source][breaker.state] += 1;
    return { opened: this.#opened, failures: this.#failures, states };
  }

  /** Ways that were used, those that rest first; at most `limit`. */
  routes(limit = 200): readonly SourceRouteStatus[] {
    const all = [...this.#ways.values()].map(({ source, route, breaker, opened, failed, lastFailure }) => ({
      source,
      route,
      state: breaker.state,
      restForMs: Math.ceil(breaker.restForMs),
      opened,
      failed,
      ...(lastFailure === undefined ? {} : { lastFailure }),
      failuresInARow: breaker.failures,
    }));
    return all.sort((a, b) => b.restForMs - a.restForMs || b.failuresInARow - a.failuresInARow).slice(0, limit);
  }

  #way(source: SocketSource, route: RouteName): Way {
    const key = keyOf(source, route);
    let way = this.#ways.get(key);
    this.#ways.delete(key);
    way ??= { source, route: route.label, breaker: new CircuitBreaker(this.options), opened: 0, failed: 0 };
    this.#ways.set(key, way);
    for (const oldest of this.#ways.keys()) {
      if (this.#ways.size <= MAX_WAYS) break;
      this.#ways.delete(oldest);
    }
    return way;
  }
}

function keyOf(source: SocketSource, route: RouteName): string {
  return `${source} ${route.key}`;
}

function zeros<K extends string>(names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
}

function bySource<T>(make: () => T): Record<SocketSource, T> {
  return Object.fromEntries(SOCKET_SOURCES.map((source) => [source, make()])) as Record<SocketSource, T>;
}
