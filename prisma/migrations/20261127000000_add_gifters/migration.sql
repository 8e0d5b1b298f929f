-- Who was in a session, who gave what, and what a session adds up to beside its counts. Rows of people are found by the
-- TikTok user id; the views, the erasure and the retention know these tables.

ALTER TABLE "sessions"
    ADD COLUMN "viewers_sum" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "viewers_stated" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "total_viewers" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "unique_viewers" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "unique_chatters" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "unique_gifters" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "new_followers" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "followers_first" BIGINT,
    ADD COLUMN "followers_first_sequence" TEXT,
    ADD COLUMN "followers_last" BIGINT,
    ADD COLUMN "followers_last_sequence" TEXT;
COMMENT ON COLUMN "sessions"."viewers_sum" IS 'Sum of the viewer counts that TikTok stated; divided by viewers_stated the average.';
COMMENT ON COLUMN "sessions"."viewers_stated" IS 'How often TikTok stated a viewer count.';
COMMENT ON COLUMN "sessions"."total_viewers" IS 'Everyone who came since the start, as TikTok counts: the highest figure stated; 0 when none was.';
COMMENT ON COLUMN "sessions"."unique_viewers" IS 'Different people who joined, wrote, liked, followed, shared or gave.';
COMMENT ON COLUMN "sessions"."unique_chatters" IS 'Different people who wrote.';
COMMENT ON COLUMN "sessions"."unique_gifters" IS 'Different people who gave.';
COMMENT ON COLUMN "sessions"."new_followers" IS 'Different people who followed the streamer during the session.';
COMMENT ON COLUMN "sessions"."followers_first" IS 'Followers of the streamer as first stated in the session (after the first follow).';
COMMENT ON COLUMN "sessions"."followers_first_sequence" IS 'Sequence of the event that stated it.';
COMMENT ON COLUMN "sessions"."followers_last" IS 'Followers of the streamer as last stated in the session.';
COMMENT ON COLUMN "sessions"."followers_last_sequence" IS 'Sequence of the event that stated it.';

ALTER TABLE "room_snapshots"
    ADD COLUMN "followers" BIGINT,
    ADD COLUMN "followers_sequence" TEXT;
COMMENT ON COLUMN "room_snapshots"."followers" IS 'Last follower count of the streamer stated in the interval, null when none was.';
COMMENT ON COLUMN "room_snapshots"."followers_sequence" IS 'Sequence of the event that stated it.';

CREATE TABLE "session_viewers" (
    "session_id" TEXT NOT NULL,
    "viewer_id" BIGINT NOT NULL,
    "did" SMALLINT NOT NULL,

    CONSTRAINT "session_viewers_pkey" PRIMARY KEY ("session_id", "viewer_id")
);
CREATE INDEX "session_viewers_viewer_id_idx" ON "session_viewers" ("viewer_id");
COMMENT ON TABLE "session_viewers" IS 'Who was in a session, one row for each person, so that nobody is counted twice.';
COMMENT ON COLUMN "session_viewers"."viewer_id" IS 'TikTok user id.';
COMMENT ON COLUMN "session_viewers"."did" IS 'Sum of 1 joined, 2 wrote, 4 liked, 8 followed, 16 shared, 32 gave.';

CREATE TABLE "viewers" (
    "id" BIGINT NOT NULL,
    "unique_id" TEXT,
    "unique_id_seen_at" TIMESTAMPTZ(3),
    "nickname" TEXT,
    "nickname_seen_at" TIMESTAMPTZ(3),

    CONSTRAINT "viewers_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "viewers_unique_id_idx" ON "viewers" ("unique_id");
COMMENT ON TABLE "viewers" IS 'Names of people who gave a gift, as seen last.';
COMMENT ON COLUMN "viewers"."id" IS 'TikTok user id.';
COMMENT ON COLUMN "viewers"."unique_id" IS 'The name after the @, null until seen.';
COMMENT ON COLUMN "viewers"."unique_id_seen_at" IS 'When it was seen last.';
COMMENT ON COLUMN "viewers"."nickname" IS 'The name that is shown, null until seen.';
COMMENT ON COLUMN "viewers"."nickname_seen_at" IS 'When it was seen last.';

CREATE TABLE "session_gifters" (
    "session_id" TEXT NOT NULL,
    "viewer_id" BIGINT NOT NULL,
    "gifts" BIGINT NOT NULL,
    "diamonds" BIGINT NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "session_gifters_pkey" PRIMARY KEY ("session_id", "viewer_id")
);
CREATE INDEX "session_gifters_session_id_diamonds_idx" ON "session_gifters" ("session_id", "diamonds" DESC, "viewer_id" DESC);
CREATE INDEX "session_gifters_viewer_id_idx" ON "session_gifters" ("viewer_id");
COMMENT ON TABLE "session_gifters" IS 'What each person gave in a session. Exact after crashes, moves and repeats.';
COMMENT ON COLUMN "session_gifters"."viewer_id" IS 'TikTok user id.';
COMMENT ON COLUMN "session_gifters"."gifts" IS 'Gift items: sum over gift streaks of the highest count.';
COMMENT ON COLUMN "session_gifters"."diamonds" IS 'Sum over gift streaks of highest count x diamonds each.';
COMMENT ON COLUMN "session_gifters"."first_at" IS 'Receipt of the first gift.';
COMMENT ON COLUMN "session_gifters"."last_at" IS 'Receipt of the last one.';

CREATE TABLE "session_gifts" (
    "session_id" TEXT NOT NULL,
    "gift_id" BIGINT NOT NULL,
    "gifts" BIGINT NOT NULL,
    "diamonds" BIGINT NOT NULL,

    CONSTRAINT "session_gifts_pkey" PRIMARY KEY ("session_id", "gift_id")
);
COMMENT ON TABLE "session_gifts" IS 'How many of each gift were given in a session. Exact after crashes, moves and repeats.';
COMMENT ON COLUMN "session_gifts"."gift_id" IS 'Id in the gift catalogue (gifts.id).';
COMMENT ON COLUMN "session_gifts"."gifts" IS 'Gift items: sum over gift streaks of the highest count.';
COMMENT ON COLUMN "session_gifts"."diamonds" IS 'Sum over gift streaks of highest count x diamonds each.';

CREATE TABLE "streamer_gifters" (
    "tiktok_user_id" TEXT NOT NULL,
    "viewer_id" BIGINT NOT NULL,
    "gifts" BIGINT NOT NULL,
    "diamonds" BIGINT NOT NULL,
    "sessions" BIGINT NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "streamer_gifters_pkey" PRIMARY KEY ("tiktok_user_id", "viewer_id")
);
CREATE INDEX "streamer_gifters_tiktok_user_id_diamonds_idx" ON "streamer_gifters" ("tiktok_user_id", "diamonds" DESC, "viewer_id" DESC);
CREATE INDEX "streamer_gifters_viewer_id_idx" ON "streamer_gifters" ("viewer_id");
COMMENT ON TABLE "streamer_gifters" IS 'What each person gave to a streamer in all sessions whose streamer''s user id is known.';
COMMENT ON COLUMN "streamer_gifters"."tiktok_user_id" IS 'TikTok user id of the streamer.';
COMMENT ON COLUMN "streamer_gifters"."viewer_id" IS 'TikTok user id of the person.';
COMMENT ON COLUMN "streamer_gifters"."sessions" IS 'In how many sessions.';
COMMENT ON COLUMN "streamer_gifters"."first_at" IS 'Receipt of the first gift.';
COMMENT ON COLUMN "streamer_gifters"."last_at" IS 'Receipt of the last one.';
