import { isRecord, hashKey, type EventFacts } from './event-facts.js';

/** What a batch of events adds to a session. Everything is a sum, a maximum, a minimum or comes from one event only. */
export interface SessionDelta {
  readonly id: string;
  readonly roomId: string;
  uniqueId: string;
  tiktokUserId?: string;
  title?: string;
  startedAt?: number;
  /** Minimum. */
  joinedAt: number;
  /** Maximum. */
  lastEventAt: number;
  /** Maximum. */
  leftAt?: number;
  endedAt?: number;
  endReason?: string;
  /** Maximum. */
  peakViewers: number;
  /** Maximum. */
  likes: number;
  chats: number;
  joins: number;
  follows: number;
  shares: number;
  gaps: number;
  gapMs: number;
  events: number;
}

/** What a batch adds to one interval of a session. */
export interface SnapshotDelta {
  readonly sessionId: string;
  /** Start of the interval, ms since the epoch. */
  readonly at: number;
  viewers?: number;
  /** Sequence of the event that stated `viewers`: the greatest wins. */
  viewersSequence: string;
  /** Maximum. */
  likes: number;
  chats: number;
  joins: number;
  follows: number;
  shares: number;
  gifts: number;
  diamonds: number;
  events: number;
  final: boolean;
}

/** The highest count of one gift streak. */
export interface StreakMaximum {
  readonly sessionId: string;
  /** Hash of session and streak id. */
  readonly streak: string;
  count: number;
  diamondsEach?: number;
}

/** A description of a gift, as an event had it. */
export interface SeenGift {
  readonly id: string;
  readonly name?: string;
  readonly diamondsEach?: number;
  readonly imageUrl?: string;
  readonly seenAt: number;
}

export interface FoldedBatch {
  readonly sessions: readonly SessionDelta[];
  readonly snapshots: readonly SnapshotDelta[];
  readonly streaks: readonly StreakMaximum[];
  readonly gifts: readonly SeenGift[];
}

const COUNTERS = { chat: 'chats', member: 'joins', follow: 'follows', share: 'shares' } as const;

/**
 * Folds events that were not folded before (repeats by `source` and `id` must be out already). Pure. The result of
 * batches can be added in any order, and events may come in any order within and between batches.
 * @param intervalMs length of a snapshot's interval
 */
export function foldEvents(events: readonly EventFacts[], intervalMs: number): FoldedBatch {
  const sessions = new Map<string, SessionDelta>();
  const snapshots = new Map<string, SnapshotDelta>();
  const streaks = new Map<string, StreakMaximum>();
  const gifts = new Map<string, SeenGift>();
  for (const event of events) {
    const session = sessionOf(sessions, event);
    const snapshot = snapshotOf(snapshots, event, intervalMs);
    session.events += Number(event.wire);
    snapshot.events += Number(event.wire);
    const counter = COUNTERS[event.name as keyof typeof COUNTERS] as (typeof COUNTERS)['chat'] | undefined;
    if (counter !== undefined) {
      session[counter] += 1;
      snapshot[counter] += 1;
    } else if (event.name === 'gift') {
      foldGift(event, snapshot, streaks, gifts);
    } else {
      foldOther(event, session, snapshot);
    }
  }
  return {
    sessions: [...sessions.values()],
    snapshots: [...snapshots.values()],
    streaks: [...streaks.values()],
    gifts: [...gifts.values()],
  };
}

function foldOther(event: EventFacts, session: SessionDelta, snapshot: SnapshotDelta): void {
  const { data } = event;
  switch (event.name) {
    case 'like': {
      const total = count(data['total']);
      session.likes = Math.max(session.likes, total);
      snapshot.likes = Math.max(snapshot.likes, total);
      break;
    }
    case 'roomUser': {
      const viewers = count(data['viewers']);
      session.peakViewers = Math.max(session.peakViewers, viewers);
      if (snapshot.viewers === undefined || event.sequence >= snapshot.viewersSequence) {
        snapshot.viewers = viewers;
        snapshot.viewersSequence = event.sequence;
      }
      break;
    }
    case 'room.gap':
      session.gaps += 1;
      session.gapMs += count(data['durationMs']);
      break;
    case 'live.started': {
      const joinedAt = time(data['joinedAt']);
      const startedAt = time(data['startedAt']);
      if (joinedAt !== undefined) session.joinedAt = Math.min(session.joinedAt, joinedAt);
      if (startedAt !== undefined) session.startedAt = startedAt;
      if (typeof data['title'] === 'string') session.title = data['title'];
      break;
    }
    case 'live.ended':
      session.endedAt = time(data['endedAt']) ?? event.recordedAt;
      session.endReason = typeof data['reason'] === 'string' ? data['reason'] : 'ended';
      snapshot.final = true;
      break;
    case 'live.left':
      session.leftAt = Math.max(session.leftAt ?? 0, event.recordedAt);
      break;
    default:
      break;
  }
}

