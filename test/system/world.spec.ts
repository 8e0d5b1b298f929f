import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../setup/postgres.js';
import {
  consumeAll,
  expectContract,
  expectContiguous,
  expectSameMessages,
  isOwn,
  type ConsumedEvent,
} from './ledger-check.js';
import { produceCommands } from './commands-client.js';
import { allSessions, expectGaps, expectHistory } from './history-check.js';
import { eraseSomeone } from './people-check.js';
import { eventually, Simulator, temporaryFolder, Watcher } from './processes.js';

const brokers = inject('kafkaBrokers');
const WORLD_MS = 60_000;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

/** `streamMs`: length of a typical stream. */
async function world(streamers = 50, streamMs = 60_000): Promise<Simulator> {
  const simulator = await Simulator.start([
    ...['--streamers', String(streamers), '--seed', '7'],
    ...['--horizon-ms', String(streamMs)],
  ]);
  cleanUps.push(() => simulator.stop());
  return simulator;
}

async function folder(): Promise<string> {
  const temporary = await temporaryFolder();
  cleanUps.push(() => temporary.remove());
  return temporary.path;
}

async function postgres(): Promise<TestPostgres> {
  const server = await startTestPostgres();
  cleanUps.push(() => server.stop());
  return server;
}

async function watch(settings: Record<string, string>): Promise<Watcher> {
  const watcher = await Watcher.start(settings);
  cleanUps.push(() => watcher.stop());
  return watcher;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** All that was received has been admitted, published and folded; asked of the service's own figures. */
async function settled(watcher: Watcher, simulator: Simulator): Promise<void> {
  const sent = (await simulator.sent()).length;
  await eventually(
    `${sent} messages admitted, published and folded`,
    async () => {
      const totals = await allSessions(watcher);
      const folded = totals.reduce((sum, session) => sum + session.events, 0);
      return folded >= sent ? folded : undefined;
    },
    90_000,
  );
}

describe.skipIf(brokers.length === 0)('with Kafka and Postgres', () => {
  it('a world of 50 rooms for a minute: the ledger equals the ids in Kafka and the totals in Postgres', async () => {
    const simulator = await world();
    const prefix = `world.${randomUUID().slice(0, 8)}`;
    const database = await (await postgres()).createDatabase();
    const watcher = await watch({
      ...simulator.settings,
      LIVETAP_DATA_DIR: await folder(),
      DATABASE_URL: database,
      KAFKA_BROKERS: brokers.join(','),
      LIVETAP_TOPIC_PREFIX: prefix,
    });
    await watcher.add((await simulator.streamers()).map(({ uniqueId }) => uniqueId));
    await pause(WORLD_MS);
    await simulator.quiesce();
    await settled(watcher, simulator);
    const { sessions } = await expectHistory(watcher, simulator);
    const received = await watcher.metric('livetap_messages_received_total');
    const synthesized = await watcher.metric('livetap_events_synthesized_total');
    const published = await watcher.metric('livetap_events_published_total');
    const deduplicated = await watcher.metric('livetap_events_deduplicated_total');
    const dropped = await watcher.metric('livetap_events_dropped_total');
    expect(await watcher.metric('livetap_events_pending')).toBe(0);
    expect(received + synthesized).toBe(published + deduplicated + dropped);
    const erased = await eraseSomeone(watcher, await allSessions(watcher));
    expect(await watcher.stop()).toBe(0);

    const events = await consumeAll(brokers, prefix);
    expect(erasuresIn(events)).toEqual([erased]);
    const sent = await simulator.sent();
    expectSameMessages(events, sent);
    expectContiguous(events);
    console.log(
      `sent ${sent.length}, in Kafka ${events.filter((event) => !isOwn(event)).length} and ${events.filter(isOwn).length} of its own, sessions ${sessions}, repeats dropped ${deduplicated}`,
    );
  });

  it('SIGTERM in the middle of load and a new start: the ledger still equals the ids in Kafka', async () => {
    // A live that ends and begins again in the same room within the seconds of a restart may be taken for one: not here.
    const simulator = await world(50, 120_000);
    const prefix = `restart.${randomUUID().slice(0, 8)}`;
    const database = await (await postgres()).createDatabase();
    const settings = {
      ...simulator.settings,
      LIVETAP_DATA_DIR: await folder(),
      DATABASE_URL: database,
      KAFKA_BROKERS: brokers.join(','),
      LIVETAP_TOPIC_PREFIX: prefix,
    };
    const first = await watch(settings);
    await first.add((await simulator.streamers()).map(({ uniqueId }) => uniqueId));
    await pause(15_000);
    expect(await first.stop('SIGTERM')).toBe(0);
    const second = await watch(settings);
    await pause(15_000);
    await simulator.quiesce();
    await settled(second, simulator);
    await expectHistory(second, simulator);
    await expectGaps(second, () => consumeAll(brokers, prefix));
    expect(await second.stop()).toBe(0);

    const events = await consumeAll(brokers, prefix);
    expectSameMessages(events, await simulator.sent());
    expectContiguous(events);
    expectOneGapForEachRestart(events);
    console.log(
      `over a restart: ${events.filter((event) => !isOwn(event)).length} messages, ${events.filter((event) => event.type === 'livetap.room.gap.v1').length} gaps`,
    );
  });

  it('the same world, driven by commands over Kafka instead of REST', async () => {
    const simulator = await world();
    const prefix = `commands.${randomUUID().slice(0, 8)}`;
    const database = await (await postgres()).createDatabase();
    const watcher = await watch({
      ...simulator.settings,
      LIVETAP_DATA_DIR: await folder(),
      DATABASE_URL: database,
      KAFKA_BROKERS: brokers.join(','),
      LIVETAP_TOPIC_PREFIX: prefix,
      LIVETAP_COMMANDS: 'on',
    });
    const names = (await simulator.streamers()).map(({ uniqueId }) => uniqueId);
    const [paused = '', removed = '', ...rest] = names;
    const replies = await produceCommands(brokers, prefix, [
      ...names.map((uniqueId) => ({ id: `add-${uniqueId}`, command: 'add', uniqueId })),
      // The same command id again: the stored reply, nothing done twice.
      { id: `add-${paused}`, command: 'add', uniqueId: paused },
      { id: 'pause-1', command: 'pause', uniqueId: paused },
      { id: 'remove-1', command: 'remove', uniqueId: removed },
      { id: 'bad-1', command: 'add', uniqueId: 'not a name!' },
    ]);
    expect(replies.filter((reply) => reply.ok).length).toBe(names.length + 3);
    expect(replies.find((reply) => !reply.ok)?.id).toBe('bad-1');
    const known = await watcher.json<{ streamers: { uniqueId: string; paused: boolean }[] }>('/v1/streamers?limit=200');
    expect(known.streamers.map(({ uniqueId }) => uniqueId).sort()).toEqual([paused, ...rest].sort());
    expect(known.streamers.filter((streamer) => streamer.paused).map(({ uniqueId }) => uniqueId)).toEqual([paused]);
    await pause(20_000);
    await simulator.quiesce();
    await eventually('all published', async () => {
      const events = await consumeAll(brokers, prefix);
      return events.filter((event) => !isOwn(event)).length >= (await simulator.sent()).length ? true : undefined;
    });
    expect(await watcher.stop()).toBe(0);
    const events = await consumeAll(brokers, prefix);
    expectSameMessages(events, await simulator.sent());
    expectContiguous(events);
  });
});

describe('journal only', () => {
  it('the same world without Kafka and without settings: totals in the embedded Postgres and the live tail equal the ledger', async () => {
    const simulator = await world();
    const watcher = await watch({ ...simulator.settings, LIVETAP_DATA_DIR: await folder() });
    const tail = followTail(watcher.url);
    cleanUps.push(() => tail.stop());
    await watcher.add((await simulator.streamers()).map(({ uniqueId }) => uniqueId));
    await pause(WORLD_MS);
    await simulator.quiesce();
    await settled(watcher, simulator);
    await expectHistory(watcher, simulator);
    await eventually('the tail has everything', async () =>
      tail.events.filter((event) => !isOwn(event)).length >= (await simulator.sent()).length ? true : undefined,
    );
    await expectGaps(watcher, async () => tail.events);
    const erased = await eraseSomeone(watcher, await allSessions(watcher));
    await eventually('the tail tells of it', async () => (erasuresIn(tail.events).includes(erased) ? true : undefined));
    expect(await watcher.stop()).toBe(0);
    await tail.stop();
    expectSameMessages(tail.events, await simulator.sent());
    expectContiguous(tail.events);
    expectContract(tail.events);
  });
});

/** User ids of whom `viewer.erased` tells. */
function erasuresIn(events: readonly ConsumedEvent[]): unknown[] {
  return events.filter(({ type }) => type === 'livetap.viewer.erased.v1').map(({ data }) => data['userId']);
}

/** A room that was live through the restart has one gap with reason `restart`, no other room has one. */
function expectOneGapForEachRestart(events: readonly ConsumedEvent[]): void {
  const gaps = events.filter((event) => event.type === 'livetap.room.gap.v1');
  const rooms = gaps.map((gap) => gap.source);
  expect(new Set(rooms).size).toBe(rooms.length);
  expect(gaps.every((gap) => gap.data['reason'] === 'restart')).toBe(true);
  expect(gaps.length).toBeGreaterThan(0);
}

function followTail(url: string): { events: ConsumedEvent[]; stop(): Promise<void> } {
  const events: ConsumedEvent[] = [];
  const abort = new AbortController();
  const reading = (async () => {
    const answer = await fetch(`${url}/v1/events`, { signal: abort.signal });
    let buffer = '';
    const decoder = new TextDecoder();
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      buffer += decoder.decode(chunk, { stream: true });
      const blocks = buffer.split('\n\n');
      buffer = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = block
          .split('\n')
          .filter((line) => line.startsWith('data:'))
          .map((line) => line.slice(5).trimStart())
          .join('\n');
        if (data !== '') events.push(JSON.parse(data) as ConsumedEvent);
      }
    }
  })().catch(() => undefined);
  return {
    events,
    stop: async () => {
      abort.abort();
      await reading;
    },
  };
}
