import { type Provider } from '@nestjs/common';
import { SOURCES_STATUS, sourcesStatus } from './admin/sources.js';
import type { WatcherConfig } from './config/watcher-config.js';
import { databaseProvider } from './database-provider.js';
import type { Foundation } from './operations/foundation.js';
import { registerSourceMetrics } from './operations/source-metrics.js';
import { ConnectorRoomConnector } from './rooms/connector-room-connector.adapter.js';
import { ROOM_CONNECTOR, type RoomConnector } from './rooms/room-connector.port.js';
import { PostgresSignBudgetStore } from './rooms/sign-budget/postgres-sign-budget-store.adapter.js';
import { SharedSignBudget } from './rooms/sign-budget/shared-sign-budget.js';
import { SIGN_BUDGET, type SignBudget } from './rooms/sign-budget/sign-budget.port.js';
import { SIGN_BUDGET_STORE, type SignBudgetStore } from './rooms/sign-budget/sign-budget-store.port.js';
import { SOCKET_SOURCES, type SocketSource } from './rooms/sources/socket-source.js';
import { SourceHealth } from './rooms/sources/source-health.js';
import { ProxyPools } from './streamers/proxies/proxy-pools.js';
import { StreamerVault } from './streamers/streamer-vault.js';
import { TikTokAccess, tikTokAccessOf } from './streamers/tiktok-access.adapter.js';

/** The ways that the settings leave open. */
export function waysOf({ tiktok }: WatcherConfig): readonly SocketSource[] {
  return SOCKET_SOURCES.filter((source) => source !== 'fixed' || tiktok.fixedSocketUrl !== undefined);
}

/** The part of the composition root that binds the ways into a room and the budget of the paid one. */
export function sourceProviders(foundation: Foundation): Provider[] {
  const { config, folder, clock, random, logger, redactor, metrics, drain } = foundation;
  const { tiktok } = config;
  return [
    {
      provide: TikTokAccess,
      inject: [StreamerVault, ProxyPools],
      useFactory: (vault: StreamerVault, pools: ProxyPools) => tikTokAccessOf(tiktok, { vault, pools, redactor }),
    },
    { provide: SourceHealth, useFactory: () => new SourceHealth({ clock, random }) },
    databaseProvider<SignBudgetStore>(SIGN_BUDGET_STORE, PostgresSignBudgetStore),
    {
      provide: SIGN_BUDGET,
      inject: [SIGN_BUDGET_STORE, TikTokAccess],
      useFactory: (store: SignBudgetStore, access: TikTokAccess): SignBudget => {
        const budget = new SharedSignBudget({
          store,
          clock,
          random,
          logger,
          keyHash: access.signKeyHash,
          replicaId: folder.replicaId,
          askLimits: () => access.signQuota(),
        });
        drain.add({ phase: 'rooms', name: 'sign budget', run: () => budget.stop() });
        budget.start();
        return budget;
      },
    },
    {
      provide: ROOM_CONNECTOR,
      inject: [TikTokAccess, SourceHealth, SIGN_BUDGET],
      useFactory: (access: TikTokAccess, health: SourceHealth, budget: SignBudget): RoomConnector =>
        new ConnectorRoomConnector({ access, clock, random, sources: tiktok.socketSources, health, budget }),
    },
    {
      provide: SOURCES_STATUS,
      inject: [SourceHealth, SIGN_BUDGET],
      useFactory: (health: SourceHealth, budget: SignBudget) => {
        registerSourceMetrics(metrics.registry, { health, budget });
        return () => sourcesStatus({ order: tiktok.socketSources, health, budget, now: clock.now() });
      },
    },
  ];
}
