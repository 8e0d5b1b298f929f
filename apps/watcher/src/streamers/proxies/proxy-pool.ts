/** One proxy of a pool. */
export interface PoolProxy {
  readonly id: string;
  /** Scheme, host and port: what may be shown. */
  readonly address: string;
  /** The whole address; sealed when it holds credentials. */
  readonly url: string;
  readonly createdAt: Date;
}

/** Proxies that streamers share by naming the pool. */
export interface ProxyPool {
  readonly name: string;
  readonly description: string;
  /** In the order of adding. */
  readonly proxies: readonly PoolProxy[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const MAX_POOLS = 100;
export const MAX_POOL_PROXIES = 200;

/** What may be shown of the address of a proxy. */
export function addressOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
