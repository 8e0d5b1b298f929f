/** A reply that was given to a command, as it was sent. */
export type CommandReply = Readonly<Record<string, unknown>>;

/** Remembers what was answered to which command, so that a repeated command is answered again and not run again. */
export interface CommandStore {
  /** The reply stored for this command id, undefined when there is none (or it was pruned by age). */
  find(commandId: string): Promise<CommandReply | undefined>;
  /**
   * Stores the reply and returns the one that counts: the first stored for this id wins, also when two replicas answer
   * the same command at once. @throws DatabaseError (retryable when the database is away)
   */
  save(commandId: string, reply: CommandReply): Promise<CommandReply>;
}

export const COMMAND_STORE = Symbol('CommandStore');
