import { MAX_LABEL_DEFAULTS, type LabelDefaultStore } from './label-default-store.port.js';
import type { LabelDefaults, PlainSettings } from './streamer-settings.js';

/** Defaults by label in memory, for tests: same contract suite as the Postgres ones. */
export class MemoryLabelDefaultStore implements LabelDefaultStore {
  readonly #rows = new Map<string, LabelDefaults>();
  readonly #now: () => Date;

  constructor(now: () => Date = () => new Date()) {
    this.#now = now;
  }

  async all(): Promise<readonly LabelDefaults[]> {
    return [...this.#rows.values()].sort((a, b) => Buffer.compare(Buffer.from(a.label), Buffer.from(b.label)));
  }

  async put(label: string, precedence: number, settings: PlainSettings): Promise<LabelDefaults | undefined> {
    const known = this.#rows.get(label);
    if (known === undefined && this.#rows.size >= MAX_LABEL_DEFAULTS) return undefined;
    const now = this.#now();
    const row = { label, precedence, settings: { ...settings }, createdAt: known?.createdAt ?? now, updatedAt: now };
    this.#rows.set(label, row);
    return row;
  }

  async remove(label: string): Promise<boolean> {
    return this.#rows.delete(label);
  }
}
