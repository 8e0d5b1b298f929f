import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { DRAIN_PHASES } from '../../apps/watcher/src/operations/drain.js';
import { startTestPostgres } from '../setup/postgres.js';
import { consumeAll, type ConsumedEvent, expectContiguous, expectSameMessages } from './ledger-check.js';
import { checkEquation } from './metrics-equation.js';
import { eventually, Simulator, temporaryFolder, Watcher } from './processes.js';

const brokers = inject('kafkaBrokers');
const ROOMS = 500;
const PATIENCE_MS = 300_000;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

async function folder(): Promise<string> {
  const temporary = await temporaryFolder();
  cleanUps.push(() => temporary.remove());
  return temporary.path;
}

async function database(): Promise<string> {
  const server = await startTestPostgres();
  cleanUps.push(() => server.stop());
  return server.createDatabase();
}

async function simulate(rooms: number, rate: number): Promise<Simulator> {
  const simulator = await Simulator.start([
    ...['--seed', '29', '--streamers', String(rooms), '--rate', String(rate), '--skew', '0.5'],
    ...['--live-at-start', '1', '--schedule', 'false'],
  ]);
  cleanUps.push(() => simulator.stop());
  return simulator;
}

async function watch(settings: Record<string, string>): Promise<Watcher> {
  const watcher = await Watcher.start(settings);
  cleanUps.push(() => watcher.program.stop('SIGKILL'));
  return watcher;
}

/** All rooms are live and this life has admitted something of them. */
async function underLoad(watcher: Watcher, rooms: number): Promise<void> {
  await eventually(
    `${rooms} rooms are live and speak`,
    async () => {
      const status = await watcher.json<{ rooms: { live?: number }; events: { admitted: number } }>('/v1/status');
      return status.rooms.live === rooms && status.events.admitted > 4 * rooms ? status : undefined;
    },
    PATIENCE_MS,
  );
}

/** Log lines of one kind. */
function logged(watcher: Watcher, event: string): Record<string, unknown>[] {
  return watcher.program.output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes(`"event":"${event}"`))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Each event once: no record repeats another, own events included. */
function expectNoRepeats(events: readonly ConsumedEvent[]): void {
  const ids = events.map((event) => `${event.source} ${event.id}`);
  expect(ids.length - new Set(ids).size).toBe(0);
}

describe.skipIf(brokers.length === 0)('SIGTERM', () => {
  it(
    `under load at ${ROOMS} rooms: an orderly stop in time, nothing missing, and nothing repeated by the next start`,
    async () => {
      const simulator = await simulate(ROOMS, 1_000);
      const prefix = `drain.${randomUUID().slice(0, 8)}`;
      const settings = {
        ...simulator.settings,
        LIVETAP_DATA_DIR: await folder(),
        DATABASE_URL: await database(),
        KAFKA_BROKERS: brokers.join(','),
        LIVETAP_TOPIC_PREFIX: prefix,
        LIVETAP_LOG_LEVEL: 'debug',
      };
      const first = await watch(settings);
      await first.add((await simulator.streamers()).map(({ uniqueId }) => uniqueId));
      await underLoad(first, ROOMS);
      expect(await first.stop('SIGTERM')).toBe(0);
      // Every step ended within LIVETAP_SHUTDOWN_TIMEOUT_MS, else its name would be here; the order is the documented one.
      const [done] = logged(first, 'drain.done');
      expect(done).toMatchObject({ failed: [] });
      expect(logged(first, 'drain.phase').map(({ phase }) => phase)).toEqual([...DRAIN_PHASES]);
      const afterStop = await consumeAll(brokers, prefix);
      expectSameMessages(afterStop, await simulator.sent());
      expectNoRepeats(afterStop);

      const second = await watch(settings);
      await underLoad(second, ROOMS);
      await simulator.quiesce();
      await eventually('nothing is under way', async () => {
        const { pending } = checkEquation(await (await second.call('/metrics')).text());
        return pending === 0 ? true : undefined;
      });
      expect(await second.stop('SIGTERM')).toBe(0);
      const events = await consumeAll(brokers, prefix);
      expectSameMessages(events, await simulator.sent());
      expectNoRepeats(events);
      expectContiguous(events);
      const gaps = events.filter((event) => event.type === 'livetap.room.gap.v1');
      expect(new Set(gaps.map((gap) => gap.source)).size).toBe(gaps.length);
      expect(gaps.every((gap) => gap.data['reason'] === 'restart')).toBe(true);
      console.log(
        `${ROOMS} rooms: drained in ${String(done?.['durationMs'])} ms with ${afterStop.length} records, as sent; after the next life ${events.length}, 0 repeats, ${gaps.length} gaps`,
      );
    },
    2 * PATIENCE_MS,
  );
});

it('a second signal ends the process at once, and the next start goes on', async () => {
  const simulator = await simulate(10, 50);
  const settings = {
    ...simulator.settings,
    LIVETAP_DATA_DIR: await folder(),
    DATABASE_URL: await database(),
  };
  const first = await watch(settings);
  await first.add((await simulator.streamers()).map(({ uniqueId }) => uniqueId));
  await underLoad(first, 10);
  // Two different signals: of two equal ones the system may deliver one.
  process.kill(first.program.pid, 'SIGTERM');
  process.kill(first.program.pid, 'SIGINT');
  expect(await first.program.exited()).toBe(1);
  expect(logged(first, 'service.cutShort')).toHaveLength(1);
  expect(logged(first, 'drain.done')).toHaveLength(0);
  const second = await watch(settings);
  await underLoad(second, 10);
  expect(await second.stop('SIGTERM')).toBe(0);
});
