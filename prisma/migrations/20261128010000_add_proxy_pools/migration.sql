-- Proxies that streamers share by naming a pool.

CREATE TABLE "proxy_pools" (
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "proxy_pools_pkey" PRIMARY KEY ("name")
);

COMMENT ON TABLE "proxy_pools" IS 'Proxy pools, named by streamers and labels in settings.proxyPool.';

CREATE TABLE "pool_proxies" (
    "id" TEXT NOT NULL,
    "number" BIGSERIAL NOT NULL,
    "pool_name" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pool_proxies_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "pool_proxies_pool_name_fkey" FOREIGN KEY ("pool_name")
        REFERENCES "proxy_pools" ("name") ON DELETE CASCADE ON UPDATE NO ACTION
);
CREATE UNIQUE INDEX "pool_proxies_number_key" ON "pool_proxies" ("number");
CREATE INDEX "pool_proxies_pool_name_idx" ON "pool_proxies" ("pool_name");

COMMENT ON TABLE "pool_proxies" IS 'The proxies of each pool.';
COMMENT ON COLUMN "pool_proxies"."number" IS 'Order of adding.';
COMMENT ON COLUMN "pool_proxies"."address" IS 'Scheme, host and port: what may be shown.';
COMMENT ON COLUMN "pool_proxies"."url" IS 'The whole address; encrypted with LIVETAP_SECRETS_KEYS when it holds a user or a password.';
