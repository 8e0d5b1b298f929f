import type { Clock, TimerHandle } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import type { ApiKeyStore } from './api-key-store.port.js';
import type { Principal } from './principal.js';
import type { StoredApiKey } from './stored-api-key.js';

export interface KeyRingOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often the keys are read again, so that changes made at another replica count here, ms; default 5,000. */
  readonly refreshMs?: number;
}

interface Entry {
  readonly key: StoredApiKey;
  /** ms since the epoch. */
  readonly validUntil: number;
}

const REFRESH_MS = 5_000;
/** `lastUsedAt` is worth a statement this often. */
const USED_EVERY_MS = 60_000;

/**
 * The keys of the database as this replica knows them: all in memory, so that a request costs no statement and a database that
 * is away locks nobody out. A change counts here at once, at other replicas at their next reading.
 */
export class KeyRing {
  readonly #o: KeyRingOptions;
  #store: Pick<ApiKeyStore, 'all' | 'used'> | undefined;
  #byHash: ReadonlyMap<string, Entry> = new Map();
  /** When each was seen since it was last written down; at most as many as there are keys. */
  #used = new Map<string, Date>();
  #writtenAt = 0;
  #timer: TimerHandle | undefined;

  constructor(options: KeyRingOptions) {
    this.#o = options;
  }

  /** Reads the keys for the first time, then again and again until `stop`. @throws DatabaseError the first time only */
  async start(store: Pick<ApiKeyStore, 'all' | 'used'>): Promise<void> {
    this.#store = store;
    await this.refresh();
    this.#writtenAt = this.#o.clock.monotonic();
    this.#arm();
  }

  /** The keys still count; nothing is read or written any more. */
  stop(): void {
    this.#timer?.cancel();
    this.#store = undefined;
  }

  /** Reads the keys now. @throws DatabaseError */
  async refresh(): Promise<void> {
    const byHash = new Map<string, Entry>();
    for (const key of (await this.#store?.all()) ?? []) {
      const end = key.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
      const { previous } = key;
      if (previous) byHash.set(previous.hash, { key, validUntil: Math.min(end, previous.validUntil.getTime()) });
      byHash.set(key.hash, { key, validUntil: end });
    }
    this.#byHash = byHash;
  }

  /** Whose secret has this hash (SHA-256, hexadecimal); undefined when nobody's, or it counts no more. */
  identify(hash: string): Principal | undefined {
    const entry = this.#byHash.get(hash);
    const now = this.#o.clock.now();
    if (entry === undefined || entry.validUntil <= now) return undefined;
    const { id, name, role, requestsPerMinute } = entry.key;
    this.#used.set(id, new Date(now));
    return {
      name,
      role,
      source: 'database',
      ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    };
  }

  async #writeUsed(): Promise<void> {
    const used = this.#used;
    if (used.size === 0 || this.#store === undefined) return;
    this.#used = new Map();
    await this.#store.used(used);
  }

  async #turn(): Promise<void> {
    await this.refresh();
    const now = this.#o.clock.monotonic();
    if (now - this.#writtenAt < USED_EVERY_MS) return;
    this.#writtenAt = now;
    await this.#writeUsed();
  }

  #arm(): void {
    this.#timer = this.#o.clock.setTimeout(() => {
      void this.#turn()
        // The keys stay as they were; readiness says that the database is away.
        .catch((error: unknown) => this.#o.logger.debug('keys.unreadable', { error }))
        .then(() => {
          if (this.#store !== undefined) this.#arm();
        });
    }, this.#o.refreshMs ?? REFRESH_MS);
  }
}
