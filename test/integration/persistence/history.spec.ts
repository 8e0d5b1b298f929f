import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FoldInput } from '../../../apps/watcher/src/history/history.port.js';
import { PostgresBattleHistoryReader } from '../../../apps/watcher/src/history/postgres-battle-history-reader.adapter.js';
import { PostgresGapHistoryReader } from '../../../apps/watcher/src/history/postgres-gap-history-reader.adapter.js';
import { PostgresGiftHistoryReader } from '../../../apps/watcher/src/history/postgres-gift-history-reader.adapter.js';
import { PostgresHistoryFold } from '../../../apps/watcher/src/history/postgres-history-fold.adapter.js';
import { PostgresHistoryMaintenance } from '../../../apps/watcher/src/history/postgres-history-maintenance.adapter.js';
import { PostgresHistoryReader } from '../../../apps/watcher/src/history/postgres-history-reader.adapter.js';
import { PostgresViewerErasureStore } from '../../../apps/watcher/src/history/postgres-viewer-erasure.adapter.js';
import { PostgresLeaseStore } from '../../../apps/watcher/src/leases/postgres-lease-store.adapter.js';
import { Database } from '../../../apps/watcher/src/persistence/database.js';
import { PostgresGiftCatalogueStore } from '../../../apps/watcher/src/persistence/postgres-gift-catalogue-store.adapter.js';
import { PostgresStreamerStore } from '../../../apps/watcher/src/streamers/postgres-streamer-store.adapter.js';
import { FakeClock } from '@livetap/testkit';
import { startTestPostgres, withClient, type TestPostgres } from '../../setup/postgres.js';
import { DAY, event, iso, RETENTION, seeded, T0, world } from './history-events.js';

async function eventually(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 20));
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const copy = [...list];
  for (let index = copy.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [copy[index], copy[other]] = [copy[other]!, copy[index]!];
  }
  return copy;
}

type Rows = Awaited<ReturnType<typeof readRows>>;

/** Every row that the fold writes, without the times of writing. */
async function readRows(database: Database) {
  return database.run(async (client) => ({
    sessions: (await client.sessionRecord.findMany({ orderBy: { id: 'asc' } })).map(({ updatedAt: _, ...row }) => row),
    snapshots: await client.roomSnapshotRecord.findMany({ orderBy: [{ sessionId: 'asc' }, { at: 'asc' }] }),
    streaks: (await client.giftStreakRecord.findMany({ orderBy: [{ sessionId: 'asc' }, { streak: 'asc' }] })).map(
      ({ seenAt: _, ...row }) => row,
    ),
    viewers: await client.sessionViewerRecord.findMany({ orderBy: [{ sessionId: 'asc' }, { viewerId: 'asc' }] }),
    names: await client.viewerRecord.findMany({ orderBy: { id: 'asc' } }),
    gifters: await client.sessionGifterRecord.findMany({ orderBy: [{ sessionId: 'asc' }, { viewerId: 'asc' }] }),
    given: await client.sessionGiftRecord.findMany({ orderBy: [{ sessionId: 'asc' }, { giftId: 'asc' }] }),
    gaps: await client.sessionGapRecord.findMany({ orderBy: [{ sessionId: 'asc' }, { id: 'asc' }] }),
    allTime: await client.streamerGifterRecord.findMany({ orderBy: [{ tiktokUserId: 'asc' }, { viewerId: 'asc' }] }),
    battles: await client.battleRecord.findMany({ orderBy: [{ sessionId: 'asc' }, { id: 'asc' }] }),
    sides: await client.battleSideRecord.findMany({ orderBy: [{ sessionId: 'asc' }, { sideId: 'asc' }] }),
    scores: await client.battleScoreRecord.findMany({
      orderBy: [{ sessionId: 'asc' }, { sideId: 'asc' }, { at: 'asc' }],
    }),
    contributors: await client.battleContributorRecord.findMany({
      orderBy: [{ sessionId: 'asc' }, { sideId: 'asc' }, { viewerId: 'asc' }],
    }),
    gifts: (await client.giftRecord.findMany({ orderBy: { id: 'asc' } })).map(({ seenAt: _, ...row }) => row),
  }));
}

/** Sums and sets over the events themselves, in the plainest way. */
function expectDetails(events: readonly FoldInput[], rows: Rows): void {
  const all = events.map(
    ({ value }) => JSON.parse(value.toString()) as { id: string; type: string; sessionid: string; data: Data },
  );
  for (const session of rows.sessions) {
    const own = all.filter((one) => one.sessionid === session.id);
    const of = (...names: string[]) => own.filter(({ type }) => names.some((name) => type === `livetap.${name}.v1`));
    const people = (...names: string[]) => new Set(of(...names).flatMap(({ data }) => data.user?.id ?? [])).size;
    const given = of('gift').filter(({ data }) => data.streak!.count > 0);
    expect(Number(session.uniqueViewers)).toBe(
      new Set([...of('chat', 'member', 'follow', 'share', 'like'), ...given].map(({ data }) => data.user!.id)).size,
    );
    expect(Number(session.uniqueChatters)).toBe(people('chat'));
    expect(Number(session.newFollowers)).toBe(people('follow'));
    expect(Number(session.uniqueGifters)).toBe(new Set(given.map(({ data }) => data.user!.id)).size);
    const stated = of('roomUser').map(({ data }) => data.viewers!);
    expect(Number(session.viewersSum)).toBe(stated.reduce((sum, one) => sum + one, 0));
    expect(Number(session.viewersStated)).toBe(stated.length);
    const followers = of('follow').map(({ data }) => data.followCount!);
    expect(Number(session.followersFirst ?? 0)).toBe(followers[0] ?? 0);
    expect(Number(session.followersLast ?? 0)).toBe(followers.at(-1) ?? 0);

    expectGaps(
      session,
      of('room.gap'),
      rows.gaps.filter(({ sessionId }) => sessionId === session.id),
    );

    const worth = (pick: (data: Data) => string) => {
      const streaks = new Map<string, { owner: string; count: number; each: number }>();
      for (const { data } of given) {
        const known = streaks.get(data.streak!.id)?.count ?? 0;
        const count = Math.max(known, data.streak!.count);
        streaks.set(data.streak!.id, { owner: pick(data), count, each: data.gift!.diamondsEach });
      }
      const totals: Record<string, { gifts: number; diamonds: number }> = {};
      for (const { owner, count, each } of streaks.values()) {
        const total = (totals[owner] ??= { gifts: 0, diamonds: 0 });
        total.gifts += count;
        total.diamonds += count * each;
      }
      return totals;
    };
    const found = (list: readonly { sessionId: string; gifts: bigint; diamonds: bigint }[], key: string) =>
      Object.fromEntries(
        list
          .filter((row) => row.sessionId === session.id)
          .map((row) => [
            String((row as unknown as Record<string, bigint>)[key]),
            { gifts: Number(row.gifts), diamonds: Number(row.diamonds) },
          ]),
      );
    expect(found(rows.gifters, 'viewerId')).toEqual(worth((data) => data.user!.id));
    expect(found(rows.given, 'giftId')).toEqual(worth((data) => data.gift!.id));
    const sum = rows.gifters.filter((row) => row.sessionId === session.id).reduce((a, row) => a + row.diamonds, 0n);
    expect(sum).toBe(session.diamonds);
  }
  expect(rows.allTime.map(({ gifts, diamonds, sessions }) => [gifts, diamonds, sessions])).toEqual(
    rows.gifters.map(({ gifts, diamonds }) => [gifts, diamonds, 1n]),
  );
}

