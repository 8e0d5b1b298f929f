import { type Provider } from '@nestjs/common';
import { databaseProvider } from './database-provider.js';
import { BATTLE_HISTORY_READER, type BattleHistoryReader } from './history/battle-history.port.js';
import { GAP_HISTORY_READER, type GapHistoryReader } from './history/gap-history.port.js';
import { GIFT_HISTORY_READER, type GiftHistoryReader } from './history/gift-history.port.js';
import { HISTORY_EXPORTER, type HistoryExporter } from './history/history-export.port.js';
import { HISTORY_SOURCE, type HistorySource } from './history/history-source.port.js';
import {
  HISTORY_FOLD,
  HISTORY_MAINTENANCE,
  HISTORY_READER,
  type HistoryFold,
  type HistoryMaintenance,
  type HistoryReader,
} from './history/history.port.js';
import { JournalHistorySource } from './history/journal-history-source.js';
import { KafkaHistorySource } from './history/kafka-history-source.adapter.js';
import { PostgresBattleHistoryReader } from './history/postgres-battle-history-reader.adapter.js';
import { PostgresGapHistoryReader } from './history/postgres-gap-history-reader.adapter.js';
import { PostgresGiftHistoryReader } from './history/postgres-gift-history-reader.adapter.js';
import { PostgresHistoryExporter } from './history/postgres-history-exporter.adapter.js';
import { PostgresHistoryFold } from './history/postgres-history-fold.adapter.js';
import { PostgresHistoryMaintenance } from './history/postgres-history-maintenance.adapter.js';
import { PostgresHistoryReader } from './history/postgres-history-reader.adapter.js';
import { LEADERBOARD_READER, type LeaderboardReader } from './history/leaderboard.port.js';
import { PostgresLeaderboardReader } from './history/postgres-leaderboard-reader.adapter.js';
import { PostgresViewerErasureStore } from './history/postgres-viewer-erasure.adapter.js';
import { JOURNAL, type Journal } from './journal/journal.port.js';
import { VIEWER_ERASURE_STORE, type ViewerErasureStore } from './history/viewer-erasure.port.js';
import type { Foundation } from './operations/foundation.js';
import { countByType } from './operations/metered-publisher.js';
import { ViewerErasures } from './operations/viewer-erasures.js';
import { Database } from './persistence/database.js';

/** The part of the composition root that binds history. */
export function historyProviders({ config, clock, random, logger, crashPoints, metrics }: Foundation): Provider[] {
  const { kafka, topics, rooms } = config;
  return [
    {
      provide: HISTORY_FOLD,
      inject: [Database],
      useFactory: (database: Database): HistoryFold =>
        new PostgresHistoryFold(database, {
          snapshotIntervalMs: rooms.snapshotIntervalMs,
          crashPoints,
          archive: config.archivedEvents,
          keep: { clock, snapshotMs: config.retention.snapshotMs, archiveMs: config.retention.archiveMs },
          onMalformed: ({ source, id }) => logger.warn('history.malformed', { source, id }),
        }),
    },
    {
      provide: HISTORY_SOURCE,
      inject: [HISTORY_FOLD, JOURNAL],
      useFactory: (fold: HistoryFold, journal: Journal): HistorySource =>
        kafka
          ? new KafkaHistorySource({ kafka, clientId: 'livetap-history', topics, fold, clock, random, logger })
          : new JournalHistorySource({ journal, fold, clock, random, logger }),
    },
    databaseProvider<HistoryReader>(HISTORY_READER, PostgresHistoryReader),
    databaseProvider<GiftHistoryReader>(GIFT_HISTORY_READER, PostgresGiftHistoryReader),
    databaseProvider<BattleHistoryReader>(BATTLE_HISTORY_READER, PostgresBattleHistoryReader),
    databaseProvider<GapHistoryReader>(GAP_HISTORY_READER, PostgresGapHistoryReader),
    databaseProvider<HistoryExporter>(HISTORY_EXPORTER, PostgresHistoryExporter),
    databaseProvider<LeaderboardReader>(LEADERBOARD_READER, PostgresLeaderboardReader),
    databaseProvider<ViewerErasureStore>(VIEWER_ERASURE_STORE, PostgresViewerErasureStore),
    {
      provide: ViewerErasures,
      inject: [VIEWER_ERASURE_STORE, JOURNAL],
      useFactory: (store: ViewerErasureStore, journal: Journal) => {
        const erasures = new ViewerErasures({
          store,
          journal,
          onAdmitted: (events) => metrics.events.admitted(countByType(events), kafka === undefined),
        });
        metrics.connect({ erasures: () => erasures });
        return erasures;
      },
    },
    {
      provide: HISTORY_MAINTENANCE,
      inject: [Database, ViewerErasures],
      useFactory: (database: Database, erasures: ViewerErasures): HistoryMaintenance => {
        const maintenance = new PostgresHistoryMaintenance(database, { clock, retention: config.retention });
        return {
          run: async (now) => {
            await erasures.announceRest();
            return maintenance.run(now);
          },
        };
      },
    },
  ];
}
