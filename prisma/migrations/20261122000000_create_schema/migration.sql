-- The first schema of Livetap. Times are UTC, written by the database where two replicas must agree on them.

-- Monitored streamers -------------------------------------------------------------------------------------------------

CREATE TABLE "streamers" (
    "id" BIGSERIAL NOT NULL,
    "unique_id" TEXT NOT NULL,
    "tiktok_user_id" TEXT,
    "nickname" TEXT,
    "avatar_url" TEXT,
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "labels" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "priority" SMALLINT NOT NULL DEFAULT 50,
    "proxy_url" TEXT,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "state_reason" TEXT,
    "room_id" TEXT,
    "last_checked_at" TIMESTAMPTZ(3),
    "next_check_at" TIMESTAMPTZ(3),
    "last_live_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "streamers_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "streamers_priority_check" CHECK ("priority" BETWEEN 0 AND 100),
    CONSTRAINT "streamers_state_check" CHECK (
        "state" IN ('pending', 'offline', 'live', 'paused', 'restricted', 'notFound', 'unknown')
    )
);
CREATE UNIQUE INDEX "streamers_unique_id_key" ON "streamers" ("unique_id");
CREATE UNIQUE INDEX "streamers_tiktok_user_id_key" ON "streamers" ("tiktok_user_id");
CREATE INDEX "streamers_state_id_idx" ON "streamers" ("state", "id");
CREATE INDEX "streamers_labels_idx" ON "streamers" USING GIN ("labels");

COMMENT ON TABLE "streamers" IS 'Monitored TikTok LIVE streamers.';
COMMENT ON COLUMN "streamers"."id" IS 'Internal id, stable through renames; never used again.';
COMMENT ON COLUMN "streamers"."unique_id" IS 'TikTok name as monitored, lower case; id:<TikTok user id> until the name is known.';
COMMENT ON COLUMN "streamers"."tiktok_user_id" IS 'TikTok user id (decimal), null until known.';
COMMENT ON COLUMN "streamers"."paused" IS 'Paused by an operator: not checked, not connected.';
COMMENT ON COLUMN "streamers"."priority" IS '0 (least) to 100 (most).';
COMMENT ON COLUMN "streamers"."proxy_url" IS 'Secret: may hold a user and a password. Never shown by REST.';
COMMENT ON COLUMN "streamers"."state" IS 'What the last check or the room said; unknown never counts as offline.';
COMMENT ON COLUMN "streamers"."state_reason" IS 'Why the state is what it is, in words.';
COMMENT ON COLUMN "streamers"."room_id" IS 'Room id of the current or last live.';

CREATE TABLE "streamer_aliases" (
    "alias" TEXT NOT NULL,
    "streamer_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "streamer_aliases_pkey" PRIMARY KEY ("alias"),
    CONSTRAINT "streamer_aliases_streamer_id_fkey" FOREIGN KEY ("streamer_id")
        REFERENCES "streamers" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
);
CREATE INDEX "streamer_aliases_streamer_id_idx" ON "streamer_aliases" ("streamer_id");

COMMENT ON TABLE "streamer_aliases" IS 'Earlier names of streamers; they still find the streamer.';

-- Who watches whom ----------------------------------------------------------------------------------------------------

CREATE TABLE "leases" (
    "streamer_id" BIGINT NOT NULL,
    "owner" TEXT,
    "epoch" BIGINT NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "checkpoint" JSONB,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "leases_pkey" PRIMARY KEY ("streamer_id"),
    CONSTRAINT "leases_streamer_id_fkey" FOREIGN KEY ("streamer_id")
        REFERENCES "streamers" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
);
CREATE INDEX "leases_owner_idx" ON "leases" ("owner");

COMMENT ON TABLE "leases" IS 'Which replica may watch which streamer. One row for each streamer.';
COMMENT ON COLUMN "leases"."owner" IS 'Replica id, null when nobody holds the lease. Valid until expires_at.';
COMMENT ON COLUMN "leases"."epoch" IS 'Rises by 1 at each taking, for ever: removing and adding a streamer again goes on counting (retired_epochs).';
COMMENT ON COLUMN "leases"."expires_at" IS 'Database time. An expired lease stays with its owner until another takes it.';
COMMENT ON COLUMN "leases"."checkpoint" IS 'What the room''s pipeline needs to go on elsewhere: last ids, open gift streaks, like maximum.';

