import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { SILENT_LOGGER, type Logger } from '../common/logger.port.js';
import { toDatabaseError } from './classify-error.js';
import { DatabaseError } from './persistence.errors.js';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.adapter.js';
import { chooseIdentity, SYSTEM_PATH, type ServerIdentity } from './server-identity.adapter.js';
import { isServerOf, processExists, readPostmasterFile, stopServer } from './server-process.adapter.js';

export interface EmbeddedPostgresOptions {
  /** The watcher's data folder; everything of the server is in `<dataDir>/postgres`. One process at a time. */
  readonly dataDir: string;
  readonly logger?: Logger;
  /** Port on 127.0.0.1; 0 (default): any free one. */
  readonly port?: number;
  /** How long a start may take without a sign of progress; default 60 s. Crash recovery counts as progress. */
  readonly startTimeoutMs?: number;
}

/** A running embedded server. */
export interface EmbeddedPostgres {
  /** postgresql:// address with its password: a secret. Also in `<dataDir>/postgres/url` (mode 0600) while it runs. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** True when the server was left running by an earlier process. */
  readonly adopted: boolean;
  /** Fast shutdown; resolves when the server is gone. Safe to call twice. Close all connections first. */
  stop(): Promise<void>;
}

const NAME = 'livetap';
const LOG_LIMIT_BYTES = 1_048_576;
const POLL_MS = 25;
const FAST_SHUTDOWN_MS = 20_000;
/** A left-over server that does not answer is given this long before it is stopped. */
const ADOPT_TIMEOUT_MS = 10_000;
const START_ATTEMPTS = 10;

/** Modest memory, durable, loopback only, no socket file. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '64MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  max_wal_size: '512MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  fsync: 'on',
  jit: 'off',
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  lc_messages: 'C',
};

interface Layout {
  readonly home: string;
  readonly cluster: string;
  readonly passwordFile: string;
  readonly urlFile: string;
  readonly logFile: string;
}

/**
 * Starts a real PostgreSQL for this machine, or takes over the one that an earlier process left running on the same
 * data. The server is in a session of its own: signals from a terminal do not reach it, and when this process is
 * killed it stays and is adopted at the next start. A first start makes the data folder beside its final place and
 * renames it when complete, so an interrupted one is simply done again.
 * @throws DatabaseError WATCHER_EMBEDDED_UNUSABLE, WATCHER_EMBEDDED_OTHER_MAJOR, WATCHER_EMBEDDED_START_FAILED (final)
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const logger = options.logger ?? SILENT_LOGGER;
  const layout = layoutOf(options.dataDir);
  await mkdir(layout.home, { recursive: true });
  const binaries = await findPostgresBinaries();
  const present = await checkCluster(layout, binaries.major);
  const password = await readOrMakePassword(layout, present);

  const adopted = present ? await adoptLeftOver(layout, password, logger) : undefined;
  if (adopted !== undefined) return finish(layout, password, { ...adopted, adopted: true }, logger);

  const identity = await prepareCluster(layout, binaries, password, present, logger);
  const started = await start(layout, binaries, identity, password, options);
  return finish(layout, password, { ...started, adopted: false }, logger);
}

function layoutOf(dataDir: string): Layout {
  const home = resolve(dataDir, 'postgres');
  return {
    home,
    cluster: join(home, 'cluster'),
    passwordFile: join(home, 'password'),
    urlFile: join(home, 'url'),
    logFile: join(home, 'server.log'),
  };
}

/**
 * The address of the server of a data folder if it runs (a secret); else whether there is data that a start would take.
 * Starts, stops and makes nothing.
 * @throws DatabaseError WATCHER_EMBEDDED_UNUSABLE, WATCHER_EMBEDDED_OTHER_MAJOR: a start would fail
 */
export async function lookAtEmbedded(dataDir: string): Promise<string | { readonly present: boolean }> {
  const layout = layoutOf(dataDir);
  const { postgres, initdb, major } = await findPostgresBinaries();
  const present = await checkCluster(layout, major);
  if (!present) return { present };
  const password = await readOrMakePassword(layout, present);
  const running = await readPostmasterFile(layout.cluster);
  if (running !== undefined && running.port > 0 && (await isServerOf(running.pid, layout.cluster)))
    return address(password, running.port, NAME);
  await chooseIdentity({ programs: [postgres, initdb], data: layout.cluster });
  return { present };
}

/** @returns whether there is a complete data folder of our major version */
async function checkCluster(layout: Layout, major: number): Promise<boolean> {
  const version = await readFile(join(layout.cluster, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unusable(
      `The data folder ${layout.cluster} cannot be read (${error.code ?? 'unknown'}). Check who owns it.`,
      error,
    );
  });
  if (version === undefined) {
    const entries = await readdir(layout.cluster).catch(() => []);
    if (entries.length === 0) return false;
    throw unusable(
      `The folder ${layout.cluster} is not empty but holds no Postgres data. Move it away, or choose another LIVETAP_DATA_DIR.`,
    );
  }
  const found = Number(version.trim());
  if (found === major) return true;
  throw new DatabaseError(
    'WATCHER_EMBEDDED_OTHER_MAJOR',
    `The data in ${layout.cluster} was made by Postgres ${version.trim().slice(0, 8)}, this version of Livetap brings Postgres ${major}. Dump it with the old version and restore it into a new folder (pg_dump, then LIVETAP_DATA_DIR), or run the version of Livetap that made it, or set DATABASE_URL.`,
    { context: { found, expected: major } },
  );
}

