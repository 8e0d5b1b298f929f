import type { Clock } from '../../common/clock.port.js';
import { Redactor } from '../../common/redactor.js';
import { SecretBox } from '../../common/secret-box/secret-box.js';
import { commandTopics } from '../../commands/command-transport.js';
import { planCommandTopics } from '../../commands/command-topics.adapter.js';
import { secretsOf } from '../../config/load-config.js';
import type { WatcherConfig } from '../../config/watcher-config.js';
import { planTopics } from '../../publishing/topic-plan.js';
import { StreamerVault } from '../../streamers/streamer-vault.js';
import { tikTokAccessOf } from '../../streamers/tiktok-access.adapter.js';
import { databaseFindings } from './database-findings.js';
import { inspectDatabase } from './database-look.adapter.js';
import { DOCTOR_CHECKS, type DoctorCheck, type Finding, skipped, well, wrong } from './finding.js';
import { lookAtJournal } from './journal-look.adapter.js';
import { kafkaFindings, type TopicContext } from './kafka-findings.js';
import { inspectKafka } from './kafka-look.adapter.js';
import { descriptorFindings, folderFindings, journalFindings, portFindings } from './machine-findings.js';
import { lookAtDataFolder, lookAtPort } from './machine-look.adapter.js';
import { descriptorLimit } from '../file-descriptors.adapter.js';
import { proxyFindings, signFindings, tikTokFindings } from './reach-findings.js';
import { inspectProxies, inspectSignServer, inspectTikTok } from './reach-look.adapter.js';
import { openSecrets } from './secret-findings.js';

/** Settings that are wrong: one finding each, and nothing else can be looked at. */
export function settingsFindings(faults: readonly string[]): readonly Finding[] {
  return [
    ...faults.map((fault) =>
      wrong('settings', 'SETTINGS_WRONG', fault, 'Correct it: docs/config.md describes every setting.'),
    ),
    ...DOCTOR_CHECKS.filter((check) => check !== 'settings').map((check) =>
      skipped(check, 'It needs settings that are right.'),
    ),
  ];
}

/**
 * Looks at everything that the service needs, all at once and each for some seconds at most, and changes nothing: the lock of
 * the data folder is not taken, no topic is made, no signature spent. Findings come in the order of `DOCTOR_CHECKS`, as soon
 * as they are known, without secrets. Never rejects: a look that fails is a finding.
 */
export async function* diagnose(config: WatcherConfig, clock: Clock): AsyncGenerator<readonly Finding[]> {
  const redactor = new Redactor(secretsOf(config));
  for (const findings of begin(config, clock, redactor).values())
    yield (await findings).map(({ message, mend, ...rest }) => ({
      ...rest,
      message: redactor.clean(message),
      ...(mend === undefined ? {} : { mend: redactor.clean(mend) }),
    }));
}

type Findings = Promise<readonly Finding[]>;

function begin(config: WatcherConfig, clock: Clock, redactor: Redactor): ReadonlyMap<string, Findings> {
  const { http, storage, tiktok } = config;
  const vault = new StreamerVault(new SecretBox(storage.secretKeys));
  const access = tikTokAccessOf(tiktok, { redactor });
  const port = lookAtPort(http.host, http.port);
  const journal = lookAtJournal(storage.dataDir);
  const database = inspectDatabase(storage.databaseUrl?.reveal(), storage.dataDir, clock);
  const secrets = database.then(({ secrets: stored }) => openSecrets(stored, vault));
  const topics = topicContext(config);
  const looks: readonly (readonly [DoctorCheck, () => Findings])[] = [
    ['settings', async () => [well('settings', 'They are as they must be.')]],
    ['port', async () => portFindings(await port, http.host, http.port)],
    [
      'data folder',
      async () =>
        folderFindings(await lookAtDataFolder(storage.dataDir), {
          journalGrowthBytes: Math.max(0, storage.journalMaxBytes - bytesOf(await journal)),
          serviceAnswers: (await port).kind === 'livetap',
          port: http.port,
        }),
    ],
    ['journal', async () => journalFindings(await journal, storage.journalMaxBytes)],
    [
      'file descriptors',
      async () => {
        const { look } = await database;
        return descriptorFindings(await descriptorLimit(), look.kind === 'facts' ? look.facts.streamers : undefined);
      },
    ],
    ['database', async () => databaseFindings((await database).look)],
    [
      'secrets',
      async () =>
        (await database).look.kind === 'facts'
          ? (await secrets).findings
          : [skipped('secrets', 'They are in the database.')],
    ],
    [
      'kafka',
      async () =>
        kafkaFindings(
          config.kafka === undefined ? { kind: 'journalOnly' } : await inspectKafka(config.kafka, topics),
          topics,
        ),
    ],
    ['tiktok', async () => tikTokFindings(await inspectTikTok(access))],
    ['sign server', async () => signFindings(await inspectSignServer(access, tiktok.socketSources, clock))],
    [
      'proxies',
      async () => {
        const { proxies } = await secrets;
        const { looks: found, left } = await inspectProxies(tiktok, proxies, redactor);
        return proxyFindings(found, left);
      },
    ],
  ];
  return new Map(looks.map(([check, look]) => [check, guarded(check, look)]));
}

/** A look of ours that fails is our fault, and no reason to keep the others back. */
async function guarded(check: DoctorCheck, look: () => Findings): Findings {
  try {
    return await look();
  } catch (error) {
    const words = error instanceof Error ? error.message : 'unknown reason';
    return [
      wrong(check, 'CHECK_FAILED', `This could not be looked at: ${words}`, 'Please report it with this message.'),
    ];
  }
}

function bytesOf(journal: Awaited<ReturnType<typeof lookAtJournal>>): number {
  return journal === undefined || 'damage' in journal ? 0 : journal.bytes;
}

/** The topics of events, and those of commands where they are on. */
function topicContext({ topics, commands }: WatcherConfig): TopicContext {
  const { create, acceptPartitions, replicationFactor, partitions } = topics;
  const ofCommands = commands ? planCommandTopics(commandTopics(topics.prefix), partitions) : [];
  return {
    planned: [...planTopics(topics), ...ofCommands],
    anyPartitions: new Set(ofCommands.map(({ name }) => name)),
    create,
    acceptPartitions,
    replicationFactor,
  };
}
