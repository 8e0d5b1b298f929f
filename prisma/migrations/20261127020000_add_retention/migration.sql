-- Retention: snapshots by day, their 5-minute means by month, and partitions that come and go without holding up who writes.

CREATE OR REPLACE FUNCTION "livetap_ensure_partitions"("parent" TEXT, "unit" TEXT, "first_day" DATE, "last_day" DATE)
RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    "lower_day" DATE := date_trunc("unit", "first_day"::timestamp)::date;
    "upper_day" DATE;
    "child" TEXT;
    "attached" BOOLEAN;
    "made" INTEGER := 0;
BEGIN
    IF "unit" NOT IN ('month', 'day') OR "last_day" - "first_day" > 800 THEN
        RAISE EXCEPTION 'livetap_ensure_partitions: unit must be month or day, and the range at most 800 days';
    END IF;
    WHILE "lower_day" <= "last_day" LOOP
        "upper_day" := ("lower_day" + ('1 ' || "unit")::interval)::date;
        "child" := "parent" || to_char("lower_day", CASE WHEN "unit" = 'month' THEN '"_y"YYYY"m"MM' ELSE '"_d"YYYYMMDD' END);
        IF NOT EXISTS (SELECT FROM pg_inherits WHERE "inhrelid" = to_regclass(quote_ident("child")) AND NOT "inhdetachpending") THEN
            PERFORM pg_advisory_xact_lock(hashtext('livetap_ensure_partitions'));
            SELECT EXISTS (SELECT FROM pg_inherits WHERE "inhrelid" = to_regclass(quote_ident("child")) AND NOT "inhdetachpending")
            INTO "attached";
            IF NOT "attached" THEN
                -- Detached and not yet dealt with: it gets out of the way, maintenance finds it by its ending.
                IF to_regclass(quote_ident("child")) IS NOT NULL THEN
                    EXECUTE format('ALTER TABLE %I RENAME TO %I', "child", "child" || '_x' || to_regclass(quote_ident("child"))::oid);
                END IF;
                -- Made apart and attached: PARTITION OF would shut the parent for everybody.
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', "child", "parent");
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                    "parent", "child", format('%s 00:00:00+00', "lower_day"), format('%s 00:00:00+00', "upper_day"));
                "made" := "made" + 1;
            END IF;
        END IF;
        "lower_day" := "upper_day";
    END LOOP;
    RETURN "made";
END
$$;

CREATE FUNCTION "livetap_old_partitions"("parent" TEXT, "unit" TEXT, "before_day" DATE)
RETURNS TABLE ("name" TEXT, "attached" BOOLEAN, "half_detached" BOOLEAN) LANGUAGE sql STABLE AS $$
    SELECT "c"."relname"::text, "i"."inhrelid" IS NOT NULL, COALESCE("i"."inhdetachpending", false)
    FROM pg_class "c" LEFT JOIN pg_inherits "i" ON "i"."inhrelid" = "c"."oid"
    WHERE "c"."relnamespace" = to_regnamespace(current_schema()) AND "c"."relkind" = 'r'
        AND "c"."relname" ~ ('^' || "parent" || CASE WHEN "unit" = 'month' THEN '_y\d{4}m\d{2}' ELSE '_d\d{8}' END || '(_x\d+)?$')
        AND ("i"."inhrelid" IS NULL OR "i"."inhdetachpending" OR (to_date(substr("c"."relname", length("parent") + 1),
            CASE WHEN "unit" = 'month' THEN '"_y"YYYY"m"MM' ELSE '"_d"YYYYMMDD' END)
            + ('1 ' || "unit")::interval)::date <= "before_day")
    ORDER BY 1
$$;
COMMENT ON FUNCTION "livetap_old_partitions"(TEXT, TEXT, DATE) IS
    'Partitions of a table that end on or before the given day, and those that were detached already and are still there.';

DROP FUNCTION "livetap_drop_partitions"(TEXT, TEXT, DATE);

-- Snapshots by day ----------------------------------------------------------------------------------------------------