function foldGift(
  event: EventFacts,
  snapshot: SnapshotDelta,
  streaks: Map<string, StreakMaximum>,
  gifts: Map<string, SeenGift>,
): void {
  const { data } = event;
  const gift = isRecord(data['gift']) ? data['gift'] : {};
  const streak = isRecord(data['streak']) ? data['streak'] : {};
  const each = typeof gift['diamondsEach'] === 'number' ? giftCount(gift['diamondsEach']) : undefined;
  snapshot.gifts += giftCount(data['count']);
  snapshot.diamonds += Math.min(count(data['diamonds']), MAX_GIFT_COUNT ** 2);

  const name = typeof streak['id'] === 'string' ? streak['id'] : event.id;
  const key = hashKey(event.sessionId, name);
  const seen = streaks.get(key) ?? { sessionId: event.sessionId, streak: key, count: 0 };
  seen.count = Math.max(seen.count, giftCount(streak['count']), giftCount(data['count']));
  if (each !== undefined) seen.diamondsEach = Math.max(seen.diamondsEach ?? 0, each);
  streaks.set(key, seen);

  const giftId = gift['id'];
  if (typeof giftId !== 'string' || !/^\d{1,18}$/.test(giftId)) return;
  if (event.recordedAt < (gifts.get(giftId)?.seenAt ?? 0)) return;
  gifts.set(giftId, {
    ...gifts.get(giftId),
    id: giftId,
    ...(typeof gift['name'] === 'string' ? { name: gift['name'] } : {}),
    ...(each === undefined ? {} : { diamondsEach: each }),
    ...(typeof gift['imageUrl'] === 'string' ? { imageUrl: gift['imageUrl'] } : {}),
    seenAt: event.recordedAt,
  });
}

function sessionOf(sessions: Map<string, SessionDelta>, event: EventFacts): SessionDelta {
  let session = sessions.get(event.sessionId);
  if (session === undefined) {
    session = {
      id: event.sessionId,
      roomId: event.roomId,
      uniqueId: event.uniqueId,
      joinedAt: event.recordedAt,
      lastEventAt: event.recordedAt,
      peakViewers: 0,
      likes: 0,
      chats: 0,
      joins: 0,
      follows: 0,
      shares: 0,
      gaps: 0,
      gapMs: 0,
      events: 0,
    };
    sessions.set(event.sessionId, session);
  }
  if (event.recordedAt >= session.lastEventAt) session.uniqueId = event.uniqueId;
  if (event.tiktokUserId !== undefined) session.tiktokUserId = event.tiktokUserId;
  session.joinedAt = Math.min(session.joinedAt, event.recordedAt);
  session.lastEventAt = Math.max(session.lastEventAt, event.recordedAt);
  return session;
}

function snapshotOf(snapshots: Map<string, SnapshotDelta>, event: EventFacts, intervalMs: number): SnapshotDelta {
  const at = Math.floor(event.recordedAt / intervalMs) * intervalMs;
  const key = `${at} ${event.sessionId}`;
  let snapshot = snapshots.get(key);
  if (snapshot === undefined) {
    snapshot = {
      sessionId: event.sessionId,
      at,
      viewersSequence: '',
      likes: 0,
      chats: 0,
      joins: 0,
      follows: 0,
      shares: 0,
      gifts: 0,
      diamonds: 0,
      events: 0,
      final: false,
    };
    snapshots.set(key, snapshot);
  }
  return snapshot;
}

/** A count as a whole number ≥ 0; anything else is 0. Decimal strings are taken as well. */
function count(value: unknown): number {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** Beyond this neither a streak nor a price is real; sums of what is left fit into the database's integers. */
const MAX_GIFT_COUNT = 10_000_000;

function giftCount(value: unknown): number {
  return Math.min(count(value), MAX_GIFT_COUNT);
}

function time(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
