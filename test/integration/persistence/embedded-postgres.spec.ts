import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../apps/watcher/src/persistence/embedded-postgres.adapter.js';
import { findPostgresBinaries } from '../../../apps/watcher/src/persistence/postgres-binaries.adapter.js';
import { chooseIdentity } from '../../../apps/watcher/src/persistence/server-identity.adapter.js';
import { processExists } from '../../../apps/watcher/src/persistence/server-process.adapter.js';
import { withClient } from '../../setup/postgres.js';

const one = async (url: string): Promise<unknown> =>
  withClient(
    url,
    async (client) => (await client.query<{ n: number }>('SELECT count(*)::int AS n FROM kept')).rows[0]?.n,
  );

describe('the embedded Postgres', () => {
  let dataDir: string;
  let server: EmbeddedPostgres | undefined;
  const start = async (): Promise<EmbeddedPostgres> => (server = await startEmbeddedPostgres({ dataDir }));

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'livetap-embedded-'));
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
    await rm(dataDir, { recursive: true, force: true });
  });

  it('keeps data over stop and start, listens on loopback only and hides its password', async () => {
    await chmod(dataDir, 0o755);
    const first = await start();
    expect(first.adopted).toBe(false);
    await withClient(first.url, async (client) => {
      await client.query('CREATE TABLE kept (n int)');
      await client.query('INSERT INTO kept VALUES (1)');
      const settings = await client.query<{ name: string; setting: string }>(
        `SELECT name, setting FROM pg_settings WHERE name IN ('listen_addresses', 'unix_socket_directories', 'fsync')`,
      );
      expect(Object.fromEntries(settings.rows.map((row) => [row.name, row.setting]))).toEqual({
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
        fsync: 'on',
      });
    });
    for (const file of ['password', 'url']) {
      expect((await stat(join(dataDir, 'postgres', file))).mode & 0o777).toBe(0o600);
    }
    const wrong = new URL(first.url);
    wrong.password = 'guessed';
    await expect(withClient(wrong.href, (client) => client.query('SELECT 1'))).rejects.toMatchObject({ code: '28P01' });

    await first.stop();
    expect(processExists(first.pid)).toBe(false);
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('url');
    const second = await start();
    expect(await one(second.url)).toBe(1);
  });

  it('adopts the server that a killed process left running, and its stop ends it', async () => {
    const first = await start();
    await withClient(first.url, (client) => client.query('CREATE TABLE kept AS SELECT 1 AS n'));
    const second = await start();
    expect(second).toMatchObject({ adopted: true, pid: first.pid, port: first.port });
    expect(await one(second.url)).toBe(1);
    await second.stop();
    expect(processExists(first.pid)).toBe(false);
  });

  it('outlives signals to its owner’s process group, and a killed owner', async () => {
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const program = join(root, '.cache', `embedded-owner-${process.pid}.mjs`);
    await build({
      stdin: {
        contents: `
          import { startEmbeddedPostgres } from './apps/watcher/src/persistence/embedded-postgres.adapter.js';
          process.on('SIGINT', () => process.stdout.write('interrupted\\n'));
          const server = await startEmbeddedPostgres({ dataDir: process.argv[2] });
          process.stdout.write(server.pid + '\\n');
          setInterval(() => undefined, 1_000);`,
        resolveDir: root,
        loader: 'ts',
      },
      outfile: program,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'silent',
    });
    // A group of its own, as a shell makes one for each command: Ctrl-C sends SIGINT to all of it.
    const owner = spawn(process.execPath, [program, dataDir], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: owner.stdout })[Symbol.asyncIterator]();
    try {
      const pid = Number((await lines.next()).value);
      process.kill(-owner.pid!, 'SIGINT');
      expect((await lines.next()).value).toBe('interrupted');
      process.kill(-owner.pid!, 'SIGKILL');
      await once(owner, 'exit');
      expect(processExists(pid)).toBe(true);
      expect(await start()).toMatchObject({ adopted: true, pid });
    } finally {
      owner.kill('SIGKILL');
      await rm(program, { force: true });
    }
  });

  it('recovers after the server itself was killed', async () => {
    const first = await start();
    await withClient(first.url, (client) => client.query('CREATE TABLE kept AS SELECT 1 AS n'));
    process.kill(first.pid, 'SIGKILL');
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await one(second.url)).toBe(1);
  });

  it('is not confused by a pid file whose number belongs to somebody else now', async () => {
    const first = await start();
    const pidFile = join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    await first.stop();
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      await writeFile(pidFile, [String(stranger.pid), ...lines.slice(1)].join('\n'));
      const second = await start();
      expect(second.adopted).toBe(false);
      expect(stranger.exitCode).toBeNull();
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('stops a left-over server that does not take our password, says so, and starts with the right one', async () => {
    const first = await start();
    await withClient(first.url, async (client) => {
      await client.query('CREATE TABLE kept AS SELECT 1 AS n');
      await client.query(`ALTER ROLE livetap PASSWORD 'another'`);
    });
    await expect(start()).rejects.toMatchObject({ code: 'WATCHER_EMBEDDED_START_FAILED', retryable: false });
    expect(processExists(first.pid)).toBe(false);
    await writeFile(join(dataDir, 'postgres', 'password'), 'another\n');
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await one(second.url)).toBe(1);
  });

  it('does an interrupted first start again', async () => {
    const home = join(dataDir, 'postgres');
    await mkdir(join(home, 'cluster.new-deadbeef'), { recursive: true });
    await writeFile(join(home, 'cluster.new-deadbeef', 'PG_VERSION'), '18\n');
    await start();
    expect((await readdir(home)).filter((name) => name.startsWith('cluster'))).toEqual(['cluster']);
  });

  it('refuses data of another major version and folders that are not its own, and says what to do', async () => {
    const cluster = join(dataDir, 'postgres', 'cluster');
    await mkdir(cluster, { recursive: true });
    await writeFile(join(cluster, 'notes.txt'), 'mine');
    await expect(start()).rejects.toMatchObject({ code: 'WATCHER_EMBEDDED_UNUSABLE', retryable: false });
    await writeFile(join(cluster, 'PG_VERSION'), '15\n');
    const refused = start();
    await expect(refused).rejects.toMatchObject({ code: 'WATCHER_EMBEDDED_OTHER_MAJOR' });
    await expect(refused).rejects.toThrow(/Postgres 15.*Postgres \d+.*pg_dump/);
    expect(await readFile(join(cluster, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('works below a folder that is closed to all others', async () => {
    await chmod(dataDir, 0o700);
    const first = await start();
    expect(await withClient(first.url, async (client) => (await client.query('SELECT 1')).rowCount)).toBe(1);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  it('works with its programs below such a folder as well: they find each other', async () => {
    await chmod(dataDir, 0o700);
    const installed = await findPostgresBinaries();
    await cp(dirname(dirname(installed.postgres)), join(dataDir, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    const [postgres, initdb] = ['postgres', 'initdb'].map((name) => join(dataDir, 'native', 'bin', name));
    const data = join(dataDir, 'data');
    await mkdir(data, { mode: 0o700 });
    const identity = await chooseIdentity({ programs: [postgres ?? '', initdb ?? ''], data });
    if (identity.uid !== undefined && identity.gid !== undefined) await chown(data, identity.uid, identity.gid);
    const [command, args] = identity.command(initdb ?? '', [`--pgdata=${data}`, '--no-instructions', '--locale=C']);
    const child = spawn(command, args, {
      ...identity.spawnOptions,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'] },
    });
    const said: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, said: said.join('').includes('Permission denied') ? said.join('') : '' }).toEqual({
      code: 0,
      said: '',
    });
    expect((await readFile(join(data, 'PG_VERSION'), 'utf8')).trim()).toBe(String(installed.major));
  });

  it('does not answer a client of another data folder', async () => {
    const first = await start();
    const client = new pg.Client({ connectionString: first.url.replace('127.0.0.1', '127.0.0.2') });
    client.on('error', () => undefined);
    await expect(client.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