ALTER TABLE "room_snapshots" RENAME TO "room_snapshots_by_month";
ALTER TABLE "room_snapshots_by_month" RENAME CONSTRAINT "room_snapshots_pkey" TO "room_snapshots_by_month_pkey";
CREATE TABLE "room_snapshots" (
    LIKE "room_snapshots_by_month" INCLUDING DEFAULTS INCLUDING COMMENTS,
    CONSTRAINT "room_snapshots_pkey" PRIMARY KEY ("session_id", "at")
) PARTITION BY RANGE ("at");
COMMENT ON TABLE "room_snapshots" IS 'Time series of each session, one row for each interval in which something came. Partitioned by day of "at"; counts are of that interval alone, sum them for totals. Old days become room_snapshot_means.';
SELECT "livetap_ensure_partitions"('room_snapshots', 'day', "day", "day")
FROM (SELECT DISTINCT ("at" AT TIME ZONE 'UTC')::date AS "day" FROM "room_snapshots_by_month") AS "days";
INSERT INTO "room_snapshots" SELECT * FROM "room_snapshots_by_month";
DROP TABLE "room_snapshots_by_month";
SELECT "livetap_ensure_partitions"('room_snapshots', 'day', (now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7);

CREATE TABLE "room_snapshot_means" (
    "session_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "viewers_sum" BIGINT NOT NULL DEFAULT 0,
    "viewers_stated" BIGINT NOT NULL DEFAULT 0,
    "viewers_peak" BIGINT,
    "likes" BIGINT NOT NULL DEFAULT 0,
    "chats" BIGINT NOT NULL DEFAULT 0,
    "joins" BIGINT NOT NULL DEFAULT 0,
    "follows" BIGINT NOT NULL DEFAULT 0,
    "shares" BIGINT NOT NULL DEFAULT 0,
    "gifts" BIGINT NOT NULL DEFAULT 0,
    "diamonds" BIGINT NOT NULL DEFAULT 0,
    "events" BIGINT NOT NULL DEFAULT 0,
    "final" BOOLEAN NOT NULL DEFAULT false,
    "followers" BIGINT,
    "followers_sequence" TEXT,

    CONSTRAINT "room_snapshot_means_pkey" PRIMARY KEY ("session_id", "at")
) PARTITION BY RANGE ("at");
COMMENT ON TABLE "room_snapshot_means" IS 'The time series of sessions whose snapshots are too old, in intervals of 5 minutes. Partitioned by month of "at".';
COMMENT ON COLUMN "room_snapshot_means"."at" IS 'Start of the 5 minutes.';
COMMENT ON COLUMN "room_snapshot_means"."viewers_sum" IS 'Sum of the snapshots'' viewers; divided by viewers_stated the mean.';
COMMENT ON COLUMN "room_snapshot_means"."viewers_stated" IS 'How many snapshots had viewers.';
COMMENT ON COLUMN "room_snapshot_means"."viewers_peak" IS 'Highest of the snapshots'' viewers.';
COMMENT ON COLUMN "room_snapshot_means"."likes" IS 'Highest like total. A total of the session, not of the interval.';
COMMENT ON COLUMN "room_snapshot_means"."chats" IS 'Of this interval alone, as the counts that follow.';
COMMENT ON COLUMN "room_snapshot_means"."final" IS 'The session ended in it.';
COMMENT ON COLUMN "room_snapshot_means"."followers" IS 'Last follower count of the streamer stated.';
COMMENT ON COLUMN "room_snapshot_means"."followers_sequence" IS 'Sequence of the event that stated it.';

CREATE FUNCTION "livetap_thin_snapshots"("p_day" TEXT)
RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    "first_at" TIMESTAMPTZ;
    "last_at" TIMESTAMPTZ;
BEGIN
    EXECUTE format('SELECT min("at"), max("at") FROM %I', "p_day") INTO "first_at", "last_at";
    IF "first_at" IS NOT NULL THEN
        PERFORM "livetap_ensure_partitions"('room_snapshot_means', 'month', ("first_at" AT TIME ZONE 'UTC')::date,
            ("last_at" AT TIME ZONE 'UTC')::date);
        EXECUTE format($sql$
            INSERT INTO "room_snapshot_means" AS "known"
            SELECT "session_id", date_bin('5 minutes', "at", '2000-01-01 00:00:00+00'), COALESCE(sum("viewers"), 0),
                count("viewers"), max("viewers"), max("likes"), sum("chats"), sum("joins"), sum("follows"), sum("shares"),
                sum("gifts"), sum("diamonds"), sum("events"), bool_or("final"),
                (array_agg("followers" ORDER BY "followers_sequence" COLLATE "C" DESC) FILTER (WHERE "followers" IS NOT NULL))[1],
                max("followers_sequence" COLLATE "C")
            FROM %I GROUP BY 1, 2
            ON CONFLICT ("session_id", "at") DO UPDATE SET
                "viewers_sum" = "known"."viewers_sum" + excluded."viewers_sum",
                "viewers_stated" = "known"."viewers_stated" + excluded."viewers_stated",
                "viewers_peak" = GREATEST("known"."viewers_peak", excluded."viewers_peak"),
                "likes" = GREATEST("known"."likes", excluded."likes"),
                "chats" = "known"."chats" + excluded."chats",
                "joins" = "known"."joins" + excluded."joins",
                "follows" = "known"."follows" + excluded."follows",
                "shares" = "known"."shares" + excluded."shares",
                "gifts" = "known"."gifts" + excluded."gifts",
                "diamonds" = "known"."diamonds" + excluded."diamonds",
                "events" = "known"."events" + excluded."events",
                "final" = "known"."final" OR excluded."final",
                "followers" = CASE WHEN "known"."followers_sequence" IS NULL
                        OR excluded."followers_sequence" COLLATE "C" > "known"."followers_sequence" COLLATE "C"
                    THEN COALESCE(excluded."followers", "known"."followers") ELSE "known"."followers" END,
                "followers_sequence" = GREATEST("known"."followers_sequence" COLLATE "C", excluded."followers_sequence" COLLATE "C")
        $sql$, "p_day");
    END IF;
    EXECUTE format('DROP TABLE %I', "p_day");
END
$$;
COMMENT ON FUNCTION "livetap_thin_snapshots"(TEXT) IS
    'Makes 5-minute means of a day of snapshots that is detached from its table, and drops it. Both or nothing.';

CREATE INDEX "sessions_last_event_at_idx" ON "sessions" ("last_event_at");
