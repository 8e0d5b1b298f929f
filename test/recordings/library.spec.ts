import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  buildEulerClient,
  ControlEvent,
  deserializeMessage,
  TikTokLiveConnection,
  WebcastEvent,
  type DecodedData,
} from '@livetap/connector';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../apps/simulator/src/index.js';
import { ReferenceComparison } from './reference-comparison.js';
import { DECIDED_OTHERWISE } from './decided-otherwise.js';

interface Recorded {
  readonly method: string;
  readonly msgId: string;
  readonly payload: string;
}
interface Expected {
  readonly decoded: Record<string, unknown> | null;
}
interface Received {
  readonly method: string;
  readonly payload: string;
}

/** Wire methods whose type has another name. */
const TYPE_OF: Readonly<Record<string, string>> = {
  RoomMessage: 'WebcastRoomMessage',
  LinkMicMethod: 'WebcastLinkMicMethod',
};

const folder = process.env['LIVETAP_RECORDINGS_DIR'];
if (folder === undefined) console.log('recordings through the library: skipped: LIVETAP_RECORDINGS_DIR is not set');

const lines = <T>(text: string): T[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe.skipIf(folder === undefined)('recorded messages through the library', () => {
  let recorded: Recorded[] = [];
  let expected: Expected[] = [];
  /** What the reference makes of a payload; null when it has no type. */
  let referenceOf = new Map<string, Record<string, unknown> | null>();

  beforeAll(() => {
    recorded = lines(readFileSync(join(folder ?? '', 'webcast-messages.jsonl')).toString());
    expected = lines(gunzipSync(readFileSync(join(folder ?? '', 'expected.jsonl.gz'))).toString());
    referenceOf = new Map(
      recorded.map(({ method, payload }, index) => [`${method}:${payload}`, expected[index]?.decoded ?? null]),
    );
  });

  function expectNoOtherDifference(comparison: ReferenceComparison, what: string): void {
    const differences = comparison.differences();
    console.log(
      `${what}: ${comparison.messages} of ${recorded.length} messages have a type in the reference; ` +
        `${comparison.fields} values compared, ${differences.length} fields decided otherwise`,
    );
    for (const { field, count, example } of differences)
      if (!(field in DECIDED_OTHERWISE)) console.log(`  ${field} (${count} times): NOT DECIDED, ${example}`);
    expect(comparison.messages).toBe(expected.filter(({ decoded }) => decoded !== null).length);
    expect(differences.map(({ field }) => field)).toEqual(Object.keys(DECIDED_OTHERWISE).sort());
  }

  it('deserializeMessage gives the values of the reference', () => {
    const comparison = new ReferenceComparison();
    recorded.forEach(({ method, payload }, index) => {
      const reference = expected[index]?.decoded;
      if (reference === null || reference === undefined) return;
      const type = TYPE_OF[method] ?? method;
      comparison.compare(
        type,
        deserializeMessage(type, Buffer.from(payload, 'base64')) as Record<string, unknown>,
        reference,
      );
    });
    expectNoOtherDifference(comparison, 'deserializeMessage');
  });

  describe('TikTokLiveConnection', () => {
    let simulator: Simulator;
    beforeAll(async () => {
      simulator = await startSimulator({});
    });
    afterAll(() => simulator.close());

    it('hands out every message, raw and with the values of the reference', async () => {
      await simulator.replay({ directory: folder ?? '', restMs: 50 });
      const comparison = new ReferenceComparison();
      const raw: Received[] = [];
      const decoded: Received[] = [];
      const undecoded: string[] = [];
      const errors: unknown[] = [];
      const typed = new Map<string, number>();
      let typedEvents = 0;
      const connections = simulator.world.list().map(({ uniqueId }) => {
        const connection = new TikTokLiveConnection(uniqueId, {
          endpoints: { webUrl: simulator.url, webcastUrl: simulator.url, socketUrl: simulator.wsUrl },
          eulerApiInstance: buildEulerClient({ basePath: simulator.url }),
          fetchRoomInfoOnConnect: false,
        });
        connection.on(ControlEvent.RAW_DATA, (method, payload) => raw.push({ method, payload: base64(payload) }));
        connection.on(ControlEvent.DECODED_DATA, (method, { type, data }: DecodedData, payload) => {
          const received = { method, payload: base64(payload) };
          decoded.push(received);
          const reference = referenceOf.get(`${method}:${received.payload}`);
          if (reference) comparison.compare(type, data as Record<string, unknown>, reference);
        });
        connection.on(ControlEvent.UNDECODED_DATA, ({ method, reason }) => undecoded.push(`${reason} ${method}`));
        connection.on(ControlEvent.ERROR, (error) => errors.push(error));
        for (const event of Object.values(WebcastEvent))
          connection.on(event, () => {
            typedEvents += 1;
            typed.set(event, (typed.get(event) ?? 0) + 1);
          });
        return connection;
      });
      // A recorded end of a stream ends the connection; what follows is for the next one.
      let stopping = false;
      const watch = async (connection: TikTokLiveConnection): Promise<void> => {
        while (!stopping) {
          const over = new Promise((resolve) => connection.once(ControlEvent.DISCONNECTED, resolve));
          const isOpen = await connection.connect().then(
            () => true,
            () => false,
          );
          if (isOpen) await over;
          else await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const watching = connections.map(watch);
      await new Promise<void>((resolve) => {
        const look = (): void => (raw.length >= recorded.length ? resolve() : void setTimeout(look, 20));
        look();
      });
      stopping = true;
      await Promise.all(connections.map((connection) => connection.disconnect()));
      await Promise.all(watching);

      const sorted = (list: readonly Received[]): string[] =>
        list.map(({ method, payload }) => `${method}:${payload}`).sort();
      expect(sorted(raw)).toEqual(sorted(recorded));
      expect(decoded.length + undecoded.length).toBe(recorded.length);
      expect(undecoded.every((entry) => entry.startsWith('unknownMethod '))).toBe(true);
      console.log(
        `TikTokLiveConnection: ${raw.length} messages in ${connections.length} rooms, ${decoded.length} decoded, ` +
          `${undecoded.length} of unknown methods; ${typedEvents} typed events of ${typed.size} kinds; ${errors.length} errors`,
      );
      expectNoOtherDifference(comparison, 'TikTokLiveConnection');
    });
  });
});
