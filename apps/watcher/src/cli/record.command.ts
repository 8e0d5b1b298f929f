import { type Command, Option } from 'commander';
import type { Logger } from '../common/logger.port.js';
import type { WatcherConfig } from '../config/watcher-config.js';
import { MessageShaper } from '../pipeline/message-shaper.js';
import type { RecordingEnd } from '../recording/recording.js';
import { RecordingError } from '../recording/recording.errors.js';
import { RecordingFile } from '../recording/recording-file.adapter.js';
import { RoomRecorder } from '../recording/room-recorder.js';
import { streamerOf } from '../recording/room-replay.js';
import { ConnectorRoomConnector } from '../rooms/connector-room-connector.adapter.js';
import { MemorySignBudgetStore } from '../rooms/sign-budget/memory-sign-budget-store.js';
import { SharedSignBudget } from '../rooms/sign-budget/shared-sign-budget.js';
import type { SignBudget } from '../rooms/sign-budget/sign-budget.port.js';
import { SourceHealth } from '../rooms/sources/source-health.js';
import { ConnectorLiveChecker } from '../streamers/connector-live-checker.adapter.js';
import { HostRateLimiter } from '../streamers/host-rate-limiter.js';
import type { LiveChecker, LiveCheckResult } from '../streamers/live-checker.port.js';
import { fetchGiftPrices, RoomInfoChecker } from '../streamers/room-info-checker.adapter.js';
import type { StreamerAccess } from '../streamers/streamer-access.js';
import { type TikTokAccess, tikTokAccessOf } from '../streamers/tiktok-access.adapter.js';
import { normalizeUniqueId } from '../streamers/unique-id.js';
import { parseDuration, parseSize } from './arguments.js';
import { type CliContext, tell } from './cli-context.js';
import { BAR_MS } from './progress.adapter.js';
import { repeatedly } from './repeatedly.js';

interface RecordOptions {
  readonly output: string;
  readonly for?: number;
  readonly maxBytes?: number;
  readonly proxy?: string;
  readonly force: boolean;
  readonly json: boolean;
}

const ROOM_ID = /^[1-9]\d{9,18}$/;

const REASONS: Readonly<Record<RecordingEnd['reason'], string>> = {
  streamEnded: 'the stream is over',
  interrupted: 'it was interrupted',
  duration: 'its time is over',
  size: 'the file is as large as it may be',
  notLive: 'the stream was over before it could be entered',
};

/** `livetap record`: one live room into a file, from which its events can be made again. */
export function addRecordCommand(program: Command, context: CliContext): void {
  program
    .command('record')
    .description(
      'Record a live room into a file, from which `livetap replay` makes its events again. Connects by itself, with the settings of the service; ends with the stream, or in order with Ctrl-C.',
    )
    .argument('<streamer>', 'name with or without @, a link to the LIVE page, or a room id')
    .requiredOption('-o, --output <file>', 'the recording')
    .addOption(new Option('--for <time>', 'end after so long, such as 90s, 10m, 2h').argParser(parseDuration))
    .addOption(new Option('--max-bytes <size>', 'end when the file is so large, such as 100MB').argParser(parseSize))
    .option('--proxy <url>', 'HTTP or SOCKS5 proxy to connect through')
    .option('--force', 'replace the file if there is one', false)
    .option('--json', 'print the result as one line of JSON', false)
    .action((streamer: string, options: RecordOptions) => record(streamer, options, context));
}

