import type { LabelDefaultStore } from './label-default-store.port.js';
import type { AddedStreamer, NewStreamer, StreamerPage, StreamerQuery, StreamerStore } from './streamer-store.port.js';
import { DEFAULT_PRIORITY, effectiveSettings, inOrder, valuesOf, type LabelDefaults } from './streamer-settings.js';
import type { Streamer, StreamerObservation, StreamerSettings, StreamerState } from './streamer.js';

/** What counts for a streamer once its labels were asked. */
export function settled(streamer: Streamer, defaults: readonly LabelDefaults[]): Streamer {
  const labels = inOrder(streamer.labels, defaults);
  const { proxyPool, ...others } = effectiveSettings(streamer.own ?? {}, labels);
  // A proxy of its own comes before the pool of a label.
  const byPool = proxyPool !== undefined && streamer.proxyUrl === undefined;
  const origins = byPool ? { ...others, proxyPool } : others;
  return { ...streamer, priority: DEFAULT_PRIORITY, ...valuesOf(origins), origins };
}

/**
 * A streamer store whose streamers have what their labels give. The defaults are read anew each time, beside the streamers: a
 * change of them counts wherever streamers are read next.
 */
export class SettledStreamerStore implements StreamerStore {
  constructor(
    private readonly inner: StreamerStore,
    private readonly labels: Pick<LabelDefaultStore, 'all'>,
  ) {}

  async add(uniqueId: string, settings: StreamerSettings): Promise<AddedStreamer> {
    const { streamer, created } = await this.inner.add(uniqueId, settings);
    return { streamer: settled(streamer, await this.labels.all()), created };
  }

  async addMany(streamers: readonly NewStreamer[]): Promise<readonly AddedStreamer[]> {
    const added = await this.inner.addMany(streamers);
    const defaults = await this.labels.all();
    return added.map(({ streamer, created }) => ({ streamer: settled(streamer, defaults), created }));
  }

  async find(uniqueId: string): Promise<Streamer | undefined> {
    return this.#one(await this.inner.find(uniqueId));
  }

  async findByIds(ids: readonly string[]): Promise<readonly Streamer[]> {
    return this.#all(await this.inner.findByIds(ids));
  }

  async list(query: StreamerQuery): Promise<StreamerPage> {
    const page = await this.inner.list(query);
    return { ...page, streamers: await this.#all(page.streamers) };
  }

  countByState(): Promise<Readonly<Record<StreamerState, number>>> {
    return this.inner.countByState();
  }

  async update(uniqueId: string, settings: StreamerSettings): Promise<Streamer | undefined> {
    return this.#one(await this.inner.update(uniqueId, settings));
  }

  async setSession(id: string, sealedSession: string | null): Promise<Streamer | undefined> {
    return this.#one(await this.inner.setSession(id, sealedSession));
  }

  remove(uniqueId: string, options: { purge: boolean }): Promise<boolean> {
    return this.inner.remove(uniqueId, options);
  }

  observe(observations: ReadonlyMap<string, StreamerObservation>): Promise<void> {
    return this.inner.observe(observations);
  }

  async #one(streamer: Streamer | undefined): Promise<Streamer | undefined> {
    return streamer && settled(streamer, await this.labels.all());
  }

  async #all(streamers: readonly Streamer[]): Promise<readonly Streamer[]> {
    if (streamers.length === 0) return streamers;
    const defaults = await this.labels.all();
    return streamers.map((streamer) => settled(streamer, defaults));
  }
}
