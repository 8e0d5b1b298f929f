import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogFields, Logger } from '../../../apps/watcher/src/common/logger.port.js';
import { SILENT_LOGGER } from '../../../apps/watcher/src/common/logger.port.js';
import { connectWithRetry, Database } from '../../../apps/watcher/src/persistence/database.js';
import { DatabaseError } from '../../../apps/watcher/src/persistence/persistence.errors.js';
import { startTestPostgres, withClient, type TestPostgres } from '../../setup/postgres.js';

const half = { next: () => 0.5 };

describe('the database', () => {
  let postgres: TestPostgres;
  let url: string;
  let database: Database;

  beforeAll(async () => {
    postgres = await startTestPostgres();
    url = await postgres.createMigratedDatabase();
    database = new Database({ url, applicationName: 'livetap-test', statementTimeoutMs: 1_000 });
    await database.connect();
  });
  afterAll(async () => {
    await database.close();
    await postgres.stop();
  });

  it('answers a ping and shows its name', async () => {
    await database.ping();
    const names = await withClient(url, (client) =>
      client.query(`SELECT DISTINCT application_name FROM pg_stat_activity WHERE application_name = 'livetap-test'`),
    );
    expect(names.rowCount).toBe(1);
  });

  it('goes on after the server cut its connections', async () => {
    await withClient(url, (client) =>
      client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'livetap-test'`),
    );
    await connectWithRetry(() => database.ping(), { logger: SILENT_LOGGER, random: half });
    await database.ping();
  });

  it('tells failures that pass from those that stay, and never says where the database is', async () => {
    const secret = new URL(url);
    secret.username = 'planted-user';
    secret.password = 'planted-password';
    const denied = new Database({ url: secret.href });
    const away = new Database({ url: `postgresql://planted-user:planted-password@127.0.0.1:1/livetap` });
    const failures: [() => Promise<unknown>, string, boolean][] = [
      [() => denied.connect(), 'WATCHER_DATABASE_DENIED', false],
      [() => away.connect(), 'WATCHER_DATABASE_UNREACHABLE', true],
      [() => away.ping(), 'WATCHER_DATABASE_UNREACHABLE', true],
      [() => database.run((client) => client.$queryRaw`SELECT * FROM nowhere`), 'WATCHER_DATABASE_FAILED', false],
      [
        () => database.run((client) => client.$queryRaw`SELECT 1 FROM pg_sleep(30)`),
        'WATCHER_DATABASE_UNREACHABLE',
        true,
      ],
      [
        () =>
          database.transaction(async (tx) => {
            await tx.$executeRaw`INSERT INTO replicas (id, version) VALUES ('r', '1')`;
            await tx.$executeRaw`INSERT INTO replicas (id, version) VALUES ('r', '1')`;
          }),
        'WATCHER_DATABASE_FAILED',
        false,
      ],
    ];
    for (const [failure, code, retryable] of failures) {
      const error = await failure().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(DatabaseError);
      expect(error).toMatchObject({ code, retryable });
      const shown = `${String(error)} ${JSON.stringify(error)} ${String((error as Error).cause)}`;
      expect(shown).not.toMatch(/planted|127\.0\.0\.1/);
    }
    await denied.close();
    await away.close();
  });

  it('sees a deadlock as a conflict that can be tried again at once', async () => {
    await database.run(
      (client) => client.$executeRaw`INSERT INTO replicas (id, version) VALUES ('a', '1'), ('b', '1')`,
    );
    let arrived = 0;
    let open: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (open = resolve));
    const cross = (first: string, second: string) =>
      database.transaction(async (tx) => {
        await tx.$executeRaw`UPDATE replicas SET version = '2' WHERE id = ${first}`;
        if (++arrived === 2) open();
        await both;
        await tx.$executeRaw`UPDATE replicas SET version = '2' WHERE id = ${second}`;
      });
    const outcomes = await Promise.allSettled([cross('a', 'b'), cross('b', 'a')]);
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    for (const { reason } of failed) expect(reason).toMatchObject({ retryable: true });
  });

  it('is waited for with one line when it is missing and one when it is back', async () => {
    const lines: [string, string, LogFields | undefined][] = [];
    const write = (level: string) => (event: string, fields?: LogFields) => void lines.push([level, event, fields]);
    const logger: Logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
    let attempts = 0;
    const answer = await connectWithRetry(
      async () => {
        attempts += 1;
        if (attempts < 4) throw new DatabaseError('WATCHER_DATABASE_UNREACHABLE', 'away', { retryable: true });
        return 'here';
      },
      { logger, random: half, maxDelayMs: 5 },
    );
    expect(answer).toBe('here');
    expect(lines.map(([level, event]) => `${level} ${event}`)).toEqual([
      'warn database.unreachable',
      'info database.reachable',
    ]);
    const final = new DatabaseError('WATCHER_SCHEMA_NEWER', 'no');
    await expect(connectWithRetry(() => Promise.reject(final), { logger: SILENT_LOGGER, random: half })).rejects.toBe(
      final,
    );
    const given = new AbortController();
    const waiting = connectWithRetry(
      async () => {
        given.abort(new Error('stop now'));
        throw new DatabaseError('WATCHER_DATABASE_UNREACHABLE', 'away', { retryable: true });
      },
      { logger: SILENT_LOGGER, random: half, signal: given.signal },
    );
    await expect(waiting).rejects.toThrow();
  });
});
