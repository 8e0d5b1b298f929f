import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { TOPIC_CATALOGUE, topicName } from '@livetap/contracts';
import { SeededRandom, visitTopics } from '@livetap/testkit';
import type { CrashPoint } from '../../apps/watcher/src/common/crash-point.js';
import { Simulator } from '../system/processes.js';
import { DeliveryOracle, type DeliveryReport, type SentLine } from './delivery-oracle.js';
import { Findings } from './findings.js';
import { KillCampaign } from './kill-campaign.js';
import { type Death, makePlan } from './kill-plan.js';

export interface KillTestOptions {
  readonly seed: number;
  readonly brokers: readonly string[];
  /** Address of an empty database for each lane. */
  readonly databases: readonly string[];
  /** Lanes run at the same time, each a watcher with a data folder, topics and rooms of its own. */
  readonly lanes: number;
  /** An empty folder. */
  readonly folder: string;
  readonly points: readonly CrashPoint[];
  /** How often each point. */
  readonly rounds: number;
  readonly randomKills: number;
  readonly stops: number;
  /** Length of a typical life after it is ready, ms. */
  readonly lifeMs: number;
  /** Rooms that are live for good, and rooms that come and go, over all lanes. */
  readonly rooms: number;
  readonly changingRooms: number;
  /** Messages a second over all rooms. */
  readonly rate: number;
  /** At least so many events are to be admitted: when the plan is over too early, kills at random moments go on. */
  readonly minEvents?: number;
  readonly say?: (line: string) => void;
}

export interface KillTestReport {
  readonly kills: number;
  readonly reached: ReadonlyMap<string, number>;
  readonly lanes: readonly DeliveryReport[];
  readonly readyMs: readonly number[];
  readonly findings: Findings;
}

/** Short, so that segments are rolled and deleted all the time; longer than any time between two checkpoints. */
const JOURNAL_AGE_MS = 16_000;
const HORIZON_MS = 90_000;
const LEDGER_ENTRIES = 4_000_000;

/** Kills watchers under load, again and again, and judges what is left. */
export async function runKillTest(options: KillTestOptions): Promise<KillTestReport> {
  const { seed, lanes, folder, say = () => undefined } = options;
  const findings = new Findings();
  const simulator = await startSimulator(options);
  try {
    const random = new SeededRandom(seed);
    const plan = makePlan({ ...options, random });
    const running = Array.from({ length: lanes }, (_, lane) => {
      const prefix = `kill.${randomUUID().slice(0, 8)}`;
      const oracle = new DeliveryOracle(findings);
      const campaign = new KillCampaign({
        simulator,
        uniqueIds: laneNames(options, lane),
        liveRooms: share(options.rooms, lanes, lane),
        folder: join(folder, `lane-${lane}`),
        reader: 'publisher',
        settings: {
          DATABASE_URL: options.databases[lane] ?? '',
          KAFKA_BROKERS: options.brokers.join(','),
          LIVETAP_TOPIC_PREFIX: prefix,
          LIVETAP_JOURNAL_MAX_AGE_MS: String(JOURNAL_AGE_MS),
        },
        oracle,
        findings,
        onLife: ({ how, admitted, readyMs }) =>
          say(
            `lane ${lane} ${how.padEnd(28)} ready ${readyMs === undefined ? '-' : `${Math.round(readyMs)} ms`}, admitted ${admitted}, in all ${oracle.admitted}`,
          ),
      });
      return { prefix, oracle, campaign };
    });
    await Promise.all(
      running.map(({ campaign, oracle }, lane) => campaign.run(lanePlan(options, plan, lane, oracle, random))),
    );
    const last = await Promise.all(running.map(({ campaign }) => campaign.lastLife()));
    await simulator.quiesce();
    await Promise.all(last.map((life) => life.finish()));
    const reports: DeliveryReport[] = [];
    for (const [lane, { prefix, oracle }] of running.entries()) {
      await visitTopics(options.brokers, topicsOf(prefix), (record) => oracle.arrived(record));
      await readLedger(simulator, new Set(await roomsOf(simulator, laneNames(options, lane))), (line) =>
        oracle.sent(line),
      );
      reports.push(oracle.report());
    }
    const reached = new Map<string, number>();
    for (const { campaign } of running)
      for (const [how, count] of campaign.reached) reached.set(how, (reached.get(how) ?? 0) + count);
    for (const point of options.points) if (!reached.has(point)) findings.add('crash point not hit', point);
    return {
      kills: running.reduce((sum, { campaign }) => sum + campaign.kills, 0),
      reached,
      lanes: reports,
      readyMs: running.flatMap(({ campaign }) => campaign.readyMs),
      findings,
    };
  } finally {
    await simulator.stop();
  }
}

