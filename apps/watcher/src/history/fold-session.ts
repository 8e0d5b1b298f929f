import { readCount, readTime, type EventFacts } from './event-facts.js';
import { BATTLE_EVENTS, BattleFold } from './fold-battles.js';
import { gapOf } from './fold-gaps.js';
import { GiftFold } from './fold-gifts.js';
import { ViewerFold } from './fold-viewers.js';
import type { FoldedBatch, SessionDelta, SessionGap, SnapshotDelta, StatedFigure } from './folded-batch.js';

/** More people than there are: beyond it a count is damaged. Sums of what is left fit into the database's integers. */
const MAX_PEOPLE = 10_000_000_000;
const COUNTERS = { chat: 'chats', member: 'joins', follow: 'follows', share: 'shares' } as const;

/**
 * Folds events that were not folded before (repeats by `source` and `id` must be out already). Pure. The result of
 * batches can be added in any order, and events may come in any order within and between batches.
 * @param intervalMs length of a snapshot's interval
 */
export function foldEvents(events: readonly EventFacts[], intervalMs: number): FoldedBatch {
  const sessions = new Map<string, SessionDelta>();
  const snapshots = new Map<string, SnapshotDelta>();
  const gaps: SessionGap[] = [];
  const gifts = new GiftFold();
  const viewers = new ViewerFold();
  const battles = new BattleFold(viewers);
  for (const event of events) {
    const session = sessionOf(sessions, event);
    const snapshot = snapshotOf(snapshots, event, intervalMs);
    session.events += Number(event.wire);
    snapshot.events += Number(event.wire);
    viewers.add(event);
    const counter = COUNTERS[event.name as keyof typeof COUNTERS] as (typeof COUNTERS)['chat'] | undefined;
    if (counter !== undefined) {
      session[counter] += 1;
      snapshot[counter] += 1;
      if (event.name === 'follow') foldFollowers(event, session, snapshot);
    } else if (event.name === 'gift') {
      gifts.add(event, snapshot);
    } else if (BATTLE_EVENTS.has(event.name)) {
      battles.add(event);
    } else if (event.name === 'room.gap') {
      const gap = gapOf(event);
      session.gaps += 1;
      session.gapMs += gap.to - gap.from;
      gaps.push(gap);
    } else {
      foldOther(event, session, snapshot);
    }
  }
  return {
    sessions: [...sessions.values()],
    snapshots: [...snapshots.values()],
    gaps,
    ...gifts.folded(),
    ...viewers.folded(),
    battles: battles.folded(),
  };
}

function foldOther(event: EventFacts, session: SessionDelta, snapshot: SnapshotDelta): void {
  const { data } = event;
  switch (event.name) {
    case 'like': {
      const total = readCount(data['total']);
      session.likes = Math.max(session.likes, total);
      snapshot.likes = Math.max(snapshot.likes, total);
      break;
    }
    case 'roomUser': {
      const viewers = Math.min(readCount(data['viewers']), MAX_PEOPLE);
      session.peakViewers = Math.max(session.peakViewers, viewers);
      session.totalViewers = Math.max(session.totalViewers, Math.min(readCount(data['totalViewers']), MAX_PEOPLE));
      session.viewersSum += viewers;
      session.viewersStated += 1;
      if (snapshot.viewers === undefined || event.order >= snapshot.viewersOrder) {
        snapshot.viewers = viewers;
        snapshot.viewersOrder = event.order;
      }
      break;
    }
    case 'social':
      foldFollowers(event, session, snapshot);
      break;
    case 'live.started': {
      const joinedAt = readTime(data['joinedAt']);
      const startedAt = readTime(data['startedAt']);
      if (joinedAt !== undefined) session.joinedAt = Math.min(session.joinedAt, joinedAt);
      if (startedAt !== undefined) session.startedAt = startedAt;
      if (typeof data['title'] === 'string') session.title = data['title'];
      break;
    }
    case 'live.ended':
      session.endedAt = readTime(data['endedAt']) ?? event.recordedAt;
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

/** The follower count comes with the streamer's new followers; 0 means that it was not stated. */
function foldFollowers(event: EventFacts, session: SessionDelta, snapshot: SnapshotDelta): void {
  const value = Math.min(readCount(event.data['followCount']), MAX_PEOPLE);
  if (value === 0) return;
  const stated: StatedFigure = { value, order: event.order };
  session.followersFirst = earlier(session.followersFirst, stated);
  session.followersLast = later(session.followersLast, stated);
  snapshot.followers = later(snapshot.followers, stated);
}

/** Of the same place in the order the greater figure wins, so that the order of events does not matter. */
function later(known: StatedFigure | undefined, stated: StatedFigure): StatedFigure {
  if (known === undefined || stated.order > known.order) return stated;
  return stated.order === known.order && stated.value > known.value ? stated : known;
}

function earlier(known: StatedFigure | undefined, stated: StatedFigure): StatedFigure {
  if (known === undefined || stated.order < known.order) return stated;
  return stated.order === known.order && stated.value < known.value ? stated : known;
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
      viewersSum: 0,
      viewersStated: 0,
      totalViewers: 0,
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
      viewersOrder: '',
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
