import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { Database, Prisma } from '../../../apps/watcher/src/persistence/database.js';
import { runMigrations } from '../../../apps/watcher/src/persistence/migration-runner.adapter.js';
import { PostgresStreamerStore } from '../../../apps/watcher/src/streamers/postgres-streamer-store.adapter.js';
import { hourOfWeek } from '../../../apps/watcher/src/streamers/start-habit.js';
import { MIGRATIONS_DIRECTORY, startTestPostgres, withClient, type TestPostgres } from '../../setup/postgres.js';

interface MigrationRow {
  id: string;
  checksum: string;
  finished_at: Date | null;
  migration_name: string;
  logs: string | null;
  rolled_back_at: Date | null;
  started_at: Date;
  applied_steps_count: number;
}

describe('the migrations', () => {
  let postgres: TestPostgres;
  let directory: string;
  let url: string;

  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterAll(async () => postgres.stop());
  beforeEach(async () => {
    url = await postgres.createDatabase();
    directory = await mkdtemp(join(tmpdir(), 'livetap-migrations-'));
    await cp(MIGRATIONS_DIRECTORY, directory, { recursive: true });
  });
  afterEach(async () => rm(directory, { recursive: true, force: true }));

  const rows = async (): Promise<MigrationRow[]> =>
    withClient(
      url,
      async (client) => (await client.query<MigrationRow>('SELECT * FROM _prisma_migrations ORDER BY started_at')).rows,
    );
  const add = async (name: string, sql: string): Promise<void> => {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, 'migration.sql'), sql);
  };
  const names = async (): Promise<string[]> =>
    (await readdir(MIGRATIONS_DIRECTORY)).filter((name) => !name.endsWith('.toml')).sort();

  it('are applied once and written down as Prisma does', async () => {
    expect(await runMigrations({ url, directory })).toEqual(await names());
    expect(await runMigrations({ url, directory })).toEqual([]);
    const written = await rows();
    expect(written.map((row) => row.migration_name)).toEqual(await names());
    for (const row of written) {
      const file = await readFile(join(directory, row.migration_name, 'migration.sql'));
      expect(row.checksum).toBe(createHash('sha256').update(file).digest('hex'));
      expect(row).toMatchObject({ applied_steps_count: 1, logs: null, rolled_back_at: null });
      expect(row.id).toMatch(/^[0-9a-f-]{36}$/);
      expect(row.finished_at).toBeInstanceOf(Date);
    }
  });

  it('are applied by one of many runners that start at once', async () => {
    const applied = await Promise.all(Array.from({ length: 5 }, () => runMigrations({ url, directory })));
    expect(applied.flat()).toEqual(await names());
  });

  it('are refused when the database is newer, with a sentence that says what to do', async () => {
    await add('29990101000000_add_something', 'SELECT 1');
    await runMigrations({ url, directory });
    const older = runMigrations({ url, directory: MIGRATIONS_DIRECTORY });
    await expect(older).rejects.toMatchObject({ code: 'WATCHER_SCHEMA_NEWER', retryable: false });
    await expect(older).rejects.toThrow(/29990101000000_add_something.*newer.*Start that version/);
  });

  it('are refused when one was edited after it was applied', async () => {
    await add('29990101000000_add_something', 'SELECT 1');
    await runMigrations({ url, directory });
    await writeFile(join(directory, '29990101000000_add_something', 'migration.sql'), 'SELECT 2');
    const edited = runMigrations({ url, directory });
    await expect(edited).rejects.toMatchObject({ code: 'WATCHER_SCHEMA_CHANGED' });
    await expect(edited).rejects.toThrow(/Restore the original file/);
  });

  it('are refused after one that another tool left half-way, until that is resolved', async () => {
    await runMigrations({ url, directory });
    await withClient(url, (client) => client.query('UPDATE _prisma_migrations SET finished_at = NULL'));
    await expect(runMigrations({ url, directory })).rejects.toMatchObject({ code: 'WATCHER_SCHEMA_FAILED' });
    await withClient(url, (client) =>
      client.query('UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1'),
    );
    expect(await runMigrations({ url, directory })).toEqual([]);
  });

  it('leave nothing behind when one fails, and go on when it is right', async () => {
    await add('29990101000000_add_something', 'CREATE TABLE half (n int); SELECT * FROM nowhere;');
    await expect(runMigrations({ url, directory })).rejects.toMatchObject({
      code: 'WATCHER_SCHEMA_FAILED',
      message: expect.stringContaining('nowhere') as unknown,
    });
    expect(await rows()).toHaveLength((await names()).length);
    await writeFile(join(directory, '29990101000000_add_something', 'migration.sql'), 'CREATE TABLE half (n int);');
    expect(await runMigrations({ url, directory })).toEqual(['29990101000000_add_something']);
  });

  it('say that the database is away in a way that can be tried again, without its address', async () => {
    const away = runMigrations({ url: 'postgresql://someone:s3cret@127.0.0.1:1/nothing', directory });
    await expect(away).rejects.toMatchObject({ code: 'WATCHER_DATABASE_UNREACHABLE', retryable: true });
    await expect(away).rejects.not.toThrow(/s3cret|someone|127\.0\.0\.1/);
    const wrong = new URL(url);
    wrong.password = 'guessed-wrong';
    await expect(runMigrations({ url: wrong.href, directory })).rejects.toMatchObject({
      code: 'WATCHER_DATABASE_DENIED',
      retryable: false,
    });
  });

  it('begin the habits of streamers with the sessions that are there, and those of one that is added again', async () => {
    const habits = '20261127070000_add_start_habits';
    await rename(join(directory, habits), join(directory, '..', `${basename(directory)}-later`));
    await runMigrations({ url, directory });
    await withClient(url, (client) =>
      client.query(`
        INSERT INTO streamers (unique_id, tiktok_user_id) VALUES ('anna', '7'), ('bert', NULL);
        INSERT INTO streamer_aliases (alias, streamer_id) SELECT 'old.anna', id FROM streamers WHERE unique_id = 'anna';
        INSERT INTO sessions (id, room_id, unique_id, started_at, joined_at, last_event_at)
        SELECT n::text, n::text, name, began, began + interval '5 minutes', began + interval '1 hour'
        FROM (VALUES (1, 'anna', 14), (2, 'old.anna', 7), (3, 'anna', 400)) AS s(n, name, days),
          LATERAL (SELECT date_trunc('day', now(), 'UTC') - make_interval(days => days) + interval '20 hours 10 minutes') AS t(began);
        INSERT INTO sessions (id, room_id, unique_id, started_at, joined_at, last_event_at)
        SELECT '1-2', '1', 'anna', joined_at + interval '10 minutes', joined_at + interval '10 minutes', last_event_at
        FROM sessions WHERE id = '1'`),
    );
    await rename(join(directory, '..', `${basename(directory)}-later`), join(directory, habits));
    expect(await runMigrations({ url, directory })).toEqual([habits]);
    const database = new Database({ url });
    try {
      const store = new PostgresStreamerStore(database);
      const habit = (await store.find('anna'))?.startHabit;
      expect((await store.find('bert'))?.startHabit).toBeUndefined();
      // Two lives at the same hour of the week, one and two weeks old; the interruption and the old live do not count.
      const weights = Object.entries(habit?.starts ?? {});
      expect(weights).toHaveLength(1);
      const lastStart = Date.now() - 7 * 86_400_000;
      expect(Number(weights[0]?.[0])).toBe(hourOfWeek(habit?.lastStartAt ?? 0));
      expect(Math.abs((habit?.lastStartAt ?? 0) - lastStart)).toBeLessThan(86_400_000);
      expect(weights[0]?.[1]).toBeGreaterThan(2 ** (-2 / 4) + 2 ** (-3 / 4) - 0.2);
      expect(weights[0]?.[1]).toBeLessThan(2 ** (-0 / 4) + 2 ** (-1 / 4));
      await store.remove('anna', { purge: false });
      const again = await store.add('anna', {});
      expect(again.streamer.startHabit?.starts).toHaveProperty(String(weights[0]?.[0]));
      expect((await store.add('carl', {})).streamer.startHabit).toBeUndefined();
    } finally {
      await database.close();
    }
  });

  it('make the tables and columns that the client was generated for', async () => {
    await runMigrations({ url, directory });
    const found = await withClient(url, (client) =>
      client.query<{ table_name: string; column_name: string; optional: boolean }>(
        `SELECT c.table_name, c.column_name, c.is_nullable = 'YES' AS optional
         FROM information_schema.columns c
         JOIN pg_class t ON t.oid = c.table_name::regclass
         WHERE c.table_schema = 'public' AND t.relkind IN ('r', 'p') AND NOT t.relispartition AND c.table_name <> '_prisma_migrations'`,
      ),
    );
    const inDatabase = found.rows.map((row) => `${row.table_name}.${row.column_name}${row.optional ? '?' : ''}`);
    const schema = await readFile(join(MIGRATIONS_DIRECTORY, '..', 'schema.prisma'), 'utf8');
    const inSchema: string[] = [];
    for (const [, body = ''] of schema.matchAll(/^model \w+ \{\n([\s\S]*?)^\}/gm)) {
      const table = /@@map\("(\w+)"\)/.exec(body)?.[1];
      for (const line of body.split('\n')) {
        const field = /^ {2}(\w+) +([A-Z]\w*)(\[\]|\?)?/.exec(line);
        if (field === null || line.includes('@relation') || /Record(\[\]|\?)?/.test(field[2] ?? '')) continue;
        const column = /@map\("(\w+)"\)/.exec(line)?.[1] ?? field[1];
        inSchema.push(`${table}.${column}${field[3] === '?' ? '?' : ''}`);
      }
    }
    expect(inSchema.sort()).toEqual(inDatabase.sort());
    expect(Object.values(Prisma.ModelName)).toHaveLength(new Set(found.rows.map((row) => row.table_name)).size);
  });
});
