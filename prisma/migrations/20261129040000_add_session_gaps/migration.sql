-- Gaps one by one: which intervals of a session were not seen, and why. One row for each room.gap event.

CREATE TABLE "session_gaps" (
    "session_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "began_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,

    CONSTRAINT "session_gaps_pkey" PRIMARY KEY ("session_id", "id"),
    CONSTRAINT "session_gaps_interval_check" CHECK ("ended_at" >= "began_at")
);
CREATE INDEX "session_gaps_session_id_began_at_id_idx" ON "session_gaps" ("session_id", "began_at", "id");
COMMENT ON TABLE "session_gaps" IS 'Intervals of a session without a healthy socket, a row for each. Exact after crashes, moves and repeats; kept for 400 days unless set otherwise.';
COMMENT ON COLUMN "session_gaps"."id" IS 'Id of the room.gap event that told it.';
COMMENT ON COLUMN "session_gaps"."began_at" IS 'Receipt of the last frame before it; after a crash the last checkpoint.';
COMMENT ON COLUMN "session_gaps"."ended_at" IS 'First frame of the new socket, or its tenth healthy second.';
COMMENT ON COLUMN "session_gaps"."reason" IS 'What began it: disconnected, stalled, refused, quota, restart, failover, backpressure or frameRejected; unknown when the event does not say.';

CREATE VIEW "v_session_gaps" AS
SELECT "g"."session_id", "s"."unique_id", "g"."began_at" AS "began", "g"."ended_at" AS "ended",
    round(extract(epoch FROM "g"."ended_at" - "g"."began_at"), 3) AS "seconds", "g"."reason"
FROM "session_gaps" "g"
LEFT JOIN "sessions" "s" ON "s"."id" = "g"."session_id";
COMMENT ON VIEW "v_session_gaps" IS 'Which intervals of a session were not seen, and why. What was recorded before this view was there, or is longer ago than gaps are kept (400 days unless set otherwise), has its gaps in v_sessions alone, as a number and a sum (gaps, gap_ms).';
COMMENT ON COLUMN "v_session_gaps"."unique_id" IS 'The streamer.';
COMMENT ON COLUMN "v_session_gaps"."began" IS 'Receipt of the last frame before it; after a crash the last checkpoint.';
COMMENT ON COLUMN "v_session_gaps"."ended" IS 'First frame of the new socket, or its tenth healthy second.';
COMMENT ON COLUMN "v_session_gaps"."seconds" IS 'Its length, to the millisecond.';
COMMENT ON COLUMN "v_session_gaps"."reason" IS 'What began it: disconnected, stalled, refused, quota, restart, failover, backpressure or frameRejected.';
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE "rolname" = 'livetap_read') THEN
        GRANT SELECT ON "v_session_gaps" TO "livetap_read";
    END IF;
END
$$;

-- As before, and the gaps of the sessions.
CREATE OR REPLACE FUNCTION "livetap_purge_sessions"("p_sessions" TEXT[], "p_tiktok_user_id" TEXT)
RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    -- A name may have belonged to somebody else once: then only those sessions go from the other one's totals.
    UPDATE "streamer_gifters" AS "known"
    SET "gifts" = "known"."gifts" - "gone"."gifts", "diamonds" = "known"."diamonds" - "gone"."diamonds",
        "sessions" = "known"."sessions" - "gone"."sessions"
    FROM (
        SELECT "s"."tiktok_user_id", "g"."viewer_id", sum("g"."gifts") AS "gifts", sum("g"."diamonds") AS "diamonds",
            count(*) AS "sessions"
        FROM "session_gifters" "g" JOIN "sessions" "s" ON "s"."id" = "g"."session_id"
        WHERE "s"."id" = ANY("p_sessions") AND "s"."tiktok_user_id" IS DISTINCT FROM "p_tiktok_user_id"
        GROUP BY 1, 2
    ) AS "gone"
    WHERE "known"."tiktok_user_id" = "gone"."tiktok_user_id" AND "known"."viewer_id" = "gone"."viewer_id";
    DELETE FROM "streamer_gifters" AS "known"
    USING "sessions" "s"
    WHERE "s"."id" = ANY("p_sessions") AND "known"."tiktok_user_id" = "s"."tiktok_user_id" AND "known"."sessions" <= 0;
    DELETE FROM "streamer_gifters" WHERE "tiktok_user_id" = "p_tiktok_user_id";
    DELETE FROM "archived_events" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "battle_contributors" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "battle_scores" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "battle_sides" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "battles" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "session_viewers" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "session_gifters" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "session_gifts" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "session_gaps" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "room_snapshot_means" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "room_snapshots" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "gift_streaks" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "sessions" WHERE "id" = ANY("p_sessions");
END
$$;
