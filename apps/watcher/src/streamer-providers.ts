import type { Provider } from '@nestjs/common';
import { databaseProvider } from './database-provider.js';
import type { Foundation } from './operations/foundation.js';
import { registerProxyMetrics } from './operations/proxy-metrics.js';
import { Database } from './persistence/database.js';
import { waysOf } from './source-providers.js';
import { SecretBox } from './common/secret-box/secret-box.js';
import { RoomRegistry } from './rooms/room-registry.js';
import { LABEL_DEFAULT_STORE, type LabelDefaultStore } from './streamers/label-default-store.port.js';
import { LabelDefaultService } from './streamers/label-default-service.js';
import { PostgresLabelDefaultStore } from './streamers/postgres-label-default-store.adapter.js';
import { PostgresStreamerStore } from './streamers/postgres-streamer-store.adapter.js';
import { sealStreamersAnew } from './streamers/seal-streamers-anew.adapter.js';
import { SettledStreamerStore } from './streamers/settled-streamer-store.js';
import { StreamerService } from './streamers/streamer-service.js';
import { STREAMER_STORE, type StreamerStore } from './streamers/streamer-store.port.js';
import { PostgresProxyPoolStore } from './streamers/proxies/postgres-proxy-pool-store.adapter.js';
import { ProxyPoolService } from './streamers/proxies/proxy-pool-service.js';
import { PROXY_POOL_STORE, type ProxyPoolStore } from './streamers/proxies/proxy-pool-store.port.js';
import { ProxyPools } from './streamers/proxies/proxy-pools.js';
import { StreamerVault } from './streamers/streamer-vault.js';

/** The part of the composition root that binds streamers, their settings and secrets. */
export function streamerProviders({ config, clock, random, logger, metrics, drain }: Foundation): Provider[] {
  const { tiktok } = config;
  return [
    { provide: StreamerVault, inject: [SecretBox], useFactory: (box: SecretBox) => new StreamerVault(box) },
    databaseProvider<LabelDefaultStore>(LABEL_DEFAULT_STORE, PostgresLabelDefaultStore),
    {
      provide: LabelDefaultService,
      inject: [LABEL_DEFAULT_STORE, PROXY_POOL_STORE],
      useFactory: (store: LabelDefaultStore, pools: ProxyPoolStore) =>
        new LabelDefaultService(store, waysOf(config), pools),
    },
    {
      provide: STREAMER_STORE,
      inject: [Database, LABEL_DEFAULT_STORE, StreamerVault],
      useFactory: async (database: Database, labels: LabelDefaultStore, vault: StreamerVault) => {
        await sealStreamersAnew(database, vault, logger);
        return new SettledStreamerStore(new PostgresStreamerStore(database, vault), labels);
      },
    },
    {
      provide: StreamerService,
      inject: [STREAMER_STORE, RoomRegistry, StreamerVault, PROXY_POOL_STORE],
      useFactory: (store: StreamerStore, registry: RoomRegistry, vault: StreamerVault, pools: ProxyPoolStore) =>
        new StreamerService({
          store,
          activity: registry,
          control: registry,
          vault,
          pools,
          serviceSettings: {
            checkIntervalMs: tiktok.checkIntervalMs,
            checkIntervalMaxMs: tiktok.checkIntervalMaxMs,
            silenceMs: config.rooms.silenceMs,
          },
          sources: waysOf(config),
        }),
    },
    databaseProvider<ProxyPoolStore>(PROXY_POOL_STORE, PostgresProxyPoolStore),
    {
      provide: ProxyPools,
      inject: [PROXY_POOL_STORE, StreamerVault],
      useFactory: async (store: ProxyPoolStore, vault: StreamerVault) => {
        const pools = new ProxyPools({ clock, random, logger, store, vault });
        await pools.start();
        drain.add({ phase: 'rooms', name: 'proxy pools', run: () => pools.stop() });
        registerProxyMetrics(metrics.registry, () => pools.figures());
        return pools;
      },
    },
    {
      provide: ProxyPoolService,
      inject: [PROXY_POOL_STORE, StreamerVault, ProxyPools],
      useFactory: (store: ProxyPoolStore, vault: StreamerVault, pools: ProxyPools) =>
        new ProxyPoolService({ store, vault, pools }),
    },
  ];
}
