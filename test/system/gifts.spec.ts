import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { startTestPostgres } from '../setup/postgres.js';
import { consumeAll, expectContiguous, type ConsumedEvent } from './ledger-check.js';
import { eventually, Simulator, temporaryFolder, Watcher } from './processes.js';
import { streakScript, type GivenGift } from './streak-script.js';

const brokers = inject('kafkaBrokers');
const ROOMS = 25;
const STREAKS_IN_ROOM = 500;
const FRAME_MESSAGES = 20;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

interface Gift {
  readonly id: string;
  readonly source: string;
  readonly data: {
    readonly diamonds?: number;
    readonly count: number;
    readonly gift: { readonly diamondsEach?: number };
    readonly streak: { readonly id: string; readonly count: number };
  };
}

/** Feeds the rooms frame by frame, all in turn; what no socket takes is not sent again, as TikTok does not. */
class Feed {
  readonly #rooms: { readonly roomId: string; readonly messages: GivenGift[] }[];
  taken = 0;
  missed = 0;

  constructor(
    private readonly simulator: Simulator,
    roomIds: readonly string[],
  ) {
    this.#rooms = roomIds.map((roomId, index) => ({ roomId, messages: streakScript(index + 1, STREAKS_IN_ROOM) }));
  }

  get left(): number {
    return this.#rooms.reduce((sum, { messages }) => sum + messages.length, 0);
  }

  /** Sends until so many messages are left. `each`: called after every round over all rooms. */
  async until(left: number, each: (round: number) => Promise<void> = async () => undefined): Promise<void> {
    for (let round = 0; this.left > left; round += 1) {
      for (const { roomId, messages } of this.#rooms) {
        const frame = messages.splice(0, FRAME_MESSAGES);
        if (frame.length === 0) continue;
        const { taken } = await this.simulator.post<{ taken: boolean }>(`/_sim/rooms/${roomId}/messages`, {
          messages: frame,
        });
        if (taken) this.taken += frame.length;
        else this.missed += frame.length;
      }
      await each(round);
    }
  }
}

const connected = (simulator: Simulator): Promise<true> =>
  eventually('every room has a socket', async () => {
    const streamers = await simulator.get<{ streamers: { sockets: number }[] }>('/_sim/streamers');
    return streamers.streamers.every(({ sockets }) => sockets > 0) ? true : undefined;
  });

/** Resets the connection of some rooms when nothing is in flight, so that the ledger holds only what arrived. */
async function cut(simulator: Simulator, names: readonly string[]): Promise<void> {
  for (const uniqueId of names) await simulator.post('/_sim/faults', { kind: 'cut', uniqueId, when: 'acked' });
}

const messagesSent = async (simulator: Simulator): Promise<number> =>
  (await simulator.get<{ sockets: { messages: number } }>('/_sim/stats')).sockets.messages;

