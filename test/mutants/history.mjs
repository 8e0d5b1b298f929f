const HISTORY_SPEC = 'test/integration/persistence/history.spec.ts';
const SESSION_SPEC = 'apps/watcher/src/history/fold-session.spec.ts';
const BATTLES = 'apps/watcher/src/history/fold-battles.ts';
const VIEWER_ROWS = 'apps/watcher/src/history/viewer-rows.adapter.ts';
const ERASURES = 'apps/watcher/src/history/fold-erasures.ts';
const ERASURES_SPEC = 'apps/watcher/src/history/fold-erasures.spec.ts';
const ANY_ORDER = 'gives the same rows for every order, cut into batches, repetition and number of folders';
const ALL_SESSIONS =
  'adds up what was given to a streamer over all names and sessions, also when its user id comes late';
const ERASED = 'erases a viewer everywhere, for good when it is asked for, and counts on';
const RETENTION = 'prisma/migrations/20261127020000_add_retention/migration.sql';
const FORGET = 'prisma/migrations/20261129030000_forget_in_checkpoints/migration.sql';

/**
 * People, gifters, gifts and battles; how history goes; erasure.
 * @type {readonly import('../../scripts/lib/mutants/types.d.mts').Mutant[]}
 */
export const HISTORY = [
  // ------------------------------------------------------------------------------------------------- people, gifts
  {
    id: 'people-counted-in-each-batch',
    area: 'People, gifts and battles',
    file: VIEWER_ROWS,
    edits: [{ find: 'g.did & ~COALESCE(known.did, 0::smallint) AS fresh', replace: 'g.did AS fresh' }],
    promise: 'Somebody counts once in a session, however often they come.',
    killers: [{ file: HISTORY_SPEC, test: ANY_ORDER }],
  },
  {
    id: 'people-names-of-latest-arrival',
    area: 'People, gifts and battles',
    file: VIEWER_ROWS,
    edits: [
      {
        find: 'WHEN known.nickname IS NULL OR (excluded.nickname_seen_at,',
        replace: 'WHEN known.nickname IS NULL OR TRUE OR (excluded.nickname_seen_at,',
      },
    ],
    promise: 'The name of a person is the one seen last, in whatever order events come.',
    killers: [{ file: HISTORY_SPEC, test: ANY_ORDER }],
  },
  {
    id: 'gifters-all-time-added-twice',
    area: 'People, gifts and battles',
    file: 'apps/watcher/src/history/postgres-history-fold.adapter.ts',
    edits: [
      {
        find: 'tiktokUserId !== undefined && !owners.has(id)',
        replace: 'tiktokUserId !== undefined && owners.size >= 0',
      },
    ],
    promise: 'What was given before the streamer was known by id is added to its totals once.',
    killers: [{ file: HISTORY_SPEC, test: ANY_ORDER }],
  },
  {
    id: 'gifters-sessions-by-batch',
    area: 'People, gifts and battles',
    file: 'apps/watcher/src/history/gift-rows.adapter.ts',
    edits: [{ find: 'count(*) FILTER (WHERE first_here)', replace: 'count(*)' }],
    promise: 'A session counts once among those in which somebody gave.',
    killers: [{ file: HISTORY_SPEC, test: ANY_ORDER }],
  },
  {
    id: 'gifters-of-nameless-sessions-left-out',
    area: 'People, gifts and battles',
    file: 'apps/watcher/src/history/postgres-gift-history-reader.adapter.ts',
    edits: [{ find: 'if (nameless.length === 0 && ids.length <= 1) {', replace: 'if (ids.length <= 1) {' }],
    promise: 'Sessions whose streamer was never known by id count for its name.',
    killers: [{ file: HISTORY_SPEC, test: ALL_SESSIONS }],
  },
  {
    id: 'gifts-price-of-before-forgotten',
    area: 'People, gifts and battles',
    file: 'apps/watcher/src/history/merge-streaks.ts',
    edits: [
      {
        find: '(known?.count ?? 0) * (known?.diamondsEach ?? 0),',
        replace: '(known?.count ?? 0) * each,',
      },
    ],
    promise: 'A streak whose price is learned late is worth all of its gifts.',
    killers: [{ file: SESSION_SPEC, test: 'counts a streak’s worth once its price becomes known' }],
  },
  {
    id: 'battles-points-of-latest-arrival',
    area: 'People, gifts and battles',
    file: 'apps/watcher/src/history/battle-rows.adapter.ts',
    edits: [
      {
        find: 'score = GREATEST(known.score, excluded.score),\n      final_score',
        replace: 'score = excluded.score,\n      final_score',
      },
    ],
    promise: 'Points of a battle are the highest stated, in whatever order events come.',
    killers: [{ file: HISTORY_SPEC, test: ANY_ORDER }],
  },
  {
    id: 'battles-result-before-the-end',
    area: 'People, gifts and battles',
    file: BATTLES,
    edits: [
      {
        find: "ended ? text(host['result']) : undefined",
        replace: "ended || !ended ? text(host['result']) : undefined",
      },
    ],
    promise: 'A result counts only when the battle is over.',
    killers: [
      {
        file: 'apps/watcher/src/history/fold-battles.spec.ts',
        test: 'keeps sides, points over time, the result and the supporters of a battle',
      },
    ],
  },
  {
    id: 'battles-draw-is-won',
    area: 'People, gifts and battles',
    file: 'prisma/migrations/20261127010000_add_battles/migration.sql',
    edits: [{ find: '"s"."place" = 1 AND "s"."same" = 1', replace: '"s"."place" = 1' }],
    promise: 'Nobody has won a battle that ends level.',
    killers: [{ file: HISTORY_SPEC, test: 'shows battles with sides, points over time, winner and supporters' }],
  },
  {
    id: 'gaps-written-over-by-a-late-repeat',
    area: 'People, gifts and battles',
    file: 'apps/watcher/src/history/gap-rows.adapter.ts',
    edits: [
      {
        find: 'ON CONFLICT (session_id, id) DO NOTHING',
        replace:
          'ON CONFLICT (session_id, id) DO UPDATE SET began_at = excluded.began_at, ended_at = excluded.ended_at',
      },
    ],
    promise: 'Of two events with one id the first one counts, also when nobody remembers it as folded.',
    killers: [
      {
        file: HISTORY_SPEC,
        test: 'pages through gaps, oldest first, and counts each once whoever tells it again',
      },
    ],
  },
  {
    id: 'gaps-end-when-told',
    area: 'People, gifts and battles',
    file: 'apps/watcher/src/history/fold-gaps.ts',
    edits: [{ find: 'to: told ? to : recordedAt', replace: 'to: recordedAt' }],
    promise: 'A gap is the interval that its event says, not one until its receipt.',
    killers: [{ file: SESSION_SPEC, test: 'adds up a session and its intervals' }],
  },
  // ------------------------------------------------------------------------------------------------------ retention
  {
    id: 'retention-shuts-the-table',
    area: 'Retention',
    file: 'apps/watcher/src/history/history-partitions.adapter.ts',
    edits: [{ find: "half ? 'FINALIZE' : 'CONCURRENTLY'", replace: "half ? 'FINALIZE' : ''" }],
    promise: 'Nobody who writes history waits for a partition that goes.',
    killers: [
      { file: HISTORY_SPEC, test: 'makes, thins and drops partitions while others read and write, and nobody waits' },
    ],
  },
  {
    id: 'retention-partition-made-in-the-table',
    area: 'Retention',
    file: RETENTION,
    edits: [
      {
        find: `                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', "child", "parent");`,
        replace: `                EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', "parent");
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', "child", "parent");`,
      },
    ],
    promise: 'Nobody who writes history waits for a partition that is made.',
    killers: [
      { file: HISTORY_SPEC, test: 'makes, thins and drops partitions while others read and write, and nobody waits' },
    ],
  },
  {
    id: 'retention-means-replaced',
    area: 'Retention',
    file: RETENTION,
    edits: [{ find: '"chats" = "known"."chats" + excluded."chats"', replace: '"chats" = excluded."chats"' }],
    promise: 'What comes late for a day that was thinned is added to its means.',
    killers: [{ file: HISTORY_SPEC, test: 'makes 5-minute means of old snapshots, once, and holds nobody up' }],
  },
  {
    id: 'retention-old-recordings-kept-whole',
    area: 'Retention',
    file: 'apps/watcher/src/history/history-age.ts',
    edits: [{ find: 'Math.floor(at / DAY_MS) + 1 <=', replace: 'Math.floor(at / DAY_MS) + 1_000 <=' }],
    promise: 'Events of old recordings become means in the transaction that folds them.',
    killers: [
      {
        file: HISTORY_SPEC,
        test: 'makes means of old recordings at once, and keeps nothing of them that would only be removed',
      },
    ],
  },
  {
    id: 'retention-people-kept-longer',
    area: 'Retention',
    file: 'apps/watcher/src/history/prune-people.adapter.ts',
    edits: [
      {
        find: "ofOldSessions('session_viewers', new Date(horizon.viewers))",
        replace: "ofOldSessions('session_viewers', gifters)",
      },
    ],
    promise: 'Who was in a session is forgotten when its own time is over.',
    killers: [{ file: HISTORY_SPEC, test: 'forgets people when their time is over, and not before' }],
  },
  // -------------------------------------------------------------------------------------------------------- erasure
  {
    id: 'gaps-left-by-purge',
    area: 'Erasure',
    file: 'prisma/migrations/20261129040000_add_session_gaps/migration.sql',
    edits: [{ find: '    DELETE FROM "session_gaps" WHERE "session_id" = ANY("p_sessions");\n', replace: '' }],
    promise: 'A purged streamer leaves no gaps behind.',
    killers: [{ file: HISTORY_SPEC, test: 'erases a purged streamer’s history and nobody else’s' }],
  },
  {
    id: 'erasure-brought-back-by-what-was-before',
    area: 'Erasure',
    file: ERASURES,
    edits: [{ find: 'recordedAt <= erasure.erasedAt', replace: 'recordedAt < erasure.erasedAt' }],
    promise: 'What was received up to the erasure never brings the person back.',
    killers: [{ file: HISTORY_SPEC, test: ERASED }],
  },
  {
    id: 'erasure-opt-out-ignored',
    area: 'Erasure',
    file: ERASURES,
    edits: [{ find: '(erasure.optedOut || recordedAt', replace: '(recordedAt' }],
    promise: 'Nothing is kept about who has opted out.',
    killers: [
      { file: ERASURES_SPEC, test: 'are left out of all events when they opted out, also as hosts and supporters' },
    ],
  },
  {
    id: 'erasure-opt-out-ended-at-the-old-time',
    area: 'Erasure',
    file: FORGET,
    edits: [{ find: 'SET "opted_out" = false, "erased_at" = clock_timestamp()', replace: 'SET "opted_out" = false' }],
    promise: 'What was received while somebody had opted out stays forgotten when they take it back.',
    killers: [{ file: HISTORY_SPEC, test: ERASED }],
  },
  {
    id: 'erasure-leaves-supporters',
    area: 'Erasure',
    file: FORGET,
    edits: [{ find: '    DELETE FROM "battle_contributors" WHERE "viewer_id" = "p_id";\n', replace: '' }],
    promise: 'An erasure knows every table with a viewer in it.',
    killers: [{ file: HISTORY_SPEC, test: ERASED }],
  },
  {
    id: 'erasure-undone-by-a-checkpoint',
    area: 'Erasure',
    file: 'apps/watcher/src/leases/postgres-lease-store.adapter.ts',
    edits: [
      {
        find: "ELSE livetap_without_erased(NULLIF(g.checkpoint, 'null'::jsonb)) END,\n            updated_at = now()\n          FROM given g",
        replace:
          "ELSE NULLIF(g.checkpoint, 'null'::jsonb) END,\n            updated_at = now()\n          FROM given g",
      },
    ],
    promise: 'The owner of a room does not bring an erased person back with its next checkpoint.',
    killers: [
      {
        file: HISTORY_SPEC,
        test: 'erases a viewer’s gift streaks from checkpoints, and keeps them out of those that follow',
      },
    ],
  },
  {
    id: 'erasure-archived-later',
    area: 'Erasure',
    file: 'apps/watcher/src/history/event-archive.adapter.ts',
    edits: [
      {
        find: 'if (people.some((id) => isErased(id, facts.recordedAt, erasures))) return [];',
        replace: 'if (people.every((id) => id === "" && isErased(id, facts.recordedAt, erasures))) return [];',
      },
    ],
    promise: 'An event with an erased person in it is not archived.',
    killers: [{ file: HISTORY_SPEC, test: 'keeps whole events of chosen types, each once, without erased viewers' }],
  },
  {
    id: 'export-with-formulas',
    area: 'Export',
    file: 'apps/watcher/src/history/format-export.ts',
    edits: [{ find: 'escape_formulas: true,', replace: 'escape_formulas: false,' }],
    promise: 'A name cannot be a formula in somebody’s spreadsheet.',
    killers: [
      {
        file: 'apps/watcher/src/history/format-export.spec.ts',
        test: 'never hold a text that a spreadsheet takes for a formula',
      },
    ],
  },
];