async function record(target: string, options: RecordOptions, context: CliContext): Promise<void> {
  const config = context.config();
  const { clock, random, build, interrupted } = context;
  const logger = context.logger(config);
  const access = tikTokAccessOf(config.tiktok);
  const limiter = new HostRateLimiter({ clock, perSecond: config.tiktok.requestsPerSecond });
  const { checker, live, uniqueId, roomId } = await look(target, access, limiter, options.proxy, context);
  const prices = await fetchGiftPrices(access.route(proxyOf(options.proxy)), roomId, interrupted).catch(
    (error: unknown) => {
      // Most gift messages say their price; the list only fills in for the others.
      logger.warn('recording.noGiftList', { error });
      return {};
    },
  );
  const writer = await RecordingFile.create(options.output, { clock, replace: options.force });
  const { tiktokUserId, nickname, avatarUrl } = live;
  const recorder = new RoomRecorder({
    clock,
    random,
    logger,
    writer,
    checker,
    live,
    prices,
    build,
    connector: connectorOf(config, access, context),
    shaper: new MessageShaper(),
    streamer: {
      ...streamerOf({
        uniqueId,
        ...(tiktokUserId === undefined ? {} : { tiktokUserId }),
        ...(nickname === undefined ? {} : { nickname }),
        ...(avatarUrl === undefined ? {} : { avatarUrl }),
      }),
      ...proxyOf(options.proxy),
    },
    durationMs: options.for,
    maxBytes: options.maxBytes,
    signal: interrupted,
  });
  const stopBar = showProgress(options, writer, context);
  const end = await recorder.run().finally(stopBar);
  if (end.reason === 'notLive') throw notLive(target, REASONS.notLive);
  const { reason, frames, messages, events, sha256 } = end;
  const result = { file: options.output, bytes: writer.bytes, roomId, reason, frames, messages, events, sha256 };
  tell(context.stdout, options.json, result, [
    `${options.output}: ${frames} frames, ${messages} messages, ${writer.bytes} bytes; ended because ${REASONS[reason]}.`,
    `${events} events come of it: sha256 ${sha256}`,
  ]);
}

/** A bar where it is known how long it takes: of the time, or else of the size. Returns how to take it away. */
function showProgress(
  { for: durationMs, maxBytes }: RecordOptions,
  writer: Pick<RecordingFile, 'bytes'>,
  { clock, progress }: CliContext,
): () => void {
  const since = clock.monotonic();
  const total = durationMs === undefined ? maxBytes : Math.ceil(durationMs / 1_000);
  if (total === undefined) return () => undefined;
  const bar = progress(durationMs === undefined ? 'Recording, bytes' : 'Recording, seconds', total);
  const stopMoving = repeatedly(clock, BAR_MS, () => {
    const done = durationMs === undefined ? writer.bytes : Math.floor((clock.monotonic() - since) / 1_000);
    bar.set(Math.min(total, done));
  });
  return () => {
    stopMoving();
    bar.stop();
  };
}

const proxyOf = (proxyUrl: string | undefined): StreamerAccess => (proxyUrl === undefined ? {} : { proxyUrl });

interface Found {
  readonly checker: LiveChecker;
  readonly live: LiveCheckResult;
  readonly uniqueId: string;
  readonly roomId: string;
}

/** Finds the room. @throws RecordingError WATCHER_RECORDING_NOT_LIVE, StreamerError WATCHER_INVALID_UNIQUE_ID */
async function look(
  target: string,
  access: TikTokAccess,
  limiter: HostRateLimiter,
  proxyUrl: string | undefined,
  { clock, random, interrupted: signal }: Pick<CliContext, 'clock' | 'random' | 'interrupted'>,
): Promise<Found> {
  const byRoom = ROOM_ID.test(target);
  const checker = byRoom
    ? new RoomInfoChecker(access.route(proxyOf(proxyUrl)), target)
    : new ConnectorLiveChecker({ access, limiter, clock, random });
  const asked = byRoom ? '' : normalizeUniqueId(target);
  const live = await checker.check({ uniqueId: asked, ...proxyOf(proxyUrl) }, signal);
  if ((live.verdict !== 'live' && live.verdict !== 'paused') || live.roomId === undefined)
    throw notLive(target, `${live.verdict} (${live.reason})`);
  const uniqueId = byRoom ? live.uniqueId : asked;
  if (uniqueId === undefined)
    throw notLive(target, 'who streams there is not known; give the name instead of the room');
  return { checker, live, uniqueId, roomId: live.roomId };
}

function connectorOf(config: WatcherConfig, access: TikTokAccess, context: CliContext): ConnectorRoomConnector {
  const { clock, random } = context;
  return new ConnectorRoomConnector({
    access,
    clock,
    random,
    sources: config.tiktok.socketSources,
    health: new SourceHealth({ clock, random }),
    budget: budgetOf(access, context.logger(config), context),
  });
}

/** One room needs few signatures; what the server says of its quota is heeded all the same. */
function budgetOf(access: TikTokAccess, logger: Logger, { clock, random }: CliContext): SignBudget {
  return new SharedSignBudget({
    store: new MemorySignBudgetStore(() => clock.monotonic()),
    clock,
    random,
    logger,
    keyHash: access.signKeyHash,
    replicaId: 'record',
    askLimits: () => access.signQuota(),
  });
}

function notLive(target: string, why: string): RecordingError {
  return new RecordingError('WATCHER_RECORDING_NOT_LIVE', `There is nothing to record of ${target}: ${why}.`);
}
