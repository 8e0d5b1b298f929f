import type { SocketSource } from '../rooms/sources/socket-source.js';
import { ALWAYS_THERE, checkSources } from './available-sources.js';
import { MAX_LABEL_DEFAULTS, type LabelDefaultStore } from './label-default-store.port.js';
import type { ProxyPoolStore } from './proxies/proxy-pool-store.port.js';
import { knownPool } from './streamer-service.js';
import type { LabelDefaults, PlainSettings } from './streamer-settings.js';
import { StreamerError } from './streamer.errors.js';

/** What operators do with defaults by label. A change counts wherever streamers are read next: in rooms within seconds. */
export class LabelDefaultService {
  /** `sources`: ways that this fleet has. `pools`: which proxy pools there are; without it there are none. */
  constructor(
    private readonly store: LabelDefaultStore,
    private readonly sources: readonly SocketSource[] = ALWAYS_THERE,
    private readonly pools?: Pick<ProxyPoolStore, 'find'>,
  ) {}

  /** By label in the order of code points. @throws DatabaseError */
  all(): Promise<readonly LabelDefaults[]> {
    return this.store.all();
  }

  /** @throws StreamerError WATCHER_LABEL_DEFAULTS_NOT_FOUND; DatabaseError */
  async get(label: string): Promise<LabelDefaults> {
    return (await this.store.all()).find((row) => row.label === label) ?? notFound(label);
  }

  /**
   * In the place of what the label gave before.
   * @throws StreamerError WATCHER_LABEL_DEFAULTS_TOO_MANY, WATCHER_SOCKET_SOURCE_UNAVAILABLE, WATCHER_PROXY_POOL_UNKNOWN; DatabaseError
   */
  async put(label: string, precedence: number, settings: PlainSettings): Promise<LabelDefaults> {
    checkSources(settings, this.sources);
    if (settings.proxyPool !== undefined) await knownPool(this.pools, settings.proxyPool);
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
