-- An archive of whole events of chosen types (LIVETAP_ARCHIVE_EVENTS), off unless asked for.

CREATE TABLE "archived_events" (
    "key" UUID NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "type" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "unique_id" TEXT NOT NULL,
    "viewer_ids" BIGINT[] NOT NULL,
    "event" JSONB NOT NULL,

    CONSTRAINT "archived_events_pkey" PRIMARY KEY ("key", "recorded_at")
) PARTITION BY RANGE ("recorded_at");
CREATE INDEX "archived_events_session_id_recorded_at_idx" ON "archived_events" ("session_id", "recorded_at");
CREATE INDEX "archived_events_viewer_ids_idx" ON "archived_events" USING GIN ("viewer_ids");
COMMENT ON TABLE "archived_events" IS 'Whole events of chosen types, each once. Partitioned by day of "recorded_at"; empty unless the archive is on.';
COMMENT ON COLUMN "archived_events"."key" IS '16 bytes of the SHA-256 of (source, 0x00, id).';
COMMENT ON COLUMN "archived_events"."recorded_at" IS 'Receipt of the event.';
COMMENT ON COLUMN "archived_events"."type" IS 'Event name of the contract, for example chat.';
COMMENT ON COLUMN "archived_events"."unique_id" IS 'The streamer as monitored at that time.';
COMMENT ON COLUMN "archived_events"."viewer_ids" IS 'Every number in the event that can be a user id: all people in it, and other ids.';
COMMENT ON COLUMN "archived_events"."event" IS 'The event as consumers get it (CloudEvents).';
SELECT "livetap_ensure_partitions"('archived_events', 'day', (now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7);

CREATE VIEW "v_archived_events" AS
SELECT "type", "session_id", "unique_id", "recorded_at", ("event" ->> 'time')::timestamptz AS "time", "event" ->> 'id' AS "id",
    "event" -> 'data' AS "data", "event"
FROM "archived_events";
COMMENT ON VIEW "v_archived_events" IS 'Whole events of the types chosen with LIVETAP_ARCHIVE_EVENTS.';
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE "rolname" = 'livetap_read') THEN
        GRANT SELECT ON "v_archived_events" TO "livetap_read";
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION "livetap_erase_viewer"("p_id" BIGINT, "p_opt_out" BOOLEAN)
RETURNS TIMESTAMPTZ LANGUAGE plpgsql AS $$
DECLARE
    "at" TIMESTAMPTZ(3);
BEGIN
    -- The fold holds this lock shared: no batch is under way that has not seen the row below.
    PERFORM pg_advisory_xact_lock(1818850404);
    "at" := clock_timestamp();
    INSERT INTO "viewer_erasures" AS "known" ("viewer_hash", "erased_at", "opted_out", "unannounced_id")
    VALUES (sha256(convert_to("p_id"::text, 'UTF8')), "at", "p_opt_out", "p_id")
    ON CONFLICT ("viewer_hash") DO UPDATE SET "erased_at" = excluded."erased_at",
        "opted_out" = "known"."opted_out" OR excluded."opted_out", "unannounced_id" = excluded."unannounced_id";
    DELETE FROM "viewers" WHERE "id" = "p_id";
    DELETE FROM "session_viewers" WHERE "viewer_id" = "p_id";
    DELETE FROM "session_gifters" WHERE "viewer_id" = "p_id";
    DELETE FROM "streamer_gifters" WHERE "viewer_id" = "p_id";
    DELETE FROM "battle_contributors" WHERE "viewer_id" = "p_id";
    DELETE FROM "battle_contributors" AS "b" USING "battle_sides" AS "s"
    WHERE "s"."side_id" = "p_id" AND "s"."kind" = 'host' AND "b"."session_id" = "s"."session_id"
        AND "b"."battle_id" = "s"."battle_id" AND "b"."kind" = "s"."kind" AND "b"."side_id" = "s"."side_id";
    DELETE FROM "battle_scores" AS "b" USING "battle_sides" AS "s"
    WHERE "s"."side_id" = "p_id" AND "s"."kind" = 'host' AND "b"."session_id" = "s"."session_id"
        AND "b"."battle_id" = "s"."battle_id" AND "b"."kind" = "s"."kind" AND "b"."side_id" = "s"."side_id";
    DELETE FROM "battle_sides" WHERE "side_id" = "p_id" AND "kind" = 'host';
    DELETE FROM "archived_events" WHERE "viewer_ids" @> ARRAY["p_id"];
    DELETE FROM "webhook_deliveries" WHERE position(convert_to('"' || "p_id" || '"', 'UTF8') IN "body") > 0;
    RETURN "at";
END
$$;

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
    DELETE FROM "room_snapshot_means" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "room_snapshots" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "gift_streaks" WHERE "session_id" = ANY("p_sessions");
    DELETE FROM "sessions" WHERE "id" = ANY("p_sessions");
END
$$;