async function readOrMakePassword(layout: Layout, present: boolean): Promise<string> {
  const known = await readFile(layout.passwordFile, 'utf8').catch(() => '');
  if (known.trim() !== '') return known.trim();
  if (present) {
    throw unusable(
      `The password file ${layout.passwordFile} is missing, so the data beside it cannot be opened. Restore the file.`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  await writeSecret(layout.passwordFile, password);
  return password;
}

/** Written beside and renamed, so that a crash never leaves half a secret. */
async function writeSecret(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${text}\n`, { mode: 0o600 });
  await rename(draft, path);
}

async function adoptLeftOver(
  layout: Layout,
  password: string,
  logger: Logger,
): Promise<{ pid: number; port: number } | undefined> {
  const left = await readPostmasterFile(layout.cluster);
  if (left === undefined) return undefined;
  if (!(await isServerOf(left.pid, layout.cluster))) {
    // Postgres itself refuses to start when the number in an old file is a living process of somebody else.
    if (processExists(left.pid)) await rm(join(layout.cluster, 'postmaster.pid'), { force: true });
    return undefined;
  }
  const deadline = performance.now() + ADOPT_TIMEOUT_MS;
  while (processExists(left.pid) && performance.now() < deadline) {
    const now = (await readPostmasterFile(layout.cluster)) ?? left;
    const answer = await ask(layout, password, now.port);
    if (answer === 'ours') return { pid: left.pid, port: now.port };
    if (answer === 'denied') break;
    await delay(POLL_MS * 4);
  }
  if (processExists(left.pid)) {
    logger.warn('postgres.leftover.stopped', { pid: left.pid, reason: 'it did not answer with our password' });
    if (!(await stopServer(left.pid, FAST_SHUTDOWN_MS))) {
      throw unusable(
        `A Postgres (process ${left.pid}) already runs on ${layout.cluster} and cannot be stopped. Stop it.`,
      );
    }
  }
  return undefined;
}

/** Asks the server at this port: ours (it takes our password and serves our data folder), another one, or not now. */
async function ask(layout: Layout, password: string, port: number): Promise<'ours' | 'denied' | 'notNow'> {
  if (port === 0) return 'notNow';
  try {
    return await withClient(address(password, port, 'postgres'), async (client) => {
      const result = await client.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`);
      const [theirs, ours] = await Promise.all([stat(result.rows[0]?.folder ?? ''), stat(layout.cluster)]);
      return theirs.ino === ours.ino && theirs.dev === ours.dev ? 'ours' : 'denied';
    });
  } catch (error) {
    return isRefusal(error) ? 'denied' : 'notNow';
  }
}

/** Class 28: the server is up and does not take our password. Waiting does not help. */
function isRefusal(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('28');
}

