import { type Command, Option } from 'commander';
import type { BulkAnswerDto } from '../admin/schemas.js';
import { systemCodeOf } from '../common/system-code.js';
import { readSettingFile } from '../config/setting-files.js';
import {
  formatOf,
  LIST_FORMATS,
  type ListFormat,
  type NewStreamer,
  readStreamerList,
} from '../streamers/streamer-list.js';
import { type CliContext, tell } from './cli-context.js';
import { CliError } from './cli.errors.js';
import type { RestClient } from './rest-client.js';
import { clientOf, type ServerOptions, withServerOptions } from './server-command.js';

interface ImportOptions extends ServerOptions {
  readonly format?: ListFormat;
  readonly dryRun: boolean;
}

/** What the server says became of one entry. */
export type BulkResult = BulkAnswerDto['results'][number];

/** Streamers in one request: few enough that the bar moves. */
const CHUNK = 200;
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

/** `livetap streamers import`: a list of any of the usual forms. */
export function addImportCommand(streamers: Command, context: CliContext): void {
  withServerOptions(streamers.command('import'), 'print the counts, and each entry that is wrong, as one line of JSON')
    .description(
      'Add the streamers of a list: CSV with a header (uniqueId, labels, priority, …; lists within a field separated by ;), JSON (names or objects; also what `streamers list --json` printed), or one name a line. Known ones stay as they are.',
    )
    .argument('[file]', 'the list; - or nothing: standard input')
    .addOption(
      new Option('--format <format>', 'default: by the ending of the file, or as it looks').choices(LIST_FORMATS),
    )
    .option('--dry-run', 'read the list and say what is in it; send nothing', false)
    .addHelpText(
      'after',
      '\nExamples:\n  livetap streamers import list.csv\n  livetap streamers list --json --url https://old.server | livetap streamers import\n  printf "some.streamer\\nother.one\\n" | livetap streamers import --dry-run',
    )
    .action((file: string | undefined, options: ImportOptions) => importList(file, options, context));
}

async function importList(file: string | undefined, options: ImportOptions, context: CliContext): Promise<void> {
  const text = await readInput(file, context);
  const entries = readStreamerList(text, options.format ?? formatOf(file, text));
  if (entries.length === 0) throw new CliError('WATCHER_CLI_INPUT_INVALID', 'The list is empty.');
  if (options.dryRun) {
    tell(context.stdout, options.json, { entries: entries.length, dryRun: true }, [
      `${entries.length} streamers are in the list; nothing was sent.`,
    ]);
    return;
  }
  const counts = { created: 0, exists: 0, invalid: 0 };
  const invalid: BulkResult[] = [];
  const bar = context.progress('Adding', entries.length);
  try {
    await sendStreamers(clientOf(options, context), entries, (results, sent) => {
      for (const result of results) {
        counts[result.status] += 1;
        if (result.status === 'invalid') invalid.push(result);
      }
      bar.set(sent);
    });
  } finally {
    bar.stop();
    for (const { uniqueId, errors = [] } of options.json ? [] : invalid)
      context.stderr.write(`${uniqueId}: ${errors.map(({ detail }) => detail).join(' ')}\n`);
  }
  tell(context.stdout, options.json, { entries: entries.length, ...counts, errors: invalid }, [
    `${counts.created} streamers were added, ${counts.exists} were monitored already, ${counts.invalid} are wrong.`,
  ]);
  if (counts.invalid > 0)
    throw new CliError('WATCHER_CLI_PARTLY_DONE', `${counts.invalid} of ${entries.length} streamers were not added.`);
}

/** In requests of some each; `onSent` is told what became of them, and how many were sent by then. @throws CliError */
export async function sendStreamers(
  client: RestClient,
  entries: readonly NewStreamer[],
  onSent: (results: readonly BulkResult[], sent: number) => void,
): Promise<void> {
  for (let from = 0; from < entries.length; from += CHUNK) {
    const streamers = entries.slice(from, from + CHUNK);
    const { results } = await client.send<BulkAnswerDto>('POST', '/v1/streamers', { streamers });
    onSent(results, from + streamers.length);
  }
}

async function readInput(file: string | undefined, context: CliContext): Promise<string> {
  if (file !== undefined && file !== '-') {
    try {
      return readSettingFile(file);
    } catch (error) {
      throw new CliError('WATCHER_CLI_INPUT_INVALID', `${file} cannot be read (${systemCodeOf(error)}).`);
    }
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of context.stdin) {
    context.interrupted.throwIfAborted();
    const part = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    chunks.push(part);
    bytes += part.length;
    if (bytes > MAX_INPUT_BYTES) throw new CliError('WATCHER_CLI_INPUT_INVALID', 'The list is larger than 64 MiB.');
  }
  return Buffer.concat(chunks).toString('utf8');
}
