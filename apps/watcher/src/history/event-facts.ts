import { createHash } from 'node:crypto';
import { EVENT_CATALOGUE, eventNameOf } from '@livetap/contracts';
import type { FoldInput } from './history.port.js';

/** What the fold needs of one event of a room. */
export interface EventFacts {
  /** 16 bytes of SHA-256(source, 0x00, id) in the form of a UUID: the same for every repeat. */
  readonly key: string;
  /** Event name of the contract; of a newer contract: as written in the type. */
  readonly name: string;
  /** Made of a message of TikTok, not Livetap's own. */
  readonly wire: boolean;
  readonly id: string;
  readonly roomId: string;
  readonly sessionId: string;
  readonly uniqueId: string;
  readonly tiktokUserId?: string;
  /** Receipt of the frame, ms since the epoch. */
  readonly recordedAt: number;
  /**
   * Text order is the order of what events state: by receipt, then by sequence. Sequences alone are no order while a streamer has
   * two owners, for everything of the older epoch would come first.
   */
  readonly order: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type FactsOutcome =
  | { readonly facts: EventFacts }
  /** `notHistory`: nothing of a room (raw records, viewers, canaries). `malformed`: not one of our events at all. */
  | { readonly skipped: 'notHistory' | 'malformed' };

const ROOM_SOURCE = /^\/tiktok\/rooms\/([^/]{1,64})$/;
const TYPE = /^livetap\.(.+)\.v\d+$/;
/** Receipts outside these years are no receipts: they would make partitions for ever. */
export const EARLIEST_RECEIPT = Date.UTC(2016, 0, 1);
const LATEST_RECEIPT = Date.UTC(2100, 0, 1);

/** Whether something can have been received then, ms since the epoch; false for NaN. */
export function isReceipt(at: number): boolean {
  return at >= EARLIEST_RECEIPT && at < LATEST_RECEIPT;
}

/** Reads one event from the journal or a topic. Never throws: what cannot be read is skipped with a reason. */
export function readFacts(input: FoldInput): FactsOutcome {
  const roomId = ROOM_SOURCE.exec(input.source)?.[1];
  const name = TYPE.exec(input.type)?.[1];
  if (roomId === undefined || name === undefined || name === 'canary') return { skipped: 'notHistory' };
  let event: unknown;
  try {
    event = JSON.parse(input.value.toString('utf8'));
  } catch {
    return { skipped: 'malformed' };
  }
  if (!isRecord(event)) return { skipped: 'malformed' };
  const recordedAt = typeof event['recordedtime'] === 'string' ? Date.parse(event['recordedtime']) : Number.NaN;
  const uniqueId = event['subject'];
  if (typeof uniqueId !== 'string' || !isReceipt(recordedAt)) return { skipped: 'malformed' };
  const known = eventNameOf(input.type);
  const streamerId = event['streamerid'];
  return {
    facts: {
      key: hashKey(input.source, input.id),
      name,
      wire: known === undefined || EVENT_CATALOGUE[known].origin === 'wire',
      id: input.id,
      roomId,
      sessionId: typeof event['sessionid'] === 'string' ? event['sessionid'] : roomId,
      uniqueId,
      ...(typeof streamerId === 'string' ? { tiktokUserId: streamerId } : {}),
      recordedAt,
      order: `${new Date(recordedAt).toISOString()} ${typeof event['sequence'] === 'string' ? event['sequence'] : ''}`,
      data: isRecord(event['data']) ? event['data'] : {},
    },
  };
}

/** 16 bytes of SHA-256 over the parts, each ended by 0x00, written as a UUID. */
export function hashKey(...parts: readonly string[]): string {
  const hex = createHash('sha256').update(parts.join('\u0000')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a list; none when it is no list. */
export function readRecords(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The person in a `User` of the contract, by TikTok user id; undefined when it names none. */
export function readUserId(user: unknown): string | undefined {
  return isRecord(user) ? readId(user['id']) : undefined;
}

/** A count as a whole number ≥ 0; anything else is 0. Decimal strings are taken as well. */
export function readCount(value: unknown): number {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** A time as ms since the epoch; undefined for anything else. */
export function readTime(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

const MAX_ID = '9223372036854775807';

/** A TikTok id as the database can hold it (a positive 64-bit integer in decimal); undefined for anything else, also "0". */
export function readId(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[1-9]\d{0,18}$/.test(value)) return undefined;
  return value.length < MAX_ID.length || value <= MAX_ID ? value : undefined;
}
