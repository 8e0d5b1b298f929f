import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { type KafkaServer, startKafka } from '@livetap/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../setup/postgres.js';
import { readiness, SmallDisk, untilReady, untilReason } from './faulty-services.js';
import { consumeAll, type ConsumedEvent, expectContiguous, expectSameMessages, isOwn } from './ledger-check.js';
import { eventually, Simulator, temporaryFolder, Watcher } from './processes.js';

const brokers = inject('kafkaBrokers');
const MIB = 1024 * 1024;
const ROOMS = 12;

const cleanUps: (() => Promise<unknown>)[] = [];
/** What the slowest machine needs; on a quiet one everything takes seconds. */
const PATIENCE_MS = 120_000;
const TEST_MS = 400_000;

const soon = <T>(what: string, probe: () => Promise<T | undefined>): Promise<T> => eventually(what, probe, PATIENCE_MS);

afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

interface LogLine {
  readonly event: string;
  readonly uniqueId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly pressure?: string;
  readonly hint?: string;
}

function logOf(watcher: Watcher): LogLine[] {
  return watcher.program.output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as LogLine];
      } catch {
        // The last line may be half printed.
        return [];
      }
    });
}

/** A broker that stops can keep a batch and not say so: its repeat is removable, as every consumer does it. */
function firstOnly(events: readonly ConsumedEvent[]): ConsumedEvent[] {
  const seen = new Set<string>();
  return events.filter(({ source, id }) => {
    const fresh = !seen.has(`${source} ${id}`);
    seen.add(`${source} ${id}`);
    return fresh;
  });
}

const backpressureGaps = (events: readonly ConsumedEvent[]): ConsumedEvent[] =>
  events.filter(({ type, data }) => type === 'livetap.room.gap.v1' && data['reason'] === 'backpressure');

/** Value of one series. */
async function series(watcher: Watcher, name: string): Promise<number> {
  const text = await (await watcher.call('/metrics')).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? NaN);
}

const live = (watcher: Watcher): Promise<number> => series(watcher, 'livetap_rooms{state="live"}');
const gapEvents = (watcher: Watcher): Promise<number> =>
  series(watcher, 'livetap_events_synthesized_total{type="livetap.room.gap.v1"}');

