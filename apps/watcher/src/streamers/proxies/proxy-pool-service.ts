import { randomBytes } from 'node:crypto';
import { StreamerError } from '../streamer.errors.js';
import type { StreamerVault } from '../streamer-vault.js';
import type { ProxyHealthReport } from './proxy-health.js';
import { addressOf, MAX_POOL_PROXIES, MAX_POOLS, type ProxyPool } from './proxy-pool.js';
import type { NewPoolProxy, ProxyPoolStore } from './proxy-pool-store.port.js';
import type { ProxyPools } from './proxy-pools.js';

const ID_BYTES = 9;

export interface ProxyPoolView {
  readonly pool: ProxyPool;
  /** As this replica finds them, by the ids of the proxies; those that cannot be decrypted are not in it. */
  readonly health: ReadonlyMap<string, ProxyHealthReport>;
}

export interface ProxyPoolServiceOptions {
  readonly store: ProxyPoolStore;
  readonly vault: StreamerVault;
  readonly pools: Pick<ProxyPools, 'refresh' | 'healthOf'>;
}

/** What operators do with proxy pools. A change counts here at once, at other replicas within 15 seconds. */
export class ProxyPoolService {
  constructor(private readonly options: ProxyPoolServiceOptions) {}

  async all(): Promise<readonly ProxyPoolView[]> {
    return (await this.options.store.all()).map((pool) => this.#view(pool));
  }

  /** @throws StreamerError WATCHER_PROXY_POOL_NOT_FOUND */
  async get(name: string): Promise<ProxyPoolView> {
    return this.#view((await this.options.store.find(name)) ?? notFound(name));
  }

  /**
   * Addresses are complete, with user and password where there are any.
   * @throws StreamerError WATCHER_PROXY_POOL_EXISTS, WATCHER_PROXY_POOL_FULL, WATCHER_PROXY_DUPLICATE; SecretBoxError
   */
  async add(name: string, description: string, urls: readonly string[]): Promise<ProxyPoolView> {
    const pool = await this.options.store.add(name, description, this.#sealed([], urls));
    if (pool === 'exists') throw new StreamerError('WATCHER_PROXY_POOL_EXISTS', `There is a proxy pool "${name}".`);
    if (pool === 'full')
      throw new StreamerError('WATCHER_PROXY_POOL_FULL', `There are ${MAX_POOLS} proxy pools, the most that may be.`);
    return this.#changed(pool);
  }

  /** @throws StreamerError WATCHER_PROXY_POOL_NOT_FOUND */
  async describe(name: string, description: string): Promise<ProxyPoolView> {
    return this.#changed((await this.options.store.describe(name, description)) ?? notFound(name));
  }

  /** @throws StreamerError WATCHER_PROXY_POOL_NOT_FOUND, WATCHER_PROXY_POOL_FULL, WATCHER_PROXY_DUPLICATE; SecretBoxError */
  async addProxies(name: string, urls: readonly string[]): Promise<ProxyPoolView> {
    const known = (await this.options.store.find(name)) ?? notFound(name);
    const pool = await this.options.store.addProxies(name, this.#sealed(known.proxies, urls));
    if (pool === 'full')
      throw new StreamerError('WATCHER_PROXY_POOL_FULL', `A pool has at most ${MAX_POOL_PROXIES} proxies.`);
    return this.#changed(pool ?? notFound(name));
  }

  /** @throws StreamerError WATCHER_PROXY_POOL_NOT_FOUND, WATCHER_PROXY_NOT_FOUND */
  async removeProxy(name: string, id: string): Promise<void> {
    if (await this.options.store.removeProxy(name, id)) return this.options.pools.refresh();
    await this.get(name);
    throw new StreamerError('WATCHER_PROXY_NOT_FOUND', `The proxy pool "${name}" has no such proxy.`);
  }

  /** @throws StreamerError WATCHER_PROXY_POOL_NOT_FOUND, WATCHER_PROXY_POOL_USED */
  async remove(name: string): Promise<void> {
    const outcome = (await this.options.store.remove(name)) ?? notFound(name);
    if (outcome === 'used')
      throw new StreamerError(
        'WATCHER_PROXY_POOL_USED',
        `Streamers or labels name the proxy pool "${name}": without it they could not be reached. Change them first.`,
      );
    await this.options.pools.refresh();
  }

  #sealed(known: ProxyPool['proxies'], urls: readonly string[]): readonly NewPoolProxy[] {
    const { vault } = this.options;
    const opened = new Set(known.flatMap(({ id, url }) => vault.canOpenPoolProxy(id, url) ?? []));
    return urls.map((text) => {
      const url = new URL(text).href;
      if (opened.has(url))
        throw new StreamerError(
          'WATCHER_PROXY_DUPLICATE',
          `The proxy ${addressOf(url)} is in the pool with this login already.`,
        );
      opened.add(url);
      const id = `px_${randomBytes(ID_BYTES).toString('base64url')}`;
      return { id, address: addressOf(url), url: vault.sealPoolProxy(id, url) };
    });
  }

  async #changed(pool: ProxyPool): Promise<ProxyPoolView> {
    await this.options.pools.refresh();
    return this.#view(pool);
  }

  #view(pool: ProxyPool): ProxyPoolView {
    return { pool, health: this.options.pools.healthOf(pool.name) };
  }
}

function notFound(name: string): never {
  throw new StreamerError(
    'WATCHER_PROXY_POOL_NOT_FOUND',
    `There is no proxy pool ${JSON.stringify(name.slice(0, 64))}.`,
  );
}
