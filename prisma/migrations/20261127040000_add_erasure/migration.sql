-- Erasure of viewers. This function is the one place that knows every table with a viewer's id or name: a table that gets one
-- belongs in here, and a test looks for ids in all of them.

CREATE TABLE "viewer_erasures" (
    "viewer_hash" BYTEA NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL,
    "opted_out" BOOLEAN NOT NULL DEFAULT false,
    "unannounced_id" BIGINT,

    CONSTRAINT "viewer_erasures_pkey" PRIMARY KEY ("viewer_hash")
);
COMMENT ON TABLE "viewer_erasures" IS 'Viewers who were erased: what was received before is never folded for them again.';
COMMENT ON COLUMN "viewer_erasures"."viewer_hash" IS 'SHA-256 of the TikTok user id (decimal).';
COMMENT ON COLUMN "viewer_erasures"."erased_at" IS 'When, the last time.';
COMMENT ON COLUMN "viewer_erasures"."opted_out" IS 'Nothing is kept about this person from now on either.';
COMMENT ON COLUMN "viewer_erasures"."unannounced_id" IS 'The user id until viewer.erased is durable, then null.';

CREATE FUNCTION "livetap_erase_viewer"("p_id" BIGINT, "p_opt_out" BOOLEAN)
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
    DELETE FROM "webhook_deliveries" WHERE position(convert_to('"' || "p_id" || '"', 'UTF8') IN "body") > 0;
    RETURN "at";
END
$$;
COMMENT ON FUNCTION "livetap_erase_viewer"(BIGINT, BOOLEAN) IS
    'Deletes all rows about a viewer and remembers it; returns when.';
