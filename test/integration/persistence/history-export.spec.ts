import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exportHeading, formatRows } from '../../../apps/watcher/src/history/format-export.js';
import { EXPORTS, type ExportRequest, type ExportRow } from '../../../apps/watcher/src/history/history-export.port.js';
import { PostgresHistoryExporter } from '../../../apps/watcher/src/history/postgres-history-exporter.adapter.js';
import { PostgresHistoryFold } from '../../../apps/watcher/src/history/postgres-history-fold.adapter.js';
import { PostgresHistoryReader } from '../../../apps/watcher/src/history/postgres-history-reader.adapter.js';
import { PostgresViewerErasureStore } from '../../../apps/watcher/src/history/postgres-viewer-erasure.adapter.js';
import { Database } from '../../../apps/watcher/src/persistence/database.js';
import { startTestPostgres, type TestPostgres } from '../../setup/postgres.js';
import { DAY, event, iso, seeded, T0, world } from './history-events.js';

describe('export of history', () => {
  let postgres: TestPostgres;
  let database: Database;
  let exporter: PostgresHistoryExporter;
  let fold: PostgresHistoryFold;

  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterAll(async () => {
    await postgres.stop();
  });
  beforeEach(async () => {
    database = new Database({ url: await postgres.createMigratedDatabase() });
    exporter = new PostgresHistoryExporter(database);
    fold = new PostgresHistoryFold(database, { archive: ['chat', 'gift'] });
    return () => database.close();
  });

  const rowsOf = async (request: ExportRequest): Promise<ExportRow[]> => {
    const rows: ExportRow[] = [];
    for await (const page of exporter.pages(request)) {
      expect(page.length).toBeGreaterThan(0);
      rows.push(...page);
    }
    return rows;
  };

  /** Everything that can be exported, in both formats. */
  const everything = async (): Promise<string> => {
    const texts: string[] = [];
    for (const what of EXPORTS) {
      const [columns, rows] = [exporter.columns(what), await rowsOf({ what })];
      for (const format of ['csv', 'ndjson'] as const) {
        texts.push(exportHeading(format, columns) + formatRows(format, columns, rows));
      }
    }
    return texts.join('');
  };

  it('holds all rows of each table, oldest session first', async () => {
    const events = world(['903', '901', '902'], seeded(1));
    await fold.apply(events, []);
    const ids = ['901', '902', '903'];
    const sessions = await rowsOf({ what: 'sessions' });
    expect(sessions.map(({ sessionId }) => sessionId)).toEqual(ids);
    expect(sessions[0]).toMatchObject({ uniqueId: 'user901', joinedAt: iso(T0), endReason: 'ended', secondsSeen: 60 });
    for (const what of EXPORTS) {
      const rows = await rowsOf({ what });
      expect([...new Set(rows.map(({ sessionId }) => sessionId))]).toEqual(ids);
      for (const row of rows) expect(Object.keys(row)).toEqual(exporter.columns(what));
    }
    const sum = (rows: readonly ExportRow[], column: string): number =>
      rows.reduce((total, row) => total + Number(row[column]), 0);
    for (const what of ['gifters', 'gifts', 'snapshots'] as const) {
      expect([what, sum(await rowsOf({ what }), 'diamonds')]).toEqual([what, sum(sessions, 'diamonds')]);
    }
    const sides = await rowsOf({ what: 'battles', session: '901' });
    expect(sides.map(({ kind, won }) => [kind, won]).sort()).toEqual([
      ['host', false],
      ['host', true],
    ]);
    const archived = await rowsOf({ what: 'events', session: '902' });
    const sent = events.filter(({ source, type }) => source.endsWith('/902') && /\.(chat|gift)\./.test(type));
    expect(archived.map((row) => row['event'])).toEqual(
      sent.map(({ value }) => JSON.parse(value.toString()) as unknown),
    );
    const chats = await rowsOf({ what: 'events', types: ['chat'] });
    expect(new Set(chats.map(({ type }) => type))).toEqual(new Set(['chat']));
  });

  it('goes on over any number of pages, each row once', async () => {
    await database.run(async (client) => {
      await client.$executeRaw`
        INSERT INTO sessions (id, room_id, unique_id, joined_at, last_event_at)
        SELECT n::text, n::text, 'many', ${new Date(T0)}::timestamptz, ${new Date(T0 + 7_200_000)}::timestamptz FROM generate_series(1001, 1450) AS n`;
      await client.$executeRaw`
        INSERT INTO session_gifters (session_id, viewer_id, gifts, diamonds, first_at, last_at)
        SELECT s.id, 1000 + n, 1, n % 7, now(), now() FROM sessions s
        CROSS JOIN LATERAL generate_series(1, CASE s.id WHEN '1100' THEN 2500 WHEN '1101' THEN 1000 ELSE 3 END) AS n`;
      await client.$executeRaw`
        INSERT INTO battles (session_id, id, first_seen_at, last_seen_at) SELECT '1002', n, now(), now() FROM generate_series(1, 600) AS n`;
      await client.$executeRaw`
        INSERT INTO battle_sides (session_id, battle_id, kind, side_id)
        SELECT '1002', n, kind, side FROM generate_series(1, 600) AS n, unnest(ARRAY['host', 'team']) AS kind, generate_series(1, 2) AS side`;
    });
    await database.run(
      (client) => client.$executeRaw`
        INSERT INTO session_gaps (session_id, id, began_at, ended_at, reason)
        SELECT '1003', 'room.gap-1-' || n, at, at + interval '1 second', 'stalled'
        FROM generate_series(1, 2100) AS n CROSS JOIN LATERAL (SELECT ${new Date(T0)}::timestamptz + n % 3 * interval '1 ms' AS at) AS began`,
    );
    const gaps = await rowsOf({ what: 'gaps' });
    expect([gaps.length, new Set(gaps.map(({ id }) => id)).size]).toEqual([2_100, 2_100]);
    expect(gaps.map(({ from }) => from)).toEqual(gaps.map(({ from }) => from).sort());
    expect(gaps[0]).toMatchObject({ from: iso(T0), to: iso(T0 + 1_000), durationMs: 1_000, reason: 'stalled' });
    const gifters = await rowsOf({ what: 'gifters' });
    const keys = gifters.map(({ sessionId, viewerId }) => JSON.stringify([sessionId, viewerId]));
    expect([keys.length, new Set(keys).size]).toEqual([2_500 + 1_000 + 448 * 3, 2_500 + 1_000 + 448 * 3]);
    expect(await rowsOf({ what: 'sessions' })).toHaveLength(450);
    const sides = await rowsOf({ what: 'battles' });
    const names = sides.map(({ battleId, kind, sideId }) => JSON.stringify([battleId, kind, sideId]));
    expect([names.length, new Set(names).size]).toEqual([2_400, 2_400]);
  });

  it('is of one streamer, one session or one time', async () => {
    await fold.apply([...world(['901'], seeded(2)), ...world(['902'], seeded(3), T0 + DAY)], []);
    const sessionsOf = async (request: Omit<ExportRequest, 'what'>): Promise<unknown[]> => {
      const rows = await rowsOf({ what: 'gifts', ...request });
      return [...new Set(rows.map(({ sessionId }) => sessionId))];
    };
    expect(await sessionsOf({})).toEqual(['901', '902']);
    expect(await sessionsOf({ streamer: 'user902' })).toEqual(['902']);
    expect(await sessionsOf({ streamer: 'id:1901' })).toEqual(['901']);
    expect(await sessionsOf({ streamer: 'nobody' })).toEqual([]);
    expect(await sessionsOf({ session: '902' })).toEqual(['902']);
    expect(await sessionsOf({ session: '902', streamer: 'user901' })).toEqual([]);
    expect(await sessionsOf({ from: new Date(T0 + 61_000) })).toEqual(['902']);
    expect(await sessionsOf({ from: new Date(T0 + 30_000), to: new Date(T0 + DAY) })).toEqual(['901']);
    const part = { session: '901', from: new Date(T0 + 20_000), to: new Date(T0 + 40_000) };
    expect((await rowsOf({ what: 'snapshots', ...part })).map(({ at }) => at)).toEqual([
      iso(T0 + 20_000),
      iso(T0 + 30_000),
    ]);
    const events = await rowsOf({ what: 'events', ...part });
    expect(events.length).toBeGreaterThan(0);
    for (const { recordedAt } of events) {
      expect(Date.parse(recordedAt as string)).toBeGreaterThanOrEqual(T0 + 20_000);
      expect(Date.parse(recordedAt as string)).toBeLessThan(T0 + 40_000);
    }
  });

  it('has the snapshots of the list, long ones and those of long ago too', async () => {
    const reader = new PostgresHistoryReader(database);
    await database.run(async (client) => {
      await client.$executeRaw`
        INSERT INTO sessions (id, room_id, unique_id, joined_at, last_event_at)
        VALUES ('long', 'long', 'anna', ${new Date(T0 - 40 * DAY)}::timestamptz, ${new Date(T0 + 40_000_000)}::timestamptz)`;
      await client.$executeRaw`
        SELECT livetap_ensure_partitions('room_snapshots', 'day', day, day + 1),
          livetap_ensure_partitions('room_snapshot_means', 'month', day - 41, day)
        FROM (SELECT ${iso(T0).slice(0, 10)}::date AS day) AS start`;
      await client.$executeRaw`
        INSERT INTO room_snapshots (session_id, at, likes, chats)
        SELECT 'long', ${new Date(T0)}::timestamptz + n * interval '10 seconds', CASE n % 3 WHEN 0 THEN 100 + n ELSE 0 END, 1
        FROM generate_series(0, 2999) AS n`;
      await client.$executeRaw`
        INSERT INTO room_snapshot_means (session_id, at, likes, chats, viewers_sum, viewers_stated)
        SELECT 'long', ${new Date(T0 - 40 * DAY)}::timestamptz + n * interval '5 minutes', n, 30, 45, 30 FROM generate_series(0, 9) AS n`;
    });
    const listed: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await reader.snapshots('long', { limit: 700, ...(cursor === undefined ? {} : { cursor }) });
      listed.push(
        ...page.items.map(({ at, likes, chats, viewers }) => [at.toISOString(), likes, chats, viewers ?? null]),
      );
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const shown = (rows: readonly ExportRow[]) =>
      rows.map(({ at, likes, chats, viewers }) => [at, likes, chats, viewers]);
    const exported = shown(await rowsOf({ what: 'snapshots', session: 'long' }));
    expect(exported).toHaveLength(3_010);
    expect(exported).toEqual(listed);
    // A part of it has the like totals of the whole.
    const from = new Date(T0 + 10_000);
    const part = shown(await rowsOf({ what: 'snapshots', session: 'long', from }));
    expect(part).toEqual(listed.slice(11));
  });

  it('never has a viewer who was erased or has opted out', async () => {
    const erasures = new PostgresViewerErasureStore(database);
    await fold.apply(world(['901', '902'], seeded(4)), []);
    const [gifter] = await rowsOf({ what: 'gifters' });
    const host = '7700000000000000801';
    const victims = [gifter?.['viewerId'] as string, host];
    const names = [gifter?.['viewerUniqueId'] as string, gifter?.['viewerNickname'] as string, `host${host}`];
    const before = await everything();
    for (const text of [...victims, ...names]) expect([text, before.includes(text)]).toEqual([text, true]);
    for (const id of victims) await erasures.announced(id, await erasures.erase(id, true));
    // Opted out: what comes later is nobody's either.
    await fold.apply(
      [...world(['903'], seeded(4), Date.now()), event('chat', 'late', Date.now(), { roomId: '903' })],
      [],
    );
    const after = await everything();
    expect(after.length).toBeGreaterThan(1_000);
    for (const text of [...victims, ...names]) expect([text, after.includes(text)]).toEqual([text, false]);
  });

  it('leaves out who is erased while it runs', async () => {
    await database.run(async (client) => {
      await client.$executeRaw`
        INSERT INTO sessions (id, room_id, unique_id, joined_at, last_event_at) VALUES ('1', '1', 'anna', now(), now())`;
      await client.$executeRaw`
        INSERT INTO session_gifters (session_id, viewer_id, gifts, diamonds, first_at, last_at)
        SELECT '1', n, 1, 1, now(), now() FROM generate_series(1, 3000) AS n`;
    });
    const pages = exporter.pages({ what: 'gifters' });
    const first = await pages.next();
    await new PostgresViewerErasureStore(database).erase('2500', false);
    const rest: ExportRow[] = [];
    for await (const page of pages) rest.push(...page);
    expect(first.done === true ? 0 : first.value.length + rest.length).toBe(2_999);
    expect(rest.map(({ viewerId }) => viewerId)).not.toContain('2500');
  });
});
