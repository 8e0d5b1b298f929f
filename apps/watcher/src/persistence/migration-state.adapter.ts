import type pg from 'pg';
import { appliedMigrations, pendingMigrations, readMigrations } from './migration-runner.adapter.js';

/**
 * Names of the migrations that the next start would apply, oldest first. Looks only: takes no lock, makes no table.
 * @param directory as for `runMigrations`
 * @throws DatabaseError WATCHER_SCHEMA_NEWER, WATCHER_SCHEMA_CHANGED, WATCHER_SCHEMA_FAILED (final); the driver's errors
 */
export async function migrationState(client: pg.Client, directory: string): Promise<readonly string[]> {
  const migrations = await readMigrations(directory);
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`,
  );
  const applied = rows[0]?.there === true ? await appliedMigrations(client) : [];
  return pendingMigrations(migrations, applied).map(({ name }) => name);
}
