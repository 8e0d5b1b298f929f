import { Command, CommanderError } from 'commander';
import { isWatcherError } from '../common/watcher.error.js';
import { EXIT, type ExitCode } from '../operations/exit-codes.js';
import { exitCodeFor } from '../operations/failure-exit.js';
import type { CliContext } from './cli-context.js';
import { addDoctorCommand } from './doctor.command.js';
import { addExportCommand } from './export.command.js';
import { FoundWanting } from './found-wanting.js';
import { addJournalCommand } from './journal.command.js';
import { addRecordCommand } from './record.command.js';
import { addReplayCommand } from './replay.command.js';
import { addSessionsCommand } from './sessions.command.js';
import { addStatusCommand } from './status.command.js';
import { addStreamersCommand } from './streamers.command.js';
import { addTailCommand } from './tail.command.js';

/** Every command; each stands in a file of its own. */
const COMMANDS: readonly ((program: Command, context: CliContext) => void)[] = [
  addStreamersCommand,
  addTailCommand,
  addSessionsCommand,
  addExportCommand,
  addStatusCommand,
  addRecordCommand,
  addReplayCommand,
  addJournalCommand,
  addDoctorCommand,
];

/** Runs one command line (without program and script) and returns the exit code. Never rejects. */
export async function runCommandLine(args: readonly string[], context: CliContext): Promise<ExitCode> {
  const program = new Command('livetap')
    .description('Livetap on the command line. Settings are those of the service: docs/config.md.')
    .version(context.build.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    })
    .addHelpText(
      'after',
      `\nExit codes: 0 done, 1 interrupted, 64 usage, 65 unusable input, 69 not available, 70 failed, 77 key refused, 78 settings.`,
    );
  for (const add of COMMANDS) add(program, context);
  for (const command of program.commands) command.showHelpAfterError('(--help says more)');
  try {
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.OK;
  } catch (error) {
    if (error instanceof CommanderError) return codeOf(error);
    if (error instanceof FoundWanting) return error.exitCode;
    if (context.interrupted.aborted && error === context.interrupted.reason) {
      context.stderr.write('error: interrupted before the end\n');
      return EXIT.IMPATIENT;
    }
    context.stderr.write(`${wordsOf(error)}\n`);
    return exitCodeFor(error);
  }
}

function codeOf({ code, exitCode }: CommanderError): ExitCode {
  if (code === 'livetap.configuration') return EXIT.CONFIG;
  return exitCode === 0 ? EXIT.OK : EXIT.USAGE;
}

function wordsOf(error: unknown): string {
  if (isWatcherError(error)) return `error: ${error.message} [${error.code}]`;
  return `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
