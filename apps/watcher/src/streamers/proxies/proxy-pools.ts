import { createHash } from 'node:crypto';
import type { Clock, Random, TimerHandle } from '../../common/clock.port.js';
import type { Logger } from '../../common/logger.port.js';
import { isWatcherError } from '../../common/watcher.error.js';
import { AccessRefusedError } from '../streamer-access.js';
import type { StreamerVault } from '../streamer-vault.js';
import {
  ProxyHealth,
  PROXY_FAILURES,
  PROXY_STATES,
  type ProxyFailure,
  type ProxyHealthReport,
  type ProxyState,
} from './proxy-health.js';
import type { ProxyPool } from './proxy-pool.js';
import type { ProxyPoolStore } from './proxy-pool-store.port.js';

export interface ProxyPoolsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly store: Pick<ProxyPoolStore, 'all'>;
  readonly vault: Pick<StreamerVault, 'openPoolProxy'>;
  /** How often the pools are read again, so that changes made at another replica count here, ms; default 15,000. */
  readonly refreshMs?: number;
}

/** How a connection or a request through a proxy ended. */
export type ProxyOutcome = 'connected' | 'answered' | 'silent' | ProxyFailure;

export interface ProxyFigures {
  /** Proxies by pool and state, as this replica sees them. */
  readonly pools: ReadonlyMap<string, Readonly<Record<ProxyState, number>>>;
  readonly failures: Readonly<Record<ProxyFailure, number>>;
}

interface Candidate {
  readonly id: string;
  /** Secret. Absent: it cannot be decrypted. */
  readonly url?: string;
}

const REFRESH_MS = 15_000;

/**
 * The proxy pools as this replica uses them. Each streamer has its own order of the proxies of its pool (rendezvous hashing), the
 * same on every replica: it keeps its proxy while that one is healthy, and when one rests only its own streamers move.
 * Health is of an address: the same one in two pools rests in both.
 */
export class ProxyPools {
  readonly #o: ProxyPoolsOptions;
  #pools: ReadonlyMap<string, readonly Candidate[]> = new Map();
  /** By the whole address, which is secret. */
  #health = new Map<string, ProxyHealth>();
  readonly #failures = Object.fromEntries(PROXY_FAILURES.map((reason) => [reason, 0])) as Record<ProxyFailure, number>;
  #timer: TimerHandle | undefined;
  #stopped = false;

  constructor(options: ProxyPoolsOptions) {
    this.#o = options;
  }

  /** Reads the pools for the first time, then again and again until `stop`. @throws DatabaseError the first time only */
  async start(): Promise<void> {
    await this.refresh();
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Reads the pools now. @throws DatabaseError */
  async refresh(): Promise<void> {
    const pools = new Map<string, readonly Candidate[]>();
    const health = new Map<string, ProxyHealth>();
    for (const pool of await this.#o.store.all()) {
      const candidates = pool.proxies.map(({ id, url }) => this.#candidate(pool, id, url));
      for (const { url } of candidates)
        if (url !== undefined) health.set(url, this.#health.get(url) ?? new ProxyHealth(this.#o));
      pools.set(pool.name, candidates);
    }
    this.#pools = pools;
    this.#health = health;
  }

  /**
   * The whole address of the streamer's proxy in a pool. Secret.
   * @throws AccessRefusedError when there is no such pool, or none of its proxies can be used now
   */
  pick(name: string, streamerId: string): string {
    const url = this.peek(name, streamerId);
    this.#health.get(url)?.chosen();
    return url;
  }

  /** As `pick`, but only looking: nothing is going to be sent there. @throws AccessRefusedError as `pick` */
  peek(name: string, streamerId: string): string {
    const pool = this.#pools.get(name);
    if (pool === undefined) throw new AccessRefusedError(`there is no proxy pool "${name}"`);
    if (pool.length === 0) throw new AccessRefusedError(`the proxy pool "${name}" is empty`);
    let waitMs = Number.POSITIVE_INFINITY;
    for (const { url } of inOrderFor(streamerId, pool)) {
      const health = url === undefined ? undefined : this.#health.get(url);
      if (url === undefined || health === undefined) continue;
      if (health.waitMs === 0) return url;
      waitMs = Math.min(waitMs, health.waitMs);
    }
    if (waitMs === Number.POSITIVE_INFINITY)
      throw new AccessRefusedError(`no proxy of the pool "${name}" can be decrypted: see LIVETAP_SECRETS_KEYS`);
    const seconds = Math.ceil(waitMs / 1_000);
    throw new AccessRefusedError(
      `no proxy of the pool "${name}" is healthy (${pool.length} rest); the next one is tried in ${seconds} s`,
      Math.ceil(waitMs),
    );
  }

  /** Tells how something through this address ended; addresses that are in no pool are passed over. */
  report(url: string, outcome: ProxyOutcome): void {
    const health = this.#health.get(url);
    if (health === undefined) return;
    switch (outcome) {
      case 'connected':
        return health.connected();
      case 'answered':
        return health.answered();
      case 'silent':
        this.#failures.timeout += 1;
        return health.silent();
      default:
        this.#failures[outcome] += 1;
        return health.failed(outcome);
    }
  }

  /** How this replica finds the proxies of a pool, by their ids; one that cannot be decrypted is left out. */
  healthOf(name: string): ReadonlyMap<string, ProxyHealthReport> {
    const reports = new Map<string, ProxyHealthReport>();
    for (const { id, url } of this.#pools.get(name) ?? []) {
      const health = url === undefined ? undefined : this.#health.get(url);
      if (health !== undefined) reports.set(id, health.report());
    }
    return reports;
  }

  figures(): ProxyFigures {
    const pools = new Map<string, Record<ProxyState, number>>();
    for (const name of this.#pools.keys()) {
      const states = Object.fromEntries(PROXY_STATES.map((state) => [state, 0])) as Record<ProxyState, number>;
      for (const { state } of this.healthOf(name).values()) states[state] += 1;
      pools.set(name, states);
    }
    return { pools, failures: { ...this.#failures } };
  }

  #candidate(pool: ProxyPool, id: string, stored: string): Candidate {
    try {
      return { id, url: this.#o.vault.openPoolProxy(id, stored) };
    } catch (error) {
      if (!isWatcherError(error)) throw error;
      this.#o.logger.debug('proxy.unreadable', { pool: pool.name, proxyId: id, error });
      return { id };
    }
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#timer = this.#o.clock.setTimeout(() => {
      void this.refresh()
        // The pools stay as they were; the lease keeper reports a database that stays away.
        .catch((error: unknown) => this.#o.logger.debug('proxyPools.unreadable', { error }))
        .then(() => this.#arm());
    }, this.#o.refreshMs ?? REFRESH_MS);
  }
}

/** The proxies in the order in which this streamer takes them. */
function inOrderFor(streamerId: string, pool: readonly Candidate[]): readonly Candidate[] {
  return pool
    .map((candidate) => ({ candidate, rank: rankOf(candidate.id, streamerId) }))
    .sort((a, b) => b.rank - a.rank || (a.candidate.id < b.candidate.id ? -1 : 1))
    .map(({ candidate }) => candidate);
}

/** The same everywhere, evenly spread: 48 bits of a hash over both. */
function rankOf(proxyId: string, streamerId: string): number {
  return createHash('sha256').update(`${proxyId}\n${streamerId}`).digest().readUIntBE(0, 6);
}
