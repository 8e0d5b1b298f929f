-- Who asks v_session_gifters for people alone need not pay for a look at the session of each: a LEFT JOIN of a unique key is
-- left out where none of its columns is asked for. Every gifter has a session, so the rows stay the same.
CREATE OR REPLACE VIEW "v_session_gifters" AS
SELECT "g"."session_id", "s"."unique_id", "s"."tiktok_user_id", "s"."joined_at", "g"."viewer_id",
    "v"."unique_id" AS "viewer_unique_id", "v"."nickname" AS "viewer_nickname", "g"."gifts", "g"."diamonds", "g"."first_at", "g"."last_at"
FROM "session_gifters" "g"
LEFT JOIN "sessions" "s" ON "s"."id" = "g"."session_id"
LEFT JOIN "viewers" "v" ON "v"."id" = "g"."viewer_id";
