import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../apps/watcher/src/persistence/embedded-postgres.adapter.js';
import { runMigrations } from '../../apps/watcher/src/persistence/migration-runner.adapter.js';

/** The migrations of this tree. */
export const MIGRATIONS_DIRECTORY = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** A real Postgres for a suite. */
export interface TestPostgres {
  /** Administrative address (database postgres or the one given). */
  readonly url: string;
  /** Makes an empty database and returns its address. */
  createDatabase(): Promise<string>;
  /** Makes a database with the tables of this tree and returns its address. */
  createMigratedDatabase(): Promise<string>;
  /** Drops the databases made here; ends the server when it was started here. */
  stop(): Promise<void>;
}

/**
 * A real Postgres: the one at LIVETAP_TEST_DATABASE_URL when that is set (its user must be allowed to create
 * databases), else an embedded one in a temporary folder.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const given = process.env['LIVETAP_TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') return testPostgres(given, async () => undefined);
  const dataDir = await mkdtemp(join(tmpdir(), 'livetap-pg-'));
  const server = await startEmbeddedPostgres({ dataDir });
  return testPostgres(server.url, async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
}

function testPostgres(url: string, end: () => Promise<void>): TestPostgres {
  const names: string[] = [];
  const createDatabase = async (): Promise<string> => {
    const name = `livetap_test_${randomBytes(6).toString('hex')}`;
    await withClient(url, (client) => client.query(`CREATE DATABASE ${name}`));
    names.push(name);
    const address = new URL(url);
    address.pathname = `/${name}`;
    return address.href;
  };
  return {
    url,
    createDatabase,
    async createMigratedDatabase() {
      const address = await createDatabase();
      await runMigrations({ url: address, directory: MIGRATIONS_DIRECTORY });
      return address;
    },
    async stop() {
      await withClient(url, async (client) => {
        for (const name of names.splice(0)) await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      });
      await end();
    },
  };
}

/** Runs `work` with a plain client of its own. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
