import { eventNameOf, parseSequence, TOPIC_CATALOGUE, topicName } from '@livetap/contracts';
import { RecordCheck, visitTopics } from '@livetap/testkit';
import type { Simulator } from '../system/processes.js';

/** A message as the simulator sent it to one socket. */
interface SentLine {
  readonly at: number;
  readonly room: string;
  readonly msgId: string;
  readonly socket: number;
  readonly isHistory: boolean;
  readonly damaged: boolean;
}

/** What was sent against what is in the topics. */
export interface FleetReport {
  /** Distinct messages that were sent whole to an open socket. */
  readonly sent: number;
  readonly records: number;
  /** Sent and not in the topics. */
  readonly missing: number;
  /** Of those, outside every `room.gap` of their room. */
  readonly lostInSilence: number;
  /** In the topics and never sent. */
  readonly surplus: number;
  /** Records whose (source, id) was there before: what a consumer removes by id. */
  readonly repeats: number;
  readonly gaps: Readonly<Record<string, number>>;
  /** Broken promises of the contract or of the order, as sentences; at most ten. */
  readonly faults: readonly string[];
  readonly epochs: { readonly highest: number };
  /** Records that an owner received after it had stood still, of rooms that another one had by then. */
  readonly stale: number;
  /** Diamonds of the first records of all gifts, and of the ledger. */
  readonly diamonds: { readonly published: number; readonly sent: number };
  /** How long two sockets of one room were open at a time, by what they brought, ms. */
  readonly overlaps: { readonly count: number; readonly longestMs: number };
}

const OWN = new Set([
  'live.started',
  'live.ended',
  'live.left',
  'room.gap',
  'gift.completed',
  'viewer.erased',
  'canary',
]);
const MAX_FAULTS = 10;
/** In the ledger: history that came with the answer of the sign server. */
const NO_SOCKET = 0;

/** Reads all topics of the prefix and the whole ledger. `fencedFrom`: when an owner goes on that lost its rooms meanwhile, ms since the epoch. */
export async function reportOf(
  brokers: readonly string[],
  prefix: string,
  simulator: Simulator,
  fencedFrom = Infinity,
): Promise<FleetReport> {
  const sent = new Map<string, number>();
  const sockets = new Map<string, Map<number, { from: number; to: number }>>();
  for (const line of await ledgerLines(simulator)) {
    if (line.damaged) continue;
    const key = `${line.room} ${line.msgId}`;
    sent.set(key, Math.min(line.at, sent.get(key) ?? Infinity));
    if (line.socket === NO_SOCKET) continue;
    const byRoom = sockets.get(line.room) ?? new Map<number, { from: number; to: number }>();
    sockets.set(line.room, byRoom);
    const socket = byRoom.get(line.socket) ?? { from: line.at, to: line.at };
    byRoom.set(line.socket, { from: Math.min(socket.from, line.at), to: Math.max(socket.to, line.at) });
  }
  const check = new RecordCheck();
  const faults: string[] = [];
  const fault = (sentence: string): void => void (faults.length < MAX_FAULTS && faults.push(sentence));
  const seen = new Set<string>();
  const sequences = new Map<string, Set<number>>();
  const receipts = new Map<string, { readonly epoch: number; readonly at: number }[]>();
  const gaps: Record<string, number> = {};
  const intervals = new Map<string, { from: number; to: number }[]>();
  let [records, repeats, surplus, diamonds, highest] = [0, 0, 0, 0, 0];
  const topics = TOPIC_CATALOGUE.filter(({ subject }) => subject !== 'raw').map(({ subject }) =>
    topicName(prefix, subject, 'subject'),
  );
  await visitTopics(brokers, topics, (record) => {
    for (const sentence of check.faults(record)) fault(sentence);
    const event = JSON.parse(record.value?.toString() ?? 'null') as {
      readonly id: string;
      readonly source: string;
      readonly type: string;
      readonly recordedtime: string;
      readonly sequence?: string;
      readonly data: Record<string, unknown>;
    };
    const name = eventNameOf(event.type) ?? event.type;
    if (name === 'canary') return;
    records += 1;
    const room = event.source.replace('/tiktok/rooms/', '');
    const key = `${room} ${event.id}`;
    const number = event.sequence === undefined ? undefined : parseSequence(event.sequence);
    if (number !== undefined) {
      const place = `${room} ${number.epoch}`;
      const numbers = sequences.get(place) ?? new Set<number>();
      sequences.set(place, numbers.add(number.n));
      highest = Math.max(highest, number.epoch);
      const received = receipts.get(room) ?? [];
      receipts.set(room, received);
      received.push({ epoch: number.epoch, at: Date.parse(event.recordedtime) });
    }
    if (name === 'room.gap') {
      gaps[String(event.data['reason'])] = (gaps[String(event.data['reason'])] ?? 0) + 1;
      const list = intervals.get(room) ?? [];
      intervals.set(room, list);
      list.push({ from: Date.parse(String(event.data['from'])), to: Date.parse(String(event.data['to'])) });
    }
    if (seen.has(key)) {
      repeats += 1;
      return;
    }
    seen.add(key);
    if (name === 'gift') diamonds += Number(event.data['diamonds'] ?? 0);
    if (!OWN.has(name) && !sent.has(key)) surplus += 1;
  });
  for (const [place, numbers] of sequences)
    if (Math.max(...numbers) !== numbers.size)
      fault(`room and epoch ${place}: ${numbers.size} numbers up to ${Math.max(...numbers)}`);
  const missing = [...sent].filter(([key]) => !seen.has(key));
  const silent = missing.filter(([key, at]) => {
    const room = key.slice(0, key.indexOf(' '));
    return intervals.get(room)?.some(({ from, to }) => from <= at && at <= to) !== true;
  });
  const lives = await simulator.summary();
  return {
    ...{
      sent: sent.size,
      records,
      missing: missing.length,
      lostInSilence: silent.length,
      surplus,
      repeats,
      gaps,
      faults,
    },
    epochs: { highest },
    stale: staleOf(receipts, fencedFrom),
    diamonds: { published: diamonds, sent: lives.reduce((sum, live) => sum + live.diamonds, 0) },
    overlaps: overlapsOf(sockets),
  };
}

async function ledgerLines(simulator: Simulator): Promise<SentLine[]> {
  const text = await (await fetch(`${simulator.url}/_sim/ledger`)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SentLine);
}

/** Records received from `from` on under an epoch that a later one had followed before `from`. */
function staleOf(
  rooms: ReadonlyMap<string, readonly { readonly epoch: number; readonly at: number }[]>,
  from: number,
): number {
  let stale = 0;
  for (const records of rooms.values()) {
    const current = Math.max(0, ...records.filter(({ at }) => at < from).map(({ epoch }) => epoch));
    stale += records.filter(({ epoch, at }) => at >= from && epoch < current).length;
  }
  return stale;
}

function overlapsOf(
  rooms: ReadonlyMap<string, ReadonlyMap<number, { from: number; to: number }>>,
): FleetReport['overlaps'] {
  let [count, longestMs] = [0, 0];
  for (const sockets of rooms.values()) {
    const ordered = [...sockets.values()].sort((left, right) => left.from - right.from);
    for (const [index, next] of ordered.slice(1).entries()) {
      const before = ordered[index]!;
      if (before.to <= next.from) continue;
      count += 1;
      longestMs = Math.max(longestMs, Math.min(before.to, next.to) - next.from);
    }
  }
  return { count, longestMs };
}
