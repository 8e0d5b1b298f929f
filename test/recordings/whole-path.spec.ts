import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { consumeAll, expectContiguous, expectSameMessages, isOwn, type ConsumedEvent } from '../system/ledger-check.js';
import { eventually, Simulator, temporaryFolder, Watcher } from '../system/processes.js';

const directory = process.env['LIVETAP_RECORDINGS_DIR'];
const brokers = inject('kafkaBrokers');

interface Recorded {
  readonly method: string;
  readonly msgId: string;
  readonly room: string | null;
}

const countBy = <T>(items: readonly T[], key: (item: T) => string): Record<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b)));
};

const roomOf = (event: ConsumedEvent): string => event.source.replace('/tiktok/rooms/', '');
const nameOf = (event: ConsumedEvent): string => event.type.replace(/^livetap\./, '').replace(/\.v1$/, '');

describe.skipIf(directory === undefined || brokers.length === 0)('recorded messages over the whole path', () => {
  it('simulator socket → connector → pipeline → journal → Kafka: one wire event for each message', async () => {
    const recorded = readFileSync(join(directory ?? '', 'webcast-messages.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Recorded);
    const simulator = await Simulator.start(['--streamers', '0', '--replay', directory ?? '']);
    const folder = await temporaryFolder();
    const prefix = `recordings.${randomUUID().slice(0, 8)}`;
    const watcher = await Watcher.start({
      ...simulator.settings,
      LIVETAP_DATA_DIR: folder.path,
      KAFKA_BROKERS: brokers.join(','),
      LIVETAP_TOPIC_PREFIX: prefix,
    });
    try {
      await watcher.add((await simulator.streamers()).map(({ uniqueId }) => uniqueId));
      await eventually(
        'every recorded message was sent and published',
        async () => {
          const events = await consumeAll(brokers, prefix);
          return events.filter((event) => !isOwn(event)).length >= recorded.length ? true : undefined;
        },
        240_000,
      );
      expect(await watcher.stop()).toBe(0);
      const events = await consumeAll(brokers, prefix);
      const wire = events.filter((event) => !isOwn(event));
      expectSameMessages(events, await simulator.sent());
      expectContiguous(events);
      expect(wire.length).toBe(recorded.length);

      // By room; the messages without one are together in a room of their own.
      const rooms = countBy(recorded, ({ room }) => room ?? 'none');
      const published = countBy(wire, roomOf);
      const { none = 0, ...known } = rooms;
      expect(Object.fromEntries(Object.entries(published).filter(([room]) => room in known))).toEqual(known);
      expect(
        Object.entries(published)
          .filter(([room]) => !(room in known))
          .map(([, count]) => count),
      ).toEqual([none]);

      // By message: ids and methods that a type of their own exists for, and those that arrive as `unknown`, with bytes.
      const methods = new Map(recorded.map(({ msgId, method }) => [msgId, method]));
      expect(wire.every(({ id }) => methods.has(id))).toBe(true);
      const unknown = wire.filter((event) => nameOf(event) === 'unknown');
      expect(
        unknown.every(
          ({ data }) =>
            data['reason'] === 'unknownMethod' && typeof data['payload'] === 'string' && data['method'] !== undefined,
        ),
      ).toBe(true);
      expect(wire.filter(({ data }) => data['partial'] === true).length).toBe(0);

      console.log(`by type: ${JSON.stringify(countBy(wire, nameOf))}`);
      console.log(`of its own: ${JSON.stringify(countBy(events.filter(isOwn), nameOf))}`);
      console.log(`unknown methods: ${JSON.stringify(countBy(unknown, ({ data }) => String(data['method'])))}`);
      console.log(
        `${recorded.length} recorded messages, ${wire.length} wire events, ${Object.keys(published).length} rooms`,
      );
    } finally {
      await watcher.stop();
      await simulator.stop();
      await folder.remove();
    }
  });
});
