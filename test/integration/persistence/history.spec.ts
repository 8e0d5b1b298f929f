import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FoldInput } from '../../../apps/watcher/src/history/history.port.js';
import { PostgresHistoryFold } from '../../../apps/watcher/src/history/postgres-history-fold.adapter.js';
import { PostgresHistoryMaintenance } from '../../../apps/watcher/src/history/postgres-history-maintenance.adapter.js';
import { PostgresHistoryReader } from '../../../apps/watcher/src/history/postgres-history-reader.adapter.js';
import { Database } from '../../../apps/watcher/src/persistence/database.js';
import { PostgresGiftCatalogueStore } from '../../../apps/watcher/src/persistence/postgres-gift-catalogue-store.adapter.js';
import { PostgresStreamerStore } from '../../../apps/watcher/src/streamers/postgres-streamer-store.adapter.js';
import { startTestPostgres, type TestPostgres } from '../../setup/postgres.js';

const T0 = Date.parse('2026-11-22T12:00:00.000Z');
const DAY = 86_400_000;
const iso = (at: number): string => new Date(at).toISOString();

interface EventOptions {
  readonly roomId?: string;
  readonly sessionId?: string;
  readonly uniqueId?: string;
  readonly data?: object;
}

let counter = 0;
function event(name: string, id: string, at: number, options: EventOptions = {}): FoldInput {
  const roomId = options.roomId ?? '900';
  const value = {
    specversion: '1.0',
    id,
    source: `/tiktok/rooms/${roomId}`,
    type: `livetap.${name}.v1`,
    subject: options.uniqueId ?? 'anna',
    streamerid: `1${roomId}`,
    sessionid: options.sessionId ?? roomId,
    recordedtime: iso(at),
    sequence: `00000001-${String((counter += 1)).padStart(12, '0')}`,
    data: options.data ?? {},
  };
  return { type: value.type, source: value.source, id, value: Buffer.from(JSON.stringify(value)) };
}

/** The same numbers on every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const copy = [...list];
  for (let index = copy.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [copy[index], copy[other]] = [copy[other]!, copy[index]!];
  }
  return copy;
}

/** One live of a minute in each room: chats, joins, likes from two counters, gifts in streaks, viewers, a gap, the end. */
function world(rooms: readonly string[], random: () => number): FoldInput[] {
  const events: FoldInput[] = [];
  for (const roomId of rooms) {
    const add = (name: string, id: string, offset: number, data: object = {}) =>
      events.push(event(name, id, T0 + offset, { roomId, uniqueId: `user${roomId}`, data }));
    add('live.started', 'live.started-1', 0, {
      joinedAt: iso(T0),
      startedAt: iso(T0 - 1_000),
      title: `Live ${roomId}`,
    });
    const streaks = new Map<number, number>();
    for (let n = 0; n < 60; n += 1) {
      const offset = n * 1_000 + Math.floor(random() * 900);
      const kind = random();
      if (kind < 0.4) add('chat', `${n}`, offset, { comment: 'x' });
      else if (kind < 0.5) add('member', `${n}`, offset);
      else if (kind < 0.55) add('follow', `${n}`, offset);
      else if (kind < 0.6) add('share', `${n}`, offset);
      else if (kind < 0.7) add('like', `${n}`, offset, { count: 5, total: n * 7 + (n % 2) * 100 });
      else if (kind < 0.8) add('roomUser', `${n}`, offset, { viewers: Math.floor(random() * 500) });
      else {
        const streak = Math.floor(random() * 3);
        const before = streaks.get(streak) ?? 0;
        const gain = Math.floor(random() * 4);
        streaks.set(streak, before + gain);
        add('gift', `${n}`, offset, {
          gift: { id: String(streak + 1), name: `Gift ${streak}`, diamondsEach: (streak + 1) * 5 },
          count: gain,
          diamonds: gain * (streak + 1) * 5,
          streak: { id: `u-${streak}`, count: before + gain },
        });
      }
    }
    add('room.gap', 'room.gap-1-1', 31_000, { durationMs: 1_500 });
    add('live.ended', 'live.ended-1', 60_500, { endedAt: iso(T0 + 60_400), reason: 'ended' });
  }
  return events;
}

describe('history in Postgres', () => {
  let postgres: TestPostgres;
  let database: Database;
  let reader: PostgresHistoryReader;
  let fold: PostgresHistoryFold;

  beforeAll(async () => {
    postgres = await startTestPostgres();
    database = new Database({ url: await postgres.createMigratedDatabase() });
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

  const clean = () =>
    database.run(
      (client) =>
        client.$executeRaw`TRUNCATE streamers, sessions, room_snapshots, gift_streaks, folded_events, history_positions, commands, gifts, replicas CASCADE`,
    );

  /** Every row that the fold writes, without the times of writing. */
  const rows = () =>
    database.run(async (client) => ({
      sessions: (await client.sessionRecord.findMany({ orderBy: { id: 'asc' } })).map(
        ({ updatedAt: _, ...row }) => row,
      ),
      snapshots: await client.roomSnapshotRecord.findMany({ orderBy: [{ sessionId: 'asc' }, { at: 'asc' }] }),
      streaks: (await client.giftStreakRecord.findMany({ orderBy: [{ sessionId: 'asc' }, { streak: 'asc' }] })).map(
        ({ seenAt: _, ...row }) => row,
      ),
      gifts: (await client.giftRecord.findMany({ orderBy: { id: 'asc' } })).map(({ seenAt: _, ...row }) => row),
    }));

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
      expect(session.events).toBe(60n);
      expect(session.diamonds).toBeGreaterThan(0n);
      expect(own.filter((snapshot) => snapshot.final).map((snapshot) => snapshot.at.getTime())).toEqual([T0 + 60_000]);
    }

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

  it('keeps recordings of long ago: the months they need are made', async () => {
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
    expect(months.map((row) => row.name)).toEqual(['room_snapshots_y2019m02', 'room_snapshots_y2019m03']);
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
    const maintenance = new PostgresHistoryMaintenance(database);
    const now = new Date();
    await maintenance.run(now);
    expect(await maintenance.run(now)).toEqual({ done: true, partitionsMade: 0, partitionsDropped: 0, rowsPruned: 0 });
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
    const months = await partitions('room_snapshots');
    expect(months).toContain(`room_snapshots_y${iso(now.getTime()).slice(0, 4)}m${iso(now.getTime()).slice(5, 7)}`);

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
    expect(await partitions('room_snapshots')).toEqual(expect.arrayContaining(months));

    const [first, second] = await Promise.all([maintenance.run(now), maintenance.run(now)]);
    expect([first.done, second.done]).toContain(true);
  });

  it('goes on folding when maintenance was missed', async () => {
    await database.run(
      (client) => client.$executeRaw`SELECT livetap_drop_partitions('folded_events', 'day', '2999-01-01')`,
    );
    await fold.apply([event('chat', '1', T0)], []);
    await fold.apply([event('chat', '1', T0)], []);
    expect((await reader.session('900'))?.chats).toBe(1);
  });
});
