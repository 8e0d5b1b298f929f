-- Session credentials of streamers. They and addresses of proxies with credentials are encrypted.

ALTER TABLE "streamers" ADD COLUMN "sealed_session" TEXT;
ALTER TABLE "streamers" ADD COLUMN "session_set_at" TIMESTAMPTZ(3);
ALTER TABLE "streamers" ADD CONSTRAINT "streamers_session_check"
    CHECK (("sealed_session" IS NULL) = ("session_set_at" IS NULL));

COMMENT ON COLUMN "streamers"."sealed_session" IS 'Login of a TikTok account, encrypted with LIVETAP_SECRETS_KEYS.';
COMMENT ON COLUMN "streamers"."proxy_url" IS 'Address of a proxy; encrypted with LIVETAP_SECRETS_KEYS when it holds a user or a password.';
