import { type Command, InvalidArgumentError, Option } from 'commander';
import { normalizeUniqueId } from '../streamers/unique-id.js';
import { parseDuration } from './arguments.js';
import { type CliContext, writeLine } from './cli-context.js';
import { eventLine } from './event-line.js';
import { tailEvents } from './event-tail.js';
import { withQuery } from './rest-client.js';
import { clientOf, type ServerOptions, withServerOptions } from './server-command.js';
import { tailPosition } from './tail-position.adapter.js';

interface TailOptions extends ServerOptions {
  readonly streamer?: readonly string[];
  readonly type?: readonly string[];
  readonly resume?: string;
  readonly count?: number;
  readonly for?: number;
}

/** `livetap tail`: events as they come. */
export function addTailCommand(program: Command, context: CliContext): void {
  withServerOptions(program.command('tail'), 'whole events, one a line, as the topics have them')
    .description(
      'Events as they become durable. After a cut it goes on where it was; Ctrl-C ends it. Without filters: everything.',
    )
    .option('--streamer <name...>', 'only events of these streamers')
    .option('--type <type...>', 'only these events, such as gift or live.started')
    .option('--resume <file>', 'keep the place in this file, and go on from there the next time')
    .addOption(new Option('--count <number>', 'end after so many events').argParser(parseCount))
    .addOption(new Option('--for <time>', 'end after so long, such as 90s, 10m, 2h').argParser(parseDuration))
    .addHelpText(
      'after',
      '\nExamples:\n  livetap tail --type gift --type live.started\n  livetap tail --streamer some.streamer --json | jq .data\n  livetap tail --json --resume place.txt >> events.ndjson',
    )
    .action((options: TailOptions) => tail(options, context));
}

async function tail(options: TailOptions, context: CliContext): Promise<void> {
  const { clock, random, stdout, stderr, interrupted } = context;
  const { streamer: names = [], type = [], count = Infinity, json } = options;
  const streamers = names.flatMap((name) => name.split(',')).map(normalizeUniqueId);
  const path = withQuery('/v1/events', {
    // The server follows one streamer; of several the others are left out here.
    streamer: streamers.length === 1 ? streamers[0] : undefined,
    type: type.length > 0 ? type.join(',') : undefined,
  });
  const position = options.resume === undefined ? undefined : await tailPosition(options.resume, clock);
  const ended = new AbortController();
  const timer = options.for === undefined ? undefined : clock.setTimeout(() => ended.abort(), options.for);
  const signal = AbortSignal.any([interrupted, ended.signal]);
  const client = clientOf(options, { ...context, interrupted: signal });
  const note = (sentence: string): void => void stderr.write(`${sentence}\n`);
  let shown = 0;
  let placed = position?.last !== undefined;
  try {
    const events = tailEvents({ client, clock, random, signal, path, from: position?.last, note });
    for await (const { event, text, key, lastEventId } of events) {
      if (streamers.length <= 1 || streamers.includes(event.subject ?? '')) {
        await writeLine(stdout, json ? text : eventLine(event));
        shown += 1;
      }
      if (lastEventId !== undefined) {
        placed = true;
        position?.passed(key, lastEventId);
      }
      if (shown >= count) break;
    }
  } catch (error) {
    // Whoever ends it has seen enough: that is how a tail ends.
    if (!signal.aborted) throw error;
  } finally {
    timer?.cancel();
    ended.abort();
    await position?.close();
    if (position !== undefined && shown > 0 && !placed)
      note('it ended before the server had named a place: the next run begins from then on');
  }
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}
