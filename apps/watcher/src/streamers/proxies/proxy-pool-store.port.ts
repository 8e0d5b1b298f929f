import type { PoolProxy, ProxyPool } from './proxy-pool.js';

export type NewPoolProxy = Pick<PoolProxy, 'id' | 'address' | 'url'>;

/** The proxy pools. All failures are DatabaseErrors. */
export interface ProxyPoolStore {
  /** By name. */
  all(): Promise<readonly ProxyPool[]>;
  find(name: string): Promise<ProxyPool | undefined>;
  /** `exists`: the name is taken. `full`: there are `MAX_POOLS`. */
  add(name: string, description: string, proxies: readonly NewPoolProxy[]): Promise<ProxyPool | 'exists' | 'full'>;
  /** undefined when there is no such pool. */
  describe(name: string, description: string): Promise<ProxyPool | undefined>;
  /** `full`: it would be more than `MAX_POOL_PROXIES`. undefined when there is no such pool. */
  addProxies(name: string, proxies: readonly NewPoolProxy[]): Promise<ProxyPool | 'full' | undefined>;
  /** False when the pool has no such proxy. */
  removeProxy(name: string, id: string): Promise<boolean>;
  /** `used`: streamers or labels name it, and it stays. undefined when there is no such pool. */
  remove(name: string): Promise<'removed' | 'used' | undefined>;
}

export const PROXY_POOL_STORE = Symbol('ProxyPoolStore');
