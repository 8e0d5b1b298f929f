import type pg from 'pg';

/** How much history is made up. One streamer in a hundred is big: 28 lives of 8 hours in 4 weeks, with 2,500 gifters each. */
export interface SeedSize {
  readonly streamers: number;
}

/** Rows that a hundred streamers bring, so that sizes can be asked for in rows. */
export const SNAPSHOTS_OF_A_HUNDRED = 500_000;

/** What was made, by table. */
export type SeededRows = Readonly<Record<string, number>>;

/**
 * `lives` says of each session whose it is, when it was and how much is in it; everything else is made from it. People are
 * scattered over their table (a multiplication modulo a prime), half of those of a live were in the one before.
 */
const LIVES = (streamers: number): string => `
  CREATE UNLOGGED TABLE seed_lives AS
  SELECT i AS streamer, k, (7300000000000000000 + i * 1000 + k)::text AS id, 6800000000000000000 + i AS owner,
    date_bin('10 seconds', now() - k * (interval '28 days' / lives) - interval '12 hours' - (i * 37 % 600) * interval '1 minute',
      '2000-01-01') AS began,
    snapshots, gifters, gifts, battles, gaps
  FROM generate_series(1, ${streamers}) AS i
  CROSS JOIN LATERAL (SELECT i % 100 = 1 AS big) AS size
  CROSS JOIN LATERAL (SELECT CASE WHEN big THEN 28 ELSE 7 END AS lives, CASE WHEN big THEN 2880 ELSE 606 END AS snapshots,
    CASE WHEN big THEN 2500 ELSE 261 END AS gifters, CASE WHEN big THEN 150 ELSE 40 END AS gifts,
    CASE WHEN big THEN 60 ELSE 4 END AS battles, CASE WHEN big THEN 250 ELSE 1 + i % 5 END AS gaps) AS amounts
  CROSS JOIN LATERAL generate_series(0, lives - 1) AS k`;

const PERSON = (index: string): string => `7700000000000000000 + ((${index})::bigint * 7368787 % 1000003)`;

