-- Views for who reads history with SQL: their names and columns stay as they are, whatever becomes of the tables.

CREATE VIEW "v_streamers" AS
SELECT "unique_id", "tiktok_user_id", "nickname", "state", "state_reason", "paused", "labels", "priority", "room_id",
    "last_live_at", "last_checked_at", "created_at"
FROM "streamers";
COMMENT ON VIEW "v_streamers" IS 'Monitored streamers and what they are doing, without secrets.';
COMMENT ON COLUMN "v_streamers"."unique_id" IS 'TikTok name, lower case; id:<TikTok user id> until it is known.';
COMMENT ON COLUMN "v_streamers"."tiktok_user_id" IS 'TikTok user id, null until known.';
COMMENT ON COLUMN "v_streamers"."state" IS 'pending, offline, live, paused, restricted, notFound or unknown.';

CREATE VIEW "v_sessions" AS
SELECT "id" AS "session_id", "room_id", "unique_id", "tiktok_user_id", "title", "started_at", "joined_at", "ended_at", "end_reason",
    CASE WHEN "left_at" >= "last_event_at" THEN "left_at" END AS "left_at", "last_event_at",
    round(extract(epoch FROM COALESCE("ended_at", "last_event_at") - "joined_at"))::bigint AS "seconds_seen",
    "peak_viewers", round("viewers_sum"::numeric / NULLIF("viewers_stated", 0), 1) AS "average_viewers",
    NULLIF("total_viewers", 0) AS "total_viewers", "unique_viewers", "unique_chatters", "unique_gifters", "new_followers",
    "followers_first", "followers_last", "likes", "chats", "joins", "follows", "shares", "gifts", "diamonds", "events",
    "gaps", "gap_ms"
FROM "sessions";
COMMENT ON VIEW "v_sessions" IS 'One live of one streamer with its totals.';
COMMENT ON COLUMN "v_sessions"."session_id" IS 'Room id; <room id>-2, -3 … when the same room id goes live again.';
COMMENT ON COLUMN "v_sessions"."started_at" IS 'When TikTok says that the stream began.';
COMMENT ON COLUMN "v_sessions"."joined_at" IS 'When Livetap began to see it.';
COMMENT ON COLUMN "v_sessions"."left_at" IS 'When Livetap stopped watching while the live went on.';
COMMENT ON COLUMN "v_sessions"."seconds_seen" IS 'From joined_at to the end, or to the newest event, in seconds; gaps are part of it.';
COMMENT ON COLUMN "v_sessions"."average_viewers" IS 'Mean of the viewer counts stated, null when none was.';
COMMENT ON COLUMN "v_sessions"."total_viewers" IS 'Everyone who came since the start, as TikTok counts; null when not stated.';
COMMENT ON COLUMN "v_sessions"."unique_viewers" IS 'Different people who joined, wrote, liked, followed, shared or gave.';
COMMENT ON COLUMN "v_sessions"."likes" IS 'Highest like total that TikTok stated.';
COMMENT ON COLUMN "v_sessions"."gap_ms" IS 'How long nothing was seen, milliseconds.';

CREATE VIEW "v_session_gifters" AS
SELECT "g"."session_id", "s"."unique_id", "s"."tiktok_user_id", "s"."joined_at", "g"."viewer_id",
    "v"."unique_id" AS "viewer_unique_id", "v"."nickname" AS "viewer_nickname", "g"."gifts", "g"."diamonds", "g"."first_at", "g"."last_at"
FROM "session_gifters" "g"
JOIN "sessions" "s" ON "s"."id" = "g"."session_id"
LEFT JOIN "viewers" "v" ON "v"."id" = "g"."viewer_id";
COMMENT ON VIEW "v_session_gifters" IS 'What each person gave in a session.';
COMMENT ON COLUMN "v_session_gifters"."unique_id" IS 'The streamer.';
COMMENT ON COLUMN "v_session_gifters"."viewer_id" IS 'TikTok user id of the person.';
COMMENT ON COLUMN "v_session_gifters"."viewer_unique_id" IS 'Name of the person as seen last.';

CREATE VIEW "v_session_gifts" AS
SELECT "s"."session_id", "s"."gift_id", "g"."name", "g"."diamonds_each", "s"."gifts", "s"."diamonds"
FROM "session_gifts" "s" LEFT JOIN "gifts" "g" ON "g"."id" = "s"."gift_id";
COMMENT ON VIEW "v_session_gifts" IS 'How many of each gift were given in a session.';

CREATE VIEW "v_streamer_gifters" AS
SELECT "g"."tiktok_user_id", "s"."unique_id", "g"."viewer_id", "v"."unique_id" AS "viewer_unique_id",
    "v"."nickname" AS "viewer_nickname", "g"."gifts", "g"."diamonds", "g"."sessions", "g"."first_at", "g"."last_at"
FROM "streamer_gifters" "g"
LEFT JOIN "streamers" "s" ON "s"."tiktok_user_id" = "g"."tiktok_user_id"
LEFT JOIN "viewers" "v" ON "v"."id" = "g"."viewer_id";
COMMENT ON VIEW "v_streamer_gifters" IS 'What each person gave to a streamer in all sessions.';
COMMENT ON COLUMN "v_streamer_gifters"."unique_id" IS 'The streamer''s name; null when the streamer is not monitored any more.';
COMMENT ON COLUMN "v_streamer_gifters"."sessions" IS 'In how many sessions.';

