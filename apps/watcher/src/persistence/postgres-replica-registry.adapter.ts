import type { Database } from './database.js';
import type { ReplicaInfo, ReplicaRegistry } from './replica-registry.port.js';

/** The list of running replicas in Postgres. */
export class PostgresReplicaRegistry implements ReplicaRegistry {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async announce({ id, version }: { readonly id: string; readonly version: string }): Promise<void> {
    await this.#database.run(
      (client) => client.$executeRaw`
        INSERT INTO replicas (id, version, started_at, last_seen_at) VALUES (${id}, ${version}, now(), now())
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, started_at = now(), last_seen_at = now()`,
    );
  }

  async heartbeat(id: string): Promise<void> {
    await this.#database.run((client) => client.$executeRaw`UPDATE replicas SET last_seen_at = now() WHERE id = ${id}`);
  }

  async othersAlive(id: string, withinMs: number): Promise<readonly ReplicaInfo[]> {
    const rows = await this.#database.run(
      (client) => client.$queryRaw<{ id: string; version: string; started_at: Date; last_seen_at: Date }[]>`
        SELECT id, version, started_at, last_seen_at FROM replicas
        WHERE id <> ${id} AND last_seen_at > now() - ${withinMs}::double precision * interval '1 millisecond'
        ORDER BY id`,
    );
    return rows.map((row) => ({
      id: row.id,
      version: row.version,
      startedAt: row.started_at,
      lastSeenAt: row.last_seen_at,
    }));
  }

  async leave(id: string): Promise<void> {
    await this.#database.run((client) => client.$executeRaw`DELETE FROM replicas WHERE id = ${id}`);
  }
}