/** In this order; the first word of a name is the table. */
const STATEMENTS = (streamers: number): readonly (readonly [table: string, sql: string])[] => [
  [
    'streamers',
    `INSERT INTO streamers (unique_id, tiktok_user_id, nickname, paused, state, labels)
     SELECT 'streamer' || i, (6800000000000000000 + i)::text, 'Streamer ' || i, true, 'paused', ARRAY['l' || i % 10]
     FROM generate_series(1, ${streamers}) AS i WHERE i % 20 <> 0`,
  ],
  [
    'sessions',
    `INSERT INTO sessions (id, room_id, unique_id, tiktok_user_id, title, started_at, joined_at, last_event_at, ended_at,
       end_reason, peak_viewers, likes, chats, joins, follows, shares, gifts, diamonds, gaps, gap_ms, events, viewers_sum,
       viewers_stated, total_viewers, unique_viewers, unique_chatters, unique_gifters, new_followers)
     SELECT id, id, 'streamer' || streamer, CASE WHEN streamer % 50 <> 0 THEN owner::text END, 'Live ' || k, began,
       began, began + snapshots * interval '10 seconds', began + snapshots * interval '10 seconds', 'ended', gifters * 3,
       snapshots * 30, snapshots * 20, snapshots * 5, 50, 20, gifters * 3, gifters * 40 + streamer, gaps, gaps * 12000,
       snapshots * 40, gifters::bigint * snapshots, snapshots, gifters * 9, gifters * 2, gifters, gifters, 40
     FROM seed_lives`,
  ],
  [
    'sessions of long ago',
    `INSERT INTO sessions (id, room_id, unique_id, tiktok_user_id, joined_at, last_event_at, ended_at, end_reason, diamonds)
     SELECT id, id, 'streamer' || i, (6800000000000000000 + i)::text, began, began + interval '2 hours',
       began + interval '2 hours', 'ended', i
     FROM (SELECT i, k, (7200000000000000000 + i * 1000 + k)::text AS id,
         date_bin('5 minutes', now() - (k * 60 + i % 60 + 31) * interval '1 day', '2000-01-01') AS began
       FROM generate_series(1, ${streamers}) AS i CROSS JOIN generate_series(1, 5) AS k) AS old`,
  ],
  [
    'room_snapshots',
    `INSERT INTO room_snapshots (session_id, at, viewers, viewers_sequence, likes, chats, joins, gifts, diamonds, events, final)
     SELECT id, began + n * interval '10 seconds', 100 + n * 37 % gifters, '00000001-' || lpad(n::text, 12, '0'), n * 30,
       20, 5, n % 4, n % 4 * 5, 40, n = snapshots - 1
     FROM seed_lives CROSS JOIN LATERAL generate_series(0, snapshots - 1) AS n`,
  ],
  [
    'room_snapshot_means',
    `INSERT INTO room_snapshot_means (session_id, at, viewers_sum, viewers_stated, viewers_peak, likes, chats, joins, events)
     SELECT id, joined_at + n * interval '5 minutes', 30 * n, 30, 150, n * 900, 600, 150, 1200
     FROM sessions CROSS JOIN generate_series(0, 23) AS n WHERE id LIKE '72%'`,
  ],
  [
    'session_gifters',
    `INSERT INTO session_gifters (session_id, viewer_id, gifts, diamonds, first_at, last_at)
     SELECT id, ${PERSON('streamer * 104729 + k * (gifters / 2) + n')}, 1 + n % 5, 1 + 20000 / (1 + n * 3571 % gifters), began,
       began + snapshots * interval '10 seconds'
     FROM seed_lives CROSS JOIN LATERAL generate_series(0, gifters - 1) AS n`,
  ],
  [
    'streamer_gifters',
    `INSERT INTO streamer_gifters (tiktok_user_id, viewer_id, gifts, diamonds, sessions, first_at, last_at)
     SELECT s.tiktok_user_id, g.viewer_id, sum(g.gifts), sum(g.diamonds), count(*), min(g.first_at), max(g.last_at)
     FROM session_gifters g JOIN sessions s ON s.id = g.session_id WHERE s.tiktok_user_id IS NOT NULL GROUP BY 1, 2`,
  ],
  [
    'session_viewers',
    `INSERT INTO session_viewers (session_id, viewer_id, did)
     SELECT id, ${PERSON('streamer * 104729 + k * (gifters / 2) + n')}, CASE WHEN n < gifters THEN 35 ELSE 3 END
     FROM seed_lives CROSS JOIN LATERAL generate_series(0, 2 * gifters - 1) AS n`,
  ],
  [
    'viewers',
    `INSERT INTO viewers (id, unique_id, unique_id_seen_at, nickname, nickname_seen_at)
     SELECT 7700000000000000000 + n, 'person' || n, now(), 'Person ' || n, now() FROM generate_series(0, 1000002) AS n`,
  ],
  [
    'gifts',
    `INSERT INTO gifts (id, name, diamonds_each, image_url, seen_at)
     SELECT n, 'Gift ' || n, n * 3 % 1000, 'https://images.invalid/' || n, now() FROM generate_series(1, 800) AS n`,
  ],
  [
    'session_gifts',
    `INSERT INTO session_gifts (session_id, gift_id, gifts, diamonds)
     SELECT id, 1 + (streamer + n * 5) % 800, 1 + n, (1 + n) * 7 FROM seed_lives CROSS JOIN LATERAL generate_series(0, gifts - 1) AS n`,
  ],
  [
    'session_gaps',
    `INSERT INTO session_gaps (session_id, id, began_at, ended_at, reason)
     SELECT id, 'room.gap-' || (1 + n / 10) || '-' || (1 + n % 10), began + n * interval '110 seconds',
       began + n * interval '110 seconds' + interval '12 seconds',
       (ARRAY['disconnected', 'stalled', 'quota', 'failover'])[1 + n % 4]
     FROM seed_lives CROSS JOIN LATERAL generate_series(0, gaps - 1) AS n`,
  ],
  [
    'battles',
    `INSERT INTO battles (session_id, id, type, started_at, duration_seconds, first_seen_at, last_seen_at, ended_at)
     SELECT id, streamer * 100000 + k * 1000 + n, 'BATTLE_TYPE_NORMAL_BATTLE', began + n * interval '6 minutes', 300,
       began + n * interval '6 minutes', began + n * interval '6 minutes' + interval '5 minutes',
       began + n * interval '6 minutes' + interval '5 minutes'
     FROM seed_lives CROSS JOIN LATERAL generate_series(1, battles) AS n`,
  ],
  [
    'battle_sides',
    `INSERT INTO battle_sides (session_id, battle_id, kind, side_id, score, result)
     SELECT session_id, id, 'host', CASE side WHEN 0 THEN 6800000000000000000 + id / 100000 ELSE 7700000000000000000 + id % 1000003 END,
       id % 977 + side * 100, CASE side WHEN 0 THEN 'RESULT_LOSE' ELSE 'RESULT_WIN' END
     FROM battles CROSS JOIN generate_series(0, 1) AS side`,
  ],
  [
    'battle_scores',
    `INSERT INTO battle_scores (session_id, battle_id, kind, side_id, at, score)
     SELECT b.session_id, b.id, s.kind, s.side_id, b.first_seen_at + n * interval '5 seconds', s.score * n / 20
     FROM battles b JOIN battle_sides s ON s.session_id = b.session_id AND s.battle_id = b.id CROSS JOIN generate_series(1, 20) AS n`,
  ],
  [
    'battle_contributors',
    `INSERT INTO battle_contributors (session_id, battle_id, kind, side_id, viewer_id, score)
     SELECT session_id, battle_id, kind, side_id, ${PERSON('battle_id + n * 131')}, 100 - n
     FROM battle_sides CROSS JOIN generate_series(1, 6) AS n`,
  ],
  [
    'archived_events',
    `INSERT INTO archived_events (key, recorded_at, type, session_id, unique_id, viewer_ids, event)
     SELECT gen_random_uuid(), began + n * interval '20 seconds', 'chat', id, 'streamer' || streamer,
       ARRAY[${PERSON('streamer * 104729 + n')}], jsonb_build_object('id', n::text, 'time', began, 'type', 'livetap.chat.v1',
         'data', jsonb_build_object('comment', repeat('word ', 20), 'user', jsonb_build_object('id', (${PERSON('streamer * 104729 + n')})::text)))
     FROM seed_lives CROSS JOIN LATERAL generate_series(1, snapshots / 4) AS n WHERE k < 2`,
  ],
];

