import type { CommandReply, CommandStore } from './command-store.port.js';
import type { Database } from './database.js';
import { safeJson, safeText } from './safe-text.js';

/** Answered commands in Postgres, pruned by HistoryMaintenance. */
export class PostgresCommandStore implements CommandStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(commandId: string): Promise<CommandReply | undefined> {
    const row = await this.#database.run((client) =>
      client.commandRecord.findUnique({ where: { id: safeText(commandId) } }),
    );
    return row === null ? undefined : (row.reply as CommandReply);
  }

  async save(commandId: string, reply: CommandReply): Promise<CommandReply> {
    const id = safeText(commandId);
    const written = await this.#database.run(
      (client) =>
        client.$executeRaw`INSERT INTO commands (id, reply) VALUES (${id}, ${safeJson(reply)}::jsonb) ON CONFLICT DO NOTHING`,
    );
    if (written === 1) return reply;
    return (await this.find(id)) ?? reply;
  }
}
