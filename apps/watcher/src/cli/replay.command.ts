import { type Command, InvalidArgumentError, Option } from 'commander';
import type { KafkaConfig, WatcherConfig } from '../config/watcher-config.js';
import { MessageShaper } from '../pipeline/message-shaper.js';
import { RawReplay } from '../recording/raw-replay.js';
import { type RawTopicStretch, readRawTopic } from '../recording/raw-topic.adapter.js';
import { RecordingReader } from '../recording/recording-file.adapter.js';
import { replayRecording } from '../recording/replay-recording.js';
import { EventDigest } from '../recording/event-digest.js';
import { normalizeUniqueId } from '../streamers/unique-id.js';
import { parseMoment } from './arguments.js';
import { type CliContext, tell } from './cli-context.js';
import type { Progress } from './progress.adapter.js';
import { type EventOutput, fileOutput, streamOutput, topicOutput } from './event-output.adapter.js';

interface ReplayOptions {
  readonly output?: string;
  readonly topicPrefix?: string;
  readonly fromRawTopic?: string;
  readonly since?: number;
  readonly until?: number;
  readonly room?: string;
  readonly force: boolean;
  readonly json: boolean;
}

const PREFIX = /^[a-zA-Z0-9._-]{1,200}$/;
const RAW_SUFFIX = '.raw';
const ROOM_ID = /^[1-9]\d{9,18}$/;

/** `livetap replay`: a recording, or a stretch of the raw topic, through the pipeline again. */
export function addReplayCommand(program: Command, context: CliContext): void {
  const moment = (text: string): number => parseMoment(text, context.clock.now());
  const command = program
    .command('replay')
    .description(
      'Send a recording, or a stretch of the raw topic, through the pipeline again: whole events, one a line, on stdout; or into topics of another prefix.',
    )
    .argument('[file]', 'the recording')
    .option('-o, --output <file>', 'write the events into a file instead of stdout')
    .addOption(
      new Option(
        '--topic-prefix <prefix>',
        'publish into the topics of this prefix (KAFKA_BROKERS); never the live one',
      )
        .argParser(parsePrefix)
        .conflicts('output'),
    )
    .addOption(
      new Option('--from-raw-topic <topic>', 'read this raw topic (KAFKA_BROKERS) instead of a file').argParser(
        parsePrefix,
      ),
    )
    .addOption(
      new Option(
        '--since <moment>',
        'raw topic: what was received from here on, such as 2026-01-31T12:00:00Z or 2h',
      ).argParser(moment),
    )
    .addOption(new Option('--until <moment>', 'raw topic: what was received before this').argParser(moment))
    .option('--room <room>', 'raw topic: one room id or one streamer only')
    .option('--force', 'replace the output file if there is one', false)
    .option('--json', 'print the result as one line of JSON', false);
  command.action(async (file: string | undefined, options: ReplayOptions) => {
    const { fromRawTopic: topic } = options;
    if ((file === undefined) === (topic === undefined))
      command.error('error: give either a recording or --from-raw-topic', { code: 'livetap.usage' });
    if (file !== undefined && (options.since ?? options.until ?? options.room) !== undefined)
      command.error('error: --since, --until and --room go with --from-raw-topic', { code: 'livetap.usage' });
    if (file !== undefined) await replayFile(file, options, context, command);
    else if (topic !== undefined) await replayTopic(topic, options, context, command);
  });
}

async function replayFile(file: string, options: ReplayOptions, context: CliContext, command: Command): Promise<void> {
  const output = await openOutput(options, context, command);
  const reader = new RecordingReader(file);
  const summary = await closing(output, () =>
    replayRecording(
      withProgress(reader, untilInterrupted(reader.entries(), context.interrupted), options, context),
      new MessageShaper(),
      (events) => output.write(events),
    ),
  );
  const { start, end, inputs, frames, messages, events, byType, sha256, asRecorded } = summary;
  const { tornBytes } = reader;
  const { uniqueId } = start.streamer;
  const result = {
    file,
    uniqueId,
    epoch: start.epoch,
    recordedBy: start.version,
    recordedAt: new Date(start.at).toISOString(),
  };
  const counts = {
    inputs,
    frames,
    messages,
    events,
    byType,
    sha256,
    complete: end !== undefined,
    tornBytes,
    asRecorded,
  };
  tell(resultStream(options, context), options.json, { ...result, ...counts }, [
    `${file}: ${frames} frames, ${messages} messages of @${uniqueId} gave ${events} events: sha256 ${sha256}`,
    ...(tornBytes === 0 ? [] : [`The file ends in the middle of a block: its last ${tornBytes} bytes were left out.`]),
    ...(end === undefined ? ['The recording was not closed in order; everything that it holds was replayed.'] : []),
    ...(asRecorded === undefined
      ? []
      : [
          asRecorded
            ? 'They are the events that were made while it was recorded.'
            : `They differ from those that version ${start.version} made while it was recorded (sha256 ${end?.sha256 ?? ''}).`,
        ]),
  ]);
}