CREATE TABLE "retired_epochs" (
    "name_hash" BYTEA NOT NULL,
    "epoch" BIGINT NOT NULL,

    CONSTRAINT "retired_epochs_pkey" PRIMARY KEY ("name_hash")
);

COMMENT ON TABLE "retired_epochs" IS 'Last epoch of removed streamers, so that epochs never start again. Holds no names.';
COMMENT ON COLUMN "retired_epochs"."name_hash" IS 'SHA-256 of a name that the streamer had (unique id, alias or id:<TikTok user id>).';

CREATE TABLE "replicas" (
    "id" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "replicas_pkey" PRIMARY KEY ("id")
);

COMMENT ON TABLE "replicas" IS 'Processes of the fleet and when each was seen last.';

-- History -------------------------------------------------------------------------------------------------------------

CREATE TABLE "sessions" (
    "id" TEXT NOT NULL,
    "room_id" TEXT NOT NULL,
    "unique_id" TEXT NOT NULL,
    "tiktok_user_id" TEXT,
    "title" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "joined_at" TIMESTAMPTZ(3) NOT NULL,
    "last_event_at" TIMESTAMPTZ(3) NOT NULL,
    "left_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    "peak_viewers" BIGINT NOT NULL DEFAULT 0,
    "likes" BIGINT NOT NULL DEFAULT 0,
    "chats" BIGINT NOT NULL DEFAULT 0,
    "joins" BIGINT NOT NULL DEFAULT 0,
    "follows" BIGINT NOT NULL DEFAULT 0,
    "shares" BIGINT NOT NULL DEFAULT 0,
    "gifts" BIGINT NOT NULL DEFAULT 0,
    "diamonds" BIGINT NOT NULL DEFAULT 0,
    "gaps" BIGINT NOT NULL DEFAULT 0,
    "gap_ms" BIGINT NOT NULL DEFAULT 0,
    "events" BIGINT NOT NULL DEFAULT 0,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "sessions_unique_id_joined_at_id_idx" ON "sessions" ("unique_id", "joined_at" DESC, "id" DESC);
CREATE INDEX "sessions_tiktok_user_id_joined_at_id_idx" ON "sessions" ("tiktok_user_id", "joined_at" DESC, "id" DESC);
CREATE INDEX "sessions_room_id_idx" ON "sessions" ("room_id");

COMMENT ON TABLE "sessions" IS 'One live of one streamer with its totals, folded from the events; every total is exact after crashes, moves and repeats.';
COMMENT ON COLUMN "sessions"."id" IS 'Room id; <room id>-2, -3 … when the same room id goes live again.';
COMMENT ON COLUMN "sessions"."unique_id" IS 'TikTok name as monitored at that time.';
COMMENT ON COLUMN "sessions"."started_at" IS 'When TikTok says that the stream began.';
COMMENT ON COLUMN "sessions"."joined_at" IS 'When Livetap began to see it: the earliest of live.started and of the receipt of any event.';
COMMENT ON COLUMN "sessions"."last_event_at" IS 'Receipt of the newest event.';
COMMENT ON COLUMN "sessions"."left_at" IS 'When Livetap last stopped watching while the live went on; counts only when nothing came later (last_event_at).';
COMMENT ON COLUMN "sessions"."end_reason" IS 'ended, suspended, offline or replaced.';
COMMENT ON COLUMN "sessions"."likes" IS 'Highest like total that TikTok stated.';
COMMENT ON COLUMN "sessions"."joins" IS 'member events.';
COMMENT ON COLUMN "sessions"."gifts" IS 'Gift items: sum over gift streaks of the highest count.';
COMMENT ON COLUMN "sessions"."diamonds" IS 'Sum over gift streaks of highest count x diamonds each.';
COMMENT ON COLUMN "sessions"."gaps" IS 'Intervals without a healthy socket (room.gap events).';
COMMENT ON COLUMN "sessions"."gap_ms" IS 'Their length in milliseconds.';
COMMENT ON COLUMN "sessions"."events" IS 'Events made from wire messages, all types.';

CREATE TABLE "room_snapshots" (
    "session_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "viewers" BIGINT,
    "viewers_sequence" TEXT,
    "likes" BIGINT NOT NULL DEFAULT 0,
    "chats" BIGINT NOT NULL DEFAULT 0,
    "joins" BIGINT NOT NULL DEFAULT 0,
    "follows" BIGINT NOT NULL DEFAULT 0,
    "shares" BIGINT NOT NULL DEFAULT 0,
    "gifts" BIGINT NOT NULL DEFAULT 0,
    "diamonds" BIGINT NOT NULL DEFAULT 0,
    "events" BIGINT NOT NULL DEFAULT 0,
    "final" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "room_snapshots_pkey" PRIMARY KEY ("session_id", "at")
) PARTITION BY RANGE ("at");

COMMENT ON TABLE "room_snapshots" IS 'Time series of each session, one row for each interval in which something came. Partitioned by month of "at"; counts are of that interval alone, sum them for totals.';
COMMENT ON COLUMN "room_snapshots"."at" IS 'Start of the interval, by receipt of the events.';
COMMENT ON COLUMN "room_snapshots"."viewers" IS 'Last viewer count stated in the interval, null when none was.';
COMMENT ON COLUMN "room_snapshots"."viewers_sequence" IS 'Sequence of the event that stated it.';
COMMENT ON COLUMN "room_snapshots"."likes" IS 'Highest like total stated in the interval, 0 when none was. A total of the session, not of the interval.';
COMMENT ON COLUMN "room_snapshots"."gifts" IS 'Gift items of the interval''s events; after a crash of an owner, streaks seen by two owners may overlap here, in sessions they do not.';
COMMENT ON COLUMN "room_snapshots"."final" IS 'True for the interval in which the session ended.';

CREATE TABLE "gift_streaks" (
    "session_id" TEXT NOT NULL,
    "streak" UUID NOT NULL,
    "count" BIGINT NOT NULL,
    "diamonds_each" BIGINT,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "gift_streaks_pkey" PRIMARY KEY ("session_id", "streak")
);
CREATE INDEX "gift_streaks_seen_at_idx" ON "gift_streaks" ("seen_at");

COMMENT ON TABLE "gift_streaks" IS 'Highest count of each gift streak, so that its worth is counted once. Pruned by age.';
COMMENT ON COLUMN "gift_streaks"."streak" IS '16 bytes of a hash of the streak id; holds no user id.';
COMMENT ON COLUMN "gift_streaks"."seen_at" IS 'When an event of the streak was last folded.';

CREATE TABLE "folded_events" (
    "key" UUID NOT NULL,
    "seen_on" DATE NOT NULL,

    CONSTRAINT "folded_events_pkey" PRIMARY KEY ("key", "seen_on")
) PARTITION BY RANGE ("seen_on");

COMMENT ON TABLE "folded_events" IS 'Events that are already in the totals; repeats are left out. Partitioned by day, old days are dropped.';
COMMENT ON COLUMN "folded_events"."key" IS '16 bytes of the SHA-256 of (source, 0x00, id).';
COMMENT ON COLUMN "folded_events"."seen_on" IS 'Day (UTC) on which the event was folded.';

CREATE TABLE "history_positions" (
    "stream" TEXT NOT NULL,
    "next" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "history_positions_pkey" PRIMARY KEY ("stream")
);

COMMENT ON TABLE "history_positions" IS 'How far the fold has read; written in one transaction with the rows above.';
COMMENT ON COLUMN "history_positions"."stream" IS 'journal:<journal id> or <topic>:<partition>.';
COMMENT ON COLUMN "history_positions"."next" IS 'Offset to go on from.';

-- Commands and gifts --------------------------------------------------------------------------------------------------

CREATE TABLE "commands" (
    "id" TEXT NOT NULL,
    "reply" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "commands_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "commands_created_at_idx" ON "commands" ("created_at");

COMMENT ON TABLE "commands" IS 'Commands that were answered, so that a repeat gets the same answer. Pruned by age.';

CREATE TABLE "gifts" (
    "id" BIGINT NOT NULL,
    "name" TEXT,
    "diamonds_each" BIGINT,
    "image_url" TEXT,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "gifts_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "gifts_seen_at_idx" ON "gifts" ("seen_at" DESC);

COMMENT ON TABLE "gifts" IS 'Gift catalogue, learned from the wire.';
COMMENT ON COLUMN "gifts"."seen_at" IS 'When the newest description was seen.';

-- Partitions ----------------------------------------------------------------------------------------------------------

CREATE FUNCTION "livetap_ensure_partitions"("parent" TEXT, "unit" TEXT, "first_day" DATE, "last_day" DATE)
RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    "lower_day" DATE := date_trunc("unit", "first_day"::timestamp)::date;
    "upper_day" DATE;
    "child" TEXT;
    "made" INTEGER := 0;
    "bound" TEXT := CASE WHEN "unit" = 'month' THEN '%s 00:00:00+00' ELSE '%s' END;
BEGIN
    IF "unit" NOT IN ('month', 'day') OR "last_day" - "first_day" > 800 THEN
        RAISE EXCEPTION 'livetap_ensure_partitions: unit must be month or day, and the range at most 800 days';
    END IF;
    WHILE "lower_day" <= "last_day" LOOP
        "upper_day" := ("lower_day" + ('1 ' || "unit")::interval)::date;
        "child" := "parent" || to_char("lower_day", CASE WHEN "unit" = 'month' THEN '"_y"YYYY"m"MM' ELSE '"_d"YYYYMMDD' END);
        IF to_regclass(quote_ident("child")) IS NULL THEN
            PERFORM pg_advisory_xact_lock(hashtext('livetap_ensure_partitions'));
            IF to_regclass(quote_ident("child")) IS NULL THEN
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                    "child", "parent", format("bound", "lower_day"), format("bound", "upper_day"));
                "made" := "made" + 1;
            END IF;
        END IF;
        "lower_day" := "upper_day";
    END LOOP;
    RETURN "made";
END
$$;
COMMENT ON FUNCTION "livetap_ensure_partitions"(TEXT, TEXT, DATE, DATE) IS
    'Makes the partitions of a table for every month or day from the first to the last day; returns how many were missing.';

CREATE FUNCTION "livetap_drop_partitions"("parent" TEXT, "unit" TEXT, "before_day" DATE)
RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    "child" RECORD;
    "pattern" TEXT := CASE WHEN "unit" = 'month' THEN '"_y"YYYY"m"MM' ELSE '"_d"YYYYMMDD' END;
    "first_day" DATE;
    "dropped" INTEGER := 0;
BEGIN
    FOR "child" IN
        SELECT "c"."relname" AS "name"
        FROM pg_inherits "i" JOIN pg_class "c" ON "c"."oid" = "i"."inhrelid"
        WHERE "i"."inhparent" = to_regclass(quote_ident("parent"))
    LOOP
        "first_day" := to_date(substr("child"."name", length("parent") + 1), "pattern");
        IF ("first_day" + ('1 ' || "unit")::interval)::date <= "before_day" THEN
            EXECUTE format('DROP TABLE IF EXISTS %I', "child"."name");
            "dropped" := "dropped" + 1;
        END IF;
    END LOOP;
    RETURN "dropped";
END
$$;
COMMENT ON FUNCTION "livetap_drop_partitions"(TEXT, TEXT, DATE) IS
    'Drops the partitions of a table that end on or before the given day; returns how many.';

SELECT "livetap_ensure_partitions"('room_snapshots', 'month', (now() AT TIME ZONE 'UTC')::date, ((now() AT TIME ZONE 'UTC') + interval '2 months')::date);
SELECT "livetap_ensure_partitions"('folded_events', 'day', (now() AT TIME ZONE 'UTC')::date, ((now() AT TIME ZONE 'UTC') + interval '3 days')::date);
