import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { startTestPostgres } from '../setup/postgres.js';
import { consumeAll, isOwn, type ConsumedEvent } from './ledger-check.js';
import { eventually, Simulator, temporaryFolder, Watcher } from './processes.js';

const brokers = inject('kafkaBrokers');
const ROOMS = 20;
const WATCHED_MS = 10_000;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

/** What is the same wherever and whenever a message is received; what depends on when one joined is left out. */
function fixed(event: ConsumedEvent): unknown {
  const { id, source, type, subject, sessionid, time, data } = event;
  const { count: _count, diamonds: _diamonds, total: _total, streak, ...rest } = data;
  const streakId = (streak as { readonly id: string } | undefined)?.id;
  return { id, source, type, subject, sessionid, time, data: { ...rest, streakId } };
}

describe.skipIf(brokers.length === 0)('identity', () => {
  it('two services that know nothing of each other give every message the same source, id, type, time and content', async () => {
    const simulator = await Simulator.start(['--streamers', '0', '--seed', '11']);
    cleanUps.push(() => simulator.stop());
    const names = Array.from({ length: ROOMS }, (_, index) => `seen_twice_${index}`);
    for (const uniqueId of names) await simulator.post('/_sim/streamers', { uniqueId, rate: 15, live: true });
    const postgres = await startTestPostgres();
    cleanUps.push(() => postgres.stop());
    const prefixes = [1, 2].map((n) => `identity.${randomUUID().slice(0, 8)}.${n}`);
    const watchers = await Promise.all(
      prefixes.map(async (prefix) => {
        const folder = await temporaryFolder();
        cleanUps.push(() => folder.remove());
        const watcher = await Watcher.start({
          ...simulator.settings,
          LIVETAP_DATA_DIR: folder.path,
          DATABASE_URL: await postgres.createDatabase(),
          KAFKA_BROKERS: brokers.join(','),
          LIVETAP_TOPIC_PREFIX: prefix,
        });
        cleanUps.push(() => watcher.stop());
        return watcher;
      }),
    );
    for (const watcher of watchers) await watcher.add(names);
    await eventually('both have a socket in every room', async () => {
      const { streamers } = await simulator.get<{ streamers: { sockets: number }[] }>('/_sim/streamers');
      return streamers.every(({ sockets }) => sockets === 2) ? true : undefined;
    });
    const from = Date.now();
    await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
    await simulator.quiesce();
    const sent = (await simulator.sent()).filter(({ at }) => at > from).map(({ room, msgId }) => keyOf(room, msgId));
    await eventually('both have published what both were sent', async () => {
      const all = await Promise.all(prefixes.map((prefix) => wireEvents(prefix)));
      return all.every((events) => sent.every((key) => events.has(key))) ? true : undefined;
    });
    for (const watcher of watchers) expect(await watcher.stop()).toBe(0);
    const [first = new Map<string, ConsumedEvent>(), second = new Map<string, ConsumedEvent>()] = await Promise.all(
      prefixes.map((prefix) => wireEvents(prefix)),
    );
    console.log(`${first.size} and ${second.size} messages, ${sent.length} since both were there`);
    expect(sent.length).toBeGreaterThan(1_000);
    for (const key of sent) expect(fixed(second.get(key)!)).toEqual(fixed(first.get(key)!));
  }, 180_000);
});

const keyOf = (roomId: string, id: string): string => `/tiktok/rooms/${roomId} ${id}`;

async function wireEvents(prefix: string): Promise<Map<string, ConsumedEvent>> {
  const events = (await consumeAll(brokers, prefix)).filter((event) => !isOwn(event));
  return new Map(events.map((event) => [`${event.source} ${event.id}`, event]));
}
