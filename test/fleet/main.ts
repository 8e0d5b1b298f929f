import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startKafka } from '@livetap/testkit';
import { runScenario, type Scenario, type ScenarioResult, SCENARIOS } from './scenarios.js';

const USAGE = `npm run fleet -- [--replicas 3] [--rooms 200] [--rate 500] [--scenario ${SCENARIOS.join('|')}] [--seconds n] [--restarts 20] [--logs folder] [--json]

Runs several replicas on a real Postgres and Kafka, lets something happen, and compares all topics with what was sent.
Without --scenario all of them, one after the other. --seconds: how long Postgres is away, a replica is cut off or stands still.
--logs: what the replicas print, in debug, and the ledger go into files of this folder.`;

/** `npm run fleet`. Returns the exit code: 0 when everything held. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      replicas: { type: 'string', default: '3' },
      rooms: { type: 'string', default: '200' },
      rate: { type: 'string', default: '500' },
      scenario: { type: 'string' },
      seconds: { type: 'string' },
      restarts: { type: 'string', default: '20' },
      logs: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [replicas, rooms, rate, restarts] = [values.replicas, values.rooms, values.rate, values.restarts].map(Number);
  const seconds = values.seconds === undefined ? {} : { seconds: Number(values.seconds) };
  const chosen = SCENARIOS.filter((name) => values.scenario === undefined || name === values.scenario);
  const numbers = [replicas, rooms, rate, restarts, seconds.seconds ?? 1];
  if (values.help || chosen.length === 0 || numbers.some((value) => !(Number(value) > 0)) || !(Number(replicas) > 1)) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const kafka = await startKafka();
  if ('skipped' in kafka) throw new Error(`no broker: ${kafka.skipped}`);
  let held = true;
  try {
    for (const scenario of chosen) {
      const from = performance.now();
      const result = await runScenario({
        ...{ scenario, brokers: kafka.brokers, ...seconds },
        ...(values.logs === undefined ? {} : { logs: join(values.logs, scenario) }),
        ...{ replicas: replicas ?? 3, rooms: rooms ?? 200, rate: rate ?? 500, restarts: restarts ?? 20 },
        say: (line) => void (values.json || console.log(`  ${line}`)),
      });
      held &&= result.broken.length === 0;
      if (values.json) console.log(JSON.stringify({ scenario, ...result }));
      else print(scenario, result, (performance.now() - from) / 1_000);
    }
  } finally {
    await kafka.dispose();
  }
  return held ? 0 : 1;
}

/** The figures of a scenario, for people. */
function print(scenario: Scenario, { figures, report, broken }: ScenarioResult, seconds: number): void {
  const gaps = Object.entries(report.gaps).map(([reason, count]) => `${reason} ${count}`);
  const lines: readonly (readonly [string, string | number])[] = [
    ...Object.entries(figures),
    ['messages sent', report.sent],
    ['records in the topics', report.records],
    ['missing', `${report.missing}, of them in no gap ${report.lostInSilence}`],
    ['never sent', report.surplus],
    ['repeats, removable by id', report.repeats],
    ['gaps', gaps.length === 0 ? 'none' : gaps.join(', ')],
    ['diamonds published, sent', `${report.diamonds.published}, ${report.diamonds.sent}`],
    ['two sockets in one room', `${report.overlaps.count} times, at most ${report.overlaps.longestMs} ms`],
    ['by an owner that had lost the room', report.stale],
    ['highest epoch', report.epochs.highest],
    ['faults of contract and order', report.faults.length === 0 ? 'none' : report.faults.join('; ')],
  ];
  console.log(`${scenario}: ${broken.length === 0 ? 'holds' : 'BROKEN'} (${seconds.toFixed(0)} s)`);
  for (const [name, value] of lines) console.log(`  ${name.padEnd(40)} ${value}`);
  for (const sentence of broken) console.log(`  BROKEN: ${sentence}`);
}
