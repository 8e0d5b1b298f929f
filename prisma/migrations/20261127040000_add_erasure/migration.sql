-- Erasure of viewers: who was erased, and since when.

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
