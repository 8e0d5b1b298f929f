import { MAX_LABEL_DEFAULTS, type LabelDefaultStore } from './label-default-store.port.js';
import type { LabelDefaults, PlainSettings } from './streamer-settings.js';
import { StreamerError } from './streamer.errors.js';

/** What operators do with defaults by label. A change counts wherever streamers are read next: in rooms within seconds. */
export class LabelDefaultService {
  constructor(private readonly store: LabelDefaultStore) {}

  /** By label in the order of code points. @throws DatabaseError */
  all(): Promise<readonly LabelDefaults[]> {
    return this.store.all();
  }

  /** @throws StreamerError WATCHER_LABEL_DEFAULTS_NOT_FOUND; DatabaseError */
  async get(label: string): Promise<LabelDefaults> {
    return (await this.store.all()).find((row) => row.label === label) ?? notFound(label);
  }

  /** In the place of what the label gave before. @throws StreamerError WATCHER_LABEL_DEFAULTS_TOO_MANY; DatabaseError */
  async put(label: string, precedence: number, settings: PlainSettings): Promise<LabelDefaults> {
    const row = await this.store.put(label, precedence, settings);
    if (row !== undefined) return row;
    throw new StreamerError(
      'WATCHER_LABEL_DEFAULTS_TOO_MANY',
      `${MAX_LABEL_DEFAULTS} labels have defaults already, the most that may. Remove one first.`,
    );
  }

  /** @throws StreamerError WATCHER_LABEL_DEFAULTS_NOT_FOUND; DatabaseError */
  async remove(label: string): Promise<void> {
    if (!(await this.store.remove(label))) notFound(label);
  }
}

function notFound(label: string): never {
  throw new StreamerError('WATCHER_LABEL_DEFAULTS_NOT_FOUND', `The label ${JSON.stringify(label)} has no defaults.`);
}
