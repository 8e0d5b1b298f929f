import { MAX_POOL_PROXIES, MAX_POOLS, type ProxyPool } from './proxy-pool.js';
import type { NewPoolProxy, ProxyPoolStore } from './proxy-pool-store.port.js';

/** Proxy pools in memory, for tests: same contract suite as the Postgres ones. */
export class MemoryProxyPoolStore implements ProxyPoolStore {
  readonly #pools = new Map<string, ProxyPool>();

  /** `isUsed`: whether a streamer or a label names the pool. */
  constructor(private readonly isUsed: (name: string) => Promise<boolean> = async () => false) {}

  async all(): Promise<readonly ProxyPool[]> {
    return [...this.#pools.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async find(name: string): Promise<ProxyPool | undefined> {
    return this.#pools.get(name);
  }

  async add(
    name: string,
    description: string,
    proxies: readonly NewPoolProxy[],
  ): Promise<ProxyPool | 'exists' | 'full'> {
    if (this.#pools.has(name)) return 'exists';
    if (this.#pools.size >= MAX_POOLS) return 'full';
    const now = new Date();
    const pool = { name, description, proxies: proxies.map(made), createdAt: now, updatedAt: now };
    this.#pools.set(name, pool);
    return pool;
  }

  async describe(name: string, description: string): Promise<ProxyPool | undefined> {
    return this.#change(name, (pool) => ({ ...pool, description }));
  }

  async addProxies(name: string, proxies: readonly NewPoolProxy[]): Promise<ProxyPool | 'full' | undefined> {
    const known = this.#pools.get(name)?.proxies.length ?? 0;
    if (known + proxies.length > MAX_POOL_PROXIES) return 'full';
    return this.#change(name, (pool) => ({ ...pool, proxies: [...pool.proxies, ...proxies.map(made)] }));
  }

  async removeProxy(name: string, id: string): Promise<boolean> {
    const known = this.#pools.get(name)?.proxies.some((proxy) => proxy.id === id) === true;
    if (known) this.#change(name, (pool) => ({ ...pool, proxies: pool.proxies.filter((proxy) => proxy.id !== id) }));
    return known;
  }

  async remove(name: string): Promise<'removed' | 'used' | undefined> {
    if (!this.#pools.has(name)) return undefined;
    if (await this.isUsed(name)) return 'used';
    this.#pools.delete(name);
    return 'removed';
  }

  #change(name: string, change: (pool: ProxyPool) => ProxyPool): ProxyPool | undefined {
    const pool = this.#pools.get(name);
    if (pool === undefined) return undefined;
    const changed = { ...change(pool), updatedAt: new Date() };
    this.#pools.set(name, changed);
    return changed;
  }
}

const made = (proxy: NewPoolProxy): ProxyPool['proxies'][number] => ({ ...proxy, createdAt: new Date() });
