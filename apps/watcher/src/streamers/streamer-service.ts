import type { SocketSource } from '../rooms/sources/socket-source.js';
import { ALWAYS_THERE, checkSources } from './available-sources.js';
import { SecretBoxError, type SecretBoxErrorCode } from '../common/secret-box/secret-box.errors.js';
import type { ProxyPoolStore } from './proxies/proxy-pool-store.port.js';
import type { StreamerActivity, StreamerActivitySource, StreamerControl } from './streamer-activity.js';
import type { StreamerPage, StreamerQuery, StreamerStore } from './streamer-store.port.js';
import {
  DEFAULT_PRIORITY,
  effectiveSettings,
  type EffectiveSettings,
  type PlainSettings,
} from './streamer-settings.js';
import { StreamerError, type StreamerErrorCode } from './streamer.errors.js';
import type { Streamer, StreamerSettings, StreamerState } from './streamer.js';
import { StreamerVault, type SessionCredentials } from './streamer-vault.js';
import { normalizeUniqueId } from './unique-id.js';

/** A streamer with what this replica does for it; `activity` is absent when another replica or nobody watches it. */
export interface StreamerView {
  readonly streamer: Streamer;
  /** What counts, and where it comes from. */
  readonly settings: EffectiveSettings;
  readonly activity?: StreamerActivity;
}

export interface StreamerViewPage {
  readonly items: readonly StreamerView[];
  readonly nextCursor?: string;
}

export interface AddStreamer extends StreamerSettings {
  /** As typed: any case, with or without `@`, a link, or `id:<TikTok user id>`. */
  readonly uniqueId: string;
}

/** Result of one entry of `addMany`, in the order of the request. */
export type AddStreamerResult =
  | { readonly uniqueId: string; readonly status: 'added' | 'exists'; readonly view: StreamerView }
  | {
      readonly uniqueId: string;
      readonly status: 'invalid';
      readonly code: StreamerErrorCode | SecretBoxErrorCode;
      /** The field that is wrong. */
      readonly field: WrongField;
      readonly message: string;
    };

export interface StreamerServiceOptions {
  readonly store: StreamerStore;
  readonly activity: StreamerActivitySource;
  readonly control: StreamerControl;
  /** Which proxy pools there are; without it there are none. */
  readonly pools?: Pick<ProxyPoolStore, 'find'>;
  /** Without one, everything that is secret is refused. */
  readonly vault?: StreamerVault;
  /** What counts for a streamer where neither it nor a label says anything. */
  readonly serviceSettings?: PlainSettings;
  /** Ways that this fleet has; default: those that need no setting. */
  readonly sources?: readonly SocketSource[];
}

/**
 * What operators can do with the monitored streamers; REST and the command topic both stand on it. Names may be given
 * in any form that `normalizeUniqueId` takes. Safe to call in parallel. Errors of the store pass through.
 */
export class StreamerService {
  private readonly vault: StreamerVault;

  constructor(private readonly options: StreamerServiceOptions) {
    this.vault = options.vault ?? StreamerVault.withoutKeys();
  }

  /**
   * Adds one streamer; unless paused it is checked within about a second.
   * @throws StreamerError WATCHER_INVALID_UNIQUE_ID, WATCHER_STREAMER_EXISTS, and as `checked`
   */
  async add({ uniqueId, ...settings }: AddStreamer): Promise<StreamerView> {
    const name = normalizeUniqueId(uniqueId);
    const { streamer, created } = await this.options.store.add(name, await this.checked(settings));
    if (!created) {
      throw new StreamerError('WATCHER_STREAMER_EXISTS', `${name} is monitored already.`, {
        context: { uniqueId: streamer.uniqueId },
      });
    }
    this.options.control.added();
    return this.view(streamer);
  }

  /** Adds many; a known or an invalid one does not stop the others. Known ones keep their settings. */
  async addMany(entries: readonly AddStreamer[]): Promise<readonly AddStreamerResult[]> {
    const results: (AddStreamerResult | undefined)[] = [];
    const valid: { readonly at: number; readonly uniqueId: string; readonly settings: StreamerSettings }[] = [];
    for (const [at, { uniqueId, ...settings }] of entries.entries()) {
      try {
        valid.push({ at, uniqueId: normalizeUniqueId(uniqueId), settings: await this.checked(settings) });
      } catch (error) {
        if (!(error instanceof StreamerError || error instanceof SecretBoxError)) throw error;
        const field = fieldOf(error.code);
        results[at] = { uniqueId, status: 'invalid', code: error.code, field, message: error.message };
      }
    }
    // After an error, too: those before it are there.
    let news = true;
    try {
      const added = await this.options.store.addMany(valid);
      news = added.some(({ created }) => created);
      for (const [index, { streamer, created }] of added.entries()) {
        const status = created ? 'added' : 'exists';
        results[valid[index]?.at ?? 0] = { uniqueId: streamer.uniqueId, status, view: this.view(streamer) };
      }
    } finally {
      if (news) this.options.control.added();
    }
    return results.filter((result) => result !== undefined);
  }

  /** @throws StreamerError WATCHER_INVALID_UNIQUE_ID, WATCHER_STREAMER_NOT_FOUND */
  async get(uniqueId: string): Promise<StreamerView> {
    return this.view(await this.find(uniqueId));
  }

