import pg from 'pg';
import type { Clock, TimerHandle } from '../common/clock.port.js';

export interface PostgresListenerOptions {
  /** With its password. */
  readonly url: string;
  readonly clock: Clock;
  /** How long to wait before each new attempt, ms; `reset` when a connection stands. */
  readonly backOff: { next(): number; reset(): void };
}

const CONNECT_TIMEOUT_MS = 5_000;
/** For the farewell to a server, ms. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * Hears the notifications of one channel on a connection of its own. A connection that breaks is made anew until `close`,
 * and then the listener is called with an empty payload: something may have been missed. Poolers that share connections
 * between transactions deliver no notifications; nobody may depend on them.
 */
export class PostgresListener {
  readonly #options: PostgresListenerOptions;
  #client: pg.Client | undefined;
  #timer: TimerHandle | undefined;
  #closed = false;

  constructor(options: PostgresListenerOptions) {
    this.#options = options;
  }

  /** Call once. `channel`: an identifier. */
  listen(channel: string, onNotification: (payload: string) => void): void {
    void this.#connect(channel, onNotification);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    const client = this.#client;
    this.#client = undefined;
    // A server that does not answer is not waited for.
    if (client !== undefined) await Promise.race([client.end(), this.#pause(CLOSE_TIMEOUT_MS)]);
  }

  async #connect(channel: string, onNotification: (payload: string) => void): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: 'livetap hints',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    });
    this.#client = client;
    const lost = (): void => {
      if (this.#client !== client) return;
      this.#client = undefined;
      client.end().catch(() => undefined);
      if (this.#closed) return;
      this.#timer = this.#options.clock.setTimeout(
        () => void this.#connect(channel, onNotification),
        this.#options.backOff.next(),
      );
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload }) => onNotification(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      this.#options.backOff.reset();
      if (this.#client === client) onNotification('');
    } catch {
      // The lease keeper reports a database that is away; here it is only tried again.
      lost();
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.setTimeout(resolve, ms));
  }
}