CREATE VIEW "v_session_viewers" AS
SELECT "session_id", "viewer_id", "did" & 1 <> 0 AS "joined", "did" & 2 <> 0 AS "chatted", "did" & 4 <> 0 AS "liked",
    "did" & 8 <> 0 AS "followed", "did" & 16 <> 0 AS "shared", "did" & 32 <> 0 AS "gifted"
FROM "session_viewers";
COMMENT ON VIEW "v_session_viewers" IS 'Who was in a session and what they did.';

CREATE VIEW "v_viewers_by_minute" AS
SELECT "session_id", date_trunc('minute', "at") AS "minute", round(avg("viewers"), 1) AS "viewers", max("viewers") AS "peak_viewers",
    max("followers") AS "followers", max("likes") AS "likes", sum("chats")::bigint AS "chats", sum("joins")::bigint AS "joins",
    sum("gifts")::bigint AS "gifts", sum("diamonds")::bigint AS "diamonds", sum("events")::bigint AS "events"
FROM "room_snapshots" GROUP BY "session_id", date_trunc('minute', "at");
COMMENT ON VIEW "v_viewers_by_minute" IS 'A session minute by minute, while its snapshots are kept (30 days unless set otherwise).';
COMMENT ON COLUMN "v_viewers_by_minute"."viewers" IS 'Mean of the viewer counts, null when none was stated.';
COMMENT ON COLUMN "v_viewers_by_minute"."likes" IS 'Highest like total of the session stated in the minute, 0 when none was: take the maximum, not the sum.';

CREATE VIEW "v_viewers_by_5_minutes" AS
SELECT "session_id", "at", round("viewers_sum"::numeric / NULLIF("viewers_stated", 0), 1) AS "viewers", "viewers_peak" AS "peak_viewers",
    "followers", "likes", "chats", "joins", "gifts", "diamonds", "events"
FROM "room_snapshot_means"
UNION ALL
SELECT "session_id", date_bin('5 minutes', "at", '2000-01-01 00:00:00+00'), round(avg("viewers"), 1), max("viewers"),
    max("followers"), max("likes"), sum("chats")::bigint, sum("joins")::bigint, sum("gifts")::bigint, sum("diamonds")::bigint,
    sum("events")::bigint
FROM "room_snapshots" GROUP BY "session_id", date_bin('5 minutes', "at", '2000-01-01 00:00:00+00');
COMMENT ON VIEW "v_viewers_by_5_minutes" IS 'A session in steps of 5 minutes, old and new (400 days unless set otherwise).';

CREATE VIEW "v_battles" AS
SELECT "b"."session_id", "b"."id" AS "battle_id", "b"."type", COALESCE("b"."started_at", "b"."first_seen_at") AS "started_at",
    "b"."ended_at", "b"."cut_short", "w"."winner_id", "w"."winner_unique_id", "w"."hosts", "w"."top_score"
FROM "battles" "b"
LEFT JOIN LATERAL (
    SELECT max("s"."side_id") FILTER (WHERE "s"."won") AS "winner_id", max("s"."unique_id") FILTER (WHERE "s"."won") AS "winner_unique_id",
        count(*) AS "hosts", max("s"."score") AS "top_score"
    FROM "v_battle_sides" "s"
    WHERE "s"."session_id" = "b"."session_id" AND "s"."battle_id" = "b"."id" AND "s"."kind" = 'host'
) AS "w" ON TRUE;
COMMENT ON VIEW "v_battles" IS 'Battles of a session and who won; sides are in v_battle_sides.';
COMMENT ON COLUMN "v_battles"."winner_id" IS 'User id of the host who won; of a team one of its hosts; null for a draw or while it goes on.';

CREATE VIEW "v_battle_contributors" AS
SELECT "c"."session_id", "c"."battle_id", "c"."kind", "c"."side_id", "c"."viewer_id", "v"."unique_id" AS "viewer_unique_id",
    "v"."nickname" AS "viewer_nickname", "c"."score"
FROM "battle_contributors" "c" LEFT JOIN "viewers" "v" ON "v"."id" = "c"."viewer_id";
COMMENT ON VIEW "v_battle_contributors" IS 'Viewers who supported a side of a battle, as far as TikTok names them.';

CREATE VIEW "v_gifts" AS SELECT "id" AS "gift_id", "name", "diamonds_each", "image_url", "seen_at" FROM "gifts";
COMMENT ON VIEW "v_gifts" IS 'The gift catalogue, learned from the wire.';

-- A role that sees the views and nothing else. A role belongs to the whole server: another database may have made it, and
-- who may not make roles goes without (docs/database.md says how to make it by hand).
DO $$
DECLARE
    "view" TEXT;
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE "rolname" = 'livetap_read') THEN
            CREATE ROLE "livetap_read" NOLOGIN;
        END IF;
    EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
        NULL;
    END;
    IF EXISTS (SELECT FROM pg_roles WHERE "rolname" = 'livetap_read') THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO "livetap_read"', current_schema());
        FOR "view" IN SELECT "table_name" FROM information_schema.views
            WHERE "table_schema" = current_schema() AND "table_name" LIKE 'v\_%' LOOP
            EXECUTE format('GRANT SELECT ON %I TO "livetap_read"', "view");
        END LOOP;
    END IF;
END
$$;
