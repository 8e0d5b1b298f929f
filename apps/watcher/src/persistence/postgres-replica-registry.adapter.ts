import type { Database } from './database.js';
import type { EventsTo, ReplicaInfo, ReplicaRegistry } from './replica-registry.port.js';

interface ReplicaRow {
  readonly id: string;
  readonly version: string;
  readonly started_at: Date;
  readonly last_seen_at: Date;
  readonly events_to: EventsTo | null;
}

/** The list of running replicas in Postgres. */
export class PostgresReplicaRegistry implements ReplicaRegistry {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async announce({ id, version, eventsTo }: Parameters<ReplicaRegistry['announce']>[0]): Promise<void> {
    await this.#database.run(
      (client) => client.$executeRaw`
        INSERT INTO replicas (id, version, events_to, started_at, last_seen_at)
        VALUES (${id}, ${version}, ${eventsTo}, now(), now())
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, events_to = excluded.events_to,
          started_at = now(), last_seen_at = now()`,
    );
  }

  async heartbeat(id: string): Promise<void> {
    await this.#database.run((client) => client.$executeRaw`UPDATE replicas SET last_seen_at = now() WHERE id = ${id}`);
  }

  async othersAlive(id: string, withinMs: number): Promise<readonly ReplicaInfo[]> {
    const rows = await this.#database.run(
      (client) => client.$queryRaw<ReplicaRow[]>`
        SELECT id, version, started_at, last_seen_at, events_to FROM replicas
        WHERE id <> ${id} AND last_seen_at > now() - ${withinMs}::double precision * interval '1 millisecond'
        ORDER BY id`,
    );
    return rows.map((row) => ({
      id: row.id,
      version: row.version,
      startedAt: row.started_at,
      lastSeenAt: row.last_seen_at,
      ...(row.events_to === null ? {} : { eventsTo: row.events_to }),
    }));
  }

  async leave(id: string): Promise<void> {
    await this.#database.run((client) => client.$executeRaw`DELETE FROM replicas WHERE id = ${id}`);
  }
}
