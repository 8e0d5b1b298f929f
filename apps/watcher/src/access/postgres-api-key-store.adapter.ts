import { ROLES, type Role } from '../config/api-key.js';
import { ADVISORY_LOCKS } from '../persistence/advisory-locks.js';
import type { Database, DatabaseTransaction, Prisma } from '../persistence/database.js';
import { safeText } from '../persistence/safe-text.js';
import type { ApiKeyChanges, ApiKeyStore, NewApiKey } from './api-key-store.port.js';
import { MAX_STORED_KEYS, type StoredApiKey } from './stored-api-key.js';

type Row = Prisma.ApiKeyRecordGetPayload<object>;

/** The keys in Postgres. Only hashes of secrets are there. */
export class PostgresApiKeyStore implements ApiKeyStore {
  constructor(private readonly database: Database) {}

  async all(): Promise<readonly StoredApiKey[]> {
    const rows = await this.database.run((client) =>
      client.apiKeyRecord.findMany({ orderBy: { name: 'asc' }, take: MAX_STORED_KEYS }),
    );
    return rows.map(toKey);
  }

  async find(id: string): Promise<StoredApiKey | undefined> {
    const row = await this.database.run((client) => client.apiKeyRecord.findUnique({ where: { id: safeText(id) } }));
    return row === null ? undefined : toKey(row);
  }

  async add({ hash, ...key }: NewApiKey): Promise<StoredApiKey | 'exists' | 'full'> {
    return this.#changing(async (tx) => {
      if ((await tx.apiKeyRecord.findUnique({ where: { name: key.name } })) !== null) return 'exists';
      if ((await tx.apiKeyRecord.count()) >= MAX_STORED_KEYS) return 'full';
      return toKey(await tx.apiKeyRecord.create({ data: { ...key, hash: bytes(hash) } }));
    });
  }

  async change(id: string, changes: ApiKeyChanges): Promise<StoredApiKey | 'exists' | undefined> {
    return this.#changing(async (tx) => {
      const known = await tx.apiKeyRecord.findUnique({ where: { id: safeText(id) } });
      if (known === null) return undefined;
      const { name } = changes;
      const taken = name !== undefined && name !== known.name;
      if (taken && (await tx.apiKeyRecord.findUnique({ where: { name } })) !== null) return 'exists';
      const data = { ...changes, updatedAt: new Date() };
      return toKey(await tx.apiKeyRecord.update({ where: { id: known.id }, data }));
    });
  }

  async rotate(
    id: string,
    { hash, prefix, previousValidUntil }: { hash: string; prefix: string; previousValidUntil: Date },
  ): Promise<StoredApiKey | undefined> {
    return this.#changing(async (tx) => {
      const known = await tx.apiKeyRecord.findUnique({ where: { id: safeText(id) } });
      if (known === null) return undefined;
      const data = {
        hash: bytes(hash),
        prefix,
        previousHash: known.hash,
        previousValidUntil,
        updatedAt: new Date(),
      };
      return toKey(await tx.apiKeyRecord.update({ where: { id: known.id }, data }));
    });
  }

  async remove(id: string): Promise<StoredApiKey | undefined> {
    return this.#changing(async (tx) => {
      const known = await tx.apiKeyRecord.findUnique({ where: { id: safeText(id) } });
      if (known === null) return undefined;
      await tx.apiKeyRecord.delete({ where: { id: known.id } });
      return toKey(known);
    });
  }

  async used(at: ReadonlyMap<string, Date>): Promise<void> {
    const ids = [...at.keys()];
    const times = [...at.values()].map((time) => time.toISOString());
    await this.database.run(
      (client) => client.$executeRaw`
        UPDATE api_keys AS k SET last_used_at = greatest(k.last_used_at, u.at)
        FROM unnest(${ids}::text[], ${times}::timestamptz[]) AS u (id, at) WHERE k.id = u.id`,
    );
  }

  async #changing<T>(work: (tx: DatabaseTransaction) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_LOCKS.apiKeys})`;
      return work(tx);
    });
  }
}

const bytes = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');

function toKey(row: Row): StoredApiKey {
  const { id, name, prefix, createdBy, createdAt, updatedAt } = row;
  return {
    id,
    name,
    role: roleOf(row.role),
    prefix,
    hash: hex(row.hash),
    ...(row.previousHash === null || row.previousValidUntil === null
      ? {}
      : { previous: { hash: hex(row.previousHash), validUntil: row.previousValidUntil } }),
    ...(row.requestsPerMinute === null ? {} : { requestsPerMinute: row.requestsPerMinute }),
    ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt }),
    createdBy,
    createdAt,
    updatedAt,
    ...(row.lastUsedAt === null ? {} : { lastUsedAt: row.lastUsedAt }),
  };
}

/** The table allows these alone; should it hold another one all the same, that is the least. */
function roleOf(text: string): Role {
  return ROLES.find((role) => role === text) ?? 'read';
}
