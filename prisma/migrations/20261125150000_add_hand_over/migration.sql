-- Several replicas: who takes leases, and hand-overs in which the new owner opens its socket before the old one closes its.

ALTER TABLE "leases"
    ADD COLUMN "offered_to" TEXT,
    ADD COLUMN "ready_room" TEXT;
CREATE INDEX "leases_offered_to_idx" ON "leases" ("offered_to");

COMMENT ON COLUMN "leases"."offered_to" IS 'Replica id that the owner wants to hand the lease to; after the release it is kept for that replica for a few seconds.';
COMMENT ON COLUMN "leases"."ready_room" IS 'Room in which the replica of offered_to has a socket open, empty when the streamer has no open session; null until it is ready.';

ALTER TABLE "replicas" ADD COLUMN "renewed_at" TIMESTAMPTZ(3);

COMMENT ON COLUMN "replicas"."renewed_at" IS 'When it renewed its leases last; null while it takes none (it starts or stops). Only those with a fresh one count when streamers are shared out.';
