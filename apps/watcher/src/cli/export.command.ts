import { Argument, type Command, Option } from 'commander';
import { EXPORT_FORMATS, type ExportFormat } from '../history/format-export.js';
import { EXPORTS, type ExportName } from '../history/history-export.port.js';
import { parseMoment } from './arguments.js';
import { type CliContext, tell } from './cli-context.js';
import { CliError } from './cli.errors.js';
import { exportFile, exportStream, type ExportOutput } from './export-output.adapter.js';
import { withQuery } from './rest-client.js';
import { clientOf, type ServerOptions, withServerOptions } from './server-command.js';

interface ExportOptions extends ServerOptions {
  readonly format: ExportFormat;
  readonly output?: string;
  readonly streamer?: string;
  readonly session?: string;
  readonly from?: number;
  readonly to?: number;
  readonly type?: string;
  readonly force: boolean;
}

/** `livetap export`: a whole table of history, through REST. */
export function addExportCommand(program: Command, context: CliContext): void {
  const moment = (text: string): number => parseMoment(text, context.clock.now());
  withServerOptions(
    program.command('export'),
    'print the result as one line of JSON; on stderr, unless there is an --output',
  )
    .description('Export history of a running server as CSV or NDJSON: the whole table, on stdout or into a file.')
    .addArgument(new Argument('<table>', 'what').choices(EXPORTS))
    .addOption(new Option('--format <format>', 'csv or ndjson').choices(EXPORT_FORMATS).default('csv'))
    .option('-o, --output <file>', 'write into a file, which is there only when it is whole')
    .option('--streamer <streamer>', 'only sessions of this streamer')
    .option('--session <session>', 'only this session')
    .addOption(
      new Option('--from <moment>', 'only what was seen from here on, such as 2026-01-31T12:00:00Z or 7d').argParser(
        moment,
      ),
    )
    .addOption(new Option('--to <moment>', 'only what was seen before this').argParser(moment))
    .option('--type <types>', 'events: only these, such as chat,gift')
    .option('--force', 'replace the output file if there is one', false)
    .action((table: ExportName, options: ExportOptions) => runExport(table, options, context));
}

async function runExport(table: ExportName, options: ExportOptions, context: CliContext): Promise<void> {
  const { format, output: file, streamer, session, from, to, type, force } = options;
  const client = clientOf(options, context);
  const path = withQuery(`/v1/exports/${table}.${format}`, { streamer, session, from: iso(from), to: iso(to), type });
  // Before the server is asked for much.
  const output = file === undefined ? exportStream(context.stdout) : await exportFile(file, force);
  let bytes = 0;
  try {
    const stream = await client.stream(path, {});
    bytes = await copy(stream, output, context.interrupted);
    await output.whole();
  } catch (error) {
    await output.broken();
    throw error;
  }
  tell(file === undefined ? context.stderr : context.stdout, options.json, { table, format, bytes }, [
    `${bytes} bytes of ${table}${file === undefined ? '' : ` are in ${file}`}.`,
  ]);
}

/** @returns how many bytes. @throws CliError WATCHER_CLI_SERVER_FAILED when the server ends before its end */
async function copy(
  stream: ReadableStream<Uint8Array>,
  output: ExportOutput,
  interrupted: AbortSignal,
): Promise<number> {
  let bytes = 0;
  const reader = stream.getReader();
  for (;;) {
    const piece = await reader.read().catch((cause: unknown) => {
      interrupted.throwIfAborted();
      throw new CliError(
        'WATCHER_CLI_SERVER_FAILED',
        `The export broke off after ${bytes} bytes and is not whole; the log of the server says why. Try again.`,
        { cause },
      );
    });
    if (piece.done) return bytes;
    bytes += piece.value.length;
    await output.write(piece.value);
  }
}

function iso(moment: number | undefined): string | undefined {
  return moment === undefined ? undefined : new Date(moment).toISOString();
}
