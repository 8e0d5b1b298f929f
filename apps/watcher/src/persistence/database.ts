import { setTimeout as delay } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { BackOff } from '../common/back-off.js';
import type { Random } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import { toDatabaseError } from './classify-error.js';
import { Prisma, PrismaClient } from './generated/client.js';
import { DatabaseError } from './persistence.errors.js';
import { PostgresListener, type PostgresListenerOptions } from './postgres-listener.adapter.js';
import { PostgresProbe } from './postgres-probe.adapter.js';

export { Prisma };
export type DatabaseClient = PrismaClient;
/** The client inside a transaction. */
export type DatabaseTransaction = Prisma.TransactionClient;

export interface DatabaseOptions {
  /** postgresql:// address. Secret: kept inside, never in a message. */
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  /** Connections at most; default 10. */
  readonly poolSize?: number;
  /** A statement that takes longer is cancelled by the server; default 30 s. */
  readonly statementTimeoutMs?: number;
  /** How long a new connection may take; default 5 s. */
  readonly connectTimeoutMs?: number;
}

/** A cut connection is noticed by the client this long after the server should have cancelled the statement. */
const CLIENT_TIMEOUT_MARGIN_MS = 5_000;
const IDLE_CONNECTION_MS = 30_000;
/** For calls that are under way when the connections are closed, ms. */
const CLOSE_MS = 3_000;
const TRANSACTION_WAIT_MS = 10_000;

/** The one way to Postgres: a pooled Prisma client whose failures come out as {@link DatabaseError}. */
export class Database {
  readonly #prisma: PrismaClient;
  readonly #statementTimeoutMs: number;
  /** Secret. */
  readonly #url: string;

  /** Opens nothing yet: the first call (or `connect`) does. */
  constructor(options: DatabaseOptions) {
    this.#url = options.url;
    this.#statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
    const adapter = new PrismaPg(
      {
        connectionString: options.url,
        max: options.poolSize ?? 10,
        application_name: options.applicationName ?? 'livetap',
        connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
        idleTimeoutMillis: IDLE_CONNECTION_MS,
        statement_timeout: this.#statementTimeoutMs,
        query_timeout: this.#statementTimeoutMs + CLIENT_TIMEOUT_MARGIN_MS,
        idle_in_transaction_session_timeout: this.#statementTimeoutMs,
        keepAlive: true,
        options: '-c timezone=UTC',
      },
      // A connection that dies while idle is replaced by the pool; the next statement reports it if the server is away.
      { onPoolError: () => undefined, onConnectionError: () => undefined },
    );
    this.#prisma = new PrismaClient({ adapter, errorFormat: 'minimal' });
  }

  /** Runs statements. @throws DatabaseError for every failure, `retryable` when the database is away. */
  async run<T>(work: (client: DatabaseClient) => Promise<T>): Promise<T> {
    try {
      return await work(this.#prisma);
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  /**
   * Runs statements in one transaction (read committed) that is rolled back when `work` throws.
   * @throws DatabaseError, `retryable` when nothing but bad luck or a database that is away stood in the way
   */
  async transaction<T>(work: (transaction: DatabaseTransaction) => Promise<T>): Promise<T> {
    return this.run((client) =>
      client.$transaction(work, { maxWait: TRANSACTION_WAIT_MS, timeout: this.#statementTimeoutMs }),
    );
  }

  /** Opens the first connection. @throws DatabaseError */
  async connect(): Promise<void> {
    await this.run(async (client) => {
      await client.$connect();
      await client.$queryRaw`SELECT 1`;
    });
  }

  /** A sign of life within `timeoutMs`. @throws DatabaseError */
  async ping(timeoutMs = 2_000): Promise<void> {
    const timer = new AbortController();
    try {
      await Promise.race([
        this.run((client) => client.$queryRaw`SELECT 1`),
        delay(timeoutMs, undefined, { signal: timer.signal, ref: false }).then(() => {
          throw new DatabaseError('WATCHER_DATABASE_UNREACHABLE', `The database did not answer in ${timeoutMs} ms.`, {
            retryable: true,
          });
        }),
      ]);
    } finally {
      timer.abort();
    }
  }

  /** A watcher over the same server with a connection of its own; closed by who asked for it. */
  probe(): PostgresProbe {
    return new PostgresProbe(this.#url);
  }

  /** Hears notifications on a connection of its own; closed by who asked for it. */
  listener(options: Omit<PostgresListenerOptions, 'url'>): PostgresListener {
    return new PostgresListener({ ...options, url: this.#url });
  }

  /** Ends all connections; calls after it fail. Safe to call twice. A server that does not answer is not waited for. */
  async close(): Promise<void> {
    const timer = new AbortController();
    const late = delay(CLOSE_MS, undefined, { signal: timer.signal, ref: false }).catch(() => undefined);
    try {
      await Promise.race([this.#prisma.$disconnect(), late]);
    } finally {
      timer.abort();
    }
  }
}

export interface RetryOptions {
  readonly logger: Logger;
  readonly random: Random;
  readonly signal?: AbortSignal;
  /** Longest pause between two attempts; default 10 s. */
  readonly maxDelayMs?: number;
}

const FIRST_RETRY_DELAY_MS = 200;
/** So much of each pause is certain. */
const CERTAIN_SHARE = 0.5;

/**
 * Calls `attempt` until it succeeds, while it fails in a retryable way: exponential pauses with jitter, one log line
 * when the database is found missing and one when it is back.
 * @throws the first final error, or the signal's reason
 */
export async function connectWithRetry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { random, maxDelayMs: capMs = 10_000 } = options;
  const backOff = new BackOff({ random, baseMs: FIRST_RETRY_DELAY_MS, capMs, certain: CERTAIN_SHARE });
  for (let failures = 0; ; failures += 1) {
    options.signal?.throwIfAborted();
    try {
      const result = await attempt();
      if (failures > 0) options.logger.info('database.reachable', { attempts: failures + 1 });
      return result;
    } catch (cause) {
      const error = toDatabaseError(cause);
      if (!error.retryable) throw error;
      if (failures === 0) {
        options.logger.warn('database.unreachable', {
          code: error.code,
          reason: error.message,
          hint: 'Waiting for the database. Check that it runs and that DATABASE_URL points to it.',
        });
      }
      await delay(backOff.next(), undefined, options.signal ? { signal: options.signal } : {});
    }
  }
}
