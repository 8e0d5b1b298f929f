import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SeededRandom, startKafka } from '@livetap/testkit';
import { startTestPostgres } from '../setup/postgres.js';
import { runHistoryKillTest } from './history-kill-test.js';
import { FIRST_START, HISTORY, RECURRING } from './kill-plan.js';
import { runKillTest } from './kill-test.js';
import { print } from './print-report.js';

const USAGE = `npm run crash -- [--kills 200] [--events 1000000] [--seed 1] [--rate 1000] [--rooms 40] [--changing 8] [--lanes 1]

Kills the watcher under load at every crash point and at random moments, and checks what is left in Kafka.`;

/** Half of the kills strike at crash points, half at random moments. */
const POINT_SHARE = 0.5;
/** One orderly stop for so many kills. */
const KILLS_PER_STOP = 20;
const HISTORY_LIFE_MS = 1_000;

/** `npm run crash`. Returns the exit code: 0 when nothing was wrong. */
export async function main(args: readonly string[]): Promise<number> {
  const whole = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: whole,
      events: whole,
      seed: whole,
      rate: whole,
      rooms: whole,
      lanes: whole,
      changing: whole,
      help: { type: 'boolean' },
    },
  });
  const number = (
    name: 'kills' | 'events' | 'seed' | 'rate' | 'rooms' | 'lanes' | 'changing',
    fallback: number,
  ): number => Number(values[name] ?? fallback);
  const [kills, events, rate] = [number('kills', 200), number('events', 1_000_000), number('rate', 1_000)];
  // Rooms whose streams end and begin again.
  const changingRooms = number('changing', 8);
  const [seed, rooms, lanes] = [number('seed', 1), number('rooms', 40), number('lanes', 1)];
  if (
    values.help === true ||
    [kills, events, rate, seed, rooms, lanes].some((value) => !Number.isFinite(value) || value <= 0)
  ) {
    console.log(USAGE);
    return values.help === true ? 0 : 2;
  }
  const kafka = await startKafka();
  if ('skipped' in kafka) throw new Error(`no broker: ${kafka.skipped}`);
  const postgres = await startTestPostgres();
  const folder = await mkdtemp(join(tmpdir(), 'livetap-crash-'));
  await chmod(folder, 0o755);
  const rounds = Math.max(1, Math.round((kills * POINT_SHARE) / RECURRING.length));
  const byPoint = FIRST_START.length + (RECURRING.length + HISTORY.length) * rounds;
  // A life must bring this many events; most of its time is not spent starting.
  const lifeMs = Math.round((events / Math.max(kills, byPoint) / rate) * 1_000);
  const startedAt = performance.now();
  let clean = false;
  try {
    const report = await runKillTest({
      seed,
      brokers: kafka.brokers,
      databases: await Promise.all(Array.from({ length: lanes }, () => postgres.createDatabase())),
      lanes,
      folder,
      points: [...FIRST_START, ...RECURRING],
      rounds,
      randomKills: Math.max(0, kills - byPoint),
      stops: Math.ceil(kills / KILLS_PER_STOP),
      lifeMs,
      rooms,
      changingRooms,
      rate,
      minEvents: events,
      say: (line) => console.log(`${elapsed(startedAt)} ${line}`),
    });
    // The fold's transaction, without Kafka: with it, history follows only when the broker has forgotten the killed consumer.
    const history = await runHistoryKillTest({
      random: new SeededRandom(seed),
      database: await postgres.createDatabase(),
      folder: join(folder, 'history'),
      rounds,
      randomKills: 1,
      lifeMs: HISTORY_LIFE_MS,
      rooms: 10,
      rate: 300,
      findings: report.findings,
    });
    print(report, elapsed(startedAt), history);
    clean = report.findings.none;
    return clean ? 0 : 1;
  } finally {
    if (clean) await rm(folder, { recursive: true, force: true });
    else console.log(`seed ${seed}; data folders and journals are kept in ${folder}`);
    await postgres.stop();
    await kafka.dispose();
  }
}

const elapsed = (since: number): string => `${((performance.now() - since) / 1_000).toFixed(1)} s`;
