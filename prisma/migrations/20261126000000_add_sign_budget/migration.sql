-- The budget of requests to the sign server that all replicas share.

CREATE TABLE "sign_budgets" (
    "key_hash" BYTEA NOT NULL,
    "generation" BIGINT NOT NULL DEFAULT 0,
    "outstanding" INTEGER NOT NULL DEFAULT 0,
    "outstanding_before" INTEGER NOT NULL DEFAULT 0,
    "blocked_until" TIMESTAMPTZ(3),
    "asked_at" TIMESTAMPTZ(3),
    "observed" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "sign_budgets_pkey" PRIMARY KEY ("key_hash"),
    CONSTRAINT "sign_budgets_outstanding_check" CHECK ("outstanding" >= 0 AND "outstanding_before" >= 0)
);
COMMENT ON TABLE "sign_budgets" IS 'What may be asked of a sign server with one key. Locked for each reservation, never over a request.';
COMMENT ON COLUMN "sign_budgets"."key_hash" IS 'SHA-256 over the address of the sign server and the key. The key itself is nowhere in the database.';
COMMENT ON COLUMN "sign_budgets"."generation" IS 'Rises with each new minute window.';
COMMENT ON COLUMN "sign_budgets"."outstanding" IS 'Requests that were reserved in this generation and not settled yet.';
COMMENT ON COLUMN "sign_budgets"."outstanding_before" IS 'The same of the generation before; older ones are forgotten.';
COMMENT ON COLUMN "sign_budgets"."blocked_until" IS 'The server asked for a pause until then.';
COMMENT ON COLUMN "sign_budgets"."asked_at" IS 'When a replica was last told to ask the server for its limits.';
COMMENT ON COLUMN "sign_budgets"."observed" IS 'The server has said something about its limits.';

CREATE TABLE "sign_budget_windows" (
    "key_hash" BYTEA NOT NULL,
    "name" TEXT NOT NULL,
    "max_requests" INTEGER NOT NULL,
    "used" INTEGER NOT NULL DEFAULT 0,
    "reset_at" TIMESTAMPTZ(3) NOT NULL,
    "mark" BIGINT,
    "confirmed" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "sign_budget_windows_pkey" PRIMARY KEY ("key_hash", "name"),
    CONSTRAINT "sign_budget_windows_name_check" CHECK ("name" IN ('minute', 'hour', 'day')),
    CONSTRAINT "sign_budget_windows_key_hash_fkey" FOREIGN KEY ("key_hash")
        REFERENCES "sign_budgets" ("key_hash") ON DELETE CASCADE ON UPDATE NO ACTION
);
COMMENT ON TABLE "sign_budget_windows" IS 'The windows of the quota, as the server states them.';
COMMENT ON COLUMN "sign_budget_windows"."used" IS 'Reserved in this window, or used as the server counts, whichever is more.';
COMMENT ON COLUMN "sign_budget_windows"."reset_at" IS 'When it begins anew, by the clock of the database.';
COMMENT ON COLUMN "sign_budget_windows"."mark" IS 'The same by the clock of the server, seconds since the epoch: names the window.';
COMMENT ON COLUMN "sign_budget_windows"."confirmed" IS 'False from the end of a window until the server has named the next one.';

CREATE TABLE "sign_budget_members" (
    "key_hash" BYTEA NOT NULL,
    "replica_id" TEXT NOT NULL,
    "floor" INTEGER NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sign_budget_members_pkey" PRIMARY KEY ("key_hash", "replica_id"),
    CONSTRAINT "sign_budget_members_key_hash_fkey" FOREIGN KEY ("key_hash")
        REFERENCES "sign_budgets" ("key_hash") ON DELETE CASCADE ON UPDATE NO ACTION
);
COMMENT ON TABLE "sign_budget_members" IS 'Requests a minute that are set aside for each replica, for the time when it cannot reach the database.';

