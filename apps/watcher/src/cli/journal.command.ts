import type { Command } from 'commander';
import type { KafkaConfig, WatcherConfig } from '../config/watcher-config.js';
import { openJournal } from '../journal/open-journal.adapter.js';
import { takeDataFolder } from '../operations/data-folder.adapter.js';
import { KafkaEventPublisher } from '../publishing/kafka-event-publisher.adapter.js';
import { PUBLISHER_READER, PublishLoop } from '../publishing/publish-loop.js';
import { type CliContext, tell } from './cli-context.js';
import { BAR_MS } from './progress.adapter.js';
import { repeatedly } from './repeatedly.js';
import { storedJournal } from '../journal/stored-journal.adapter.js';

interface DrainOptions {
  readonly json: boolean;
}

interface Drained {
  readonly replicaId: string;
  readonly published: number;
  /** Events that are still in the journal only. */
  readonly pending: number;
}

/** How far it is is told this often, ms. */
const TELL_MS = 5_000;

/** `livetap journal`: what the journal in LIVETAP_DATA_DIR holds. */
export function addJournalCommand(program: Command, context: CliContext): void {
  const journal = program.command('journal').description('The journal of a replica, in LIVETAP_DATA_DIR.');
  const drain = journal
    .command('drain')
    .description(
      'Publish what the journal of a stopped replica still holds (KAFKA_BROKERS), before its volume is removed for good.',
    )
    .option('--json', 'print the result as one line of JSON', false)
    .showHelpAfterError('(--help says more)');
  drain.action(async (options: DrainOptions) => {
    const config = context.config();
    const { dataDir } = config.storage;
    const kafka =
      config.kafka ??
      drain.error('error: KAFKA_BROKERS is not set: there is nowhere to publish to', { code: 'livetap.configuration' });
    const directory =
      (await storedJournal(dataDir)) ??
      drain.error(`error: ${dataDir} holds no journal; LIVETAP_DATA_DIR must be the replica's folder`, {
        code: 'livetap.usage',
      });
    const { replicaId, published, pending } = await drainFolder(directory, config, kafka, context);
    tell(context.stdout, options.json, { replicaId, published, pending }, [
      `${published} events were published.`,
      `The journal of replica ${replicaId} is empty: nothing is in it that is not in Kafka. Its volume can be removed.`,
    ]);
  });
}

async function drainFolder(
  directory: string,
  config: WatcherConfig,
  kafka: KafkaConfig,
  context: CliContext,
): Promise<Drained> {
  // The replica itself must not run: one process at a time reads and moves the cursor.
  const folder = await takeDataFolder(config.storage.dataDir);
  try {
    const { clock, random, interrupted } = context;
    const { journalMaxBytes: maxBytes, journalMaxAgeMs: maxAgeMs } = config.storage;
    const journal = await openJournal({ directory, maxBytes, maxAgeMs, clock, readers: [PUBLISHER_READER] });
    try {
      let failure: Error | undefined;
      const loop = new PublishLoop({
        ...{ journal, clock, random },
        logger: context.logger(config),
        publisher: new KafkaEventPublisher({
          kafka,
          clientId: 'livetap-drain',
          topics: config.topics,
          acceptPartitions: config.topics.acceptPartitions,
          createTopics: config.topics.create,
          onOversize: ({ type, key, id }) =>
            void context.stderr.write(
              `${type} ${id} of room ${key} is larger than the brokers take: its beginning was published as unknown.\n`,
            ),
        }),
        metrics: { failed: () => undefined, duration: () => undefined },
        onFatal: (error) => (failure = error),
      });
      await loop.start();
      const before = loop.pending;
      const stopTelling = tellHowFarItIs(loop, context);
      await loop.drain(interrupted);
      stopTelling();
      const pending = loop.pending;
      await loop.stop();
      if (failure !== undefined) throw failure;
      interrupted.throwIfAborted();
      return { replicaId: folder.replicaId, published: before - pending, pending };
    } finally {
      await journal.close();
    }
  } finally {
    await folder.release();
  }
}

/** A bar on a terminal; elsewhere a line from time to time. Either says why nothing moves. Returns how to stop that. */
function tellHowFarItIs(loop: PublishLoop, { clock, stderr, progress }: CliContext): () => void {
  const before = loop.pending;
  const bar = progress('Publishing', before);
  let said: string | undefined;
  const stopTelling = repeatedly(clock, bar.shown ? BAR_MS : TELL_MS, () => {
    const problem = loop.problem();
    bar.set(before - loop.pending);
    if (!bar.shown) stderr.write(`${loop.pending} events left${problem === undefined ? '' : `; ${problem}`}\n`);
    else if (problem !== undefined && problem !== said) stderr.write(`\n${problem}\n`);
    said = problem;
  });
  return () => {
    stopTelling();
    bar.stop();
  };
}