/** A row for each event, as many and as long as the session says. */
function expectGaps(
  session: Rows['sessions'][number],
  events: readonly { readonly id: string; readonly data: Data }[],
  gaps: Rows['gaps'],
): void {
  const told = events.map(({ id, data: { from, to, reason } }) => [id, from, to, reason]);
  expect(
    gaps.map(({ id, beganAt, endedAt, reason }) => [id, beganAt.toISOString(), endedAt.toISOString(), reason]),
  ).toEqual(told.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)));
  expect([gaps.length, gaps.length > 0]).toEqual([Number(session.gaps), true]);
  const length = gaps.reduce((sum, { beganAt, endedAt }) => sum + endedAt.getTime() - beganAt.getTime(), 0);
  expect([length, events.reduce((sum, { data }) => sum + data.durationMs!, 0)]).toEqual([
    Number(session.gapMs),
    Number(session.gapMs),
  ]);
}

interface Data {
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
  readonly durationMs?: number;
  readonly user?: { readonly id: string };
  readonly gift?: { readonly id: string; readonly diamondsEach: number };
  readonly streak?: { readonly id: string; readonly count: number };
  readonly viewers?: number;
  readonly followCount?: number;
}

describe('history in Postgres', () => {
  let postgres: TestPostgres;
  let url: string;
  let database: Database;
  let reader: PostgresHistoryReader;
  let fold: PostgresHistoryFold;

  beforeAll(async () => {
    postgres = await startTestPostgres();
    url = await postgres.createMigratedDatabase();
    database = new Database({ url });
    await database.connect();
  });
  afterAll(async () => {
    await database.close();
    await postgres.stop();
  });
  beforeEach(async () => {
    await clean();
    reader = new PostgresHistoryReader(database);
    fold = new PostgresHistoryFold(database);
  });

  /** As it is after the first run, which only makes partitions. */
  const startMaintenance = async (): Promise<PostgresHistoryMaintenance> => {
    const maintenance = new PostgresHistoryMaintenance(database, { clock: new FakeClock(), retention: RETENTION });
    expect(await maintenance.run(new Date())).toMatchObject({ done: true, complete: false, partitionsDropped: 0 });
    return maintenance;
  };

  /** Tables in which one of the texts is, as text or as bytes of text. */
  const whereIs = async (...texts: string[]): Promise<string[]> =>
    withClient(url, async (client) => {
      const tables = await client.query<{ name: string }>(
        `SELECT c.relname AS name FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
         AND c.relnamespace = 'public'::regnamespace AND c.relname !~ '^v_' ORDER BY 1`,
      );
      const found: string[] = [];
      for (const { name } of tables.rows) {
        const { rows: hits } = await client.query(
          `SELECT FROM "${name}" AS t WHERE EXISTS (SELECT FROM unnest($1::text[]) AS wanted
            WHERE t::text LIKE '%' || wanted || '%' OR t::text LIKE '%' || encode(convert_to(wanted, 'UTF8'), 'hex') || '%') LIMIT 1`,
          [texts],
        );
        if (hits.length > 0) found.push(name);
      }
      return found;
    });

  const waitingForDetach = async (): Promise<number> => {
    const found = await withClient(url, (client) =>
      client.query(`SELECT FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%DETACH%' AND wait_event_type = 'Lock'`),
    );
    return found.rows.length;
  };

  const clean = () =>
    database.run(
      (client) =>
        client.$executeRaw`TRUNCATE streamers, archived_events, battles, battle_sides, battle_scores, battle_contributors, sessions, session_viewers, room_snapshot_means, viewers, session_gifters, session_gifts, session_gaps, streamer_gifters, room_snapshots, gift_streaks, folded_events, history_positions, commands, gifts, replicas CASCADE`,
    );

  const rows = () => readRows(database);

  it('gives the same rows for every order, cut into batches, repetition and number of folders', async () => {
    const rooms = ['901', '902', '903'];
    const events = world(rooms, seeded(7));
    await fold.apply(events, [{ stream: 'journal:x', next: '1' }]);
    const expected = await rows();
    expect(expected.sessions).toHaveLength(3);
    expect(expected.snapshots.length).toBeGreaterThan(3 * 6);
    for (const session of expected.sessions) {
      const own = expected.snapshots.filter((snapshot) => snapshot.sessionId === session.id);
      const sum = (key: 'chats' | 'joins' | 'follows' | 'shares' | 'gifts' | 'diamonds' | 'events') =>
        own.reduce((total, snapshot) => total + snapshot[key], 0n);
      for (const key of ['chats', 'joins', 'follows', 'shares', 'gifts', 'diamonds', 'events'] as const) {
        expect(sum(key)).toBe(session[key]);
      }
      expect(session.events).toBe(71n);
      expect(session.diamonds).toBeGreaterThan(0n);
      expect(own.filter((snapshot) => snapshot.final).map((snapshot) => snapshot.at.getTime())).toEqual([T0 + 60_000]);
    }

    expectDetails(events, expected);

    for (let run = 1; run <= 6; run += 1) {
      const random = seeded(run);
      await clean();
      const stream = shuffled([...events, ...events.filter(() => random() < 0.5)], random);
      const batches: FoldInput[][] = [];
      for (let at = 0; at < stream.length;) {
        const size = 1 + Math.floor(random() * 60);
        batches.push(stream.slice(at, at + size));
        at += size;
      }
      // Replicas that read different streams at once, some of them the same events.
      const folders = [fold, new PostgresHistoryFold(database), new PostgresHistoryFold(database)];
      await Promise.all(
        folders.map(async (folder, index) => {
          for (let n = index; n < batches.length; n += folders.length) await folder.apply(batches[n]!, []);
          if (index > 0) for (const batch of batches.slice(0, 3)) await folder.apply(batch, []);
        }),
      );
      expect(await rows()).toEqual(expected);
    }
  });

  it('moves positions and rows together, or not at all', async () => {
    await fold.apply(
      [event('chat', '1', T0)],
      [
        { stream: 'journal:j1', next: '5' },
        { stream: 'journal_x', next: '9' },
      ],
    );
    expect(await fold.positions('journal:')).toEqual(new Map([['journal:j1', '5']]));
    expect(await fold.positions('journal_')).toEqual(new Map([['journal_x', '9']]));
    await fold.apply([], [{ stream: 'journal:j1', next: '6' }]);
    expect(await fold.positions('journal:j1')).toEqual(new Map([['journal:j1', '6']]));

    await database.run(
      (client) => client.$executeRaw`ALTER TABLE history_positions ADD CONSTRAINT trap CHECK (next <> '7')`,
    );
    await expect(fold.apply([event('chat', '2', T0)], [{ stream: 'journal:j1', next: '7' }])).rejects.toMatchObject({
      name: 'DatabaseError',
    });
    await database.run((client) => client.$executeRaw`ALTER TABLE history_positions DROP CONSTRAINT trap`);
    expect((await reader.session('900'))?.chats).toBe(1);
    await fold.apply([event('chat', '2', T0)], [{ stream: 'journal:j1', next: '7' }]);
    expect((await reader.session('900'))?.chats).toBe(2);
  });

  it('makes a session from any event, and passes over records that are no events', async () => {
    const malformed: string[] = [];
    const tolerant = new PostgresHistoryFold(database, { onMalformed: (input) => malformed.push(input.id) });
    await tolerant.apply(
      [
        event('chat', '1', T0 + 5_000, { data: { comment: 'before the start is known' } }),
        { ...event('chat', 'bad', T0), value: Buffer.from('{"half":') },
        { ...event('chat', 'raw', T0), source: '/tiktok/rooms/900/raw', value: Buffer.from([8, 1]) },
      ],
      [],
    );
    expect(malformed).toEqual(['bad']);
    expect(await reader.session('900')).toMatchObject({
      id: '900',
      roomId: '900',
      uniqueId: 'anna',
      tiktokUserId: '1900',
      joinedAt: new Date(T0 + 5_000),
      chats: 1,
      events: 1,
    });
    await tolerant.apply(
      [event('live.started', 'live.started-1', T0, { data: { joinedAt: iso(T0), title: 'Odd \u0000\ud800 title' } })],
      [],
    );
    const session = await reader.session('900');
    expect(session).toMatchObject({ joinedAt: new Date(T0), title: 'Odd \ufffd title' });
    expect(session).not.toHaveProperty('endedAt');
    expect(await reader.session('901')).toBeUndefined();
  });

  it('says that watching stopped until it goes on', async () => {
    await fold.apply(
      [event('chat', '1', T0), event('live.left', 'live.left-1-1', T0 + 10, { data: { reason: 'paused' } })],
      [],
    );
    expect(await reader.session('900')).toMatchObject({ leftAt: new Date(T0 + 10) });
    await fold.apply([event('chat', '2', T0 + 20)], []);
    expect(await reader.session('900')).not.toHaveProperty('leftAt');
  });

  it('keeps recordings of long ago: the days they need are made', async () => {
    const at = Date.parse('2019-02-28T23:59:59.999Z');
    await fold.apply([event('chat', '1', at), event('chat', '2', at + 1)], []);
    const page = await reader.snapshots('900', { limit: 10 });
    expect(page.items.map((row) => [row.at.toISOString(), row.chats])).toEqual([
      ['2019-02-28T23:59:50.000Z', 1],
      ['2019-03-01T00:00:00.000Z', 1],
    ]);
    const months = await database.run(
      (client) => client.$queryRaw<{ name: string }[]>`
        SELECT tableoid::regclass::text AS name FROM room_snapshots ORDER BY at`,
    );
    expect(months.map((row) => row.name)).toEqual(['room_snapshots_d20190228', 'room_snapshots_d20190301']);
  });

  it('pages through sessions, newest first, under all names of the streamer', async () => {
    const streamers = new PostgresStreamerStore(database);
    const { streamer } = await streamers.add('anna', {});
    for (let n = 0; n < 5; n += 1) {
      await fold.apply(
        [event('chat', '1', T0 + n * 1_000, { roomId: `9${n}`, uniqueId: n < 2 ? 'anna' : 'anna2' })],
        [],
      );
    }
    await fold.apply([event('chat', '1', T0, { roomId: '800', uniqueId: 'bert' })], []);
    await streamers.observe(new Map([[streamer.id, { uniqueId: 'anna2' }]]));
    for (const name of ['anna', 'anna2']) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await reader.sessionsOf(name, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(2);
        seen.push(...page.items.map((row) => row.id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(['94', '93', '92', '91', '90']);
    }
    expect((await reader.sessionsOf('id:1800', { limit: 5 })).items.map((row) => row.uniqueId)).toEqual(['bert']);
    expect((await reader.sessionsOf('nobody', { limit: 5 })).items).toEqual([]);
    await expect(reader.sessionsOf('anna', { limit: 2, cursor: 'xx' })).rejects.toMatchObject({
      code: 'WATCHER_CURSOR_INVALID',
    });

    expect(await streamers.remove('anna2', { purge: false })).toBe(true);
    expect((await reader.sessionsOf('anna2', { limit: 5 })).items).toHaveLength(3);
  });

  it('pages through snapshots, oldest first, with a like total that never falls', async () => {
    const inputs = [10, 30, 0, 20].map((total, n) =>
      total === 0
        ? event('chat', `${n}`, T0 + n * 10_000)
        : event('like', `${n}`, T0 + n * 10_000, { data: { count: 1, total } }),
    );
    await fold.apply(inputs, []);
    const first = await reader.snapshots('900', { limit: 3 });
    expect(first.items.map((row) => row.likes)).toEqual([10, 30, 30]);
    const second = await reader.snapshots('900', { limit: 3, cursor: first.nextCursor! });
    expect(second.items.map((row) => [row.at.getTime() - T0, row.likes])).toEqual([[30_000, 30]]);
    expect(second.nextCursor).toBeUndefined();
    expect(await reader.snapshots('901', { limit: 3 })).toEqual({ items: [] });
  });

  it('erases a purged streamer’s history and nobody else’s', async () => {
    const streamers = new PostgresStreamerStore(database);
    await streamers.add('user901', {});
    await fold.apply(world(['901', '902'], seeded(3)), []);
    await streamers.remove('user901', { purge: true });
    const left = await rows();
    expect(new Set(left.sessions.map((row) => row.id))).toEqual(new Set(['902']));
    expect(new Set(left.snapshots.map((row) => row.sessionId))).toEqual(new Set(['902']));
    expect(new Set(left.streaks.map((row) => row.sessionId))).toEqual(new Set(['902']));
    const { viewers, gifters, given, gaps, battles, sides, scores, contributors } = left;
    for (const list of [viewers, gifters, given, gaps, battles, sides, scores, contributors]) {
      expect(new Set(list.map((row) => row.sessionId))).toEqual(new Set(['902']));
    }
    expect(new Set(left.allTime.map((row) => row.tiktokUserId))).toEqual(new Set(['1902']));
  });

  it('pages through gifters and gifts, most diamonds first', async () => {
    const gifts = new PostgresGiftHistoryReader(database);
    const gift = (id: string, viewer: string, each: number, roomId = '900') =>
      event('gift', id, T0 + Number(id), {
        roomId,
        data: {
          user: { id: viewer, uniqueId: `u${viewer}`, nickname: `U ${viewer}` },
          gift: { id: String(each), name: `Gift ${each}`, diamondsEach: each },
          count: 2,
          diamonds: 2 * each,
          streak: { id, count: 2 },
        },
      });
    await fold.apply(
      [gift('1', '11', 5), gift('2', '12', 5), gift('3', '13', 1), gift('4', '14', 50), gift('5', '13', 1)],
      [],
    );
    const seen: (string | number)[][] = [];
    let cursor: string | undefined;
    do {
      const page = await gifts.gifters('900', { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map((row) => [row.viewer.id, row.viewer.uniqueId ?? '', row.gifts, row.diamonds]));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual([
      ['14', 'u14', 2, 100],
      ['12', 'u12', 2, 10],
      ['11', 'u11', 2, 10],
      ['13', 'u13', 4, 4],
    ]);
    const first = await gifts.gifts('900', { limit: 2 });
    const second = await gifts.gifts('900', { limit: 2, cursor: first.nextCursor! });
    expect([...first.items, ...second.items].map((row) => [row.gift.name, row.count, row.diamonds])).toEqual([
      ['Gift 50', 2, 100],
      ['Gift 5', 4, 20],
      ['Gift 1', 4, 4],
    ]);
    expect(second.nextCursor).toBeUndefined();
    for (const wrong of ['xx', first.nextCursor!]) {
      await expect(gifts.gifters('900', { limit: 2, cursor: wrong })).rejects.toMatchObject({
        code: 'WATCHER_CURSOR_INVALID',
      });
    }
  });

  it('adds up what was given to a streamer over all names and sessions, also when its user id comes late', async () => {
    const gifts = new PostgresGiftHistoryReader(database);
    const give = (roomId: string, id: string, known: boolean, uniqueId = 'anna') => {
      const made = event('gift', id, T0 + Number(id), {
        roomId,
        uniqueId,
        data: {
          user: { id: '11', uniqueId: 'giver' },
          gift: { id: '5', diamondsEach: 5 },
          count: 1,
          diamonds: 5,
          streak: { id, count: 1 },
        },
      });
      const value = { ...(JSON.parse(made.value.toString()) as Record<string, unknown>), streamerid: '77' };
      const { streamerid: _, ...nameless } = value;
      return { ...made, value: Buffer.from(JSON.stringify(known ? value : nameless)) };
    };
    await fold.apply([give('901', '1', true), give('902', '2', false)], []);
    expect((await gifts.giftersOf('anna', { limit: 5 })).items).toMatchObject([
      { viewer: { id: '11', uniqueId: 'giver' }, gifts: 2, diamonds: 10, sessions: 2 },
    ]);
    await fold.apply([give('902', '3', true), give('903', '4', true, 'anna.renamed')], []);
    await fold.apply([give('902', '5', false)], []);
    for (const name of ['anna', 'anna.renamed', 'id:77']) {
      expect((await gifts.giftersOf(name, { limit: 5 })).items).toMatchObject([
        { gifts: 5, diamonds: 25, sessions: 3, firstAt: new Date(T0 + 1), lastAt: new Date(T0 + 5) },
      ]);
    }
    expect((await gifts.giftersOf('nobody', { limit: 5 })).items).toEqual([]);
  });

  it('shows battles with sides, points over time, winner and supporters', async () => {
    const battles = new PostgresBattleHistoryReader(database);
    await fold.apply(world(['901', '902'], seeded(2)), []);
    const { items, nextCursor } = await battles.battles('901', { limit: 5 });
    expect(nextCursor).toBeUndefined();
    expect(items).toMatchObject([
      {
        id: '7000000000000000077',
        durationSeconds: 20,
        firstSeenAt: new Date(T0 + 20_000),
        endedAt: new Date(T0 + 40_000),
        cutShort: false,
      },
    ]);
    const [first, second] = items[0]!.sides;
    expect(first!.score).toBeGreaterThanOrEqual(second!.score);
    expect([first!.won, second!.won]).toEqual([true, false]);
    expect([first!.result, first!.uniqueId]).toEqual(['RESULT_WIN', `host${first!.id}`]);
    expect(first!.scores.map(({ at }) => at.getTime() - T0)).toEqual([20_000, 25_000, 30_000, 35_000, 40_000]);
    expect(first!.scores.at(-1)!.score).toBe(first!.score);
    expect(first!.contributors).toMatchObject([
      { viewer: { nickname: expect.stringContaining('Person') as unknown }, score: first!.score },
    ]);

    // Without a result the points decide, and nobody has won while they are equal or the battle goes on.
    const tell = (battleId: string, at: number, scores: number[], more: object = {}) =>
      event('linkMicArmies', `${battleId}-${at}`, T0 + at, {
        roomId: '905',
        data: { battleId, armies: scores.map((score, n) => ({ hostId: `${n + 1}`, score, supporters: [] })), ...more },
      });
    const end = { reason: 'TRIGGER_REASON_BATTLE_END' };
    await fold.apply([tell('1', 1, [5, 7]), tell('2', 2, [5, 7], end), tell('3', 3, [7, 7], end)], []);
    const page = await battles.battles('905', { limit: 2 });
    const rest = await battles.battles('905', { limit: 2, cursor: page.nextCursor! });
    expect([...page.items, ...rest.items].map(({ sides }) => sides.map(({ won }) => won))).toEqual([
      [undefined, undefined],
      [true, false],
      [false, false],
    ]);
    expect(rest.nextCursor).toBeUndefined();
    expect(await battles.battles('nothing', { limit: 2 })).toEqual({ items: [] });
  });

  it('pages through gaps, oldest first, and counts each once whoever tells it again', async () => {
    const gaps = new PostgresGapHistoryReader(database);
    const gap = (id: string, from: number, to: number, reason: string, sessionId = '900') =>
      event('room.gap', `room.gap-${id}`, T0 + to, {
        sessionId,
        data: { from: iso(T0 + from), to: iso(T0 + to), durationMs: to - from, reason },
      });
    const told = [
      gap('1-1', 500, 2_000, 'stalled'),
      gap('2-1', 0, 250, 'disconnected'),
      gap('2-2', 500, 900, 'failover'),
      gap('3-1', 60_000, 60_001, 'quota', '900-2'),
    ];
    const odd = event('room.gap', 'room.gap-4-1', T0 + 9_000, { data: { from: 'soon', to: iso(T0), durationMs: 250 } });
    const replica = new PostgresHistoryFold(database);
    await Promise.all([fold.apply(told, []), replica.apply([odd, ...told.slice(1)].reverse(), [])]);
    // A record that is replayed long afterwards: nobody remembers that it was folded.
    await database.run((client) => client.$executeRaw`TRUNCATE folded_events`);
    await fold.apply([gap('1-1', 0, 1, 'refused')], []);

    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await gaps.gaps('900', { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      for (const { id, from, to, durationMs, reason } of page.items)
        seen.push([id, from.getTime() - T0, to.getTime() - T0, durationMs, reason]);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual([
      ['room.gap-2-1', 0, 250, 250, 'disconnected'],
      ['room.gap-1-1', 500, 2_000, 1_500, 'stalled'],
      ['room.gap-2-2', 500, 900, 400, 'failover'],
      ['room.gap-4-1', 8_750, 9_000, 250, 'unknown'],
    ]);
    expect((await gaps.gaps('900-2', { limit: 5 })).items.map(({ id }) => id)).toEqual(['room.gap-3-1']);
    expect(await gaps.gaps('901', { limit: 5 })).toEqual({ items: [] });
    const { nextCursor } = await reader.sessions({ limit: 1 });
    for (const wrong of ['xx', nextCursor!]) {
      await expect(gaps.gaps('900', { limit: 2, cursor: wrong })).rejects.toMatchObject({
        code: 'WATCHER_CURSOR_INVALID',
      });
    }
    await withClient(url, async (client) => {
      await client.query('SET ROLE livetap_read');
      const { rows: view } = await client.query(
        `SELECT * FROM v_session_gaps WHERE session_id = '900' ORDER BY began, seconds LIMIT 2`,
      );
      const whose = { session_id: '900', unique_id: 'anna' };
      expect(view).toEqual([
        { ...whose, began: new Date(T0), ended: new Date(T0 + 250), seconds: '0.250', reason: 'disconnected' },
        { ...whose, began: new Date(T0 + 500), ended: new Date(T0 + 900), seconds: '0.400', reason: 'failover' },
      ]);
      await expect(client.query('SELECT * FROM session_gaps')).rejects.toThrow(/permission denied/);
    });
  });

  it('learns gifts from the events', async () => {
    await fold.apply(world(['901'], seeded(5)), []);
    const gifts = await new PostgresGiftCatalogueStore(database).load();
    expect(gifts.map((gift) => [gift.id, gift.name, gift.diamondsEach]).sort()).toEqual([
      ['1', 'Gift 0', 5],
      ['2', 'Gift 1', 10],
      ['3', 'Gift 2', 15],
    ]);
  });

  it('makes partitions ahead, drops what is old, and lets one replica do it at a time', async () => {
    const maintenance = await startMaintenance();
    const now = new Date();
    await maintenance.run(now);
    expect(await maintenance.run(now)).toEqual({
      done: true,
      complete: true,
      partitionsMade: 0,
      partitionsDropped: 0,
      rowsPruned: 0,
    });
    const partitions = async (parent: string): Promise<string[]> => {
      const found = await database.run(
        (client) => client.$queryRaw<{ name: string }[]>`
          SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
          WHERE i.inhparent = ${parent}::text::regclass ORDER BY 1`,
      );
      return found.map((row) => row.name);
    };
    const days = await partitions('folded_events');
    const stamp = (at: number): string => iso(at).slice(0, 10).replaceAll('-', '');
    for (const ahead of [0, 1, 5]) expect(days).toContain(`folded_events_d${stamp(now.getTime() + ahead * DAY)}`);
    const snapshotDays = await partitions('room_snapshots');
    for (const ahead of [0, 1, 5]) {
      expect(snapshotDays).toContain(`room_snapshots_d${stamp(now.getTime() + ahead * DAY)}`);
    }

    await fold.apply(world(['901'], seeded(1)), []);
    await database.run(async (client) => {
      await client.$executeRaw`INSERT INTO commands (id, reply, created_at) VALUES ('old', '{}', now() - interval '1 year'), ('new', '{}', now())`;
      await client.$executeRaw`SELECT livetap_ensure_partitions('folded_events', 'day', '2020-01-01', '2020-01-03')`;
    });
    expect(await maintenance.run(now)).toMatchObject({ partitionsDropped: 3, rowsPruned: 1 });
    const later = new Date(now.getTime() + 6 * DAY);
    const report = await maintenance.run(later);
    expect(report.partitionsDropped).toBeGreaterThan(0);
    expect(await partitions('folded_events')).not.toContain(`folded_events_d${stamp(now.getTime())}`);
    expect(await database.run((client) => client.giftStreakRecord.count())).toBe(0);
    expect(await partitions('room_snapshots')).toEqual(expect.arrayContaining(snapshotDays));

    const [first, second] = await Promise.all([maintenance.run(now), maintenance.run(now)]);
    expect([first.done, second.done]).toContain(true);
  });

  it('makes 5-minute means of old snapshots, once, and holds nobody up', async () => {
    const maintenance = await startMaintenance();
    await fold.apply(world(['901'], seeded(4)), []);
    const before = await reader.snapshots('901', { limit: 100 });
    const later = new Date(T0 + 31 * DAY);

    // Somebody writes into another day all the while, and a long transaction is open that has read the table.
    await withClient(url, async (writer) => {
      await writer.query("SET lock_timeout = '2s'");
      await writer.query('BEGIN');
      await writer.query('SELECT count(*) FROM room_snapshots');
      const running = maintenance.run(later);
      await eventually(async () => (await waitingForDetach()) > 0);
      const today = `INSERT INTO room_snapshots (session_id, at) VALUES ('other', now())`;
      await withClient(url, async (other) => {
        await other.query("SET lock_timeout = '2s'");
        await other.query(today);
      });
      await writer.query('COMMIT');
      expect(await running).toMatchObject({ done: true });
    });
    const [means] = await database.run((client) => client.roomSnapshotMeanRecord.findMany());
    const stated = before.items.flatMap(({ viewers }) => viewers ?? []);
    const sum = (key: 'chats' | 'diamonds' | 'events') => before.items.reduce((total, row) => total + row[key], 0);
    expect(means).toMatchObject({
      at: new Date(T0),
      viewersSum: BigInt(stated.reduce((total, one) => total + one, 0)),
      viewersStated: BigInt(stated.length),
      viewersPeak: BigInt(Math.max(...stated)),
      likes: BigInt(before.items.at(-1)!.likes),
      chats: BigInt(sum('chats')),
      diamonds: BigInt(sum('diamonds')),
      events: BigInt(sum('events')),
      final: true,
    });
    expect((await reader.snapshots('901', { limit: 100 })).items).toMatchObject([
      { at: new Date(T0), chats: sum('chats'), likes: before.items.at(-1)!.likes },
    ]);

    // What comes late for such a day is added to the means; a run that was cut off between its steps is finished.
    await fold.apply([event('chat', 'late', T0 + 1_000, { roomId: '901' })], []);
    const day = `room_snapshots_d${iso(T0).slice(0, 10).replaceAll('-', '')}`;
    await withClient(url, (client) => client.query(`ALTER TABLE room_snapshots DETACH PARTITION ${day} CONCURRENTLY`));
    await fold.apply([event('chat', 'later', T0 + 2_000, { roomId: '901' })], []);
    await maintenance.run(later);
    const [after] = await database.run((client) => client.roomSnapshotMeanRecord.findMany());
    expect(after).toMatchObject({ chats: BigInt(sum('chats') + 2), viewersStated: BigInt(stated.length) });

    await maintenance.run(new Date(T0 + 500 * DAY));
    expect(await database.run((client) => client.roomSnapshotMeanRecord.count({ where: { sessionId: '901' } }))).toBe(
      0,
    );
    expect((await reader.session('901'))?.diamonds).toBe(sum('diamonds'));
  });

  it('makes means of old recordings at once, and keeps nothing of them that would only be removed', async () => {
    const keep = { clock: new FakeClock(T0), snapshotMs: 30 * DAY, archiveMs: 30 * DAY };
    const replaying = new PostgresHistoryFold(database, { archive: ['chat'], keep });
    const old = world(['901'], seeded(11), T0 - 40 * DAY);
    await replaying.apply([...old.slice(0, 30), ...world(['902'], seeded(12), T0 - 29 * DAY)], []);
    await replaying.apply(old, []);
    const { items } = await reader.snapshots('901', { limit: 100 });
    const session = await reader.session('901');
    expect(items.map(({ at }) => at)).toEqual([new Date(T0 - 40 * DAY)]);
    expect(items[0]).toMatchObject({
      chats: session!.chats,
      diamonds: session!.diamonds,
      likes: session!.likes,
      final: true,
    });
    const count = (sessionId: string) =>
      database.run(async (client) => [
        await client.roomSnapshotRecord.count({ where: { sessionId } }),
        await client.archivedEventRecord.count({ where: { sessionId } }),
      ]);
    expect(await count('901')).toEqual([0, 0]);
    for (const number of await count('902')) expect(number).toBeGreaterThan(1);
    const { rows: made } = await withClient(url, (client) =>
      client.query(
        `SELECT FROM pg_class WHERE relname = 'room_snapshots_d${iso(T0 - 40 * DAY)
          .slice(0, 10)
          .replaceAll('-', '')}'`,
      ),
    );
    expect(made).toEqual([]);
    // The day before which maintenance removes: not a moment earlier here.
    const start = Date.parse(`${iso(T0 - 30 * DAY).slice(0, 10)}T00:00:00.000Z`);
    await replaying.apply(
      [event('chat', 'in', start, { roomId: '904' }), event('chat', 'out', start - 1, { roomId: '905' })],
      [],
    );
    expect([(await count('904'))[0], (await count('905'))[0]]).toEqual([1, 0]);
  });

  it('makes, thins and drops partitions while others read and write, and nobody waits', async () => {
    const maintenance = await startMaintenance();
    const oldest = Date.now() - 60 * DAY;
    for (let day = 0; day < 20; day += 1) {
      await fold.apply([event('chat', `old-${day}`, oldest + day * DAY, { roomId: '901' })], []);
    }
    let [done, written, refused] = [false, 0, 0];
    /** Writes into every table that has partitions, and would rather fail than wait for a lock. */
    const write = (who: string) =>
      withClient(url, async (client) => {
        await client.query(`SET lock_timeout = '500ms'`);
        const statements = [
          `INSERT INTO room_snapshots (session_id, at) VALUES ('busy-${who}', clock_timestamp())`,
          `INSERT INTO archived_events (key, recorded_at, type, session_id, unique_id, viewer_ids, event)
           VALUES (gen_random_uuid(), now(), 'chat', 'busy', 'busy', '{}', '{}')`,
          `INSERT INTO folded_events (key, seen_on) VALUES (gen_random_uuid(), (now() AT TIME ZONE 'UTC')::date)`,
          `INSERT INTO session_gifters VALUES ('busy-${who}', floor(random() * 1e15)::bigint, 1, 1, now(), now())`,
          `SELECT count(*) FROM room_snapshots WHERE session_id = 'busy-${who}'`,
        ];
        while (!done) {
          for (const statement of statements) {
            await client.query(statement).catch(() => (refused += 1));
            written += 1;
          }
        }
      });
    const writers = [write('a'), write('b')];
    await withClient(url, async (report) => {
      // A long report of somebody, which every partition that goes has to wait for.
      await report.query('BEGIN');
      await report.query('SELECT count(*) FROM room_snapshots');
      const running = Promise.all([
        maintenance.run(new Date()),
        // Meanwhile partitions are made, for days of long ago.
        database.transaction(async (tx) => {
          await tx.$executeRaw`SELECT livetap_ensure_partitions('room_snapshots', 'day', '2020-01-01', '2020-01-10')`;
        }),
      ]);
      await eventually(async () => (await waitingForDetach()) > 0);
      const before = written;
      await eventually(async () => written > before + 50);
      await report.query('COMMIT');
      expect((await running)[0].partitionsDropped).toBeGreaterThan(0);
    });
    for (let report = await maintenance.run(new Date()); !report.complete;) report = await maintenance.run(new Date());
    done = true;
    await Promise.all(writers);
    expect(refused).toBe(0);
    const { items } = await reader.snapshots('901', { limit: 100 });
    expect(items.reduce((sum, { chats }) => sum + chats, 0)).toBe(20);
    expect(await database.run((client) => client.roomSnapshotRecord.count({ where: { sessionId: '901' } }))).toBe(0);
  });

  it('forgets people when their time is over, and not before', async () => {
    const maintenance = await startMaintenance();
    await fold.apply(world(['901'], seeded(6)), []);
    const counts = async () => {
      const { viewers, gifters, allTime, names, scores, contributors, gaps, given, sides } = await rows();
      const people = [gifters, allTime, names, scores, contributors, gaps].map(({ length }) => length > 0);
      return [viewers.length > 0, ...new Set(people), given.length > 0, sides.length > 0];
    };
    await maintenance.run(new Date(T0 + 89 * DAY));
    expect(await counts()).toEqual([true, true, true, true]);
    await maintenance.run(new Date(T0 + 91 * DAY));
    expect(await counts()).toEqual([false, true, true, true]);
    await maintenance.run(new Date(T0 + 401 * DAY));
    expect((await rows()).gifters).toEqual([]);
    expect((await rows()).allTime).toEqual([]);
    expect((await rows()).contributors).toEqual([]);
    expect((await rows()).scores).toEqual([]);
    expect((await rows()).gaps).toEqual([]);
    expect(await reader.session('901')).toMatchObject({ gaps: 3, gapMs: 2_250 });
    // The hosts of a battle that is still known keep their names.
    expect((await rows()).names.map(({ id }) => String(id))).toEqual(['7700000000000000801', '7700000000000000802']);
    expect((await reader.session('901'))?.uniqueGifters).toBeGreaterThan(0);
  });

  it('answers the ten queries of the documentation as the role that sees only the views', async () => {
    await fold.apply(world(['901', '902'], seeded(8), Date.now() - DAY / 2), []);
    await database.run(
      (client) => client.$executeRaw`INSERT INTO streamers (unique_id, tiktok_user_id) VALUES ('user901', '1901')`,
    );
    const text = await readFile(new URL('../../../docs/database.md', import.meta.url), 'utf8');
    const queries = [...text.slice(text.indexOf('## Ten queries')).matchAll(/```sql\n([\s\S]*?)```/g)].map(
      ([, sql = '']) =>
        sql
          .replaceAll('7228996979260232668', '901')
          .replaceAll('some.streamer', 'user901')
          .replaceAll('6910000000000000001', '1901'),
    );
    expect(queries).toHaveLength(10);
    await withClient(url, async (client) => {
      await client.query('SET ROLE livetap_read');
      for (const sql of queries) {
        const { rows: found } = await client.query(sql);
        expect([sql, found.length > 0]).toEqual([sql, true]);
      }
      const session = await client.query(`SELECT * FROM v_sessions WHERE session_id = '901'`);
      expect(session.rows[0]).toMatchObject({ unique_id: 'user901', seconds_seen: '60' });
      const secret = client.query('SELECT proxy_url FROM streamers');
      await expect(secret).rejects.toThrow(/permission denied/);
      await expect(client.query('DELETE FROM v_gifts')).rejects.toThrow(/permission denied/);
    });
  });

  it('says in the database what every view is', async () => {
    const { rows: silent } = await withClient(url, (client) =>
      client.query<{ name: string }>(`SELECT relname AS name FROM pg_class
        WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace AND obj_description(oid) IS NULL`),
    );
    expect(silent).toEqual([]);
  });

  it('keeps whole events of chosen types, each once, without erased viewers', async () => {
    const archiving = new PostgresHistoryFold(database, { archive: ['chat', 'gift'] });
    const events = world(['901'], seeded(10));
    const odd = event('chat', 'odd', T0, {
      roomId: '901',
      data: { comment: 'a\u0000b', mentions: [{ id: '7800000000000000555', nickname: 'M' }] },
    });
    await archiving.apply([...events, odd, ...events], []);
    await archiving.apply([...events, odd], []);
    await fold.apply([event('chat', 'not kept', T0, { roomId: '901' })], []);
    const kept = () =>
      database.run((client) => client.archivedEventRecord.findMany({ orderBy: { recordedAt: 'asc' } }));
    const wanted = events.filter(({ type }) => /\.(chat|gift)\./.test(type));
    const rowsKept = await kept();
    expect(rowsKept).toHaveLength(wanted.length + 1);
    const ids = rowsKept.map((row) => (row.event as { id: string }).id);
    expect(ids.sort()).toEqual([...wanted.map(({ id }) => id), 'odd'].sort());
    const sample = rowsKept.find((row) => (row.event as { id: string }).id === wanted[0]!.id);
    expect(sample!.event).toEqual(JSON.parse(wanted[0]!.value.toString()));

    const erasures = new PostgresViewerErasureStore(database);
    const at = await erasures.erase('7800000000000000555', false);
    await erasures.announced('7800000000000000555', at);
    expect(await whereIs('7800000000000000555')).toEqual([]);
    const late = event('chat', 'late', at, {
      roomId: '901',
      data: { replyTo: { id: '7800000000000000555', uniqueId: 'gone' } },
    });
    await archiving.apply([late], []);
    expect(await kept()).toHaveLength(wanted.length);
    await database.run((client) => client.$executeRaw`TRUNCATE viewer_erasures`);

    const maintenance = await startMaintenance();
    await maintenance.run(new Date(T0 + 31 * DAY));
    expect(await kept()).toEqual([]);
  });

  it('erases a viewer everywhere, for good when it is asked for, and counts on', async () => {
    const erasures = new PostgresViewerErasureStore(database);
    const events = world(['901'], seeded(9));
    await fold.apply(events, []);
    const before = await rows();
    // The second one has supported a side of the battle as well.
    const [other, victim] = before.gifters.map(({ viewerId }) => String(viewerId));
    const names = before.names
      .filter(({ id }) => String(id) === victim)
      .flatMap(({ uniqueId, nickname }) => [uniqueId!, nickname!]);
    await database.run(
      (client) =>
        client.$executeRaw`INSERT INTO webhooks (id, sealed_url, origin, types, sealed_secret) VALUES ('w', 'x', 'x', '{chat}', 'x')`,
    );
    await database.run(
      (
        client,
      ) => client.$executeRaw`INSERT INTO webhook_deliveries (webhook_id, source, event_id, event_type, event_key, subject, body, expires_at)
      SELECT 'w', 's', id, 't', 'k', 'u', convert_to('{"user":{"id":"' || id || '"}}', 'UTF8'), now() FROM unnest(ARRAY[${victim}, ${other}]) AS id`,
    );
    expect((await whereIs(victim!, ...names)).length).toBeGreaterThan(4);

    const at = await erasures.erase(victim!, false);
    expect(await whereIs(victim!, ...names)).toEqual(['viewer_erasures']);
    expect(await erasures.unannounced()).toEqual([{ userId: victim, at }]);
    await erasures.announced(victim!, at);
    expect(await whereIs(victim!, ...names)).toEqual([]);
    expect((await whereIs(other!)).length).toBeGreaterThan(4);
    // A battle's host may be erased as well.
    await erasures.announced('7700000000000000801', await erasures.erase('7700000000000000801', false));
    expect(await whereIs('7700000000000000801')).toEqual([]);
    expect((await reader.session('901'))?.diamonds).toBe(Number(before.sessions[0]!.diamonds));

    // What was received before never brings the viewer back; what comes later does, unless they opted out.
    const late = (id: string, recordedAt: number) =>
      event('chat', id, recordedAt, { roomId: '901', data: { user: { id: victim, uniqueId: 'again' } } });
    await fold.apply([...world(['902'], seeded(9)), late('late', at)], []);
    expect(await whereIs(victim!)).toEqual([]);
    await fold.apply([late('later', at + 1)], []);
    expect(await whereIs(victim!)).toEqual(['session_viewers']);
    const optedOutAt = await erasures.erase(victim!, true);
    await erasures.announced(victim!, optedOutAt);
    await fold.apply([late('latest', Date.now() + 60_000)], []);
    expect(await whereIs(victim!)).toEqual([]);
    const chats = events.filter(({ type }) => type === 'livetap.chat.v1').length;
    expect((await reader.session('901'))?.chats).toBe(chats + 3);

    // Taken back, the opt-out ends there: what was received meanwhile stays forgotten.
    await eventually(async () => Date.now() > optedOutAt);
    const meanwhile = Date.now();
    const ended = await erasures.endOptOut(victim!);
    expect(await erasures.endOptOut(victim!)).toBeUndefined();
    expect(await erasures.endOptOut(other!)).toBeUndefined();
    await fold.apply([late('meanwhile', meanwhile)], []);
    expect(await whereIs(victim!)).toEqual([]);
    await fold.apply([late('since', ended! + 1)], []);
    expect(await whereIs(victim!)).toEqual(['session_viewers']);
    await database.run((client) => client.$executeRaw`TRUNCATE viewer_erasures, webhooks CASCADE`);
  });

  it('erases a viewer’s gift streaks from checkpoints, and keeps them out of those that follow', async () => {
    const leases = new PostgresLeaseStore(database);
    const { streamer } = await new PostgresStreamerStore(database).add('anna', {});
    const streak = (viewer: string, lastAt: number, to?: string) => ({
      ...{ id: `${viewer}-5-1`, count: 3, lastAt, completed: false },
      user: { id: viewer, nickname: `N${viewer}` },
      ...(to === undefined ? {} : { to: { id: to } }),
    });
    const streaks = [streak('77001', 5), streak('77002', 6), streak('77003', 7, '77001')];
    const checkpoint = {
      version: 1,
      roomId: '900',
      sessionId: '900',
      occurrence: 1,
      joined: true,
      lastFrameAt: 7,
      likeTotal: 0,
      streaks,
      recentIds: [],
    } as const;
    const [lease] = await leases.acquire({ replicaId: 'r1', ttlMs: 60_000, limit: 1, reclaim: false });
    const renew = (more: readonly object[] = []) =>
      leases.renew({
        replicaId: 'r1',
        ttlMs: 60_000,
        renewals: [
          {
            streamerId: String(streamer.id),
            epoch: lease!.epoch,
            checkpoint: { ...checkpoint, streaks: [...streaks, ...more] } as typeof checkpoint,
          },
        ],
      });
    await renew();
    expect(await whereIs('77001', 'N77001')).toEqual(['leases']);
    const erasures = new PostgresViewerErasureStore(database);
    const at = await erasures.erase('77001', false);
    await erasures.announced('77001', at);
    expect(await whereIs('77001', 'N77001')).toEqual([]);
    expect(await whereIs('77002')).toEqual(['leases']);
    // Its owner still remembers them. What the viewer gives from now on is another matter, unless they opted out.
    await renew();
    expect(await whereIs('77001', 'N77001')).toEqual([]);
    await renew([streak('77001', at + 1)]);
    expect(await whereIs('77001')).toEqual(['leases']);
    await erasures.announced('77001', await erasures.erase('77001', true));
    await renew([streak('77001', Date.now() + 60_000)]);
    expect(await whereIs('77001')).toEqual([]);
    await database.run((client) => client.$executeRaw`TRUNCATE viewer_erasures`);
  });

  it('goes on folding when maintenance was missed', async () => {
    await database.run((client) =>
      client.$executeRawUnsafe(`DO $$ DECLARE name TEXT; BEGIN
        FOR name IN SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'folded_events'::regclass LOOP
          EXECUTE 'DROP TABLE ' || name;
        END LOOP; END $$`),
    );
    await fold.apply([event('chat', '1', T0)], []);
    await fold.apply([event('chat', '1', T0)], []);
    expect((await reader.session('900'))?.chats).toBe(1);
  });
});
