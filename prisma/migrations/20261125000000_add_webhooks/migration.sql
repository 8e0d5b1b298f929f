-- Webhooks: destinations, what is to be sent to them, and how far each journal was read for them.

CREATE TABLE "webhooks" (
    "id" TEXT NOT NULL,
    "number" BIGSERIAL NOT NULL,
    "sealed_url" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "types" TEXT[] NOT NULL,
    "streamers" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "labels" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "sealed_secret" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_secret_until" TIMESTAMPTZ(3),
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT,
    "disabled_at" TIMESTAMPTZ(3),
    "hold_until" TIMESTAMPTZ(3),
    "failing_since" TIMESTAMPTZ(3),
    "consecutive_failures" INTEGER NOT NULL DEFAULT 0,
    "last_success_at" TIMESTAMPTZ(3),
    "dropped_events" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhooks_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "webhooks_types_check" CHECK (cardinality("types") > 0),
    CONSTRAINT "webhooks_disabled_reason_check" CHECK (
        "enabled" = ("disabled_reason" IS NULL)
        AND ("disabled_reason" IS NULL OR "disabled_reason" IN ('operator', 'gone', 'failing', 'unreadable'))
    )
);
CREATE UNIQUE INDEX "webhooks_number_key" ON "webhooks" ("number");

COMMENT ON TABLE "webhooks" IS 'Destinations that get events by HTTP.';
COMMENT ON COLUMN "webhooks"."number" IS 'Order of creation.';
COMMENT ON COLUMN "webhooks"."sealed_url" IS 'The address, which may hold tokens; encrypted with LIVETAP_SECRETS_KEYS, as are the secrets.';
COMMENT ON COLUMN "webhooks"."origin" IS 'Scheme, host and port of the address.';
COMMENT ON COLUMN "webhooks"."types" IS 'Event types; * for all.';
COMMENT ON COLUMN "webhooks"."streamers" IS 'Unique ids; empty for all.';
COMMENT ON COLUMN "webhooks"."labels" IS 'Labels of streamers, one of which is enough; empty for all.';
COMMENT ON COLUMN "webhooks"."previous_secret" IS 'The secret before the last rotation: signs as well until previous_secret_until.';
COMMENT ON COLUMN "webhooks"."hold_until" IS 'Nothing is sent before: the destination was away or asked for a pause.';
COMMENT ON COLUMN "webhooks"."failing_since" IS 'Since when nothing was taken; null while the last attempt succeeded.';
COMMENT ON COLUMN "webhooks"."dropped_events" IS 'Events that were not taken up because too many waited already.';

CREATE TABLE "webhook_deliveries" (
    "id" BIGSERIAL NOT NULL,
    "webhook_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "event_type" TEXT NOT NULL,
    "event_key" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "body" BYTEA NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "claimed_until" TIMESTAMPTZ(3),
    "last_attempt_at" TIMESTAMPTZ(3),
    "last_outcome" TEXT,
    "last_status" INTEGER,
    "last_duration_ms" INTEGER,
    "dead_reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "webhook_deliveries_webhook_id_fkey" FOREIGN KEY ("webhook_id")
        REFERENCES "webhooks" ("id") ON DELETE CASCADE ON UPDATE NO ACTION,
    CONSTRAINT "webhook_deliveries_status_check" CHECK (
        "status" IN ('pending', 'delivered', 'dead')
        AND ("status" = 'pending') = ("finished_at" IS NULL)
        AND ("status" = 'dead') = ("dead_reason" IS NOT NULL)
    )
);
CREATE UNIQUE INDEX "webhook_deliveries_webhook_id_source_event_id_key" ON "webhook_deliveries" ("webhook_id", "source", "event_id");
CREATE INDEX "webhook_deliveries_webhook_id_status_id_idx" ON "webhook_deliveries" ("webhook_id", "status", "id");
CREATE INDEX "webhook_deliveries_finished_at_idx" ON "webhook_deliveries" ("finished_at");
-- Only what waits is looked for by time, and only what is claimed by room: both stay small.
CREATE INDEX "webhook_deliveries_due_idx" ON "webhook_deliveries" ("webhook_id", "due_at", "id") WHERE "status" = 'pending';
CREATE INDEX "webhook_deliveries_claimed_idx" ON "webhook_deliveries" ("webhook_id", "event_key") WHERE "claimed_until" IS NOT NULL;

COMMENT ON TABLE "webhook_deliveries" IS 'Events on their way to webhooks, and for a while what became of them.';
COMMENT ON COLUMN "webhook_deliveries"."event_key" IS 'Room id: what keeps order.';
COMMENT ON COLUMN "webhook_deliveries"."body" IS 'The event, byte for byte as everywhere else.';
COMMENT ON COLUMN "webhook_deliveries"."claimed_until" IS 'A replica is sending it; after this another one may.';
COMMENT ON COLUMN "webhook_deliveries"."dead_reason" IS 'Why it was given up.';

CREATE TABLE "webhook_positions" (
    "journal_id" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_positions_pkey" PRIMARY KEY ("journal_id")
);

COMMENT ON TABLE "webhook_positions" IS 'How far each journal was read for webhooks; written in one transaction with the deliveries.';
COMMENT ON COLUMN "webhook_positions"."position" IS 'Offset of the last event that was looked at.';
