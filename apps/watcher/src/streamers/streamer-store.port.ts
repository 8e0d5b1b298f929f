import type { Streamer, StreamerObservation, StreamerSettings, StreamerState } from './streamer.js';

export interface StreamerPage {
  readonly streamers: readonly Streamer[];
  /** Opaque cursor of the next page, absent on the last one. */
  readonly nextCursor?: string;
}

export interface StreamerQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly state?: StreamerState;
  readonly label?: string;
  readonly paused?: boolean;
}

export interface NewStreamer {
  readonly uniqueId: string;
  readonly settings: StreamerSettings;
}

export interface AddedStreamer {
  readonly streamer: Streamer;
  /** False: the name or an alias was known, and the streamer is as it was. */
  readonly created: boolean;
}

/** The monitored streamers. Names are given normalised (lower case, without `@`). */
export interface StreamerStore {
  /** Adds one; `created: false` and the existing row when the name or an alias is known. Atomic under concurrency. */
  add(uniqueId: string, settings: StreamerSettings): Promise<AddedStreamer>;
  /**
   * The same for many, in their order, in few statements; a name given twice is known the second time. Not atomic as a whole:
   * after an error some of them may have been added.
   */
  addMany(streamers: readonly NewStreamer[]): Promise<readonly AddedStreamer[]>;
  /** By name, alias or `id:<TikTok user id>`. */
  find(uniqueId: string): Promise<Streamer | undefined>;
  findByIds(ids: readonly string[]): Promise<readonly Streamer[]>;
  list(query: StreamerQuery): Promise<StreamerPage>;
  countByState(): Promise<Readonly<Record<StreamerState, number>>>;
  /** undefined when there is no such streamer. */
  update(uniqueId: string, settings: StreamerSettings): Promise<Streamer | undefined>;
  /** Sets the sealed login, or takes it away (null). undefined when there is no such streamer. */
  setSession(id: string, sealedSession: string | null): Promise<Streamer | undefined>;
  /** Stops monitoring; keeps history unless `purge`. False when there is no such streamer. */
  remove(uniqueId: string, options: { purge: boolean }): Promise<boolean>;
  /** Writes what was learned, many streamers in one statement. Unknown ids are ignored. */
  observe(observations: ReadonlyMap<string, StreamerObservation>): Promise<void>;
}

export const STREAMER_STORE = Symbol('StreamerStore');
