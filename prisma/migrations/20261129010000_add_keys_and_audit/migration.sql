-- Keys beside those of the settings, and who changed what.

CREATE TABLE "api_keys" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "previous_hash" BYTEA,
    "previous_valid_until" TIMESTAMPTZ(3),
    "requests_per_minute" INTEGER,
    "expires_at" TIMESTAMPTZ(3),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "api_keys_role_check" CHECK ("role" IN ('read', 'operate', 'admin')),
    CONSTRAINT "api_keys_requests_per_minute_check" CHECK ("requests_per_minute" >= 0)
);
CREATE UNIQUE INDEX "api_keys_name_key" ON "api_keys" ("name");
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys" ("hash");

COMMENT ON TABLE "api_keys" IS 'Keys of the REST API beside those of LIVETAP_API_KEYS. Secrets are not in it, only their hashes.';
COMMENT ON COLUMN "api_keys"."prefix" IS 'First characters of the secret, to tell keys apart.';
COMMENT ON COLUMN "api_keys"."hash" IS 'SHA-256 of the secret, which is 256 random bits.';
COMMENT ON COLUMN "api_keys"."previous_hash" IS 'Of the secret before, which counts until previous_valid_until.';
COMMENT ON COLUMN "api_keys"."requests_per_minute" IS 'Null: LIVETAP_API_REQUESTS_PER_MINUTE. 0: no limit.';
COMMENT ON COLUMN "api_keys"."created_by" IS 'Name of the key that made it.';
COMMENT ON COLUMN "api_keys"."last_used_at" IS 'To a minute.';

CREATE TABLE "audit_entries" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "details" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "audit_entries_channel_check" CHECK ("channel" IN ('rest', 'command'))
);
CREATE INDEX "audit_entries_at_idx" ON "audit_entries" ("at");
CREATE INDEX "audit_entries_actor_id_idx" ON "audit_entries" ("actor", "id");
CREATE INDEX "audit_entries_action_id_idx" ON "audit_entries" ("action", "id");
CREATE INDEX "audit_entries_target_id_idx" ON "audit_entries" ("target", "id");

COMMENT ON TABLE "audit_entries" IS 'Who changed what. Kept for LIVETAP_AUDIT_RETENTION_MS.';
COMMENT ON COLUMN "audit_entries"."actor" IS 'Name of the key; local: no key was needed; for commands their topic.';
COMMENT ON COLUMN "audit_entries"."action" IS 'As in streamer.added.';
COMMENT ON COLUMN "audit_entries"."target" IS 'Address of the thing under /v1. Null: not to be remembered (erased, purged).';
COMMENT ON COLUMN "audit_entries"."details" IS 'Names of changed fields, counts, roles. Never a secret, nor a viewer.';