async function prepareCluster(
  layout: Layout,
  binaries: PostgresBinaries,
  password: string,
  present: boolean,
  logger: Logger,
): Promise<ServerIdentity> {
  const programs = [binaries.postgres, binaries.initdb];
  if (present) return chooseIdentity({ programs, data: layout.cluster });
  for (const entry of await readdir(layout.home)) {
    if (entry.startsWith('cluster.new-')) await rm(join(layout.home, entry), { recursive: true, force: true });
  }
  const draft = join(layout.home, `cluster.new-${randomBytes(4).toString('hex')}`);
  await mkdir(draft, { mode: 0o700 });
  const identity = await chooseIdentity({ programs, data: draft });
  const passwordFile = `${draft}.password`;
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    if (identity.uid !== undefined && identity.gid !== undefined) {
      await chown(draft, identity.uid, identity.gid);
      await chown(passwordFile, identity.uid, identity.gid);
    }
    const args = [
      `--pgdata=${draft}`,
      `--username=${NAME}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--no-instructions',
    ];
    await runToEnd(identity, binaries.initdb, args, layout.home);
    await rm(layout.cluster, { recursive: true, force: true });
    await rename(draft, layout.cluster);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
  logger.info('postgres.initialised', { folder: layout.cluster, version: binaries.major });
  return identity;
}

async function runToEnd(
  identity: ServerIdentity,
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<void> {
  const [command, commandArgs] = identity.command(program, args);
  const child = spawn(command, commandArgs, {
    ...identity.spawnOptions,
    cwd: '/',
    env: ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-2_000);
  });
  const code = await new Promise<number | string>((done) => {
    child.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'error'));
    child.once('close', (exit, signal) => done(exit ?? signal ?? 'unknown'));
  });
  if (code === 0) return;
  throw startFailed(`Postgres could not make its data folder in ${cwd} (exit ${code}): ${lastLines(words)}`);
}

/** Nothing of our own environment (PG… variables among it) reaches the server. */
const ENVIRONMENT = { PATH: SYSTEM_PATH, LC_ALL: 'C', TZ: 'UTC' };

async function start(
  layout: Layout,
  binaries: PostgresBinaries,
  identity: ServerIdentity,
  password: string,
  options: EmbeddedPostgresOptions,
): Promise<{ pid: number; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port !== undefined && options.port > 0 ? options.port : await freePort();
    const outcome = await tryStart(layout, binaries, identity, password, port, options.startTimeoutMs ?? 60_000);
    if (typeof outcome === 'number') return { pid: outcome, port };
    // Backends of a server that was killed need a moment to notice; a port can be taken between choosing and binding.
    const passing = /still in use|Address already in use|lock file .* already exists/i.test(outcome);
    if (!passing || attempt >= START_ATTEMPTS) {
      throw startFailed(`The embedded Postgres did not start: ${outcome} (log: ${layout.logFile})`);
    }
    await delay(300);
  }
}

/** @returns the process id when the server is ready, else what it said */
async function tryStart(
  layout: Layout,
  binaries: PostgresBinaries,
  identity: ServerIdentity,
  password: string,
  port: number,
  timeoutMs: number,
): Promise<number | string> {
  const size = await stat(layout.logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_LIMIT_BYTES) await rename(layout.logFile, `${layout.logFile}.old`);
  const log = await open(layout.logFile, 'a', 0o600);
  const settings = Object.entries({ ...SETTINGS, port: String(port) }).flatMap(([key, value]) => [
    '-c',
    `${key}=${value}`,
  ]);
  const [command, args] = identity.command(binaries.postgres, ['-D', layout.cluster, ...settings]);
  const before = (await log.stat()).size;
  const child = spawn(command, args, {
    ...identity.spawnOptions,
    cwd: '/',
    env: ENVIRONMENT,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  let ended: string | undefined;
  child.once('error', (error: NodeJS.ErrnoException) => (ended = `it cannot be run (${error.code ?? 'error'})`));
  child.once('exit', (code, signal) => (ended ??= `exit ${code ?? signal ?? 'unknown'}`));
  child.unref();
  await log.close();
  const deadline = performance.now() + timeoutMs;
  while (ended === undefined) {
    const state = await probe(password, port);
    if (state === 'ready' && child.pid !== undefined) return child.pid;
    if (state === 'denied' || (state === 'silent' && performance.now() >= deadline)) {
      if (child.pid !== undefined) await stopServer(child.pid, FAST_SHUTDOWN_MS);
      const refusal = `it does not take the password in ${layout.passwordFile}; restore that file`;
      ended = state === 'denied' ? refusal : `no answer within ${timeoutMs} ms`;
      break;
    }
    await delay(POLL_MS);
  }
  const text = (await readFile(layout.logFile)).subarray(before).toString('utf8');
  return `${ended}; ${lastLines(text)}`;
}

async function probe(password: string, port: number): Promise<'ready' | 'starting' | 'silent' | 'denied'> {
  try {
    await withClient(address(password, port, 'postgres'), (client) => client.query('SELECT 1'));
    return 'ready';
  } catch (error) {
    if (isRefusal(error)) return 'denied';
    // 57P03: the server is there and recovering from its log, which may take long after a crash.
    return (error as { code?: unknown }).code === '57P03' ? 'starting' : 'silent';
  }
}

async function finish(
  layout: Layout,
  password: string,
  server: { pid: number; port: number; adopted: boolean },
  logger: Logger,
): Promise<EmbeddedPostgres> {
  try {
    await withClient(address(password, server.port, 'postgres'), async (client) => {
      const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [NAME]);
      if (found.rowCount === 0) await client.query(`CREATE DATABASE ${NAME}`);
    });
  } catch (error) {
    throw toDatabaseError(error);
  }
  const url = address(password, server.port, NAME);
  await writeSecret(layout.urlFile, url);
  await chmod(layout.passwordFile, 0o600);
  logger.info(server.adopted ? 'postgres.adopted' : 'postgres.started', { port: server.port, pid: server.pid });
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    if (!(await stopServer(server.pid, FAST_SHUTDOWN_MS))) {
      throw startFailed(`The embedded Postgres (process ${server.pid}) could not be stopped.`);
    }
    await rm(layout.urlFile, { force: true });
    logger.info('postgres.stopped', { pid: server.pid });
  };
  return { url, ...server, stop: () => (stopping ??= stop()) };
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function address(password: string, port: number, database: string): string {
  return `postgresql://${NAME}:${password}@127.0.0.1:${port}/${database}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', done);
  });
  const bound = server.address();
  await new Promise((done) => server.close(done));
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-4).join(' | ').slice(0, 600) || 'it said nothing';
}

function unusable(message: string, cause?: unknown): DatabaseError {
  return new DatabaseError('WATCHER_EMBEDDED_UNUSABLE', message, { cause });
}

function startFailed(message: string): DatabaseError {
  return new DatabaseError('WATCHER_EMBEDDED_START_FAILED', message);
}