/**
 * Fills an empty, migrated database. Takes minutes with the full size.
 * @returns the rows of each table
 */
export async function seedHistory(client: pg.Client, size: SeedSize, say: (text: string) => void): Promise<SeededRows> {
  const tables = [...new Set(STATEMENTS(1).map(([table]) => table.split(' ')[0] ?? ''))];
  // Indexes are made afterwards, and nothing of this needs to survive a crash.
  await client.query(`SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '128MB'`);
  const indexes = await client.query<{ name: string; definition: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
     WHERE i.indrelid = ANY($1::text[]::regclass[]) AND NOT i.indisunique`,
    [tables],
  );
  for (const { name } of indexes.rows) await client.query(`DROP INDEX ${name}`);
  await client.query(`
    SELECT livetap_ensure_partitions(parent, 'day', current_date - 31, current_date + 1)
    FROM unnest(ARRAY['room_snapshots', 'archived_events']) AS parent`);
  await client.query(
    `SELECT livetap_ensure_partitions('room_snapshot_means', 'month', current_date - 400, current_date)`,
  );
  await client.query(LIVES(size.streamers));
  const rows: Record<string, number> = {};
  for (const [table, sql] of STATEMENTS(size.streamers)) {
    const from = performance.now();
    rows[table] = (await client.query(sql)).rowCount ?? 0;
    say(`  ${table}: ${rows[table]} rows, ${((performance.now() - from) / 1_000).toFixed(1)} s`);
  }
  const from = performance.now();
  // Of a partitioned table only the index of the whole is told: made anew, it is made on every partition.
  for (const { definition } of indexes.rows) await client.query(definition.replace(' ON ONLY ', ' ON '));
  await client.query('DROP TABLE seed_lives');
  await client.query('VACUUM (ANALYZE)');
  say(`  indexes and statistics: ${((performance.now() - from) / 1_000).toFixed(1)} s`);
  return rows;
}