  async list(query: StreamerQuery): Promise<StreamerViewPage> {
    const page: StreamerPage = await this.options.store.list(query);
    const items = page.streamers.map((streamer) => this.view(streamer));
    return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
  }

  async countByState(): Promise<Readonly<Record<StreamerState, number>>> {
    return this.options.store.countByState();
  }

  /**
   * Changes settings. `paused: true` closes an open room with `live.left {reason: paused}` before it resolves.
   * @throws StreamerError WATCHER_INVALID_UNIQUE_ID, WATCHER_STREAMER_NOT_FOUND; SecretBoxError WATCHER_SECRETS_NO_KEY
   */
  async update(uniqueId: string, settings: StreamerSettings): Promise<StreamerView> {
    const name = normalizeUniqueId(uniqueId);
    const streamer = await this.options.store.update(name, await this.checked(settings));
    if (streamer === undefined) throw notFound(name);
    await this.options.control.changed(streamer);
    if (settings.paused === false) this.options.control.added();
    return this.view(streamer);
  }

  /**
   * Gives the streamer's sockets a login, from the next one on; null takes it away.
   * @throws StreamerError WATCHER_INVALID_UNIQUE_ID, WATCHER_STREAMER_NOT_FOUND; SecretBoxError WATCHER_SECRETS_NO_KEY
   */
  async setSession(uniqueId: string, session: SessionCredentials | null): Promise<StreamerView> {
    const { id, uniqueId: name } = await this.find(uniqueId);
    const sealed = session === null ? null : this.vault.sealSession(id, session);
    const streamer = await this.options.store.setSession(id, sealed);
    if (streamer === undefined) throw notFound(name);
    await this.options.control.changed(streamer);
    return this.view(streamer);
  }

  async pause(uniqueId: string): Promise<StreamerView> {
    return this.update(uniqueId, { paused: true });
  }

  async resume(uniqueId: string): Promise<StreamerView> {
    return this.update(uniqueId, { paused: false });
  }

  /**
   * Stops monitoring, with `live.left {reason: removed}` when a room was open. History stays unless `purge`. Returns the name.
   * @throws StreamerError WATCHER_INVALID_UNIQUE_ID, WATCHER_STREAMER_NOT_FOUND
   */
  async remove(uniqueId: string, options: { readonly purge: boolean }): Promise<string> {
    const streamer = await this.find(uniqueId);
    await this.options.control.removed(streamer);
    if (!(await this.options.store.remove(streamer.uniqueId, options))) throw notFound(streamer.uniqueId);
    return streamer.uniqueId;
  }

  /**
   * There is one way out: setting a proxy takes the pool away, and the other way round.
   * @throws StreamerError WATCHER_SOCKET_SOURCE_UNAVAILABLE, WATCHER_PROXY_AMBIGUOUS, WATCHER_PROXY_POOL_UNKNOWN;
   *   SecretBoxError WATCHER_SECRETS_NO_KEY
   */
  private async checked(settings: StreamerSettings): Promise<StreamerSettings> {
    const { proxyUrl, proxyPool } = settings;
    checkSources(settings, this.options.sources ?? ALWAYS_THERE);
    this.vault.mustSeal(proxyUrl);
    if (typeof proxyPool !== 'string')
      return typeof proxyUrl === 'string' ? { ...settings, proxyPool: null } : settings;
    if (typeof proxyUrl === 'string')
      throw new StreamerError('WATCHER_PROXY_AMBIGUOUS', 'Give proxyUrl or proxyPool, not both.');
    await knownPool(this.options.pools, proxyPool);
    return { ...settings, proxyUrl: null };
  }

  private async find(uniqueId: string): Promise<Streamer> {
    const name = normalizeUniqueId(uniqueId);
    const streamer = await this.options.store.find(name);
    if (streamer === undefined) throw notFound(name);
    return streamer;
  }

  private view(streamer: Streamer): StreamerView {
    const activity = this.options.activity.activityOf(streamer.id);
    const service = effectiveSettings({}, [], { priority: DEFAULT_PRIORITY, ...this.options.serviceSettings });
    const settings = { ...service, ...(streamer.origins ?? effectiveSettings(streamer.own ?? {}, [])) };
    return activity === undefined ? { streamer, settings } : { streamer, settings, activity };
  }
}

/** @throws StreamerError WATCHER_PROXY_POOL_UNKNOWN */
export async function knownPool(pools: Pick<ProxyPoolStore, 'find'> | undefined, name: string): Promise<void> {
  if ((await pools?.find(name)) !== undefined) return;
  throw new StreamerError(
    'WATCHER_PROXY_POOL_UNKNOWN',
    `There is no proxy pool ${JSON.stringify(name)}: add it first.`,
  );
}

type WrongField = 'uniqueId' | 'proxyUrl' | 'proxyPool' | 'socketSources';

function fieldOf(code: string): WrongField {
  switch (code) {
    case 'WATCHER_PROXY_POOL_UNKNOWN':
      return 'proxyPool';
    case 'WATCHER_SOCKET_SOURCE_UNAVAILABLE':
      return 'socketSources';
    case 'WATCHER_INVALID_UNIQUE_ID':
      return 'uniqueId';
    default:
      return 'proxyUrl';
  }
}

function notFound(name: string): StreamerError {
  return new StreamerError('WATCHER_STREAMER_NOT_FOUND', `${name} is not monitored.`, { context: { uniqueId: name } });
}
