import { type Command, InvalidArgumentError, Option } from 'commander';
import { MAX_PAGE_LIMIT, STREAMER_STATES, type StreamerDto } from '../admin/schemas.js';
import { type CliContext, tell, writeLine } from './cli-context.js';
import { CliError } from './cli.errors.js';
import type { RestClient } from './rest-client.js';
import { clientOf, type ServerOptions, withServerOptions } from './server-command.js';
import { addImportCommand, type BulkResult, sendStreamers } from './streamers-import.command.js';
import { shortTime, table } from './table.js';

interface ListOptions extends ServerOptions {
  readonly state?: string;
  readonly label?: string;
  readonly paused?: boolean;
}

interface AddOptions extends ServerOptions {
  readonly label?: readonly string[];
  readonly priority?: number;
  readonly pool?: string;
  readonly paused: boolean;
}

interface RemoveOptions extends ServerOptions {
  readonly purge: boolean;
  readonly yes: boolean;
}

/** `livetap streamers`: what is monitored. */
export function addStreamersCommand(program: Command, context: CliContext): void {
  const streamers = program.command('streamers').description('What a running server monitors.');
  withServerOptions(streamers.command('list'), 'one streamer a line, as JSON')
    .description('List the streamers.')
    .addOption(new Option('--state <state>', 'only those in this state').choices(STREAMER_STATES))
    .option('--label <label>', 'only those with this label')
    .option('--paused', 'only paused ones')
    .option('--no-paused', 'only those that are not paused')
    .action((options: ListOptions) => list(options, context));
  withServerOptions(streamers.command('add'), 'what became of each, one a line, as JSON')
    .description('Add streamers: names with or without @, links to profiles, or id:<TikTok user id>.')
    .argument('<streamer...>')
    .option('--label <label...>', 'words to filter by')
    .addOption(new Option('--priority <number>', '0 (least) to 100 (most)').argParser(parsePriority))
    .option('--pool <name>', 'reach them through this proxy pool')
    .option('--paused', 'neither check nor connect them yet', false)
    .action((names: string[], options: AddOptions) => add(names, options, context));
  addImportCommand(streamers, context);
  const remove = withServerOptions(streamers.command('remove'), 'what was done, one a line, as JSON')
    .description('Stop to monitor streamers. What was recorded of them stays, unless --purge.')
    .argument('<streamer...>')
    .option('--purge', 'erase what was recorded of them as well (role admin); needs --yes', false)
    .option('--yes', 'yes, erase it', false);
  remove.action((names: string[], options: RemoveOptions) => {
    if (options.purge && !options.yes)
      remove.error('error: --purge erases the history of these streamers for good; say --yes as well', {
        code: 'livetap.usage',
      });
    const query = options.purge ? '?purge=true' : '';
    return each(names, options, context, 'removed', (client, path) => client.send('DELETE', `${path}${query}`));
  });
  for (const [name, done, paused, text] of [
    ['pause', 'paused', true, 'Neither check nor connect streamers until they are resumed; open rooms close.'],
    ['resume', 'resumed', false, 'Watch paused streamers again.'],
  ] as const)
    withServerOptions(streamers.command(name), 'what was done, one a line, as JSON')
      .description(text)
      .argument('<streamer...>')
      .action((names: string[], options: ServerOptions) =>
        each(names, options, context, done, (client, path) => client.send('PATCH', path, { paused })),
      );
}

async function list({ state, label, paused, ...options }: ListOptions, context: CliContext): Promise<void> {
  const query = {
    limit: String(MAX_PAGE_LIMIT),
    state,
    label,
    paused: paused === undefined ? undefined : String(paused),
  };
  const pages = clientOf(options, context).pages<StreamerDto>('/v1/streamers', 'streamers', query);
  const rows: (readonly (string | undefined)[])[] = [];
  for await (const streamer of pages) {
    if (options.json) await writeLine(context.stdout, JSON.stringify(streamer));
    else rows.push(rowOf(streamer));
  }
  if (options.json) return;
  context.stdout.write(
    rows.length === 0
      ? 'No streamers.\n'
      : table(['STREAMER', 'STATE', 'ROOM', 'PRIORITY', 'LABELS', 'LAST CHECKED', 'LAST LIVE'], rows),
  );
}

function rowOf({ uniqueId, state, paused, room, priority, labels, lastCheckedAt, lastLiveAt }: StreamerDto): string[] {
  const cells = [uniqueId, paused ? 'paused' : state, room?.state, String(priority), labels.join(',')];
  return [...cells.map((cell) => cell ?? ''), shortTime(lastCheckedAt), shortTime(lastLiveAt)];
}

async function add(names: readonly string[], options: AddOptions, context: CliContext): Promise<void> {
  const { label: labels, priority, pool: proxyPool, paused } = options;
  const settings = {
    ...(labels === undefined ? {} : { labels }),
    ...(priority === undefined ? {} : { priority }),
    ...(proxyPool === undefined ? {} : { proxyPool }),
    ...(paused ? { paused } : {}),
  };
  const client = clientOf(options, context);
  const results: BulkResult[] = [];
  await sendStreamers(
    client,
    names.map((uniqueId) => ({ uniqueId, ...settings })),
    (some) => void results.push(...some),
  );
  for (const { uniqueId, status, errors = [] } of results) {
    const words = { created: 'is added', exists: 'is monitored already', invalid: 'cannot be added' }[status];
    const faults = errors.map(({ detail }) => detail).join(' ');
    const stream = status === 'invalid' && !options.json ? context.stderr : context.stdout;
    tell(stream, options.json, { uniqueId, status, ...(errors.length === 0 ? {} : { errors }) }, [
      `${uniqueId} ${words}${faults === '' ? '' : `: ${faults}`}`,
    ]);
  }
  const invalid = results.filter(({ status }) => status === 'invalid').length;
  if (invalid > 0)
    throw new CliError('WATCHER_CLI_PARTLY_DONE', `${invalid} of ${names.length} streamers were not added.`);
}

/** Does one thing to each; the others are done also when one fails. */
async function each(
  names: readonly string[],
  options: ServerOptions,
  context: CliContext,
  done: string,
  act: (client: RestClient, path: string) => Promise<unknown>,
): Promise<void> {
  const client = clientOf(options, context);
  let failed = 0;
  for (const name of names) {
    try {
      await act(client, `/v1/streamers/${encodeURIComponent(name)}`);
      tell(context.stdout, options.json, { uniqueId: name, status: done }, [`${name} is ${done}.`]);
    } catch (error) {
      if (!(error instanceof CliError) || !ABOUT_ONE.includes(error.code)) throw error;
      failed += 1;
      const stream = options.json ? context.stdout : context.stderr;
      tell(stream, options.json, { uniqueId: name, status: 'failed', error: error.message }, [
        `${name}: ${error.message}`,
      ]);
    }
  }
  if (failed > 0)
    throw new CliError('WATCHER_CLI_PARTLY_DONE', `${failed} of ${names.length} streamers are not ${done}.`);
}

/** Failures that say nothing about the next one. */
const ABOUT_ONE: readonly string[] = ['WATCHER_CLI_NOT_FOUND', 'WATCHER_CLI_REQUEST_REFUSED'];

function parsePriority(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 100)
    throw new InvalidArgumentError('It must be a number from 0 to 100.');
  return Number(text);
}
