import { join } from 'node:path';
import type { SeededRandom } from '@livetap/testkit';
import { AdmittedLedger } from '../system/admitted-ledger.js';
import { Simulator, Watcher } from '../system/processes.js';
import type { Findings } from './findings.js';
import { HistoryOracle, type HistoryTotals } from './history-oracle.js';
import { KillCampaign } from './kill-campaign.js';
import { HISTORY, makePlan } from './kill-plan.js';

export interface HistoryKillTestOptions {
  readonly random: SeededRandom;
  /** An empty database. */
  readonly database: string;
  /** An empty folder. */
  readonly folder: string;
  /** How often each point of the fold's transaction. */
  readonly rounds: number;
  readonly randomKills: number;
  readonly lifeMs: number;
  readonly rooms: number;
  readonly rate: number;
  readonly findings: Findings;
  /** Looks closer at the end: at a service whose rooms are over, and at the part of the ledger that is in the journal. */
  readonly inspect?: (watcher: Watcher, ledger: AdmittedLedger) => Promise<void>;
}

export interface HistoryKillTestReport {
  readonly kills: number;
  readonly reached: ReadonlyMap<string, number>;
  readonly totals: HistoryTotals;
}

/** Kills a watcher without Kafka in the middle of the fold's transaction: the totals in Postgres stay those of the journal. */
export async function runHistoryKillTest(options: HistoryKillTestOptions): Promise<HistoryKillTestReport> {
  const { random, database, folder, rooms, rate, findings } = options;
  const simulator = await Simulator.start([
    ...['--seed', String(random.seed), '--streamers', String(rooms), '--rate', String(rate)],
    ...['--live-at-start', '1', '--schedule', 'false'],
  ]);
  try {
    const oracle = new HistoryOracle(findings);
    const campaign = new KillCampaign({
      simulator,
      uniqueIds: (await simulator.streamers()).map(({ uniqueId }) => uniqueId),
      liveRooms: rooms,
      folder,
      reader: 'history',
      settings: { DATABASE_URL: database },
      oracle,
      findings,
    });
    await campaign.run(makePlan({ ...options, points: HISTORY, stops: 0 }).flat());
    const last = await campaign.lastLife();
    await simulator.quiesce();
    await last.finish();
    const totals = await oracle.judge(database);
    if (options.inspect !== undefined) {
      const ledger = new AdmittedLedger(await simulator.sent(), (room, msgId) => oracle.has(room, msgId));
      const { settings } = simulator;
      await simulator.stop();
      const watcher = await Watcher.start({
        ...settings,
        DATABASE_URL: database,
        LIVETAP_DATA_DIR: join(folder, 'data'),
      });
      await options.inspect(watcher, ledger).finally(() => watcher.stop());
    }
    for (const point of HISTORY) if (!campaign.reached.has(point)) findings.add('crash point not hit', point);
    return { kills: campaign.kills, reached: campaign.reached, totals };
  } finally {
    await simulator.stop();
  }
}
