import { ADVISORY_LOCKS } from '../../persistence/advisory-locks.js';
import type { Database, DatabaseTransaction } from '../../persistence/database.js';
import { Prisma } from '../../persistence/database.js';
import { safeText } from '../../persistence/safe-text.js';
import { MAX_POOL_PROXIES, MAX_POOLS, type ProxyPool } from './proxy-pool.js';
import type { NewPoolProxy, ProxyPoolStore } from './proxy-pool-store.port.js';

const WITH_PROXIES = { proxies: { orderBy: { number: 'asc' } } } as const satisfies Prisma.ProxyPoolRecordInclude;
type Row = Prisma.ProxyPoolRecordGetPayload<{ include: typeof WITH_PROXIES }>;

/** The proxy pools in Postgres. */
export class PostgresProxyPoolStore implements ProxyPoolStore {
  constructor(private readonly database: Database) {}

  async all(): Promise<readonly ProxyPool[]> {
    const rows = await this.database.run((client) =>
      client.proxyPoolRecord.findMany({ orderBy: { name: 'asc' }, include: WITH_PROXIES }),
    );
    return rows.map(toPool);
  }

  async find(name: string): Promise<ProxyPool | undefined> {
    return this.database.run((client) => read(client, name));
  }

  async add(
    name: string,
    description: string,
    proxies: readonly NewPoolProxy[],
  ): Promise<ProxyPool | 'exists' | 'full'> {
    return this.#changing(async (tx) => {
      if ((await read(tx, name)) !== undefined) return 'exists';
      if ((await tx.proxyPoolRecord.count()) >= MAX_POOLS) return 'full';
      const data = { name, description: safeText(description), proxies: { create: proxies.map(toRow) } };
      return toPool(await tx.proxyPoolRecord.create({ data, include: WITH_PROXIES }));
    });
  }

  async describe(name: string, description: string): Promise<ProxyPool | undefined> {
    return this.#changing(async (tx) => {
      const data = { description: safeText(description), updatedAt: new Date() };
      await tx.proxyPoolRecord.updateMany({ where: { name: safeText(name) }, data });
      return read(tx, name);
    });
  }

  async addProxies(name: string, proxies: readonly NewPoolProxy[]): Promise<ProxyPool | 'full' | undefined> {
    return this.#changing(async (tx) => {
      const pool = await read(tx, name);
      if (pool === undefined) return undefined;
      if (pool.proxies.length + proxies.length > MAX_POOL_PROXIES) return 'full';
      for (const proxy of proxies) await tx.poolProxyRecord.create({ data: { ...toRow(proxy), poolName: name } });
      await tx.proxyPoolRecord.update({ where: { name }, data: { updatedAt: new Date() } });
      return read(tx, name);
    });
  }

  async removeProxy(name: string, id: string): Promise<boolean> {
    return this.#changing(async (tx) => {
      const where = { id: safeText(id), poolName: safeText(name) };
      return (await tx.poolProxyRecord.deleteMany({ where })).count > 0;
    });
  }

  async remove(name: string): Promise<'removed' | 'used' | undefined> {
    return this.#changing(async (tx) => {
      if ((await read(tx, name)) === undefined) return undefined;
      const [used] = await tx.$queryRaw<{ used: boolean }[]>`
        SELECT EXISTS (SELECT 1 FROM streamers WHERE settings->>'proxyPool' = ${name})
          OR EXISTS (SELECT 1 FROM label_defaults WHERE settings->>'proxyPool' = ${name}) AS used`;
      if (used?.used !== false) return 'used';
      await tx.proxyPoolRecord.delete({ where: { name } });
      return 'removed';
    });
  }

  async #changing<T>(work: (tx: DatabaseTransaction) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_LOCKS.proxyPools})`;
      return work(tx);
    });
  }
}

async function read(client: DatabaseTransaction, name: string): Promise<ProxyPool | undefined> {
  const row = await client.proxyPoolRecord.findUnique({ where: { name: safeText(name) }, include: WITH_PROXIES });
  return row === null ? undefined : toPool(row);
}

const toRow = ({ id, address, url }: NewPoolProxy): NewPoolProxy => ({ id, address, url });

function toPool({ name, description, proxies, createdAt, updatedAt }: Row): ProxyPool {
  return {
    name,
    description,
    proxies: proxies.map(({ id, address, url, createdAt: at }) => ({ id, address, url, createdAt: at })),
    createdAt,
    updatedAt,
  };
}