describe.skipIf(brokers.length === 0)('nothing is lost in silence when there is no room for events', () => {
  let kafka: KafkaServer;
  let kafkaRuns = true;
  let postgres: TestPostgres;
  let simulator: Simulator;
  let settings: Record<string, string>;
  let prefix: string;

  beforeAll(async () => {
    const server = await startKafka({ environment: {} });
    if ('skipped' in server) throw new Error(server.skipped);
    kafka = server;
    postgres = await startTestPostgres();
  });
  afterAll(async () => {
    await kafka.dispose();
    await postgres.stop();
  });

  async function stopKafka(): Promise<void> {
    kafkaRuns = false;
    await kafka.stop();
  }

  async function restartKafka(): Promise<void> {
    await kafka.restart();
    kafkaRuns = true;
  }

  async function world(rate: number): Promise<void> {
    if (!kafkaRuns) await restartKafka();
    const args = ['--streamers', ROOMS, '--seed', 5, '--rate', rate, '--skew', 0.3, '--live-at-start', 1];
    simulator = await Simulator.start([...args, '--schedule', false].map(String));
    cleanUps.push(() => simulator.stop());
    prefix = `full.${randomUUID().slice(0, 8)}`;
    settings = {
      ...simulator.settings,
      DATABASE_URL: await postgres.createDatabase(),
      KAFKA_BROKERS: kafka.brokers.join(','),
      LIVETAP_TOPIC_PREFIX: prefix,
    };
  }

  async function watch(more: Record<string, string>): Promise<Watcher> {
    const watcher = await Watcher.start({ ...settings, ...more });
    cleanUps.push(() => watcher.stop('SIGKILL'));
    return watcher;
  }

  /** Adds all streamers, each with an importance of its own, and waits until their rooms are live. */
  async function addAll(watcher: Watcher): Promise<Map<string, number>> {
    const names = (await simulator.streamers()).map(({ uniqueId }) => uniqueId);
    const priorities = new Map(names.map((name, n) => [name, (n * 5) % ROOMS]));
    await watcher.json('/v1/streamers', {
      method: 'POST',
      body: { streamers: names.map((uniqueId) => ({ uniqueId, priority: priorities.get(uniqueId) })) },
    });
    await soon('all rooms are live', async () => ((await live(watcher)) === ROOMS ? true : undefined));
    return priorities;
  }

  /** No new messages; everything received is published. */
  async function settle(watcher: Watcher): Promise<void> {
    await simulator.quiesce();
    await soon('nothing is pending', async () =>
      (await watcher.metric('livetap_events_pending')) === 0 && (await watcher.metric('livetap_journal_events')) === 0
        ? true
        : undefined,
    );
  }

  it(
    'the journal at its cap, Kafka away: rooms pause, then close by importance with one gap each, and all comes back by itself',
    async () => {
      await world(300);
      const folder = await temporaryFolder();
      cleanUps.push(() => folder.remove());
      const watcher = await watch({ LIVETAP_DATA_DIR: folder.path, LIVETAP_JOURNAL_MAX_BYTES: String(MIB) });
      const priorities = await addAll(watcher);
      const stoppedAt = logOf(watcher).length;
      await stopKafka();
      await untilReason(watcher, ['JOURNAL_NEARLY_FULL', 'JOURNAL_FULL'], PATIENCE_MS);
      await untilReason(watcher, ['JOURNAL_FULL'], PATIENCE_MS);
      expect(await watcher.metric('livetap_journal_full')).toBe(1);
      const fullSince = performance.now();
      await soon('all rooms are closed', async () => ((await live(watcher)) === 0 ? true : undefined));
      const closedAfter = performance.now() - fullSince;
      expect((await watcher.call('/livez')).status).toBe(200);
      expect(await watcher.metric('livetap_journal_bytes')).toBeLessThanOrEqual(MIB);
      // Short of a reader it may have been full for a moment before; now it is for good.
      const log = logOf(watcher).slice(stoppedAt);
      const full = log.findLastIndex(({ event }) => event === 'journal.full');
      expect(log[full]).toMatchObject({ pressure: 'size' });
      const closed = log.slice(full).filter(({ from, to }) => from === 'live' && to === 'reconnecting');
      const order = closed.map(({ uniqueId = '' }) => priorities.get(uniqueId) ?? -1);
      expect(order).toHaveLength(ROOMS);
      // A quarter is closed at a time; within it the sockets' own farewells decide.
      for (let quarter = 0; quarter < 4; quarter += 1) {
        const size = ROOMS / 4;
        const expected = Array.from({ length: size }, (_, n) => quarter * size + n);
        expect(order.slice(quarter * size, (quarter + 1) * size).sort((a, b) => a - b)).toEqual(expected);
      }

      await restartKafka();
      await untilReady(watcher, PATIENCE_MS);
      await soon('all rooms are back', async () => ((await live(watcher)) === ROOMS ? true : undefined));
      await soon('each has said so', async () => ((await gapEvents(watcher)) >= ROOMS ? true : undefined));
      await settle(watcher);
      expect(await watcher.stop()).toBe(0);
      const events = firstOnly(await consumeAll(kafka.brokers, prefix));
      expectSameMessages(events, await simulator.sent());
      expectContiguous(events);
      const gaps = events.filter(({ type }) => type === 'livetap.room.gap.v1');
      expect(backpressureGaps(gaps)).toHaveLength(gaps.length);
      const intervals = logOf(watcher).filter(({ from, to }) => from === 'live' && to === 'reconnecting');
      const byRoom = (names: readonly (string | undefined)[]): Record<string, number> =>
        Object.fromEntries([...priorities.keys()].map((name) => [name, names.filter((each) => each === name).length]));
      expect(byRoom(gaps.map(({ subject }) => subject))).toEqual(byRoom(intervals.map(({ uniqueId }) => uniqueId)));
      console.log(
        `journal of 1 MiB full: all ${ROOMS} rooms closed ${Math.round(closedAfter)} ms after readiness said so; ` +
          `${events.filter((event) => !isOwn(event)).length} messages, ${gaps.length} gaps, ${watcher.equation.scrapes} scrapes added up`,
      );
    },
    TEST_MS,
  );

  it(
    'a full disk: the same, and a stop and a start on the full disk',
    async (test) => {
      const disk = await SmallDisk.mount(24);
      if (typeof disk === 'string') {
        if (process.env['CI'] === 'true') throw new Error(disk);
        test.skip(disk);
        return;
      }
      cleanUps.push(() => disk.unmount());
      await world(300);
      const own = {
        LIVETAP_DATA_DIR: `${disk.path}/data`,
        LIVETAP_JOURNAL_MAX_BYTES: String(16 * MIB),
        LIVETAP_SHUTDOWN_TIMEOUT_MS: '12000',
      };
      const watcher = await watch(own);
      await addAll(watcher);
      // First, so that much of what fills the disk can be given back: the journal alone may fill it while Kafka stops.
      await disk.fill(3 * MIB);
      await stopKafka();
      await untilReason(watcher, ['JOURNAL_DISK_FULL'], PATIENCE_MS);
      expect((await readiness(watcher)).body.reasons.find(({ code }) => code === 'JOURNAL_DISK_FULL')?.message).toMatch(
        /free space/,
      );
      await soon('all rooms are closed', async () => ((await live(watcher)) === 0 ? true : undefined));
      const said = logOf(watcher).filter(({ event }) => event === 'journal.full');
      expect(said.map(({ pressure }) => pressure)).toEqual(['disk']);
      expect(said[0]?.hint).toMatch(/free space/);

      // Space comes back: it goes on by itself, without a word from anybody.
      await simulator.quiesce();
      await disk.free();
      await soon('all rooms are back', async () => ((await live(watcher)) === ROOMS ? true : undefined));
      await soon('each has said so', async () => ((await gapEvents(watcher)) >= ROOMS ? true : undefined));
      await restartKafka();
      await untilReady(watcher, PATIENCE_MS);
      await settle(watcher);
      const before = firstOnly(await consumeAll(kafka.brokers, prefix));
      expectSameMessages(before, await simulator.sent());
      expect(backpressureGaps(before)).toHaveLength(ROOMS);

      // The disk fills again, for good this time: the stop ends in time and says what was not admitted.
      await simulator.post('/_sim/resume');
      await stopKafka();
      await disk.fill(0);
      await soon('rooms wait for the disk', async () =>
        (await watcher.metric('livetap_journal_full')) === 1 ? true : undefined,
      );
      const since = performance.now();
      expect(await watcher.stop()).toBe(0);
      const stopMs = performance.now() - since;
      expect(watcher.program.output).toMatch(/rooms\.drain_incomplete/);

      // A start on the full disk waits, and says for what.
      const next = await Watcher.launch({ ...settings, ...own });
      cleanUps.push(() => next.stop('SIGKILL'));
      await soon('the start waits for space', async () =>
        (await readiness(next)).body.reasons.some(({ message }) => /disk is full/.test(message)) ? true : undefined,
      );
      await disk.free();
      await restartKafka();
      await next.program.printed(/Livetap is ready/);
      await soon('all rooms are back', async () => ((await live(next)) === ROOMS ? true : undefined));
      await settle(next);
      expect(await next.stop()).toBe(0);
      const events = firstOnly(await consumeAll(kafka.brokers, prefix));
      expectContiguous(events);
      const explained = missingInGaps(events, await simulator.sent());
      console.log(
        `disk full: stopped in ${Math.round(stopMs)} ms; ${events.filter((event) => !isOwn(event)).length} messages, ` +
          `${explained} received and not admitted before the stop, each of them in a gap of its room`,
      );
    },
    TEST_MS,
  );

  it('a data folder that cannot be written: named, exit 78', async (test) => {
    const disk = await SmallDisk.mount(1);
    if (typeof disk === 'string') {
      if (process.env['CI'] === 'true') throw new Error(disk);
      test.skip(disk);
      return;
    }
    cleanUps.push(() => disk.unmount());
    await mkdir(`${disk.path}/data`);
    await disk.readOnly();
    const watcher = await Watcher.launch({ LIVETAP_DATA_DIR: `${disk.path}/data` });
    expect(await watcher.program.exited()).toBe(78);
    expect(watcher.program.output).toContain(`${disk.path}/data`);
    expect(watcher.program.output).toMatch(/EROFS.*LIVETAP_DATA_DIR/);
  });
});

/** Every message that was sent and not published was sent within a gap of its room; returns how many there are. */
function missingInGaps(
  events: readonly ConsumedEvent[],
  sent: readonly { readonly room: string; readonly msgId: string; readonly at: number }[],
): number {
  const published = new Set(events.map(({ source, id }) => `${source.replace('/tiktok/rooms/', '')} ${id}`));
  const gaps = events.filter(({ type }) => type === 'livetap.room.gap.v1');
  const missing = sent.filter(({ room, msgId }) => !published.has(`${room} ${msgId}`));
  for (const { room, msgId, at } of missing) {
    const covers = gaps.some(({ source, data }) => {
      const [from, to] = [Date.parse(String(data['from'])), Date.parse(String(data['to']))];
      return source.endsWith(`/${room}`) && from <= at && at <= to;
    });
    if (!covers) throw new Error(`message ${msgId} of room ${room} is neither published nor in a gap`);
  }
  return missing.length;
}
