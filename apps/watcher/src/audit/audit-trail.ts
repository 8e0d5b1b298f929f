import type { BackOff } from '../common/back-off.js';
import type { Clock, TimerHandle } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import type { Change } from './audit-entry.js';
import type { AuditStore } from './audit-store.port.js';

export interface AuditTrailOptions {
  readonly store: Pick<AuditStore, 'append' | 'prune'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly backOff: Pick<BackOff, 'next' | 'reset'>;
  /** How long entries are kept, ms. */
  readonly keepMs: number;
  /** Most entries that wait for a database that is away; default 10,000. */
  readonly maxWaiting?: number;
}

type Dated = Change & { readonly at: Date };

const MAX_WAITING = 10_000;
const PRUNE_MS = 60 * 60 * 1_000;
/** A database that hangs is not waited for. */
const STOP_MS = 2_000;

/**
 * Writes down who changed what. Each change is one line of the log at once and one row of the database before its answer goes
 * out; when the database goes away just then, the row waits in memory and is written when it is back.
 */
export class AuditTrail {
  readonly #o: AuditTrailOptions;
  #waiting: Dated[] = [];
  #writing = false;
  #retry: TimerHandle | undefined;
  #prune: TimerHandle | undefined;
  #stopped = false;

  constructor(options: AuditTrailOptions) {
    this.#o = options;
  }

  /** Removes what is too old, now and every hour. */
  start(): void {
    void this.#pruneOld().then(() => {
      if (!this.#stopped) this.#prune = this.#o.clock.setTimeout(() => this.start(), PRUNE_MS);
    });
  }

  /** One change, or several of one kind that were asked for at once. Never fails: they have been made, the answer says so. */
  async record(...changes: readonly Change[]): Promise<void> {
    const [first] = changes;
    if (first === undefined) return;
    this.#log(first, changes.length);
    const at = new Date(this.#o.clock.now());
    const dated = changes.map((change) => ({ ...change, at }));
    // Those that wait go first: the order of entries is the order of changes.
    if (this.#waiting.length > 0 || this.#writing) return this.#wait(dated);
    await this.#o.store.append(dated).catch((error: unknown) => {
      this.#o.logger.warn('audit.waiting', { error });
      this.#wait(dated);
    });
  }

  /** Writes what waits, once. What the database does not take in two seconds is in the log of the process alone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.cancel();
    this.#prune?.cancel();
    const entries = this.#waiting.length;
    if (entries === 0) return;
    const late = new Promise<false>((resolve) => void this.#o.clock.setTimeout(() => resolve(false), STOP_MS));
    const written = this.#write().then(() => this.#waiting.length === 0);
    if (!(await Promise.race([written, late]))) this.#o.logger.error('audit.lost', { entries });
  }

  #log({ actor, channel, action, target, details }: Change, count: number): void {
    const what = count > 1 ? { count } : target === undefined ? {} : { target };
    this.#o.logger.info(action, { ...what, ...details, by: actor, channel });
  }

  #wait(entries: readonly Dated[]): void {
    this.#waiting.push(...entries);
    const lost = this.#waiting.length - (this.#o.maxWaiting ?? MAX_WAITING);
    if (lost > 0) {
      this.#waiting.splice(0, lost);
      this.#o.logger.error('audit.lost', { entries: lost });
    }
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#retry !== undefined || this.#writing || this.#stopped || this.#waiting.length === 0) return;
    this.#retry = this.#o.clock.setTimeout(() => {
      this.#retry = undefined;
      void this.#write();
    }, this.#o.backOff.next());
  }

  async #write(): Promise<void> {
    const entries = this.#waiting;
    this.#waiting = [];
    this.#writing = true;
    try {
      await this.#o.store.append(entries);
      this.#o.backOff.reset();
    } catch (error) {
      this.#o.logger.debug('audit.waiting', { error });
      this.#waiting = [...entries, ...this.#waiting];
    } finally {
      this.#writing = false;
      this.#retryLater();
    }
  }

  async #pruneOld(): Promise<void> {
    try {
      await this.#o.store.prune(new Date(this.#o.clock.now() - this.#o.keepMs));
    } catch (error) {
      // In an hour again.
      this.#o.logger.debug('audit.unprunable', { error });
    }
  }
}
