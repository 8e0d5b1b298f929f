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
