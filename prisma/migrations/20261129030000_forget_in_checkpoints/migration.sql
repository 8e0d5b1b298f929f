-- Open gift streaks in the checkpoint of a lease name who gives. They go at an erasure, and the owner of the room, which still has
-- them in memory for minutes, does not bring them back with its next checkpoint.

-- VOLATILE: whoever waited for the row of a lease sees an erasure that was committed meanwhile.
CREATE FUNCTION "livetap_without_erased"("p_checkpoint" JSONB)
RETURNS JSONB LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF jsonb_typeof("p_checkpoint" -> 'streaks') IS DISTINCT FROM 'array' OR "p_checkpoint" -> 'streaks' = '[]'::jsonb
        OR NOT EXISTS (SELECT FROM "viewer_erasures") THEN
        RETURN "p_checkpoint";
    END IF;
    RETURN jsonb_set("p_checkpoint", '{streaks}', COALESCE((
        SELECT jsonb_agg("s"."streak" ORDER BY "s"."place")
        FROM jsonb_array_elements("p_checkpoint" -> 'streaks') WITH ORDINALITY AS "s" ("streak", "place")
        WHERE NOT EXISTS (
            SELECT FROM "viewer_erasures" "e"
            WHERE "e"."viewer_hash" IN (
                sha256(convert_to(split_part("s"."streak" ->> 'id', '-', 1), 'UTF8')),
                sha256(convert_to("s"."streak" #>> '{user,id}', 'UTF8')),
                sha256(convert_to("s"."streak" #>> '{to,id}', 'UTF8'))
            )
            AND ("e"."opted_out" OR ("s"."streak" ->> 'lastAt')::numeric <= extract(epoch FROM "e"."erased_at") * 1000)
        )
    ), '[]'::jsonb));
END
$$;
COMMENT ON FUNCTION "livetap_without_erased"(JSONB) IS
    'A checkpoint without the gift streaks of people who were erased since, or have opted out.';

CREATE OR REPLACE FUNCTION "livetap_erase_viewer"("p_id" BIGINT, "p_opt_out" BOOLEAN)
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
    -- Rows of leases are locked in the order of their ids, here as everywhere.
    UPDATE "leases" SET "checkpoint" = "livetap_without_erased"("checkpoint")
    WHERE "streamer_id" IN (
        SELECT "streamer_id" FROM "leases" WHERE position("p_id"::text IN "checkpoint"::text) > 0 ORDER BY "streamer_id" FOR UPDATE
    );
    RETURN "at";
END
$$;

CREATE FUNCTION "livetap_end_opt_out"("p_id" BIGINT)
RETURNS TIMESTAMPTZ LANGUAGE plpgsql AS $$
DECLARE
    "at" TIMESTAMPTZ(3);
BEGIN
    -- As for an erasure: what was received until now stays forgotten, also what is folded later.
    PERFORM pg_advisory_xact_lock(1818850406);
    UPDATE "viewer_erasures" SET "opted_out" = false, "erased_at" = clock_timestamp()
    WHERE "viewer_hash" = sha256(convert_to("p_id"::text, 'UTF8')) AND "opted_out"
    RETURNING "erased_at" INTO "at";
    RETURN "at";
END
$$;
COMMENT ON FUNCTION "livetap_end_opt_out"(BIGINT) IS
    'Events of this viewer count for the viewer again from now on; returns the moment, null when the viewer had not opted out.';
