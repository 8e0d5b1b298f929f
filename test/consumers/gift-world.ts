import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENT_CATALOGUE, HEADER_ID, HEADER_TYPE, topicName } from '@livetap/contracts';
import { readTopics, testClient, type TopicRecord } from '@livetap/testkit';
import { startTestPostgres } from '../setup/postgres.js';
import { contractEvent, type ConsumedEvent } from '../system/ledger-check.js';
import { eventually, Simulator, temporaryFolder, Watcher } from '../system/processes.js';

/** What a gift topic holds, and what the simulator's ledger says that it must add up to. */
export interface GiftWorld {
  readonly topic: string;
  readonly records: readonly TopicRecord[];
  /** Diamonds of each streamer who was given something: the ledger's own sum over the lives. */
  readonly ledger: Readonly<Record<string, number>>;
  /** Gift records whose (`source`, `id`) stood in the topic before. */
  readonly repeats: number;
  /** The same, before a part of the journal was sent again on purpose. */
  readonly repeatsOfKills: number;
  /** Distinct gifts. */
  readonly gifts: number;
  readonly gaps: readonly ConsumedEvent[];
  /** Streams in the ledger: a streamer can have several, also in one room. */
  readonly lives: number;
}

const STREAMERS = 12;
const MESSAGES_PER_SECOND = 400;
/** Gift messages between two faults. */
const GIFTS_A_STRETCH = 60;

/** How the watcher ends, in turn; after each it starts again on the same folder. */
const ENDINGS = ['SIGKILL', 'SIGKILL', 'SIGTERM'] as const;

/**
 * A world with many gifts, watched by a watcher that is killed twice, stopped once, loses its sockets in each stretch, and in
 * the end sends half of what its journal holds again. Nothing is in flight at a cut or a kill: what is lost in the kernel's
 * buffers was sent but could not be seen, and the ledger could not be met by anyone.
 */
export async function makeGiftWorld(brokers: readonly string[], prefix: string): Promise<GiftWorld> {
  const cleanUps: (() => Promise<unknown>)[] = [];
  try {
    const folder = await temporaryFolder();
    cleanUps.push(() => folder.remove());
    const postgres = await startTestPostgres();
    cleanUps.push(() => postgres.stop());
    const simulator = await Simulator.start([
      ...['--streamers', String(STREAMERS), '--rate', String(MESSAGES_PER_SECOND), '--seed', 'gifts'],
      ...['--live-at-start', '1', '--schedule', 'false'],
    ]);
    cleanUps.push(() => simulator.stop());
    const settings = {
      ...simulator.settings,
      LIVETAP_DATA_DIR: folder.path,
      DATABASE_URL: await postgres.createDatabase(),
      KAFKA_BROKERS: brokers.join(','),
      LIVETAP_TOPIC_PREFIX: prefix,
    };
    const watch = async (): Promise<Watcher> => {
      const watcher = await Watcher.start(settings);
      cleanUps.push(() => watcher.stop());
      return watcher;
    };
    const topic = topicName(prefix, EVENT_CATALOGUE.gift.topic, 'subject');
    const lifecycle = topicName(prefix, EVENT_CATALOGUE['room.gap'].topic, 'subject');

    for (const [index, ending] of ENDINGS.entries()) {
      const watcher = await watch();
      if (index === 0) await watcher.add((await simulator.streamers()).map(({ uniqueId }) => uniqueId));
      await stretch(simulator, watcher);
      if (index === 0) {
        await liveAgain(simulator, watcher);
        await stretch(simulator, watcher);
      }
      await simulator.post('/_sim/faults', { kind: 'cut' });
      await stretch(simulator, watcher);
      await watcher.stop(ending);
    }
    const before = countRepeats(await readTopics(brokers, [topic]));

    await sendHalfAgain(folder.path);
    const last = await watch();
    await eventually('the journal is published', async () =>
      (await last.metric('livetap_journal_events')) === 0 ? true : undefined,
    );
    const code = await last.stop();
    if (code !== 0) throw new Error(`the watcher ended with ${code}:\n${last.program.output.slice(-2000)}`);

    for (const record of await readTopics(brokers, [topic, lifecycle])) contractEvent(record);
    await produceDamaged(brokers, topic);
    const records = await readTopics(brokers, [topic]);
    const gaps = (await readTopics(brokers, [lifecycle]))
      .map(parse)
      .filter(({ type }) => type === EVENT_CATALOGUE['room.gap'].type);
    return {
      topic,
      records,
      ledger: await diamondsOfLedger(simulator),
      ...countRepeats(records),
      repeatsOfKills: before.repeats,
      lives: (await simulator.summary()).length,
      gaps,
    };
  } finally {
    for (const step of cleanUps.reverse()) await step();
  }
}

/** Whether a record is a gift as the contract wants it (`gift.completed` and damaged ones are not). */
export function isGiftRecord(record: TopicRecord): boolean {
  return record.headers[HEADER_TYPE] === EVENT_CATALOGUE.gift.type && HEADER_ID in record.headers;
}

