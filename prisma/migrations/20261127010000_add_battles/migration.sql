-- Battles as the rooms tell them: sides with their points over time, results and supporters. Every figure is a maximum or a
-- minimum over the events, so that their order and repeats do not matter.

CREATE TABLE "battles" (
    "session_id" TEXT NOT NULL,
    "id" BIGINT NOT NULL,
    "type" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "ends_at" TIMESTAMPTZ(3),
    "duration_seconds" INTEGER,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "cut_short" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "battles_pkey" PRIMARY KEY ("session_id", "id")
);
CREATE INDEX "battles_session_id_first_seen_at_id_idx" ON "battles" ("session_id", "first_seen_at", "id");
COMMENT ON TABLE "battles" IS 'Battles of a session. The same battle has a row in the session of each of its rooms that was watched.';
COMMENT ON COLUMN "battles"."id" IS 'TikTok''s id of the battle, the same in all rooms that take part.';
COMMENT ON COLUMN "battles"."type" IS 'Kind of battle, TikTok''s name (BATTLE_TYPE_NORMAL_BATTLE, BATTLE_TYPE_TEAM_BATTLE, BATTLE_TYPE_1_V_N …).';
COMMENT ON COLUMN "battles"."started_at" IS 'When it began, as TikTok says.';
COMMENT ON COLUMN "battles"."ends_at" IS 'When it was to end, where TikTok says so; else started_at and duration_seconds tell it.';
COMMENT ON COLUMN "battles"."first_seen_at" IS 'Receipt of the first event of the battle.';
COMMENT ON COLUMN "battles"."last_seen_at" IS 'Receipt of the last one.';
COMMENT ON COLUMN "battles"."ended_at" IS 'Receipt of the first event that says that it is over; null when none was seen.';
COMMENT ON COLUMN "battles"."cut_short" IS 'It was broken off.';

CREATE TABLE "battle_sides" (
    "session_id" TEXT NOT NULL,
    "battle_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "side_id" BIGINT NOT NULL,
    "team_id" BIGINT,
    "score" BIGINT NOT NULL DEFAULT 0,
    "final_score" BIGINT,
    "result" TEXT,

    CONSTRAINT "battle_sides_pkey" PRIMARY KEY ("session_id", "battle_id", "kind", "side_id"),
    CONSTRAINT "battle_sides_kind_check" CHECK ("kind" IN ('host', 'team'))
);
CREATE INDEX "battle_sides_side_id_idx" ON "battle_sides" ("side_id");
COMMENT ON TABLE "battle_sides" IS 'Sides of a battle: a row for each host, and one for each team in a battle of teams.';
COMMENT ON COLUMN "battle_sides"."side_id" IS 'TikTok user id of the host, or TikTok''s id of the team.';
COMMENT ON COLUMN "battle_sides"."team_id" IS 'Of a host: the team, in a battle of teams.';
COMMENT ON COLUMN "battle_sides"."score" IS 'Highest points stated.';
COMMENT ON COLUMN "battle_sides"."final_score" IS 'Points in TikTok''s result, null until there is one.';
COMMENT ON COLUMN "battle_sides"."result" IS 'TikTok''s result: RESULT_WIN, RESULT_LOSE or RESULT_DRAW; null until there is one.';

CREATE TABLE "battle_scores" (
    "session_id" TEXT NOT NULL,
    "battle_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "side_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "score" BIGINT NOT NULL,

    CONSTRAINT "battle_scores_pkey" PRIMARY KEY ("session_id", "battle_id", "kind", "side_id", "at")
);
COMMENT ON TABLE "battle_scores" IS 'Points of each side over time: the highest stated in each interval of 5 seconds in which some were.';
COMMENT ON COLUMN "battle_scores"."at" IS 'Start of the interval, by receipt of the events.';

CREATE TABLE "battle_contributors" (
    "session_id" TEXT NOT NULL,
    "battle_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "side_id" BIGINT NOT NULL,
    "viewer_id" BIGINT NOT NULL,
    "score" BIGINT NOT NULL,

    CONSTRAINT "battle_contributors_pkey" PRIMARY KEY ("session_id", "battle_id", "kind", "side_id", "viewer_id")
);
CREATE INDEX "battle_contributors_viewer_id_idx" ON "battle_contributors" ("viewer_id");
COMMENT ON TABLE "battle_contributors" IS 'Viewers who supported a side, as far as TikTok names them (its top supporters).';
COMMENT ON COLUMN "battle_contributors"."viewer_id" IS 'TikTok user id.';
COMMENT ON COLUMN "battle_contributors"."score" IS 'Highest points stated that the viewer gave to the side.';

COMMENT ON TABLE "viewers" IS 'Names of people who gave a gift or took part in a battle, as seen last.';

CREATE VIEW "v_battle_sides" AS
SELECT "s"."session_id", "s"."battle_id", "s"."kind", "s"."side_id", "s"."team_id", "v"."unique_id", "v"."nickname",
    "s"."points" AS "score", "s"."result",
    CASE
        WHEN "b"."ended_at" IS NULL THEN NULL
        WHEN "s"."stated" THEN "s"."stated_win"
        ELSE "s"."place" = 1 AND "s"."same" = 1
    END AS "won"
FROM (
    SELECT "h".*, COALESCE("h"."final_score", "h"."score") AS "points",
        count("h"."result") OVER "team" > 0 AS "stated",
        COALESCE(bool_or("h"."result" = 'RESULT_WIN') OVER "team", false) AS "stated_win",
        rank() OVER (PARTITION BY "h"."session_id", "h"."battle_id", "h"."kind"
            ORDER BY COALESCE("h"."final_score", "h"."score") DESC) AS "place",
        count(*) OVER (PARTITION BY "h"."session_id", "h"."battle_id", "h"."kind",
            COALESCE("h"."final_score", "h"."score")) AS "same"
    FROM "battle_sides" "h"
    WINDOW "team" AS (PARTITION BY "h"."session_id", "h"."battle_id",
        CASE WHEN "h"."kind" = 'team' THEN "h"."side_id" ELSE COALESCE("h"."team_id", "h"."side_id") END)
) AS "s"
JOIN "battles" "b" ON "b"."session_id" = "s"."session_id" AND "b"."id" = "s"."battle_id"
LEFT JOIN "viewers" "v" ON "s"."kind" = 'host' AND "v"."id" = "s"."side_id";
COMMENT ON VIEW "v_battle_sides" IS 'Sides of battles with names, points and who won.';
COMMENT ON COLUMN "v_battle_sides"."score" IS 'Points in the result, else the highest stated.';
COMMENT ON COLUMN "v_battle_sides"."won" IS 'As the result says, of a team that of its hosts; without a result: alone the most points. Null until the battle is over.';
