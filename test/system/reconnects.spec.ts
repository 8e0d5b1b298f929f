import { randomUUID } from 'node:crypto';
import { eventNameOf, parseSequence } from '@livetap/contracts';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { startTestPostgres } from '../setup/postgres.js';
import { expectGaps } from './history-check.js';
import { consumeAll, expectContiguous, expectSameMessages, isOwn, type ConsumedEvent } from './ledger-check.js';
import { eventually, Simulator, temporaryFolder, Watcher } from './processes.js';

const brokers = inject('kafkaBrokers');
const ROOMS = 50;
const ROUNDS = 2;
/** Live all the time, never cut, with next to nothing to say: must not be taken for broken. */
const QUIET_ROOMS = 10;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

describe.skipIf(brokers.length === 0)('reconnects', () => {
  it('100 scripted cuts: exactly 100 gaps, none besides, every message once', async () => {
    const simulator = await Simulator.start(['--streamers', '0']);
    cleanUps.push(() => simulator.stop());
    const cut = Array.from({ length: ROOMS }, (_, index) => `cut_${index}`);
    const quiet = Array.from({ length: QUIET_ROOMS }, (_, index) => `quiet_${index}`);
    for (const uniqueId of cut) await simulator.post('/_sim/streamers', { uniqueId, rate: 4, live: true });
    for (const uniqueId of quiet) await simulator.post('/_sim/streamers', { uniqueId, rate: 0.2, live: true });
    const postgres = await startTestPostgres();
    cleanUps.push(() => postgres.stop());
    const folder = await temporaryFolder();
    cleanUps.push(() => folder.remove());
    const prefix = `reconnects.${randomUUID().slice(0, 8)}`;
    const watcher = await Watcher.start({
      ...simulator.settings,
      LIVETAP_DATA_DIR: folder.path,
      DATABASE_URL: await postgres.createDatabase(),
      KAFKA_BROKERS: brokers.join(','),
      LIVETAP_TOPIC_PREFIX: prefix,
    });
    cleanUps.push(() => watcher.stop());
    await watcher.add([...cut, ...quiet]);

    /** Every room that is cut has a socket, over which something new came since this was called. */
    const allHeard = async (): Promise<void> => {
      const before = await simulator.delivered();
      await eventually('every room is heard', async () => {
        const streamers = await simulator.streamers();
        const now = await simulator.delivered();
        const heard = streamers
          .filter(({ uniqueId }) => cut.includes(uniqueId))
          .every(({ roomId, sockets }) => sockets === 1 && (now.get(roomId) ?? 0) > (before.get(roomId) ?? 0));
        return heard ? true : undefined;
      });
    };
    await allHeard();
    for (let round = 0; round < ROUNDS; round += 1) {
      const opened = await simulator.socketsOpened();
      for (const uniqueId of cut) await simulator.post('/_sim/faults', { kind: 'cut', uniqueId, when: 'acked' });
      await eventually('every room was cut and has a new socket', async () =>
        (await simulator.socketsOpened()) >= opened + ROOMS ? true : undefined,
      );
      await allHeard();
    }
    await simulator.quiesce();
    await eventually('everything is published', async () => {
      const events = await consumeAll(brokers, prefix);
      return events.filter((event) => !isOwn(event)).length >= (await simulator.sent()).length ? true : undefined;
    });
    expect(await watcher.metric('livetap_events_deduplicated_total')).toBeGreaterThan(0);
    const inPostgres = await expectGaps(watcher, () => consumeAll(brokers, prefix));
    expect(inPostgres).toBe(ROOMS * ROUNDS);
    expect(await watcher.stop()).toBe(0);

    const events = await consumeAll(brokers, prefix);
    const sent = await simulator.sent();
    expectSameMessages(events, sent);
    expectContiguous(events);
    const gaps = events.filter(({ type }) => type === 'livetap.room.gap.v1');
    const perRoom = new Map<string, number>();
    for (const { subject } of gaps) perRoom.set(subject, (perRoom.get(subject) ?? 0) + 1);
    console.log(
      `${ROOMS * ROUNDS} cuts, ${gaps.length} gaps, ${inPostgres} of them in Postgres, ${sent.length} messages, each once`,
    );
    expect([...perRoom].sort()).toEqual(cut.map((name) => [name, ROUNDS]).sort());
    for (const gap of gaps) expectBetween(gap, events);
  }, 240_000);
});

/** The gap stands in its room between the last message before it and the first one after it, and says so. */
function expectBetween(gap: ConsumedEvent, events: readonly ConsumedEvent[]): void {
  const at = parseSequence(gap.sequence)?.n ?? 0;
  const wire = events
    .filter((event) => event.source === gap.source && !isOwn(event) && eventNameOf(event.type) !== undefined)
    .map((event) => ({ id: event.id, n: parseSequence(event.sequence)?.n ?? 0 }))
    .sort((left, right) => left.n - right.n);
  const before = wire.filter(({ n }) => n < at).at(-1);
  const after = wire.find(({ n }) => n > at);
  const { from, to, durationMs, ...rest } = gap.data;
  expect(rest).toEqual({
    reason: 'disconnected',
    lastIdBefore: before?.id,
    firstIdAfter: after?.id,
    fromExact: true,
  });
  expect(durationMs).toBe(Date.parse(String(to)) - Date.parse(String(from)));
  expect(durationMs).toBeGreaterThan(0);
}