export function parse(record: TopicRecord): ConsumedEvent {
  return JSON.parse(record.value?.toString() ?? 'null') as ConsumedEvent;
}

function countRepeats(records: readonly TopicRecord[]): { gifts: number; repeats: number } {
  const ids = records.filter(isGiftRecord).map((record) => {
    const { source, id } = parse(record);
    return `${source} ${id}`;
  });
  const gifts = new Set(ids).size;
  return { gifts, repeats: ids.length - gifts };
}

async function giftMessages(simulator: Simulator): Promise<number> {
  const lives = await simulator.summary();
  return lives.reduce((sum, live) => sum + (live.byMethod['WebcastGiftMessage'] ?? 0), 0);
}

/**
 * Lets the world run for some gifts and holds it: nothing more is sent, all that was sent has been received, and all that
 * was received has been published.
 */
async function stretch(simulator: Simulator, watcher: Watcher): Promise<void> {
  await simulator.post('/_sim/resume');
  const before = await giftMessages(simulator);
  await eventually('more gifts', async () =>
    (await giftMessages(simulator)) >= before + GIFTS_A_STRETCH ? true : undefined,
  );
  await simulator.quiesce();
  await eventually('all is acknowledged', async () => {
    const { sockets } = await simulator.get<{ sockets: { unacked: number; backlog: number }[] }>('/_sim/sockets');
    return sockets.length === STREAMERS && sockets.every(({ unacked, backlog }) => unacked + backlog === 0)
      ? true
      : undefined;
  });
  await eventually('all is published', async () => {
    // What went out is read before what came in: equal then means that nothing is on the way.
    const published = await watcher.metric('livetap_events_published_total');
    const deduplicated = await watcher.metric('livetap_events_deduplicated_total');
    const dropped = await watcher.metric('livetap_events_dropped_total');
    const synthesized = await watcher.metric('livetap_events_synthesized_total');
    const received = await watcher.metric('livetap_messages_received_total');
    return published + deduplicated + dropped === received + synthesized ? true : undefined;
  });
}

/** Two streams end and begin again, one in its room and one in a new room. */
async function liveAgain(simulator: Simulator, watcher: Watcher): Promise<void> {
  await simulator.post('/_sim/resume');
  const [first, second] = await simulator.streamers();
  for (const [streamer, sameRoom] of [
    [first, true],
    [second, false],
  ] as const) {
    const route = `streamers/${streamer?.uniqueId ?? ''}`;
    await simulator.post(`/_sim/${route}/end`);
    await eventually('the session has ended', async () => {
      const { sessions } = await watcher.json<{ sessions: { endedAt?: string }[] }>(`/v1/${route}/sessions`);
      return sessions.length > 0 && sessions.every(({ endedAt }) => endedAt !== undefined) ? true : undefined;
    });
    await simulator.post(`/_sim/${route}/start`, { sameRoom });
  }
}

/** As after a crash that lost the publisher's position: its cursor goes back to the middle of the journal. */
async function sendHalfAgain(dataDirectory: string): Promise<void> {
  const path = join(dataDirectory, 'journal', 'cursors.json');
  const cursors = JSON.parse(await readFile(path, 'utf8')) as { readers: Record<string, number> };
  const position = cursors.readers['publisher'];
  if (position === undefined || position < 2) throw new Error(`no position of the publisher in ${path}`);
  cursors.readers['publisher'] = Math.floor(position / 2);
  await writeFile(path, JSON.stringify(cursors));
}

/** Records that do not keep the contract; a consumer passes them over. */
export const DAMAGED = [
  { key: 'no-type', headers: {}, value: '{}' },
  { key: 'no-json', headers: { [HEADER_TYPE]: EVENT_CATALOGUE.gift.type }, value: '{"source":' },
  {
    key: 'no-source',
    headers: { [HEADER_TYPE]: EVENT_CATALOGUE.gift.type },
    value: '{"id":"1","data":{"diamonds":5}}',
  },
  {
    key: 'no-number',
    headers: { [HEADER_TYPE]: EVENT_CATALOGUE.gift.type },
    value: '{"id":"1","source":"/tiktok/rooms/1","subject":"nobody","data":{"diamonds":"5"}}',
  },
] as const;

async function produceDamaged(brokers: readonly string[], topic: string): Promise<void> {
  const producer = testClient(brokers).producer();
  await producer.connect();
  try {
    await producer.send({ topic, acks: -1, messages: DAMAGED.map((message) => ({ ...message })) });
  } finally {
    await producer.disconnect();
  }
}

async function diamondsOfLedger(simulator: Simulator): Promise<Record<string, number>> {
  const { rooms } = await simulator.get<{ rooms: { roomId: string; uniqueId: string }[] }>('/_sim/rooms');
  const owners = new Map(rooms.map(({ roomId, uniqueId }) => [roomId, uniqueId]));
  const totals: Record<string, number> = {};
  for (const { room, giftCount, diamonds } of await simulator.summary()) {
    const owner = owners.get(room);
    if (owner === undefined) throw new Error(`room ${room} has no owner`);
    if (giftCount > 0) totals[owner] = (totals[owner] ?? 0) + diamonds;
  }
  return totals;
}