async function replayTopic(
  topic: string,
  options: ReplayOptions,
  context: CliContext,
  command: Command,
): Promise<void> {
  const config = context.config();
  const kafka = kafkaOf(config, command);
  if (!topic.endsWith(RAW_SUFFIX))
    command.error(`error: ${topic} is no raw topic: its name must end in ${RAW_SUFFIX}`, { code: 'livetap.usage' });
  const output = await openOutput(options, context, command, topic.slice(0, -RAW_SUFFIX.length));
  const until = Math.min(options.until ?? Infinity, context.clock.now());
  const stretch: RawTopicStretch = {
    kafka,
    topic,
    since: options.since ?? 0,
    until,
    signal: context.interrupted,
    ...(options.room === undefined ? {} : { only: onlyOf(options.room) }),
  };
  const replay = new RawReplay(new MessageShaper());
  const digest = new EventDigest();
  await closing(output, async () => {
    const write: EventOutput['write'] = async (events) => {
      digest.add(events);
      if (events.length > 0) await output.write(events);
    };
    await readRawTopic(stretch, (record) => write(replay.add(record)));
    context.interrupted.throwIfAborted();
    for (const events of replay.finish(until)) await write(events);
  });
  const { sha256 } = digest;
  const notDerived = ['live.started', 'live.left', 'room.gap'];
  const { rooms, messages, events } = replay.summary;
  tell(resultStream(options, context), options.json, { topic, rooms, messages, events, sha256, notDerived }, [
    `${topic}: ${messages} messages of ${rooms} rooms gave ${events} events.`,
    'Raw records hold messages only: live.started, live.left and room.gap, live.ended other than by the stream itself, and frames that could not be read do not come of them (docs/recordings.md).',
  ]);
}

async function openOutput(
  options: ReplayOptions,
  context: CliContext,
  command: Command,
  origin?: string,
): Promise<EventOutput> {
  const { output, topicPrefix: prefix, force } = options;
  if (prefix === undefined) return output === undefined ? streamOutput(context.stdout) : fileOutput(output, force);
  const { clock, random } = context;
  const config = context.config();
  if (prefix === config.topics.prefix || prefix === origin)
    command.error(
      `error: ${prefix} is a prefix of live topics: their consumers would see the past as news; choose another one`,
      {
        code: 'livetap.usage',
      },
    );
  return topicOutput(
    kafkaOf(config, command),
    { ...config.topics, prefix, raw: false },
    { clock, random, signal: context.interrupted },
    (sentence) => void context.stderr.write(`${sentence}\n`),
  );
}

function kafkaOf(config: WatcherConfig, command: Command): KafkaConfig {
  return config.kafka ?? command.error('error: KAFKA_BROKERS is not set', { code: 'livetap.configuration' });
}

/** The result goes to stdout, unless the events are there. */
function resultStream({ output, topicPrefix }: ReplayOptions, context: CliContext): NodeJS.WritableStream {
  return output === undefined && topicPrefix === undefined ? context.stderr : context.stdout;
}

/** What was written before a failure is where it belongs, too. */
async function closing<T>(output: EventOutput, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } finally {
    await output.close();
  }
}

/** A bar of the bytes read, unless the events themselves are on the terminal. */
async function* withProgress<T>(
  reader: RecordingReader,
  entries: AsyncIterable<T>,
  { output, topicPrefix }: ReplayOptions,
  { stdout, progress }: CliContext,
): AsyncGenerator<T> {
  const onTerminal = output === undefined && topicPrefix === undefined && 'isTTY' in stdout && stdout.isTTY === true;
  let bar: Progress | undefined;
  try {
    for await (const entry of entries) {
      if (!onTerminal) bar ??= progress('Replaying', reader.size);
      bar?.set(reader.position);
      yield entry;
    }
  } finally {
    bar?.stop();
  }
}

async function* untilInterrupted<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const item of items) {
    signal.throwIfAborted();
    yield item;
  }
}

function onlyOf(room: string): { readonly roomId: string } | { readonly uniqueId: string } {
  return ROOM_ID.test(room) ? { roomId: room } : { uniqueId: normalizeUniqueId(room) };
}

function parsePrefix(text: string): string {
  if (!PREFIX.test(text))
    throw new InvalidArgumentError('It must hold letters, digits, dots, dashes and underscores only.');
  return text;
}
