import type { Database, DatabaseTransaction } from '../persistence/database.js';
import { sha256 } from '../persistence/sha256.js';
import type { Erasure } from './fold-erasures.js';
import type { ViewerErasureStore } from './viewer-erasure.port.js';

const MOST_UNANNOUNCED = 100;

/** Erasure of viewers in Postgres. */
export class PostgresViewerErasureStore implements ViewerErasureStore {
  constructor(private readonly database: Database) {}

  async erase(userId: string, optOut: boolean): Promise<number> {
    const [row] = await this.database.run(
      (client) => client.$queryRaw<{ at: Date }[]>`
        SELECT livetap_erase_viewer(${userId}::bigint, ${optOut}::boolean) AS at`,
    );
    if (row === undefined) throw new Error('livetap_erase_viewer returned nothing');
    return row.at.getTime();
  }

  async endOptOut(userId: string): Promise<number | undefined> {
    const [row] = await this.database.run(
      (client) => client.$queryRaw<{ at: Date | null }[]>`SELECT livetap_end_opt_out(${userId}::bigint) AS at`,
    );
    return row?.at?.getTime();
  }

  async unannounced(): Promise<readonly { readonly userId: string; readonly at: number }[]> {
    const rows = await this.database.run((client) =>
      client.viewerErasureRecord.findMany({
        where: { unannouncedId: { not: null } },
        orderBy: { erasedAt: 'asc' },
        take: MOST_UNANNOUNCED,
      }),
    );
    return rows.map(({ unannouncedId, erasedAt }) => ({ userId: String(unannouncedId), at: erasedAt.getTime() }));
  }

  async announced(userId: string, at: number): Promise<void> {
    await this.database.run((client) =>
      client.viewerErasureRecord.updateMany({
        where: { viewerHash: sha256(userId), erasedAt: new Date(at) },
        data: { unannouncedId: null },
      }),
    );
  }
}

/** Those of the people who were erased. The fold's shared lock must be held: then no erasure is under way. */
export async function erasedAmong(
  tx: DatabaseTransaction,
  people: () => Iterable<string>,
): Promise<ReadonlyMap<string, Erasure>> {
  const erasures = new Map<string, Erasure>();
  const [any] = await tx.$queryRaw<{ any: boolean }[]>`SELECT EXISTS (SELECT FROM viewer_erasures) AS any`;
  if (any?.any !== true) return erasures;
  const ids = new Map([...people()].map((id) => [sha256(id).toString('hex'), id]));
  const rows = await tx.viewerErasureRecord.findMany({
    where: { viewerHash: { in: [...ids.keys()].map((hash) => Buffer.from(hash, 'hex')) } },
  });
  for (const { viewerHash, erasedAt, optedOut } of rows) {
    const id = ids.get(Buffer.from(viewerHash).toString('hex'));
    if (id !== undefined) erasures.set(id, { erasedAt: erasedAt.getTime(), optedOut });
  }
  return erasures;
}
