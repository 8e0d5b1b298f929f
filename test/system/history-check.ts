import { expect } from 'vitest';
import type { Ledger } from './admitted-ledger.js';
import { pickTotals, sessionNames, totalsOf, type ConsumedEvent, type SessionTotals } from './ledger-check.js';
import {
  expectBattles,
  expectGiftersOfStreamers,
  expectPeople,
  type RestClient,
  type SessionPeople,
} from './people-check.js';
import { eventually } from './processes.js';

interface Sessions {
  readonly sessions: readonly Session[];
}

type Session = SessionTotals &
  SessionPeople & {
    readonly roomId: string;
    readonly uniqueId: string;
    readonly tiktokUserId: string;
    readonly endedAt?: string;
    readonly gaps: number;
    readonly gapMs: number;
  };

interface Gap {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly durationMs: number;
  readonly reason: string;
}

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

/** All pages of the gaps of a session. */
async function gapsOf(watcher: RestClient, sessionId: string): Promise<Gap[]> {
  const gaps: Gap[] = [];
  let cursor = '';
  do {
    const page = await watcher.json<{ gaps: Gap[]; nextCursor?: string }>(
      `/v1/sessions/${sessionId}/gaps?limit=100${cursor}`,
    );
    gaps.push(...page.gaps);
    cursor = page.nextCursor === undefined ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`;
  } while (cursor !== '');
  return gaps;
}

/**
 * Gaps in Postgres, asked over REST, are those that were published, each once however often it was, and add up to what their
 * sessions say. Asks again for a while: they are folded from a topic of their own, and one may be published meanwhile.
 * @param published reads all events that were. @returns how many gaps there are
 */
export async function expectGaps(
  watcher: RestClient,
  published: () => Promise<readonly ConsumedEvent[]>,
): Promise<number> {
  return eventually('the gaps in Postgres are those that were published', async () => {
    const told = new Map<string, object>();
    for (const { type, source, id, sessionid: session, data } of await published()) {
      if (type !== 'livetap.room.gap.v1' || told.has(`${source} ${id}`)) continue;
      const { from, to, durationMs, reason } = data;
      told.set(`${source} ${id}`, { session, id, from, to, durationMs, reason });
    }
    const rows: object[] = [];
    for (const { id: session, gaps: count, gapMs } of await allSessions(watcher)) {
      const gaps = await gapsOf(watcher, session);
      expect([session, gaps.length, gaps.reduce((sum, { durationMs }) => sum + durationMs, 0)]).toEqual([
        session,
        count,
        gapMs,
      ]);
      expect(gaps.map(({ from }) => from)).toEqual(gaps.map(({ from }) => from).sort());
      rows.push(...gaps.map(({ id, from, to, durationMs, reason }) => ({ session, id, from, to, durationMs, reason })));
    }
    const inOrder = (list: Iterable<object>): string[] => [...list].map((row) => JSON.stringify(row)).sort();
    expect(inOrder(rows)).toEqual(inOrder(told.values()));
    return rows.length;
  });
}

const byId = (a: { id: string }, b: { id: string }): number => a.id.localeCompare(b.id);
