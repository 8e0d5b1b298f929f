import type { CommandReply, CommandStore } from './command-store.port.js';

/** Answered commands in memory, for tests: same contract suite as the Postgres one. */
export class MemoryCommandStore implements CommandStore {
  readonly #replies = new Map<string, CommandReply>();

  async find(commandId: string): Promise<CommandReply | undefined> {
    return this.#replies.get(commandId);
  }

  async save(commandId: string, reply: CommandReply): Promise<CommandReply> {
    const first = this.#replies.get(commandId);
    if (first !== undefined) return first;
    this.#replies.set(commandId, structuredClone(reply));
    return reply;
  }
}
