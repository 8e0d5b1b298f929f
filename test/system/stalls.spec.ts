import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { startTestPostgres } from '../setup/postgres.js';
import { consumeAll, expectContiguous, expectSameMessages, isOwn } from './ledger-check.js';
import { eventually, Simulator, temporaryFolder, Watcher } from './processes.js';

const brokers = inject('kafkaBrokers');
/** The limit of silence; 60,000 is the service's own, which makes this test take two minutes. */
const SILENCE_MS = Number(process.env['LIVETAP_TEST_SILENCE_MS'] ?? 5_000);
/** Enough for the second socket of every room on a slow machine, whatever the limit. */
const PATIENCE_MS = SILENCE_MS + 120_000;
const ROOMS_EACH = 25;
const QUIET_ROOMS = 50;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

const names = (what: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${what}_${n}`);

describe.skipIf(brokers.length === 0)('silent sockets', () => {
  it(
    'half-open and dead sockets in 50 rooms are found, one gap each; 50 quiet rooms have no gap and no churn',
    async () => {
      const simulator = await Simulator.start(['--streamers', '0']);
      cleanUps.push(() => simulator.stop());
      const halfOpen = names('half_open', ROOMS_EACH);
      const dead = names('dead', ROOMS_EACH);
      const quiet = names('quiet', QUIET_ROOMS);
      const broken = [...halfOpen, ...dead];
      for (const uniqueId of broken) await simulator.post('/_sim/streamers', { uniqueId, rate: 4, live: true });
      for (const uniqueId of quiet) await simulator.post('/_sim/streamers', { uniqueId, rate: 0.001, live: true });
      const postgres = await startTestPostgres();
      cleanUps.push(() => postgres.stop());
      const folder = await temporaryFolder();
      cleanUps.push(() => folder.remove());
      const prefix = `stalls.${randomUUID().slice(0, 8)}`;
      const watcher = await Watcher.start({
        ...simulator.settings,
        LIVETAP_DATA_DIR: folder.path,
        DATABASE_URL: await postgres.createDatabase(),
        KAFKA_BROKERS: brokers.join(','),
        LIVETAP_TOPIC_PREFIX: prefix,
        LIVETAP_SILENCE_MS: String(SILENCE_MS),
      });
      cleanUps.push(() => watcher.stop());
      await watcher.add([...broken, ...quiet]);

      await eventually('every room has a socket, each lively one has said something', async () => {
        const said = await simulator.delivered();
        const all = await simulator.streamers();
        return all.every(({ sockets }) => sockets > 0) &&
          all.every(({ uniqueId, roomId }) => quiet.includes(uniqueId) || (said.get(roomId) ?? 0) > 0)
          ? true
          : undefined;
      });
      // Each strikes the one socket that is open now; the next socket of the room works.
      for (const uniqueId of halfOpen) await simulator.post('/_sim/faults', { kind: 'halfOpen', uniqueId, times: 1 });
      for (const uniqueId of dead) await simulator.post('/_sim/faults', { kind: 'stall', uniqueId, times: 1 });
      const silent = await simulator.delivered();
      await eventually(
        'every broken room is heard again',
        async () => {
          const now = await simulator.delivered();
          const heard = (await simulator.streamers()).filter(({ uniqueId }) => broken.includes(uniqueId));
          return heard.every(({ roomId }) => (now.get(roomId) ?? 0) > (silent.get(roomId) ?? 0)) ? true : undefined;
        },
        PATIENCE_MS,
      );
      // Second sockets that had nothing to say are not counted: the room kept the one that it had.
      const replaced = await watcher.metric('livetap_reconnects_total');
      const opened = await simulator.socketsOpened();
      await simulator.quiesce();
      const sent = await simulator.sent();
      await eventually('everything is published', async () => {
        const events = await consumeAll(brokers, prefix);
        return events.filter((event) => !isOwn(event)).length >= sent.length ? true : undefined;
      });
      expect(await watcher.stop()).toBe(0);

      const events = await consumeAll(brokers, prefix);
      expectSameMessages(events, sent);
      expectContiguous(events);
      const gaps = events.filter(({ type }) => type === 'livetap.room.gap.v1');
      const lengths = gaps.map(({ data }) => Number(data['durationMs'])).sort((a, b) => a - b);
      console.log(
        `limit ${SILENCE_MS} ms: ${gaps.length} gaps in ${broken.length} rooms with a broken socket, of ${lengths[0]} to ${lengths.at(-1)} ms; ` +
          `${quiet.length} quiet rooms: ${gaps.filter(({ subject }) => quiet.includes(subject)).length} gaps; ${opened} sockets opened in all, ${replaced} took the place of another`,
      );
      expect(gaps.map(({ subject, data }) => `${subject} ${String(data['reason'])}`).sort()).toEqual(
        broken.map((uniqueId) => `${uniqueId} stalled`).sort(),
      );
      expect(replaced).toBe(broken.length);
    },
    PATIENCE_MS + 180_000,
  );
});
