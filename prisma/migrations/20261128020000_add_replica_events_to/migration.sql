-- Replicas of one fleet publish the same way: one that does otherwise is refused.

ALTER TABLE "replicas" ADD COLUMN "events_to" TEXT;
ALTER TABLE "replicas" ADD CONSTRAINT "replicas_events_to_check" CHECK ("events_to" IN ('journal', 'kafka'));

COMMENT ON COLUMN "replicas"."events_to" IS 'Where its events go: kafka, or its journal alone. Null: an earlier version that did not say.';
