import type { ViewerErasureStore } from '../history/viewer-erasure.port.js';
import type { Journal } from '../journal/journal.port.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { viewerErased } from '../pipeline/roomless-events.js';

export interface ViewerErasuresOptions {
  readonly store: ViewerErasureStore;
  readonly journal: Pick<Journal, 'append'>;
  /** Events that have just become durable. */
  readonly onAdmitted: (events: readonly FinishedEvent[]) => void;
}

/**
 * Erases viewers and tells consumers with `viewer.erased`. The database remembers what was not told yet: after a crash it is
 * told at the next start, with the same id.
 */
export class ViewerErasures {
  #made = 0;
  #admitted = 0;

  constructor(private readonly options: ViewerErasuresOptions) {}

  /** `viewer.erased` events made by this process. */
  get made(): number {
    return this.#made;
  }

  /** Those of them that are not durable yet. */
  get pending(): number {
    return this.#made - this.#admitted;
  }

  /**
   * Resolves when nothing about the viewer is left in the database and `viewer.erased` is durable.
   * @param optOut nothing is kept about the viewer from now on either
   * @returns when, ms since the epoch
   * @throws DatabaseError (retryable when the database is away), JournalError when the journal is closed: ask again
   */
  async erase(userId: string, optOut: boolean): Promise<number> {
    const at = await this.options.store.erase(userId, optOut);
    await this.#announce(userId, at);
    return at;
  }

  /**
   * Takes an opt-out back: events received from now on count for the viewer again. Consumers are not told: their next event of the
   * viewer tells them.
   * @returns when, ms since the epoch; undefined when the viewer had not opted out
   * @throws DatabaseError, retryable when the database is away
   */
  async endOptOut(userId: string): Promise<number | undefined> {
    return this.options.store.endOptOut(userId);
  }

  /** Tells of erasures that a crash kept from being told. */
  async announceRest(): Promise<void> {
    for (const { userId, at } of await this.options.store.unannounced()) await this.#announce(userId, at);
  }

  async #announce(userId: string, at: number): Promise<void> {
    const event = viewerErased({ userId, at });
    this.#made += 1;
    await this.options.journal.append([event]);
    this.#admitted += 1;
    this.options.onAdmitted([event]);
    await this.options.store.announced(userId, at);
  }
}
