-- What makes history forget: the sessions of a streamer, or a viewer. These two functions are the places that know every table
-- with a session's or a viewer's id or name: a table that gets one belongs in here, and tests look for ids in all of them.

CREATE FUNCTION "livetap_purge_sessions"("p_sessions" TEXT[], "p_tiktok_user_id" TEXT)
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
COMMENT ON FUNCTION "livetap_purge_sessions"(TEXT[], TEXT) IS
    'Erases sessions and all that was folded from them, and the all-time totals of the streamer with the given user id.';

CREATE FUNCTION "livetap_erase_viewer"("p_id" BIGINT, "p_opt_out" BOOLEAN)
RETURNS TIMESTAMPTZ LANGUAGE plpgsql AS $$
DECLARE
    "at" TIMESTAMPTZ(3);
BEGIN
    -- The fold holds this lock (erasure) shared: no batch is under way that has not seen the row below.
    PERFORM pg_advisory_xact_lock(1818850406);
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
COMMENT ON FUNCTION "livetap_erase_viewer"(BIGINT, BOOLEAN) IS
    'Deletes all rows about a viewer and remembers it; returns when.';
