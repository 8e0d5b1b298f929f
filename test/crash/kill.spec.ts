import { SeededRandom } from '@livetap/testkit';
import { afterEach, expect, inject, it } from 'vitest';
import { CRASH_POINTS } from '../../apps/watcher/src/common/crash-point.js';
import { startTestPostgres } from '../setup/postgres.js';
import { expectHistory } from '../system/history-check.js';
import { temporaryFolder } from '../system/processes.js';
import { Findings } from './findings.js';
import { runHistoryKillTest } from './history-kill-test.js';
import { FIRST_START, HISTORY, RECURRING } from './kill-plan.js';
import { print } from './print-report.js';
import { runKillTest } from './kill-test.js';

const brokers = inject('kafkaBrokers');
/** On a machine that does much else; on a quiet one these tests take a minute together. */
const PATIENCE_MS = 15 * 60_000;
const SEED = 20;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

async function stage(databases: number): Promise<{ folder: string; databases: string[] }> {
  const folder = await temporaryFolder();
  cleanUps.push(() => folder.remove());
  const postgres = await startTestPostgres();
  cleanUps.push(() => postgres.stop());
  return {
    folder: folder.path,
    databases: await Promise.all(Array.from({ length: databases }, () => postgres.createDatabase())),
  };
}

it('every crash point belongs to one of these tests', () => {
  expect([...FIRST_START, ...RECURRING, ...HISTORY].sort()).toEqual([...CRASH_POINTS].sort());
});

it.skipIf(brokers.length === 0)(
  'a watcher that is killed at every crash point and at random moments loses nothing that it had admitted',
  async () => {
    const lanes = 2;
    const startedAt = performance.now();
    const report = await runKillTest({
      seed: SEED,
      brokers,
      lanes,
      ...(await stage(lanes)),
      points: [...FIRST_START, ...RECURRING],
      rounds: 1,
      randomKills: 5,
      stops: 1,
      lifeMs: 250,
      rooms: 20,
      changingRooms: 0,
      rate: 2_000,
    });
    print(report, `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
    expect(report.findings.toString()).toBe('');
    expect([...FIRST_START, ...RECURRING].filter((point) => !report.reached.has(point))).toEqual([]);
  },
  PATIENCE_MS,
);

it(
  'a watcher that is killed within the transaction of history counts every event once: all figures are those of the ledger',
  async () => {
    const findings = new Findings();
    const { folder, databases } = await stage(1);
    const report = await runHistoryKillTest({
      random: new SeededRandom(SEED),
      database: databases[0] ?? '',
      folder,
      rounds: 1,
      randomKills: 1,
      lifeMs: 250,
      rooms: 10,
      rate: 500,
      findings,
      inspect: async (watcher, ledger) => {
        const { sessions, battles } = await expectHistory(watcher, ledger);
        expect([sessions, battles > 0]).toEqual([10, true]);
      },
    });
    expect(findings.toString()).toBe('');
    expect(HISTORY.filter((point) => !report.reached.has(point))).toEqual([]);
    expect(report.totals.events).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);