async function startSimulator({ seed, rooms, changingRooms, rate, folder }: KillTestOptions): Promise<Simulator> {
  const ledgerDir = join(folder, 'ledger');
  await mkdir(ledgerDir, { recursive: true });
  const steady = rooms / (rooms + changingRooms);
  const simulator = await Simulator.start([
    ...['--seed', String(seed), '--streamers', String(rooms), '--rate', String(rate * steady), '--skew', '0.5'],
    ...[
      '--live-at-start',
      '1',
      '--schedule',
      'false',
      '--ledger-entries',
      String(LEDGER_ENTRIES),
      '--ledger-dir',
      ledgerDir,
    ],
  ]);
  if (changingRooms > 0) {
    await simulator.post('/_sim/world', {
      seed: `${seed}-changing`,
      prefix: 'come',
      streamers: changingRooms,
      rate: rate * (1 - steady),
      horizonMs: HORIZON_MS,
    });
  }
  return simulator;
}

const nameOf = (prefix: string, index: number): string => `${prefix}_${String(index + 1).padStart(4, '0')}`;
const share = (count: number, lanes: number, lane: number): number => Math.floor((count - lane + lanes - 1) / lanes);

/** Every lane takes each n-th streamer. */
function laneNames({ rooms, changingRooms, lanes }: KillTestOptions, lane: number): string[] {
  const of = (prefix: string, count: number): string[] =>
    Array.from({ length: share(count, lanes, lane) }, (_, index) => nameOf(prefix, lane + index * lanes));
  return [...of('sim', rooms), ...of('come', changingRooms)];
}

/** Each lane takes each n-th group of the plan; then, until there are events enough, kills at random moments. */
function* lanePlan(
  { lanes, lifeMs, minEvents = 0 }: KillTestOptions,
  plan: readonly (readonly Death[])[],
  lane: number,
  oracle: DeliveryOracle,
  random: SeededRandom,
): Generator<Death> {
  for (const [index, deaths] of plan.entries()) if (index % lanes === lane) yield* deaths;
  while (oracle.admitted < minEvents / lanes)
    yield { kind: 'random', from: 'ready', afterMs: Math.round(lifeMs * 2 * random.next()) };
}

const topicsOf = (prefix: string): string[] =>
  TOPIC_CATALOGUE.filter(({ subject }) => subject !== 'raw').map(({ subject }) =>
    topicName(prefix, subject, 'subject'),
  );

/** The ledger's rooms of these streamers; a streamer may have had several. */
async function roomsOf(simulator: Simulator, names: readonly string[]): Promise<string[]> {
  const own = new Set(names);
  const { rooms } = await simulator.get<{ rooms: { roomId: string; uniqueId: string }[] }>('/_sim/rooms');
  return rooms.filter(({ uniqueId }) => own.has(uniqueId)).map(({ roomId }) => roomId);
}

/** Line by line: a ledger of a million messages is larger than a string may be. */
async function readLedger(
  simulator: Simulator,
  rooms: ReadonlySet<string>,
  visit: (line: SentLine) => void,
): Promise<void> {
  const answer = await fetch(`${simulator.url}/_sim/ledger`);
  if (!answer.ok || answer.body === null) throw new Error(`the ledger cannot be read: ${answer.status}`);
  for await (const text of createInterface({ input: Readable.fromWeb(answer.body as never) })) {
    const line = JSON.parse(text) as SentLine;
    if (rooms.has(line.room)) visit(line);
  }
}