CREATE FUNCTION "livetap_sign_budget_next_generation"("p_key" BYTEA)
RETURNS VOID LANGUAGE sql AS $$
    UPDATE "sign_budgets"
    SET "generation" = "generation" + 1, "outstanding_before" = "outstanding", "outstanding" = 0
    WHERE "key_hash" = "p_key"
$$;

CREATE FUNCTION "livetap_sign_budget_open"("p_key" BYTEA, "p_rules" JSONB)
RETURNS TIMESTAMPTZ LANGUAGE plpgsql SET lock_timeout = '1s' AS $$
DECLARE
    "budget" "sign_budgets"%ROWTYPE;
    "at" TIMESTAMPTZ;
    "slack" INTERVAL := ("p_rules" ->> 'slackMs')::float8 * interval '1 millisecond';
BEGIN
    SELECT * INTO "budget" FROM "sign_budgets" WHERE "key_hash" = "p_key" FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO "sign_budgets" ("key_hash") VALUES ("p_key") ON CONFLICT DO NOTHING;
        SELECT * INTO "budget" FROM "sign_budgets" WHERE "key_hash" = "p_key" FOR UPDATE;
        INSERT INTO "sign_budget_windows" ("key_hash", "name", "max_requests", "reset_at")
        VALUES ("p_key", 'minute', ("p_rules" ->> 'assumedPerMinute')::int,
            clock_timestamp() + ("p_rules" #>> '{lengthMs,minute}')::float8 * interval '1 millisecond' + "slack")
        ON CONFLICT DO NOTHING;
    END IF;
    "at" := clock_timestamp();
    IF EXISTS (SELECT FROM "sign_budget_windows"
               WHERE "key_hash" = "p_key" AND "name" = 'minute' AND "reset_at" <= "at") THEN
        PERFORM "livetap_sign_budget_next_generation"("p_key");
    END IF;
    -- What is under way may be counted in the window that begins.
    UPDATE "sign_budget_windows"
    SET "used" = "budget"."outstanding", "confirmed" = false,
        "reset_at" = "at" + ("p_rules" -> 'lengthMs' ->> "name")::float8 * interval '1 millisecond' + "slack"
    WHERE "key_hash" = "p_key" AND "reset_at" <= "at";
    RETURN "at";
END
$$;
COMMENT ON FUNCTION "livetap_sign_budget_open"(BYTEA, JSONB) IS
    'Makes and locks the row of a key, begins the windows anew whose time is over, and returns the time by which the caller reckons.';

CREATE FUNCTION "livetap_sign_budget_left"("p_key" BYTEA, "p_at" TIMESTAMPTZ, "p_rules" JSONB)
RETURNS TABLE ("name" TEXT, "max_requests" INTEGER, "remaining" INTEGER, "reset_in_ms" FLOAT8, "confirmed" BOOLEAN)
LANGUAGE sql STABLE AS $$
    SELECT "w"."name", "w"."max_requests",
        GREATEST(0, "w"."max_requests" - "w"."used"
            - "s"."floors" * CASE WHEN "w"."name" = 'minute' THEN 1 ELSE ("p_rules" ->> 'floorMinutes')::int END)::int,
        GREATEST(0, extract(epoch FROM "w"."reset_at" - "p_at")::float8 * 1000), "w"."confirmed"
    FROM "sign_budget_windows" "w", (
        SELECT COALESCE(sum("floor"), 0)::int AS "floors"
        FROM "sign_budget_members" WHERE "key_hash" = "p_key" AND "until" > "p_at"
    ) "s"
    WHERE "w"."key_hash" = "p_key"
$$;
COMMENT ON FUNCTION "livetap_sign_budget_left"(BYTEA, TIMESTAMPTZ, JSONB) IS 'What may be reserved in each window.';

CREATE FUNCTION "livetap_sign_budget_renew"("p_key" BYTEA, "p_replica" TEXT, "p_at" TIMESTAMPTZ, "p_observed" BOOLEAN, "p_rules" JSONB)
RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    "members" INTEGER;
    "others" INTEGER;
    "fair" INTEGER;
    "room" INTEGER;
    "mine" INTEGER;
BEGIN
    DELETE FROM "sign_budget_members" WHERE "key_hash" = "p_key" AND ("until" <= "p_at" OR "replica_id" = "p_replica");
    SELECT count(*), COALESCE(sum("floor"), 0) INTO "members", "others"
    FROM "sign_budget_members" WHERE "key_hash" = "p_key";
    SELECT GREATEST(1, floor("max_requests" * ("p_rules" ->> 'floorShare')::numeric / ("members" + 1))) INTO "fair"
    FROM "sign_budget_windows" WHERE "key_hash" = "p_key" AND "name" = 'minute';
    SELECT min(floor("max_requests" * ("p_rules" ->> 'maxSetAside')::numeric
        / CASE WHEN "name" = 'minute' THEN 1 ELSE ("p_rules" ->> 'floorMinutes')::int END)) INTO "room"
    FROM "sign_budget_windows" WHERE "key_hash" = "p_key";
    "mine" := CASE WHEN "p_observed" THEN GREATEST(0, LEAST("fair", "room" - "others")) ELSE 0 END;
    INSERT INTO "sign_budget_members" ("key_hash", "replica_id", "floor", "until")
    VALUES ("p_key", "p_replica", "mine", "p_at" + ("p_rules" ->> 'floorMinutes')::int * interval '1 minute');
    RETURN "mine";
END
$$;
COMMENT ON FUNCTION "livetap_sign_budget_renew"(BYTEA, TEXT, TIMESTAMPTZ, BOOLEAN, JSONB) IS
    'Renews what is set aside for a replica and returns it.';

CREATE FUNCTION "livetap_reserve_signatures"("p_key" BYTEA, "p_replica" TEXT, "p_wanted" INTEGER, "p_rules" JSONB)
RETURNS JSONB LANGUAGE plpgsql AS $$
DECLARE
    "at" TIMESTAMPTZ := "livetap_sign_budget_open"("p_key", "p_rules");
    "budget" "sign_budgets"%ROWTYPE;
    "ask" BOOLEAN;
    "mine" INTEGER;
    "blocked" FLOAT8;
    "first_wait" FLOAT8 := 0;
    "take" INTEGER := 0;
    "wait" FLOAT8 := 0;
    "valid_for" FLOAT8;
    "windows" JSONB;
BEGIN
    SELECT * INTO "budget" FROM "sign_budgets" WHERE "key_hash" = "p_key";
    "ask" := "p_wanted" > 0 AND ("budget"."asked_at" IS NULL
        OR extract(epoch FROM "at" - "budget"."asked_at") * 1000 >= ("p_rules" ->> 'askMs')::float8);
    "mine" := "livetap_sign_budget_renew"("p_key", "p_replica", "at", "budget"."observed", "p_rules");
    "blocked" := GREATEST(0, COALESCE(extract(epoch FROM "budget"."blocked_until" - "at")::float8 * 1000, 0));
    IF NOT "budget"."observed" THEN
        "first_wait" := GREATEST(0, ("p_rules" ->> 'firstAnswerMs')::float8
            - CASE WHEN "ask" THEN 0 ELSE COALESCE(extract(epoch FROM "at" - "budget"."asked_at")::float8 * 1000, 0) END);
    END IF;
    IF "blocked" = 0 AND "first_wait" = 0 THEN
        SELECT LEAST("p_wanted", min("remaining")) INTO "take" FROM "livetap_sign_budget_left"("p_key", "at", "p_rules");
    END IF;
    IF "take" < "p_wanted" THEN
        SELECT GREATEST("blocked", CASE WHEN "first_wait" > 0 THEN ("p_rules" ->> 'firstLookMs')::float8 ELSE 0 END,
            COALESCE(max(CASE WHEN "confirmed" THEN "reset_in_ms"
                ELSE LEAST("reset_in_ms", ("p_rules" ->> 'unconfirmedLookMs')::float8) END)
                FILTER (WHERE "remaining" <= "take"), 0)) INTO "wait"
        FROM "livetap_sign_budget_left"("p_key", "at", "p_rules");
    END IF;
    UPDATE "sign_budget_windows" SET "used" = "used" + "take" WHERE "key_hash" = "p_key" AND "take" > 0;
    UPDATE "sign_budgets" SET "outstanding" = "outstanding" + "take", "asked_at" = CASE WHEN "ask" THEN "at" ELSE "asked_at" END
    WHERE "key_hash" = "p_key" AND ("take" > 0 OR "ask");
    SELECT jsonb_agg(to_jsonb("l")), max("reset_in_ms") FILTER (WHERE "name" = 'minute') INTO "windows", "valid_for"
    FROM "livetap_sign_budget_left"("p_key", "at", "p_rules") "l";
    RETURN jsonb_build_object('granted', "take", 'generation', "budget"."generation"::text, 'validForMs', "valid_for",
        'waitMs', "wait", 'blockedForMs', "blocked", 'ask', "ask", 'floor', "mine", 'windows', "windows",
        'outstanding', "budget"."outstanding" + "budget"."outstanding_before" + "take");
END
$$;
COMMENT ON FUNCTION "livetap_reserve_signatures"(BYTEA, TEXT, INTEGER, JSONB) IS
    'Takes requests out of the budget of a key, as many as it has up to the wanted number.';

CREATE FUNCTION "livetap_hear_sign_server"("p_key" BYTEA, "p_at" TIMESTAMPTZ, "p_answer" JSONB, "p_rules" JSONB)
RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    "said_limit" INTEGER := ("p_answer" ->> 'limit')::int;
    "said_used" INTEGER := GREATEST(0, ("p_answer" ->> 'limit')::int - ("p_answer" ->> 'remaining')::int);
    "said_mark" BIGINT := ("p_answer" ->> 'resetMark')::bigint;
    "said_reset_in" FLOAT8 := ("p_answer" ->> 'resetInMs')::float8;
    "pause" FLOAT8 := ("p_answer" ->> 'retryAfterMs')::float8;
    "tolerance" INTEGER := ("p_rules" ->> 'markTolerance')::int;
    "which" TEXT := "p_answer" ->> 'window';
    "w" "sign_budget_windows"%ROWTYPE;
    "said_reset_at" TIMESTAMPTZ;
    "newer" BOOLEAN;
BEGIN
    IF "which" IS NULL AND "said_limit" IS NOT NULL THEN
        SELECT "name" INTO "which" FROM "sign_budget_windows" WHERE "key_hash" = "p_key" AND "max_requests" = "said_limit"
        ORDER BY abs(COALESCE("mark", 0) - COALESCE("said_mark", 0)), array_position(ARRAY['minute', 'hour', 'day'], "name")
        LIMIT 1;
        IF NOT FOUND THEN
            SELECT COALESCE((
                SELECT "n" FROM unnest(ARRAY['minute', 'hour', 'day']) WITH ORDINALITY AS "u"("n", "place")
                WHERE COALESCE("said_reset_in", 0)
                    <= ("p_rules" -> 'lengthMs' ->> "n")::float8 + 2 * ("p_rules" ->> 'slackMs')::float8
                ORDER BY "place" LIMIT 1), 'day') INTO "which";
        END IF;
    END IF;
    IF "which" IS NOT NULL AND "said_limit" IS NOT NULL AND "p_answer" ->> 'remaining' IS NOT NULL THEN
        UPDATE "sign_budgets" SET "observed" = true WHERE "key_hash" = "p_key" AND NOT "observed";
        INSERT INTO "sign_budget_windows" ("key_hash", "name", "max_requests", "reset_at")
        VALUES ("p_key", "which", "said_limit", "p_at" + (("p_rules" -> 'lengthMs' ->> "which")::float8
            + ("p_rules" ->> 'slackMs')::float8) * interval '1 millisecond')
        ON CONFLICT DO NOTHING;
        SELECT * INTO "w" FROM "sign_budget_windows" WHERE "key_hash" = "p_key" AND "name" = "which";
        "said_reset_at" := COALESCE("p_at" + "said_reset_in" * interval '1 millisecond', "w"."reset_at");
        "newer" := "said_mark" IS NULL OR "w"."mark" IS NULL OR "said_mark" > "w"."mark" + "tolerance";
        IF "newer" AND "w"."confirmed" AND "said_mark" IS NOT NULL THEN
            -- The server began this window before its time was over here.
            UPDATE "sign_budget_windows"
            SET "max_requests" = "said_limit", "reset_at" = "said_reset_at", "mark" = "said_mark",
                "used" = "said_used" + (SELECT "outstanding" FROM "sign_budgets" WHERE "key_hash" = "p_key")
            WHERE "key_hash" = "p_key" AND "name" = "which";
            IF "which" = 'minute' THEN
                PERFORM "livetap_sign_budget_next_generation"("p_key");
            END IF;
        ELSIF "newer" THEN
            UPDATE "sign_budget_windows"
            SET "max_requests" = "said_limit", "reset_at" = "said_reset_at", "mark" = COALESCE("said_mark", "mark"),
                "confirmed" = "said_mark" IS NOT NULL, "used" = GREATEST("used", "said_used")
            WHERE "key_hash" = "p_key" AND "name" = "which";
        ELSIF "w"."confirmed" AND abs("said_mark" - "w"."mark") <= "tolerance" THEN
            UPDATE "sign_budget_windows"
            SET "max_requests" = "said_limit", "reset_at" = LEAST("reset_at", "said_reset_at"),
                "used" = GREATEST("used", "said_used")
            WHERE "key_hash" = "p_key" AND "name" = "which";
        END IF;
    END IF;
    IF "pause" IS NOT NULL THEN
        UPDATE "sign_budgets" SET "blocked_until" = GREATEST("blocked_until", "p_at" + "pause" * interval '1 millisecond')
        WHERE "key_hash" = "p_key";
        UPDATE "sign_budget_windows" SET "used" = GREATEST("used", "max_requests")
        WHERE "key_hash" = "p_key" AND "name" = COALESCE("which", 'minute');
    END IF;
END
$$;
COMMENT ON FUNCTION "livetap_hear_sign_server"(BYTEA, TIMESTAMPTZ, JSONB, JSONB) IS
    'Corrects the budget of a key by what an answer of the server says.';

CREATE FUNCTION "livetap_settle_signatures"("p_key" BYTEA, "p_generation" BIGINT, "p_count" INTEGER, "p_unused" BOOLEAN, "p_answers" JSONB, "p_rules" JSONB)
RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    "at" TIMESTAMPTZ := "livetap_sign_budget_open"("p_key", "p_rules");
    "age" BIGINT;
    "answer" JSONB;
BEGIN
    SELECT "generation" - "p_generation" INTO "age" FROM "sign_budgets" WHERE "key_hash" = "p_key";
    UPDATE "sign_budgets"
    SET "outstanding" = CASE WHEN "age" = 0 THEN GREATEST(0, "outstanding" - "p_count") ELSE "outstanding" END,
        "outstanding_before" = CASE WHEN "age" = 1 THEN GREATEST(0, "outstanding_before" - "p_count") ELSE "outstanding_before" END
    WHERE "key_hash" = "p_key" AND "p_count" > 0;
    -- What was not sent goes back: it was counted here, or carried into the window that runs now.
    UPDATE "sign_budget_windows" SET "used" = GREATEST(0, "used" - "p_count")
    WHERE "key_hash" = "p_key" AND "p_unused" AND "age" <= 1 AND "p_count" > 0;
    FOR "answer" IN SELECT jsonb_array_elements("p_answers") LOOP
        PERFORM "livetap_hear_sign_server"("p_key", "at", "answer", "p_rules");
    END LOOP;
END
$$;
COMMENT ON FUNCTION "livetap_settle_signatures"(BYTEA, BIGINT, INTEGER, BOOLEAN, JSONB, JSONB) IS
    'Requests that were reserved were answered, failed or not sent; corrects the budget by the answers.';