describe.skipIf(brokers.length === 0)('gifts', () => {
  it('a world of 10,000 streaks with reordering, missing ends, reconnects and two restarts: both sums equal the ledger', async () => {
    const simulator = await Simulator.start(['--streamers', '0']);
    cleanUps.push(() => simulator.stop());
    const names = Array.from({ length: ROOMS }, (_, index) => `streaks_${index}`);
    for (const uniqueId of names) await simulator.post('/_sim/streamers', { uniqueId, rate: 0, live: true });
    const postgres = await startTestPostgres();
    cleanUps.push(() => postgres.stop());
    const folder = await temporaryFolder();
    cleanUps.push(() => folder.remove());
    const prefix = `gifts.${randomUUID().slice(0, 8)}`;
    const settings = {
      ...simulator.settings,
      LIVETAP_DATA_DIR: folder.path,
      DATABASE_URL: await postgres.createDatabase(),
      KAFKA_BROKERS: brokers.join(','),
      LIVETAP_TOPIC_PREFIX: prefix,
    };
    const watch = async (): Promise<Watcher> => {
      const watcher = await Watcher.start(settings);
      cleanUps.push(() => watcher.stop('SIGKILL'));
      return watcher;
    };

    const first = await watch();
    await first.add(names);
    await connected(simulator);
    const feed = new Feed(
      simulator,
      (await simulator.streamers()).map(({ roomId }) => roomId),
    );
    const all = feed.left;
    const cutSome = async (round: number): Promise<void> => {
      if (round % 4 === 3)
        await cut(
          simulator,
          names.filter((_, index) => index % 5 === round % 5),
        );
    };
    await feed.until(all * 0.7, cutSome);
    // In the middle of load: what is sent meanwhile and finds no socket was never delivered.
    const stopped = first.stop('SIGTERM');
    await feed.until(all * 0.65);
    expect(await stopped).toBe(0);

    const before = await messagesSent(simulator);
    const second = await watch();
    await connected(simulator);
    await feed.until(all * 0.35, cutSome);
    await connected(simulator);
    // Killed when all that was sent is admitted, and long before the next checkpoint of the last of it.
    await eventually('all that was sent is received', async () => {
      const received = await second.metric('livetap_messages_received_total');
      return received === (await messagesSent(simulator)) - before ? true : undefined;
    });
    await eventually('all of it is durable', async () => {
      const [admitted, received, repeats, own] = await Promise.all(
        ['events_admitted', 'messages_received', 'events_deduplicated', 'events_synthesized'].map((name) =>
          second.metric(`livetap_${name}_total`),
        ),
      );
      return (admitted ?? 0) >= (received ?? 0) - (repeats ?? 0) + (own ?? 0) ? true : undefined;
    });
    await second.stop('SIGKILL');

    const third = await watch();
    await connected(simulator);
    await feed.until(0, cutSome);
    await connected(simulator);
    for (const uniqueId of names) await simulator.post(`/_sim/streamers/${uniqueId}/end`);
    const ledger = (await simulator.summary()).filter(({ messages }) => messages > 0);
    const sent = (await simulator.sent()).length;
    await eventually('every session has ended and is folded', async () => {
      const pages = await Promise.all(
        names.map((name) =>
          third.json<{ sessions: { events: number; endedAt?: string }[] }>(`/v1/streamers/${name}/sessions`),
        ),
      );
      const sessions = pages.flatMap((page) => page.sessions);
      const folded = sessions.reduce((sum, session) => sum + session.events, 0);
      return folded >= sent && sessions.every(({ endedAt }) => endedAt !== undefined) ? true : undefined;
    });
    const totals = await Promise.all(
      names.map((name) =>
        third.json<{ sessions: { id: string; gifts: number; diamonds: number }[] }>(`/v1/streamers/${name}/sessions`),
      ),
    );
    expect(await third.stop()).toBe(0);

    const records = await consumeAll(brokers, prefix);
    const events = firstOfEach(records);
    expectContiguous(events);
    const gifts = events.filter(({ type }) => type === 'livetap.gift.v1') as unknown as Gift[];
    const streaks = new Map<string, { count: number; each: number }>();
    let diamonds = 0;
    for (const { source, data } of gifts) {
      diamonds += data.diamonds ?? 0;
      const key = `${source} ${data.streak.id}`;
      const each = data.gift.diamondsEach ?? 0;
      streaks.set(key, { count: Math.max(streaks.get(key)?.count ?? 0, data.streak.count), each });
    }
    const ofStreaks = [...streaks.values()].reduce((sum, { count, each }) => sum + count * each, 0);
    const expected = ledger.reduce((sum, room) => sum + room.diamonds, 0);
    console.log(
      `${all} gift messages, ${feed.missed} sent into no socket; ${records.length - events.length} records repeated; ${streaks.size} streaks; diamonds: ledger ${expected}, sum of events ${diamonds}, sum over streaks ${ofStreaks}`,
    );
    expect(streaks.size).toBeGreaterThanOrEqual(10_000);
    expect({ diamonds, ofStreaks }).toEqual({ diamonds: expected, ofStreaks: expected });
    expectCompletedOnce(events, streaks);
    const sessions = totals.flatMap((page) => page.sessions);
    expect(sessions.map((session) => [session.id, session.gifts, session.diamonds]).sort()).toEqual(
      ledger.map((room) => [room.room, room.giftCount, room.diamonds]).sort(),
    );
  }, 240_000);
});

/** What is left after removing repeats by (source, id): the first record counts. */
function firstOfEach(events: readonly ConsumedEvent[]): ConsumedEvent[] {
  const seen = new Set<string>();
  return events.filter(({ source, id }) => {
    const key = `${source} ${id}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** `gift.completed` comes exactly once for every streak, and never says more than the streak had. */
function expectCompletedOnce(
  events: readonly ConsumedEvent[],
  streaks: ReadonlyMap<string, { readonly count: number }>,
): void {
  const completed = events.filter(({ type }) => type === 'livetap.gift.completed.v1') as unknown as Gift[];
  const keys = completed.map(({ source, data }) => `${source} ${data.streak.id}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect([...keys].sort()).toEqual([...streaks.keys()].sort());
  const above = completed.filter(
    ({ source, data }) => data.streak.count > (streaks.get(`${source} ${data.streak.id}`)?.count ?? 0),
  );
  expect(above).toEqual([]);
}
