import pg from 'pg';

const TIMEOUT_MS = 2_000;

/** Asks Postgres for a sign of life on a connection of its own, so that a busy pool is not taken for a dead server. */
export class PostgresProbe {
  #client: pg.Client | undefined;

  /** `url`: with its password. */
  constructor(private readonly url: string) {}

  /** One call at a time; takes at most four seconds. Rejects with the driver's error when there is no answer. */
  async check(): Promise<void> {
    const client = (this.#client ??= await this.#connect());
    try {
      await client.query('SELECT 1');
    } catch (error) {
      this.#drop(client);
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'livetap probe',
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    });
    // The next check connects anew.
    client.on('error', () => this.#drop(client));
    try {
      await client.connect();
      return client;
    } catch (error) {
      this.#drop(client);
      throw error;
    }
  }

  /** A connection that does not answer is cut, not closed: a farewell would wait for an answer, too. */
  #drop(client: pg.Client): void {
    if (this.#client === client) this.#client = undefined;
    client.end().catch(() => undefined);
  }
}
