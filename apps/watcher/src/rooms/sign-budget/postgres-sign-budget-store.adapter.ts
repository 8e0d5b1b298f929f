import { z } from 'zod';
import type { Database } from '../../persistence/database.js';
import { safeJson, safeText } from '../../persistence/safe-text.js';
import { SIGN_WINDOWS, type QuotaAnswer } from './sign-budget.port.js';
import {
  BUDGET_RULES,
  type Reservation,
  type ReserveRequest,
  type Settlement,
  type SignBudgetStore,
} from './sign-budget-store.port.js';

const count = z.number().int().min(0);
const ms = z.number().min(0);
const reservationSchema = z.object({
  granted: count,
  generation: z.string(),
  validForMs: ms,
  waitMs: ms,
  blockedForMs: ms,
  outstanding: count,
  ask: z.boolean(),
  floor: count,
  windows: z.array(
    z
      .object({ name: z.enum(SIGN_WINDOWS), max_requests: count, remaining: count, reset_in_ms: ms })
      .transform((row) => ({
        window: row.name,
        limit: row.max_requests,
        remaining: row.remaining,
        resetInMs: row.reset_in_ms,
      })),
  ),
});

const RULES = JSON.stringify(BUDGET_RULES);

/**
 * The shared budget in Postgres: each call is one statement, a function of the database that locks the row of the key
 * while it runs, and every time is the database's.
 */
export class PostgresSignBudgetStore implements SignBudgetStore {
  constructor(private readonly database: Database) {}

  async reserve({ keyHash, replicaId, wanted }: ReserveRequest): Promise<Reservation> {
    const [row] = await this.database.run(
      (client) => client.$queryRaw<{ reply: unknown }[]>`
        SELECT livetap_reserve_signatures(
          decode(${keyHash}, 'hex'), ${safeText(replicaId)}, ${wanted}::int, ${RULES}::jsonb) AS reply`,
    );
    const { windows, ...reply } = reservationSchema.parse(row?.reply);
    return { ...reply, windows: windows.sort((a, b) => order(a.window) - order(b.window)) };
  }

  async settle({ keyHash, generation, count, unused, answer }: Settlement): Promise<void> {
    await this.#settle(keyHash, { generation, count, unused }, answer === undefined ? [] : [answer]);
  }

  async observe(keyHash: string, answers: readonly QuotaAnswer[]): Promise<void> {
    await this.#settle(keyHash, { generation: '0', count: 0, unused: false }, answers);
  }

  async #settle(
    keyHash: string,
    { generation, count, unused }: Pick<Settlement, 'generation' | 'count' | 'unused'>,
    answers: readonly QuotaAnswer[],
  ): Promise<void> {
    await this.database.run(
      (client) => client.$queryRaw`
        SELECT livetap_settle_signatures(
          decode(${keyHash}, 'hex'), ${BigInt(generation)}, ${count}::int, ${unused}, ${safeJson(answers)}::jsonb,
          ${RULES}::jsonb)::text AS done`,
    );
  }
}

function order(window: (typeof SIGN_WINDOWS)[number]): number {
  return SIGN_WINDOWS.indexOf(window);
}
