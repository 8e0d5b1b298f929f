-- Settings of streamers, of their own and by label.

ALTER TABLE "streamers" ADD COLUMN "settings" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "streamers" ADD CONSTRAINT "streamers_settings_check" CHECK (jsonb_typeof("settings") = 'object');
-- Until now every streamer had a priority; what differs from the default was set by somebody.
UPDATE "streamers" SET "settings" = jsonb_build_object('priority', "priority") WHERE "priority" <> 50;

COMMENT ON COLUMN "streamers"."settings" IS 'What was set for this streamer itself: priority, language, region, checkIntervalMs, checkIntervalMaxMs, silenceMs. Absent: its labels decide, then the service.';
COMMENT ON COLUMN "streamers"."priority" IS '0 (least) to 100 (most): what counts, of the streamer itself or of its labels.';

CREATE TABLE "label_defaults" (
    "label" TEXT NOT NULL,
    "precedence" SMALLINT NOT NULL DEFAULT 0,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "label_defaults_pkey" PRIMARY KEY ("label"),
    CONSTRAINT "label_defaults_precedence_check" CHECK ("precedence" BETWEEN 0 AND 100),
    CONSTRAINT "label_defaults_settings_check" CHECK (jsonb_typeof("settings") = 'object')
);

COMMENT ON TABLE "label_defaults" IS 'What streamers with a label take unless they set it themselves.';
COMMENT ON COLUMN "label_defaults"."precedence" IS 'Of several labels with the same setting the highest counts, then the first in the order of code points.';
COMMENT ON COLUMN "label_defaults"."settings" IS 'Names as in streamers.settings.';

CREATE FUNCTION "livetap_effective_priority"("own" JSONB, "labels" TEXT[], "fallback" INTEGER) RETURNS SMALLINT
    LANGUAGE SQL STABLE AS $$
    SELECT COALESCE(
        ($1->>'priority')::int,
        (
            SELECT (d.settings->>'priority')::int FROM label_defaults d
            WHERE d.label = ANY ($2) AND d.settings ? 'priority'
            ORDER BY d.precedence DESC, d.label COLLATE "C" LIMIT 1
        ),
        $3
    )::smallint
$$;

COMMENT ON FUNCTION "livetap_effective_priority"(JSONB, TEXT[], INTEGER) IS 'Priority of a streamer: its own, else that of its labels, else the fallback.';
