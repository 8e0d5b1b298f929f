import { fileURLToPath } from 'node:url';
import type { Random } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import { Secret } from '../common/secret.js';
import { connectWithRetry, Database } from '../persistence/database.js';
import { startEmbeddedPostgres } from '../persistence/embedded-postgres.adapter.js';
import { runMigrations } from '../persistence/migration-runner.adapter.js';
import type { Drain } from './drain.js';

export interface StartDatabaseOptions {
  /** undefined: an embedded server in the data folder. */
  readonly url: Secret | undefined;
  readonly dataDir: string;
  readonly logger: Logger;
  readonly random: Random;
  readonly drain: Drain;
  readonly signal: AbortSignal;
  /** Told in words what is being waited for. */
  readonly onWaiting: (reason: string) => void;
}

/** The migrations beside this application: the same place seen from src/ and from dist/. */
export const MIGRATIONS = fileURLToPath(new URL('../../../../prisma/migrations/', import.meta.url));

/**
 * The database, ready for use: reached or started, and brought to the schema of this version. A database that is away is
 * waited for as long as it takes. What was started stops with the drain.
 * @throws DatabaseError final ones; the signal's reason
 */
export async function startDatabase(options: StartDatabaseOptions): Promise<Database> {
  const { logger, random, drain, signal, dataDir } = options;
  const url = options.url?.reveal() ?? (await startEmbedded(options));
  options.onWaiting('waiting for the database');
  await connectWithRetry(() => runMigrations({ url, directory: MIGRATIONS, logger }), { logger, random, signal });
  const database = new Database({ url });
  drain.add({ phase: 'database', name: 'database connections', run: () => database.close() });
  await connectWithRetry(() => database.connect(), { logger, random, signal });
  logger.info('database.ready', {
    embedded: options.url === undefined,
    dataDir: options.url === undefined ? dataDir : undefined,
  });
  return database;
}

async function startEmbedded(options: StartDatabaseOptions): Promise<string> {
  options.onWaiting('the embedded database is starting');
  const server = await startEmbeddedPostgres({ dataDir: options.dataDir, logger: options.logger });
  options.drain.add({ phase: 'database', name: 'embedded database', run: () => server.stop() });
  return server.url;
}
