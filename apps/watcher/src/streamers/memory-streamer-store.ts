import { boundedLimit, decodeCursor, encodeCursor } from '../persistence/page-cursor.js';
import { changedSettings, DEFAULT_PRIORITY } from './streamer-settings.js';
import type { Streamer, StreamerObservation, StreamerSettings, StreamerState } from './streamer.js';
import { StreamerVault } from './streamer-vault.js';
import type { AddedStreamer, NewStreamer, StreamerPage, StreamerQuery, StreamerStore } from './streamer-store.port.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const STATES: readonly StreamerState[] = ['pending', 'offline', 'live', 'paused', 'restricted', 'notFound', 'unknown'];

/** The streamer store in memory, for tests: same contract suite as the Postgres one. */
export class MemoryStreamerStore implements StreamerStore {
  readonly #rows = new Map<string, Mutable<Streamer>>();
  readonly #now: () => Date;
  #lastId = 0;

  readonly #vault: StreamerVault;

  /** Without a vault, addresses of proxies that hold credentials are refused. */
  constructor(now: () => Date = () => new Date(), vault = StreamerVault.withoutKeys()) {
    this.#now = now;
    this.#vault = vault;
  }

  async add(uniqueId: string, settings: StreamerSettings): Promise<AddedStreamer> {
    const known = this.#byName(uniqueId);
    if (known !== undefined) return { streamer: copy(known), created: false };
    const now = this.#now();
    const row: Mutable<Streamer> = {
      id: String(++this.#lastId),
      uniqueId,
      ...(uniqueId.startsWith('id:') ? { tiktokUserId: uniqueId.slice(3) } : {}),
      aliases: [],
      paused: false,
      labels: [],
      priority: DEFAULT_PRIORITY,
      state: 'pending',
      createdAt: now,
      updatedAt: now,
    };
    this.#apply(row, settings);
    this.#rows.set(row.id, row);
    return { streamer: copy(row), created: true };
  }

  async addMany(streamers: readonly NewStreamer[]): Promise<readonly AddedStreamer[]> {
    return Promise.all(streamers.map(({ uniqueId, settings }) => this.add(uniqueId, settings)));
  }

  /** All streamers as they are now, at once. */
  everything(): readonly Streamer[] {
    return [...this.#rows.values()].map(copy);
  }

  async find(uniqueId: string): Promise<Streamer | undefined> {
    const row = this.#byName(uniqueId);
    return row && copy(row);
  }

  async findByIds(ids: readonly string[]): Promise<readonly Streamer[]> {
    const wanted = new Set(ids);
    return [...this.#rows.values()].filter((row) => wanted.has(row.id)).map(copy);
  }

  async list(query: StreamerQuery): Promise<StreamerPage> {
    const limit = boundedLimit(query.limit);
    const after = query.cursor === undefined ? 0 : Number(decodeCursor('streamers', query.cursor, [/^\d{1,18}$/])[0]);
    const found = [...this.#rows.values()].filter(
      (row) =>
        Number(row.id) > after &&
        (query.state === undefined || row.state === query.state) &&
        (query.label === undefined || row.labels.includes(query.label)) &&
        (query.paused === undefined || row.paused === query.paused),
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      streamers: page.map(copy),
      ...(found.length > limit && last ? { nextCursor: encodeCursor('streamers', [last.id]) } : {}),
    };
  }

  async countByState(): Promise<Readonly<Record<StreamerState, number>>> {
    const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<StreamerState, number>;
    for (const row of this.#rows.values()) counts[row.state] += 1;
    return counts;
  }

  async update(uniqueId: string, settings: StreamerSettings): Promise<Streamer | undefined> {
    const row = this.#byName(uniqueId);
    if (row === undefined) return undefined;
    this.#apply(row, settings);
    row.updatedAt = this.#now();
    return copy(row);
  }

  async setSession(id: string, sealedSession: string | null): Promise<Streamer | undefined> {
    const row = this.#rows.get(id);
    if (row === undefined) return undefined;
    if (sealedSession === null) {
      delete row.sealedSession;
      delete row.sessionSetAt;
    } else {
      Object.assign(row, { sealedSession, sessionSetAt: this.#now() });
    }
    row.updatedAt = this.#now();
    return copy(row);
  }

  async remove(uniqueId: string, _options: { purge: boolean }): Promise<boolean> {
    const row = this.#byName(uniqueId);
    return row !== undefined && this.#rows.delete(row.id);
  }

  async observe(observations: ReadonlyMap<string, StreamerObservation>): Promise<void> {
    for (const [id, observation] of observations) {
      const row = this.#rows.get(id);
      if (row === undefined) continue;
      const { uniqueId, nextCheckAt, tiktokUserId, ...rest } = observation;
      Object.assign(row, Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)));
      if (tiktokUserId !== undefined) this.#learnUserId(row, tiktokUserId);
      if (nextCheckAt === null) delete row.nextCheckAt;
      else if (nextCheckAt !== undefined) row.nextCheckAt = nextCheckAt;
      if (uniqueId !== undefined && uniqueId !== row.uniqueId) this.#rename(row, uniqueId);
      row.updatedAt = this.#now();
    }
  }

  #apply(row: Mutable<Streamer>, settings: StreamerSettings): void {
    if (settings.paused !== undefined) row.paused = settings.paused;
    if (settings.labels !== undefined) row.labels = [...settings.labels];
    const own = changedSettings(row.own ?? {}, settings);
    if (Object.keys(own).length === 0) delete row.own;
    else row.own = own;
    row.priority = own.priority ?? DEFAULT_PRIORITY;
    if (settings.proxyUrl === null) delete row.proxyUrl;
    else if (settings.proxyUrl !== undefined) row.proxyUrl = this.#vault.sealProxy(row.id, settings.proxyUrl);
  }

  #learnUserId(row: Mutable<Streamer>, tiktokUserId: string): void {
    const other = this.#byName(`id:${tiktokUserId}`);
    if (other === undefined || other === row) row.tiktokUserId = tiktokUserId;
  }

  #rename(row: Mutable<Streamer>, name: string): void {
    const other = this.#byName(name);
    if (other !== undefined && other !== row) return;
    row.aliases = [...row.aliases.filter((alias) => alias !== name), row.uniqueId].sort();
    row.uniqueId = name;
  }

  #byName(name: string): Mutable<Streamer> | undefined {
    const userId = name.startsWith('id:') ? name.slice(3) : undefined;
    for (const row of this.#rows.values()) {
      if (row.uniqueId === name || row.aliases.includes(name)) return row;
      if (userId !== undefined && row.tiktokUserId === userId) return row;
    }
    return undefined;
  }
}

function copy(row: Streamer): Streamer {
  return { ...row, aliases: [...row.aliases], labels: [...row.labels] };
}
