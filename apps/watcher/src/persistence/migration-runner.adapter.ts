import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { SILENT_LOGGER, type Logger } from '../common/logger.port.js';
import { toDatabaseError } from './classify-error.js';
import { DatabaseError } from './persistence.errors.js';

export interface MigrationRunnerOptions {
  /** postgresql:// address. Secret. */
  readonly url: string;
  /** Folder with `<timestamp>_<name>/migration.sql`, usually `prisma/migrations`. */
  readonly directory: string;
  readonly logger?: Logger;
  /** How long to wait for another process that is migrating; default 60 s. */
  readonly lockTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
}

export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

export interface AppliedMigration {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/** The advisory lock that Prisma's own command line takes for the same work. */
const PRISMA_MIGRATION_LOCK = 72707369;
const DEFAULT_LOCK_TIMEOUT_MS = 60_000;

/** The table exactly as Prisma makes it, so that `prisma migrate deploy` and this runner agree. */
const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                  VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"            VARCHAR(64) NOT NULL,
    "finished_at"         TIMESTAMPTZ,
    "migration_name"      VARCHAR(255) NOT NULL,
    "logs"                TEXT,
    "rolled_back_at"      TIMESTAMPTZ,
    "started_at"          TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

/**
 * Brings the database to the schema of this version. Several processes may call it at once: one works, the others wait
 * and find nothing to do. Each migration is one transaction together with its row in `_prisma_migrations`, so a crash
 * leaves none half-way. One attempt only: waiting for a database that is away is the caller's.
 * @returns the names of the migrations applied now
 * @throws DatabaseError WATCHER_SCHEMA_NEWER, WATCHER_SCHEMA_CHANGED, WATCHER_SCHEMA_FAILED (final), or one of
 *   WATCHER_DATABASE_… (UNREACHABLE is retryable)
 */
export async function runMigrations(options: MigrationRunnerOptions): Promise<readonly string[]> {
  const logger = options.logger ?? SILENT_LOGGER;
  const migrations = await readMigrations(options.directory);
  const client = new pg.Client({
    connectionString: options.url,
    application_name: 'livetap-migrate',
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    options: '-c timezone=UTC',
  });
  // Without a listener a cut connection would end the process; the running statement reports it as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`SET lock_timeout = ${Math.trunc(options.lockTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS)}`);
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_MIGRATION_LOCK]);
    await client.query(MIGRATIONS_TABLE);
    const pending = pendingMigrations(migrations, await appliedMigrations(client));
    for (const migration of pending) {
      await apply(client, migration);
      logger.info('database.migrated', { migration: migration.name });
    }
    return pending.map((migration) => migration.name);
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    // Ending the session gives the advisory lock back; when it was cut, it is back already.
    await client.end().catch(() => undefined);
  }
}

/** Those that this version knows, oldest first. @throws DatabaseError WATCHER_SCHEMA_FAILED */
export async function readMigrations(directory: string): Promise<readonly Migration[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    return await Promise.all(
      names.sort().map(async (name) => {
        const bytes = await readFile(join(directory, name, 'migration.sql'));
        return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
      }),
    );
  } catch (cause) {
    const message = `The folder with the database migrations (${directory}) cannot be read. The installation is not complete.`;
    throw new DatabaseError('WATCHER_SCHEMA_FAILED', message, { cause });
  }
}

/** Those that the database has, in the order in which they were begun. */
export async function appliedMigrations(client: pg.Client): Promise<readonly AppliedMigration[]> {
  const result = await client.query<AppliedMigration>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at',
  );
  return result.rows;
}

/** What is to be applied. @throws DatabaseError when the two do not fit together */
export function pendingMigrations(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const row of applied) {
    const context = { migration: row.migration_name };
    const migration = known.get(row.migration_name);
    if (migration === undefined) {
      throw new DatabaseError(
        'WATCHER_SCHEMA_NEWER',
        `The database has the migration ${row.migration_name}, which this version of Livetap does not know: it was used by a newer one. Start that version (or a later one), or restore a backup from before.`,
        { context },
      );
    }
    if (row.finished_at === null) {
      throw new DatabaseError(
        'WATCHER_SCHEMA_FAILED',
        `The migration ${row.migration_name} was begun earlier and did not finish. Look at what it left behind, then run "npx prisma migrate resolve --rolled-back ${row.migration_name}" (it will be tried again) or "--applied" (it will be taken as done).`,
        { context },
      );
    }
    if (row.checksum !== migration.checksum) {
      throw new DatabaseError(
        'WATCHER_SCHEMA_CHANGED',
        `The file of the migration ${row.migration_name} is not the one that was applied to this database. Restore the original file; changes belong in a new migration.`,
        { context },
      );
    }
  }
  const done = new Set(applied.map((row) => row.migration_name));
  return migrations.filter((migration) => !done.has(migration.name));
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    const id = randomUUID();
    await client.query(
      'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES ($1, $2, $3, clock_timestamp())',
      [id, migration.checksum, migration.name],
    );
    await client.query(migration.sql);
    await client.query(
      'UPDATE _prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = $1',
      [id],
    );
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined);
    const error = toDatabaseError(cause);
    if (error.retryable) throw error;
    throw new DatabaseError(
      'WATCHER_SCHEMA_FAILED',
      `The migration ${migration.name} failed and was rolled back; the database is as before. ${error.message}`,
      { context: { migration: migration.name }, cause: error },
    );
  }
}
