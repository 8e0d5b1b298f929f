-- When a streamer usually goes live: learned by the live checks, begun with what the sessions tell.

ALTER TABLE "streamers" ADD COLUMN "start_habit" JSONB;

COMMENT ON COLUMN "streamers"."start_habit" IS 'Weights of past starts by hour of the week (UTC, 0 is Monday 00:00), halved every four weeks; null until a start was seen.';

-- The habit as the sessions of half a year have it; null when there are none. Lives that began within half an hour of the
-- one before are one that was interrupted.
CREATE FUNCTION "start_habit_of_sessions"("names" TEXT[], "user_id" TEXT, "moment" TIMESTAMPTZ) RETURNS JSONB
LANGUAGE SQL STABLE AS $$
    WITH "began" AS (
        SELECT COALESCE("started_at", "joined_at") AS "at"
        FROM "sessions"
        WHERE ("unique_id" = ANY ("names") OR "tiktok_user_id" = "user_id")
          AND "joined_at" BETWEEN "moment" - INTERVAL '26 weeks' AND "moment"
    ), "apart" AS (
        SELECT "at", LAG("at") OVER (ORDER BY "at") AS "before" FROM "began"
    ), "weighed" AS (
        SELECT
            "at",
            (FLOOR(EXTRACT(EPOCH FROM "at") / 3600)::BIGINT + 72) % 168 AS "hour",
            POWER(2, -EXTRACT(EPOCH FROM "moment" - "at") / (4 * 7 * 86400)) AS "weight"
        FROM "apart"
        WHERE "before" IS NULL OR "at" - "before" >= INTERVAL '30 minutes'
    ), "hours" AS (
        SELECT "hour", ROUND(SUM("weight")::NUMERIC, 4) AS "weight" FROM "weighed" GROUP BY "hour"
    )
    SELECT JSONB_BUILD_OBJECT(
        'since', FLOOR(EXTRACT(EPOCH FROM (SELECT MIN("at") FROM "weighed")) * 1000),
        'asOf', FLOOR(EXTRACT(EPOCH FROM "moment") * 1000),
        'lastStartAt', FLOOR(EXTRACT(EPOCH FROM (SELECT MAX("at") FROM "weighed")) * 1000),
        'starts', JSONB_OBJECT_AGG("hour"::TEXT, "weight")
    )
    FROM "hours"
    HAVING COUNT(*) > 0
$$;

UPDATE "streamers" s
SET "start_habit" = "start_habit_of_sessions"(
    ARRAY_APPEND(ARRAY(SELECT a."alias" FROM "streamer_aliases" a WHERE a."streamer_id" = s."id"), s."unique_id"),
    s."tiktok_user_id",
    CURRENT_TIMESTAMP
);
