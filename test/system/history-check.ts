import { expect } from 'vitest';
import type { Ledger } from './admitted-ledger.js';
import { pickTotals, sessionNames, totalsOf, type SessionTotals } from './ledger-check.js';
import {
  expectBattles,
  expectGiftersOfStreamers,
  expectPeople,
  type RestClient,
  type SessionPeople,
} from './people-check.js';

interface Sessions {
  readonly sessions: readonly Session[];
}

type Session = SessionTotals &
  SessionPeople & {
    readonly roomId: string;
    readonly uniqueId: string;
    readonly tiktokUserId: string;
    readonly endedAt?: string;
  };

interface Snapshots {
  readonly snapshots: readonly {
    readonly chats: number;
    readonly likes: number;
    readonly diamonds: number;
    readonly events: number;
    readonly viewers?: number;
  }[];
  readonly nextCursor?: string;
}

/** Sessions of all monitored streamers, over REST. */
export async function allSessions(watcher: RestClient): Promise<Session[]> {
  const names: string[] = [];
  let cursor = '';
  do {
    const page = await watcher.json<{ streamers: { uniqueId: string }[]; nextCursor?: string }>(
      `/v1/streamers?limit=200${cursor}`,
    );
    names.push(...page.streamers.map(({ uniqueId }) => uniqueId));
    cursor = page.nextCursor === undefined ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`;
  } while (cursor !== '');
  const pages = await Promise.all(names.map((name) => watcher.json<Sessions>(`/v1/streamers/${name}/sessions`)));
  return pages.flatMap((page) => page.sessions);
}

/**
 * Sessions, their people, gifts and battles, and snapshots in Postgres say the same as the ledger, for each live of each room.
 * `overlaps`: streaks were seen by two owners; then the gifts of snapshots, which count events, are not compared.
 */
export async function expectHistory(
  watcher: RestClient,
  ledger: Ledger,
  { overlaps = false }: { readonly overlaps?: boolean } = {},
): Promise<{ readonly sessions: number; readonly battles: number }> {
  const lives = await ledger.summary();
  const told = lives.filter((room) => room.messages > 0);
  // A room that was joined and in which nothing was said yet has a session and no line in the ledger.
  const all = await allSessions(watcher);
  const sessions = all.filter((session) => session.events > 0);
  const nameOf = sessionNames(lives, sessions);
  expect(sessions.map(pickTotals).sort(byId)).toEqual(told.map((live) => totalsOf(live, nameOf)).sort(byId));
  for (const session of sessions) {
    const rows: Snapshots['snapshots'][number][] = [];
    let cursor = '';
    do {
      const page = await watcher.json<Snapshots>(`/v1/sessions/${session.id}/snapshots?limit=200${cursor}`);
      rows.push(...page.snapshots);
      cursor = page.nextCursor === undefined ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`;
    } while (cursor !== '');
    expect(rows.length).toBeGreaterThan(0);
    const sum = (pick: (row: Snapshots['snapshots'][number]) => number): number =>
      rows.reduce((total, row) => total + pick(row), 0);
    expect({
      chats: sum((row) => row.chats),
      diamonds: overlaps ? session.diamonds : sum((row) => row.diamonds),
      events: sum((row) => row.events),
    }).toEqual({
      chats: session.chats,
      diamonds: session.diamonds,
      events: session.events,
    });
    expect(Math.max(...rows.map((row) => row.likes))).toBe(session.likes);
  }
  await expectPeople(watcher, ledger, sessions, nameOf);
  const battles = await expectBattles(watcher, ledger, sessions, nameOf);
  const rooms = new Map<string, string[]>();
  for (const { uniqueId, roomId } of sessions) rooms.set(uniqueId, [...(rooms.get(uniqueId) ?? []), roomId]);
  await expectGiftersOfStreamers(watcher, ledger, rooms);
  return { sessions: sessions.length, battles };
}

const byId = (a: { id: string }, b: { id: string }): number => a.id.localeCompare(b.id);
