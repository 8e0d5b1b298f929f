import { AdminError } from '../admin/admin.errors.js';
import { problemOf } from '../admin/problem.js';
import { parse } from '../admin/validate.js';
import { streamerView } from '../admin/views.js';
import type { AuditDetails } from '../audit/audit-entry.js';
import type { AuditTrail } from '../audit/audit-trail.js';
import type { Logger } from '../common/logger.port.js';
import { isWatcherError } from '../common/watcher.error.js';
import type { CommandReply, CommandStore } from '../persistence/command-store.port.js';
import type { AddStreamer, StreamerService, StreamerView } from '../streamers/streamer-service.js';
import type { StreamerSettings } from '../streamers/streamer.js';
import { COMMAND_NAMES, COMMAND_SCHEMAS, type Command } from './command.schema.js';

export interface CommandHandlerOptions {
  readonly streamers: Pick<StreamerService, 'add' | 'get' | 'update' | 'pause' | 'resume' | 'remove'>;
  readonly store: CommandStore;
  readonly audit: Pick<AuditTrail, 'record'>;
  readonly logger: Logger;
}

/** Longest command id that is repeated in the reply to a command that could not be read. */
const MAX_ECHO = 200;

/**
 * Carries out commands, each id once: the reply is stored and given again to a repeat. What a sender did wrong becomes a
 * reply with a problem (RFC 9457, as in REST); what may pass by itself (the database is away) is thrown, so that the
 * command is delivered again.
 */
export class CommandHandler {
  constructor(private readonly options: CommandHandlerOptions) {}

  /** @throws WatcherError retryable ones only; any other failure is in the reply */
  async handle(message: unknown): Promise<CommandReply> {
    let command: Command;
    try {
      command = parseCommand(message);
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      this.options.logger.warn('command.invalid', { id: echoOf(message, 'id'), code: error.code });
      return { ...echo(message), ok: false, problem: problemOf(error) };
    }
    const known = await this.options.store.find(command.id);
    if (known) return known;
    return this.options.store.save(command.id, await this.carryOut(command));
  }

  private async carryOut(command: Command): Promise<CommandReply> {
    const { id, command: name } = command;
    try {
      const outcome = await this.run(command);
      return { id, command: name, ok: true, ...outcome };
    } catch (error) {
      if (!isWatcherError(error) || error.retryable) throw error;
      const problem = problemOf(error);
      this.options.logger.warn('command.refused', { id, command: name, code: error.code });
      return { id, command: name, ok: false, problem };
    }
  }

  private async run(command: Command): Promise<Record<string, unknown>> {
    const { streamers } = this.options;
    switch (command.command) {
      case 'add': {
        const { id: _id, command: _command, ...entry } = command;
        return this.add(entry as AddStreamer, command.id);
      }
      case 'pause':
        return this.changed('paused', await streamers.pause(command.uniqueId), command, ['paused']);
      case 'resume':
        return this.changed('resumed', await streamers.resume(command.uniqueId), command, ['paused']);
      case 'update': {
        const { id: _id, command: _command, uniqueId, ...settings } = command;
        const view = await streamers.update(uniqueId, settings as StreamerSettings);
        return this.changed('updated', view, command, Object.keys(settings));
      }
      case 'remove':
        return this.remove(command.uniqueId, command.purge ?? false, command.id);
    }
  }

  /** A streamer that is known already is what the sender wants: no failure, as in a list sent to REST. */
  private async add(entry: AddStreamer, commandId: string): Promise<Record<string, unknown>> {
    try {
      const view = await this.options.streamers.add(entry);
      await this.record('streamer.added', view.streamer.uniqueId, { commandId });
      return result('created', view);
    } catch (error) {
      if (!isWatcherError(error) || error.code !== 'WATCHER_STREAMER_EXISTS') throw error;
      return result('exists', await this.options.streamers.get(entry.uniqueId));
    }
  }

  private async changed(
    word: string,
    view: StreamerView,
    { id: commandId }: Command,
    fields: readonly string[],
  ): Promise<Record<string, unknown>> {
    await this.record('streamer.changed', view.streamer.uniqueId, { fields, commandId });
    return result(word, view);
  }

  private async remove(uniqueId: string, purge: boolean, commandId: string): Promise<Record<string, unknown>> {
    const name = await this.options.streamers.remove(uniqueId, { purge });
    // What was purged is to be forgotten, here too.
    await this.record('streamer.removed', purge ? undefined : name, { purge, commandId });
    return { result: 'removed' };
  }

  private async record(action: string, name: string | undefined, details: AuditDetails): Promise<void> {
    const target = name === undefined ? {} : { target: `streamers/${encodeURIComponent(name)}` };
    await this.options.audit.record({ actor: 'commands', channel: 'command', action, ...target, details });
  }
}

function result(word: string, view: StreamerView): Record<string, unknown> {
  return { result: word, streamer: streamerView(view) };
}

function parseCommand(message: unknown): Command {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new AdminError(
      'WATCHER_REQUEST_MALFORMED',
      'The value of the record must be one JSON object: {"id", "command", "uniqueId", …}.',
    );
  }
  const name: unknown = 'command' in message ? message.command : undefined;
  const known = COMMAND_NAMES.find((candidate) => candidate === name);
  if (known === undefined) {
    const detail = `There are the commands ${COMMAND_NAMES.join(', ')}.`;
    throw new AdminError('WATCHER_REQUEST_INVALID', `/command: ${detail}`, {
      faults: [{ pointer: '/command', detail }],
    });
  }
  return parse(COMMAND_SCHEMAS[known], message);
}

/** What can be said about a command that could not be read, so that the sender knows which one it was. */
function echo(message: unknown): Record<string, string> {
  const id = echoOf(message, 'id');
  const command = echoOf(message, 'command');
  return { ...(id === undefined ? {} : { id }), ...(command === undefined ? {} : { command }) };
}

function echoOf(message: unknown, field: 'id' | 'command'): string | undefined {
  const value: unknown =
    typeof message === 'object' && message !== null ? (message as Record<string, unknown>)[field] : undefined;
  return typeof value === 'string' ? value.slice(0, MAX_ECHO) : undefined;
}
