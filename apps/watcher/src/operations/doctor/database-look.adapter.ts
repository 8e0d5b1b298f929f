import pg from 'pg';
import type { Clock } from '../../common/clock.port.js';
import { toDatabaseError } from '../../persistence/classify-error.js';
import { lookAtEmbedded } from '../../persistence/embedded-postgres.adapter.js';
import { migrationState } from '../../persistence/migration-state.adapter.js';
import { DatabaseError } from '../../persistence/persistence.errors.js';
import { MIGRATIONS } from '../start-database.js';
import type { DatabaseFacts, DatabaseLook } from './database-findings.js';
import type { StoredSecret } from './secret-findings.js';

const TIMEOUT_MS = 5_000;
/** Most secrets of each kind that are looked at. */
const MAX_SECRETS = 500;

export interface DatabaseInspection {
  readonly look: DatabaseLook;
  /** Addresses of proxies and logins as they are stored; none where the tables are not there. */
  readonly secrets: readonly StoredSecret[];
}

/** Reads only, on one connection. `url` undefined: the embedded server, if it runs; it is not started. */
export async function inspectDatabase(
  url: string | undefined,
  dataDir: string,
  clock: Clock,
): Promise<DatabaseInspection> {
  const embedded = url === undefined;
  try {
    const found = url ?? (await lookAtEmbedded(dataDir));
    if (typeof found !== 'string') return { look: { kind: 'asleep', present: found.present }, secrets: [] };
    return await withClient(found, (client) => ask(client, clock));
  } catch (error) {
    return { look: { kind: 'failed', embedded, error: toDatabaseError(error) }, secrets: [] };
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'livetap doctor',
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    statement_timeout: TIMEOUT_MS,
    options: '-c timezone=UTC',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.end().catch(() => undefined);
  }
}

interface ServerRow {
  readonly version: number;
  readonly read_only: boolean;
  readonly encoding: string;
  readonly may_create: boolean;
  readonly name: string;
  readonly free: number;
}

async function ask(client: pg.Client, clock: Clock): Promise<DatabaseInspection> {
  const { rows } = await client.query<ServerRow>(`
    SELECT current_setting('server_version_num')::int AS version,
           pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS read_only,
           pg_encoding_to_char(encoding) AS encoding,
           coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create,
           current_user::text AS name,
           least(current_setting('max_connections')::int
                   - current_setting('superuser_reserved_connections')::int
                   - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int,
                 CASE WHEN datconnlimit < 0 THEN 1000000 ELSE datconnlimit END) AS free
      FROM pg_database WHERE datname = current_database()`);
  const server = rows[0];
  if (server === undefined) throw new Error('the server did not say what it is');
  const pendingMigrations = await migrationState(client, MIGRATIONS).catch((error: unknown) => {
    if (error instanceof DatabaseError) return error;
    throw error;
  });
  const complete = !(pendingMigrations instanceof DatabaseError) && pendingMigrations.length === 0;
  const facts: DatabaseFacts = {
    versionNumber: server.version,
    readOnly: server.read_only,
    encoding: server.encoding,
    mayCreate: server.may_create,
    user: server.name,
    foreignTables: await foreignTables(client),
    freeConnections: server.free,
    clockDifferenceMs: await clockDifference(client, clock),
    pendingMigrations,
    streamers: complete ? await streamers(client) : undefined,
  };
  return { look: { kind: 'facts', facts }, secrets: complete ? await storedSecrets(client) : [] };
}

async function foreignTables(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(`
    SELECT c.relname AS name FROM pg_class c
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
       AND c.relname IN ('_prisma_migrations', 'streamers', 'leases', 'sessions', 'room_snapshots')
       AND NOT pg_has_role(c.relowner, 'USAGE')
     ORDER BY 1 LIMIT 10`);
  return rows.map(({ name }) => name);
}

/** The middle of three questions, each taken at the middle of its time on the way. */
async function clockDifference(client: pg.Client, clock: Clock): Promise<number> {
  const differences: number[] = [];
  for (let question = 0; question < 3; question += 1) {
    const before = clock.now();
    const { rows } = await client.query<{ at: number }>(
      `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS at`,
    );
    differences.push((before + clock.now()) / 2 - (rows[0]?.at ?? before));
  }
  return Math.round(differences.sort((a, b) => a - b)[1] ?? 0);
}

async function streamers(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM streamers WHERE NOT paused',
  );
  return rows[0]?.count ?? 0;
}

async function storedSecrets(client: pg.Client): Promise<readonly StoredSecret[]> {
  const of = async (kind: StoredSecret['kind'], sql: string): Promise<StoredSecret[]> => {
    const { rows } = await client.query<{ id: string; owner: string; stored: string }>(sql, [MAX_SECRETS]);
    return rows.map(({ id, owner, stored }) => ({ kind, id, owner, stored }));
  };
  return [
    ...(await of(
      'pool proxy',
      'SELECT id, pool_name AS owner, url AS stored FROM pool_proxies ORDER BY number LIMIT $1',
    )),
    ...(await of(
      'proxy',
      'SELECT id::text, unique_id AS owner, proxy_url AS stored FROM streamers WHERE proxy_url IS NOT NULL ORDER BY id LIMIT $1',
    )),
    ...(await of(
      'login',
      'SELECT id::text, unique_id AS owner, sealed_session AS stored FROM streamers WHERE sealed_session IS NOT NULL ORDER BY id LIMIT $1',
    )),
  ];
}
