import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../../apps/watcher/src/persistence/database.js';
import { MemorySignBudgetStore } from '../../../apps/watcher/src/rooms/sign-budget/memory-sign-budget-store.js';
import { PostgresSignBudgetStore } from '../../../apps/watcher/src/rooms/sign-budget/postgres-sign-budget-store.adapter.js';
import { startTestPostgres, withClient, type TestPostgres } from '../../setup/postgres.js';
import { signBudgetStoreContract } from './sign-budget-store.contract.js';

const KEY = 'a5'.repeat(32);

describe('sign budget in memory', () =>
  signBudgetStoreContract(async () => {
    let now = 1_000_000;
    return { store: new MemorySignBudgetStore(() => now), pass: async (ms) => void (now += ms) };
  }));

describe('sign budget in Postgres', () => {
  let postgres: TestPostgres;
  let database: Database;
  let url: string;
  beforeAll(async () => {
    postgres = await startTestPostgres();
    url = await postgres.createMigratedDatabase();
    database = new Database({ url });
    await database.connect();
  });
  afterAll(async () => {
    await database.close();
    await postgres.stop();
  });

  const make = async () => {
    await database.run((client) => client.$executeRaw`TRUNCATE sign_budgets CASCADE`);
    return {
      store: new PostgresSignBudgetStore(database),
      pass: async (ms: number) => {
        await database.run(
          (client) => client.$executeRaw`
            UPDATE sign_budgets SET blocked_until = blocked_until - ${ms} * interval '1 millisecond',
              asked_at = asked_at - ${ms} * interval '1 millisecond'`,
        );
        await database.run(
          (client) =>
            client.$executeRaw`UPDATE sign_budget_windows SET reset_at = reset_at - ${ms} * interval '1 millisecond'`,
        );
        await database.run(
          (client) =>
            client.$executeRaw`UPDATE sign_budget_members SET until = until - ${ms} * interval '1 millisecond'`,
        );
      },
    };
  };
  signBudgetStoreContract(make);

  it('never gives one request to two of many that ask at once', async () => {
    const { store } = await make();
    const limit = 500;
    await store.observe(KEY, [
      { window: 'minute', limit, remaining: limit, resetMark: 2_000_000_000, resetInMs: 60_000 },
    ]);
    const replicas = Array.from({ length: 8 }, (_, n) => `r${n}`);
    let granted = 0;
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all(
        replicas.map((replicaId) => store.reserve({ keyHash: KEY, replicaId, wanted: 9 })),
      );
      for (const answer of answers) granted += answer.granted;
    }
    const { outstanding, windows } = await store.reserve({ keyHash: KEY, replicaId: 'r0', wanted: 0 });
    expect(granted).toBe(outstanding);
    expect(granted).toBeLessThanOrEqual(limit);
    expect(granted).toBeGreaterThanOrEqual(limit * 0.9);
    expect(windows[0]?.remaining).toBe(0);
  });

  it('waits a second at most for a row that somebody holds, and says that it may be tried again', async () => {
    const { store } = await make();
    await store.reserve({ keyHash: KEY, replicaId: 'r1', wanted: 0 });
    await withClient(url, async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT * FROM sign_budgets FOR UPDATE');
      const waiting = store.reserve({ keyHash: KEY, replicaId: 'r2', wanted: 1 });
      await expect(waiting).rejects.toMatchObject({ code: 'WATCHER_DATABASE_CONFLICT', retryable: true });
      await client.query('ROLLBACK');
    });
    expect(await store.reserve({ keyHash: KEY, replicaId: 'r2', wanted: 0 })).toMatchObject({ granted: 0 });
  });
});
