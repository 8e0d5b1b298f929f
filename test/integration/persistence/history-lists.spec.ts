import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_ORDERS, type Page, type SessionRow } from '../../../apps/watcher/src/history/history.port.js';
import { STREAMER_MEASURES, type StreamerStanding } from '../../../apps/watcher/src/history/leaderboard.port.js';
import { PostgresGiftHistoryReader } from '../../../apps/watcher/src/history/postgres-gift-history-reader.adapter.js';
import { PostgresHistoryFold } from '../../../apps/watcher/src/history/postgres-history-fold.adapter.js';
import { PostgresHistoryReader } from '../../../apps/watcher/src/history/postgres-history-reader.adapter.js';
import { PostgresLeaderboardReader } from '../../../apps/watcher/src/history/postgres-leaderboard-reader.adapter.js';
import { Database } from '../../../apps/watcher/src/persistence/database.js';
import { startTestPostgres, type TestPostgres } from '../../setup/postgres.js';
import { DAY, event, seeded, T0, world } from './history-events.js';

const ROOMS = Array.from({ length: 7 }, (_, n) => String(901 + n));
const EVER = { from: new Date(0), to: new Date(T0 + 10 * DAY) };

/** All rows of a list, page by page. */
async function all<T>(read: (cursor: { cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor === undefined ? {} : { cursor });
    rows.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return rows;
}

describe('lists of history', () => {
  let postgres: TestPostgres;
  let database: Database;
  let reader: PostgresHistoryReader;
  let boards: PostgresLeaderboardReader;
  let sessions: readonly SessionRow[];

  beforeAll(async () => {
    postgres = await startTestPostgres();
    database = new Database({ url: await postgres.createMigratedDatabase() });
    reader = new PostgresHistoryReader(database);
    boards = new PostgresLeaderboardReader(database);
    const fold = new PostgresHistoryFold(database);
    await fold.apply(world(ROOMS, seeded(3)), []);
    // A second session under the first name two days later, which goes on. Its user id is another one.
    const at = T0 + 2 * DAY;
    const again = { roomId: '950', uniqueId: 'user901' };
    await fold.apply([event('live.started', 'live.started-1', at, again), event('chat', '1', at + 1, again)], []);
    sessions = await all((cursor) => reader.sessions({ limit: 3, ...cursor }));
  });
  afterAll(async () => {
    await database.close();
    await postgres.stop();
  });

  it('have every session once, in every order, page by page', async () => {
    expect(sessions).toHaveLength(ROOMS.length + 1);
    for (const sort of SESSION_ORDERS) {
      const rows = await all((cursor) => reader.sessions({ limit: 2, sort, ...cursor }));
      expect(new Set(rows.map(({ id }) => id)).size).toBe(sessions.length);
      const values = rows.map((row) => Number(row[sort]));
      expect([sort, values]).toEqual([sort, [...values].sort((a, b) => b - a)]);
    }
    const { nextCursor = '' } = await reader.sessions({ limit: 1, sort: 'likes' });
    await expect(reader.sessions({ limit: 1, cursor: nextCursor })).rejects.toMatchObject({
      code: 'WATCHER_CURSOR_INVALID',
    });
  });

  it('are of a period, of those that go on or are over, of one streamer', async () => {
    const ids = async (query: object): Promise<string[]> =>
      (await reader.sessions({ limit: 100, ...query })).items.map(({ id }) => id);
    expect(await ids({ from: new Date(T0 + DAY) })).toEqual(['950']);
    expect(await ids({ to: new Date(T0 + DAY) })).toHaveLength(ROOMS.length);
    expect(await ids({ live: true })).toEqual(['950']);
    expect(await ids({ live: false })).toHaveLength(ROOMS.length);
    const own = await reader.sessionsOf('user901', { limit: 10, to: new Date(T0 + DAY) });
    expect(own.items.map(({ id }) => id)).toEqual(['901']);
  });

  it('put snapshots into coarser ones with the same sums', async () => {
    const [session] = sessions.filter(({ id }) => id === '901');
    const fine = await all((cursor) => reader.snapshots('901', { limit: 3, ...cursor }));
    const coarse = await all((cursor) => reader.snapshots('901', { limit: 2, resolutionSeconds: 20, ...cursor }));
    expect(coarse.length).toBeLessThan(fine.length);
    for (const row of coarse) {
      expect(row.at.getTime() % 20_000).toBe(0);
      const parts = fine.filter(({ at }) => at >= row.at && at.getTime() < row.at.getTime() + 20_000);
      for (const name of ['chats', 'joins', 'gifts', 'diamonds', 'events'] as const)
        expect([name, row[name]]).toEqual([name, parts.reduce((sum, part) => sum + part[name], 0)]);
      expect(row.likes).toBe(Math.max(...parts.map(({ likes }) => likes)));
      expect(row.viewers).toBe(parts.findLast(({ viewers }) => viewers !== undefined)?.viewers);
    }
    expect(coarse.reduce((sum, { chats }) => sum + chats, 0)).toBe(session?.chats);
    const [first, second] = fine;
    const cut = await reader.snapshots('901', { limit: 9, from: second?.at ?? T0_DATE, to: fine[3]?.at ?? T0_DATE });
    expect(cut.items).toEqual(fine.slice(1, 3));
    expect((await reader.snapshots('901', { limit: 9, to: second?.at ?? T0_DATE })).items).toEqual([first]);
  });

  it('say which streamers had the most in a period: the sums of their sessions', async () => {
    const whose = new Map<string, StreamerStanding>();
    for (const row of sessions) {
      const known = whose.get(row.uniqueId);
      const sum = (name: 'diamonds' | 'gifts' | 'likes' | 'chats' | 'shares' | 'newFollowers'): number =>
        (known?.[name] ?? 0) + row[name];
      whose.set(row.uniqueId, {
        uniqueId: row.uniqueId,
        sessions: (known?.sessions ?? 0) + 1,
        diamonds: sum('diamonds'),
        gifts: sum('gifts'),
        likes: sum('likes'),
        chats: sum('chats'),
        shares: sum('shares'),
        newFollowers: sum('newFollowers'),
        peakViewers: Math.max(known?.peakViewers ?? 0, row.peakViewers),
      });
    }
    for (const by of STREAMER_MEASURES) {
      const rows = await all((cursor) => boards.streamers(EVER, by, { limit: 2, ...cursor }));
      const values = rows.map((row) => row[by]);
      expect([by, values]).toEqual([by, [...values].sort((a, b) => b - a)]);
      const total = [...whose.values()].reduce((sum, row) => sum + row[by], 0);
      expect([by, values.reduce((sum, value) => sum + value, 0)]).toEqual([by, total]);
    }
    const early = await boards.streamers({ from: new Date(0), to: new Date(T0 + DAY) }, 'chats', { limit: 100 });
    expect(early.items.map(({ uniqueId }) => uniqueId).sort()).toEqual(ROOMS.map((room) => `user${room}`));
    const [best] = early.items;
    expect(best).toMatchObject({ sessions: 1, chats: Math.max(...early.items.map(({ chats }) => chats)) });
    expect((await boards.streamers({ from: EVER.to, to: EVER.to }, 'likes', { limit: 1 })).items).toEqual([]);
  });

  it('say who gave the most in a period, to all and to one', async () => {
    const gifts = new PostgresGiftHistoryReader(database);
    const given = new Map<string, { diamonds: number; sessions: number }>();
    for (const { id } of sessions)
      for (const { viewer, diamonds } of await all((cursor) => gifts.gifters(id, { limit: 100, ...cursor }))) {
        const known = given.get(viewer.id) ?? { diamonds: 0, sessions: 0 };
        given.set(viewer.id, { diamonds: known.diamonds + diamonds, sessions: known.sessions + 1 });
      }
    expect(given.size).toBeGreaterThan(1);
    const board = await all((cursor) => boards.gifters(EVER, undefined, { limit: 1, ...cursor }));
    expect(new Map(board.map(({ viewer, diamonds, sessions: n }) => [viewer.id, { diamonds, sessions: n }]))).toEqual(
      given,
    );
    const order = board.map(({ diamonds }) => diamonds);
    expect(order).toEqual([...order].sort((a, b) => b - a));
    const one = await all((cursor) => boards.gifters(EVER, 'user902', { limit: 1, ...cursor }));
    const session = await all((cursor) => gifts.gifters('902', { limit: 100, ...cursor }));
    expect(one.map(({ viewer, diamonds }) => [viewer, diamonds])).toEqual(
      session.map(({ viewer, diamonds }) => [viewer, diamonds]),
    );
    expect((await boards.gifters(EVER, 'nobody', { limit: 1 })).items).toEqual([]);
    expect((await boards.gifters({ from: EVER.to, to: EVER.to }, undefined, { limit: 1 })).items).toEqual([]);
  });
});

const T0_DATE = new Date(T0);
