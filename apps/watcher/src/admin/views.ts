import type { BattleRow } from '../history/battle-history.port.js';
import type { GapRow } from '../history/gap-history.port.js';
import type { GifterRow } from '../history/gift-history.port.js';
import type { SessionRow, SnapshotRow } from '../history/history.port.js';
import type { StreamerActivity } from '../streamers/streamer-activity.js';
import type { StreamerView } from '../streamers/streamer-service.js';
import type { StreamerDto } from './schemas.js';

/** Leaves out what is not known, so that answers hold no nulls. */
function known<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

const iso = (date: Date | undefined): string | undefined => date?.toISOString();
const isoOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

/** A streamer as REST shows it: no internal id, and of a proxy only that there is one. */
export function streamerView({ streamer, settings, activity }: StreamerView): StreamerDto {
  const {
    uniqueId,
    tiktokUserId,
    nickname,
    avatarUrl,
    paused,
    priority,
    state,
    stateReason,
    roomId,
    proxyUrl,
    proxyPool,
    sealedSession,
    sessionSetAt,
    aliases,
    labels,
    lastCheckedAt,
    nextCheckAt,
    lastLiveAt,
    createdAt,
    updatedAt,
  } = streamer;
  return known({
    uniqueId,
    tiktokUserId,
    aliases: [...aliases],
    nickname,
    avatarUrl,
    state,
    stateReason,
    paused,
    labels: [...labels],
    priority,
    settings: { ...settings },
    hasProxy: proxyUrl !== undefined || proxyPool !== undefined,
    hasSession: sealedSession !== undefined,
    sessionSetAt: iso(sessionSetAt),
    roomId,
    lastCheckedAt: iso(lastCheckedAt),
    nextCheckAt: iso(nextCheckAt),
    lastLiveAt: iso(lastLiveAt),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    room: activity && roomView(activity),
  });
}

function roomView(activity: StreamerActivity): NonNullable<StreamerDto['room']> {
  return known({
    ...activity,
    since: new Date(activity.since).toISOString(),
    lastFrameAt: isoOf(activity.lastFrameAt),
  });
}

/** Rows and answers have the same names; only times change their form. */
export function sessionView(row: SessionRow): Record<string, unknown> {
  return withIsoDates(row);
}

export function snapshotView(row: SnapshotRow): Record<string, unknown> {
  return withIsoDates(row);
}

export function gifterView(row: GifterRow): Record<string, unknown> {
  return withIsoDates(row);
}

export function battleView(row: BattleRow): Record<string, unknown> {
  const sides = row.sides.map((side) => ({
    ...side,
    scores: side.scores.map(({ at, score }) => ({ at: at.toISOString(), score })),
  }));
  return { ...withIsoDates(row), sides };
}

export function gapView(row: GapRow): Record<string, unknown> {
  return withIsoDates(row);
}

function withIsoDates(row: object): Record<string, unknown> {
  const entries = Object.entries(row).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Date ? value.toISOString() : (value as unknown)]),
  );
}
