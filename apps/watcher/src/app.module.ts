import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { join } from 'node:path';
import { ACCESS_CONTROLLERS, accessProviders } from './access-providers.js';
import { EventsController } from './admin/events.controller.js';
import { HISTORY_CONTROLLERS } from './admin/history-controllers.js';
import { LabelDefaultsController } from './admin/label-defaults.controller.js';
import { SourcesController } from './admin/sources.controller.js';
import { ProxyPoolsController } from './admin/proxy-pools.controller.js';
import { StatusController } from './admin/status.controller.js';
import { STATUS_SOURCE } from './admin/status.js';
import { StreamerExportsController } from './admin/streamer-exports.controller.js';
import { StreamerImportsController } from './admin/streamer-imports.controller.js';
import { StreamersController } from './admin/streamers.controller.js';
import { WebhooksController } from './admin/webhooks.controller.js';
import { AuditTrail } from './audit/audit-trail.js';
import { CommandHandler } from './commands/command-handler.js';
import { commandTopics } from './commands/command-transport.js';
import { commandsController } from './commands/commands.controller.js';
import { CLOCK } from './common/clock.port.js';
import { LOGGER } from './common/logger.port.js';
import { SecretBox } from './common/secret-box/secret-box.js';
import type { WatcherConfig } from './config/watcher-config.js';
import { databaseProvider } from './database-provider.js';
import { HISTORY_SOURCE, type HistorySource } from './history/history-source.port.js';
import { HISTORY_MAINTENANCE, type HistoryMaintenance } from './history/history.port.js';
import { HISTORY_READER_NAME } from './history/journal-history-source.js';
import { historyProviders } from './history-providers.js';
import { liveCheckProviders } from './live-check-providers.js';
import { JOURNAL, type Journal } from './journal/journal.port.js';
import { type JournalOptions, openJournal } from './journal/open-journal.adapter.js';
import { leaseProviders } from './lease-providers.js';
import { LEASE_HINTS, type LeaseHints } from './leases/lease-hints.port.js';
import { LEASE_STORE, type LeaseStore } from './leases/lease-store.port.js';
import { FleetTailLog } from './livetail/fleet-tail-log.js';
import { JournalTailLog } from './livetail/journal-tail-log.js';
import { KafkaFleetFeed } from './livetail/kafka-fleet-feed.adapter.js';
import { LiveTail } from './livetail/live-tail.js';
import { Canary } from './operations/canary.js';
import { DrainOnShutdown } from './operations/drain-on-shutdown.js';
import type { Foundation } from './operations/foundation.js';
import { GiftPriceBook } from './operations/gift-price-book.js';
import { Health } from './operations/health.js';
import { countByType, MeteredPublisher } from './operations/metered-publisher.js';
import { MetricsController } from './operations/metrics.controller.js';
import { Metrics } from './operations/metrics.js';
import { ProbesController } from './operations/probes.controller.js';
import { RateMeter } from './operations/rate-meter.js';
import { ReplicaPresence } from './operations/replica-presence.js';
import { SERVICE_PROBES, type ServiceProbes, serviceProbes } from './operations/service-probes.js';
import { Service } from './operations/service.js';
import { startDatabase } from './operations/start-database.js';
import { untilSpace } from './operations/until-space.js';
import { COMMAND_STORE, type CommandStore } from './persistence/command-store.port.js';
import { Database } from './persistence/database.js';
import { PostgresCommandStore } from './persistence/postgres-command-store.adapter.js';
import { PostgresGiftCatalogueStore } from './persistence/postgres-gift-catalogue-store.adapter.js';
import { PostgresReplicaRegistry } from './persistence/postgres-replica-registry.adapter.js';
import { MessageShaper } from './pipeline/message-shaper.js';
import { EVENT_PUBLISHER, type EventPublisher } from './publishing/event-publisher.port.js';
import { KafkaEventPublisher } from './publishing/kafka-event-publisher.adapter.js';
import { ThreadBatchPacker } from './publishing/thread-batch-packer.adapter.js';
import { PUBLISHER_READER, PublishLoop } from './publishing/publish-loop.js';
import { DiscreetRoomConnector } from './rooms/discreet-room-connector.js';
import { ROOM_CONNECTOR, type RoomConnector } from './rooms/room-connector.port.js';
import { silenceLimits } from './rooms/room-settings.js';
import { BoundedRoomConnector } from './rooms/bounded-room-connector.js';
import { RoomRegistry } from './rooms/room-registry.js';
import { roomPipelines } from './rooms/session-pipeline.js';
import { DiscreetLiveChecker } from './streamers/discreet-live-checker.js';
import { HostRateLimiter } from './streamers/host-rate-limiter.js';
import { LIVE_CHECKER, type LiveChecker } from './streamers/live-checker.port.js';
import { StreamerService } from './streamers/streamer-service.js';
import { STREAMER_STORE, type StreamerStore } from './streamers/streamer-store.port.js';
import { sourceProviders } from './source-providers.js';
import { streamerProviders } from './streamer-providers.js';
import { webhookProviders } from './webhook-providers.js';
import { WebhookRunner } from './webhooks/webhook-runner.js';

/** The settings as a namespace of @nestjs/config; they were read and judged before the application is made. */
export const settingsOf = (config: WatcherConfig) => registerAs('watcher', () => config);

/** The composition root: the one place where ports are bound to adapters. What holds something open says to the drain how it closes. */
@Module({})
export class AppModule {
  static register(foundation: Foundation): DynamicModule {
    const { config, health, metrics, clock, logger } = foundation;
    return {
      module: AppModule,
      imports: [ConfigModule.forFeature(settingsOf(config))],
      controllers: [
        ...ACCESS_CONTROLLERS,
        StreamersController,
        StreamerExportsController,
        StreamerImportsController,
        LabelDefaultsController,
        ProxyPoolsController,
        ...HISTORY_CONTROLLERS,
        EventsController,
        StatusController,
        SourcesController,
        WebhooksController,
        ProbesController,
        MetricsController,
        ...(config.commands && config.kafka ? [commandsController(commandTopics(config.topics.prefix).commands)] : []),
      ],
      providers: [
        { provide: LOGGER, useValue: logger },
        { provide: CLOCK, useValue: clock },
        { provide: Health, useValue: health },
        { provide: Metrics, useValue: metrics },
        { provide: DrainOnShutdown, useValue: new DrainOnShutdown(foundation.drain) },
        ...storage(foundation),
        ...accessProviders(foundation),
        ...publishing(foundation),
        ...historyProviders(foundation),
        ...sourceProviders(foundation),
        ...streamerProviders(foundation),
        ...rooms(foundation),
        ...webhookProviders(foundation),
        ...service(foundation),
      ],
    };
  }
}

function storage(foundation: Foundation): Provider[] {
  const { config, folder, logger, random, clock, drain, starting, build } = foundation;
  return [
    {
      provide: Database,
      useFactory: () =>
        startDatabase({
          url: config.storage.databaseUrl,
          dataDir: folder.path,
          logger,
          random,
          drain,
          signal: starting,
          onWaiting: foundation.onWaiting,
        }),
    },
    {
      provide: ReplicaPresence,
      inject: [Database],
      useFactory: async (database: Database) => {
        const registry = new PostgresReplicaRegistry(database);
        const presence = new ReplicaPresence({
          registry,
          clock,
          logger,
          replicaId: folder.replicaId,
          version: build.version,
          eventsTo: config.kafka === undefined ? 'journal' : 'kafka',
        });
        await presence.start(starting);
        drain.add({ phase: 'database', name: 'replica list', run: () => presence.stop() });
        return presence;
      },
    },
    {
      provide: JOURNAL,
      inject: [ReplicaPresence],
      useFactory: async (): Promise<Journal> => {
        foundation.onWaiting('the journal is being opened');
        const options: JournalOptions = {
          directory: join(folder.path, 'journal'),
          maxBytes: config.storage.journalMaxBytes,
          maxAgeMs: config.storage.journalMaxAgeMs,
          clock,
          crashPoints: foundation.crashPoints,
          readers: [config.kafka ? PUBLISHER_READER : HISTORY_READER_NAME],
        };
        const journal = await untilSpace(() => openJournal(options), { ...foundation, signal: starting });
        drain.add({ phase: 'journal', name: 'journal', run: () => journal.close() });
        return journal;
      },
    },
    { provide: SecretBox, useFactory: () => new SecretBox(config.storage.secretKeys) },
    ...leaseProviders(foundation),
    databaseProvider<CommandStore>(COMMAND_STORE, PostgresCommandStore),
  ];
}

function publishing({ config, folder, metrics, clock, random, logger, onFatal, crashPoints }: Foundation): Provider[] {
  const { kafka, topics } = config;
  return [
    {
      provide: EVENT_PUBLISHER,
      inject: [JOURNAL],
      useFactory: (journal: Journal): EventPublisher | undefined =>
        kafka &&
        new MeteredPublisher(
          (onOversize) =>
            new KafkaEventPublisher({
              kafka,
              clientId: 'livetap',
              topics,
              packer: new ThreadBatchPacker(),
              acceptPartitions: topics.acceptPartitions,
              createTopics: topics.create,
              onTopicDifferences: (differences) => {
                const hint = 'Existing topics are never changed; kafka-configs.sh --alter does it.';
                logger.warn('publisher.topicsDiffer', { differences, hint });
              },
              onOversize: (event) => {
                const { type, key, id } = event;
                logger.warn('publisher.oversize', { type, key, id });
                onOversize(event);
              },
            }),
          metrics,
          journal.stats().lastOffset + 1,
        ),
    },
    {
      provide: PublishLoop,
      inject: [JOURNAL, { token: EVENT_PUBLISHER, optional: true }],
      useFactory: (journal: Journal, publisher: EventPublisher | undefined): PublishLoop | undefined =>
        publisher &&
        new PublishLoop({
          journal,
          publisher,
          clock,
          random,
          logger,
          onFatal,
          crashPoints,
          metrics: {
            failed: (code) => metrics.publishFailed(code),
            duration: (seconds) => metrics.publishTook(seconds),
          },
        }),
    },
    {
      provide: Canary,
      inject: [JOURNAL],
      useFactory: (journal: Journal) =>
        new Canary({
          journal,
          clock,
          replicaId: folder.replicaId,
          onAdmitted: (events) => {
            metrics.events.admitted(countByType(events), kafka === undefined);
            // Without Kafka the journal is the broker.
            if (kafka === undefined) for (const { recordedAt } of events) metrics.canaryArrived(recordedAt);
          },
        }),
    },
    {
      provide: LiveTail,
      inject: [JOURNAL],
      useFactory: (journal: Journal) => {
        // With Kafka every replica shows the events of all of them.
        const log = kafka
          ? new FleetTailLog({
              feed: new KafkaFleetFeed({ kafka, clientId: 'livetap', topics }),
              clock,
              random,
              logger,
            })
          : new JournalTailLog(journal);
        return new LiveTail({ log, clock });
      },
    },
  ];
}

function rooms(foundation: Foundation): Provider[] {
  const { config, folder, metrics, clock, random, logger, redactor, onFatal, crashPoints, maxRoomSockets } = foundation;
  const { tiktok } = config;
  const limiter = new HostRateLimiter({ clock, perSecond: tiktok.requestsPerSecond });
  const admitted = new RateMeter(clock);
  return [
    { provide: RateMeter, useValue: admitted },
    ...liveCheckProviders(foundation, limiter),
    {
      provide: GiftPriceBook,
      inject: [Database],
      useFactory: (database: Database) => GiftPriceBook.load(new PostgresGiftCatalogueStore(database)),
    },
    {
      provide: RoomRegistry,
      inject: [JOURNAL, LEASE_STORE, LEASE_HINTS, STREAMER_STORE, LIVE_CHECKER, ROOM_CONNECTOR, GiftPriceBook],
      useFactory: (
        journal: Journal,
        leases: LeaseStore,
        leaseHints: LeaseHints,
        streamers: StreamerStore,
        checker: LiveChecker,
        connector: RoomConnector,
        prices: GiftPriceBook,
      ) =>
        new RoomRegistry({
          clock,
          random,
          logger,
          replicaId: folder.replicaId,
          leases,
          leaseHints,
          streamers,
          checker: new DiscreetLiveChecker(checker, redactor),
          connector: new BoundedRoomConnector(new DiscreetRoomConnector(connector, redactor), maxRoomSockets),
          journal,
          pipelines: roomPipelines({ rawTopic: config.topics.raw, prices, shaper: new MessageShaper() }),
          onFatal,
          crashPoints,
          onAdmitted: (events) => {
            const counts = countByType(events);
            metrics.events.admitted(counts, config.kafka === undefined);
            for (const count of counts.values()) admitted.add(count);
            const [first] = events;
            if (first) metrics.admissionTook((clock.now() - first.recordedAt) / 1_000);
          },
          onLeasesRenewed: (durationMs) => metrics.leaseRenewalTook(durationMs / 1_000),
          onCheckLateness: (ms) => metrics.liveCheckWasLate(ms / 1_000),
          onLiveNoticed: (ms) => metrics.liveNoticed(ms / 1_000),
          settings: {
            leaseGraceMs: config.rooms.leaseGraceMs,
            checkIntervalMs: tiktok.checkIntervalMs,
            checkIntervalMaxMs: tiktok.checkIntervalMaxMs,
            checkRequestsPerSecond: tiktok.requestsPerSecond,
            rooms: silenceLimits(config.rooms.silenceMs),
          },
        }),
    },
    {
      provide: CommandHandler,
      inject: [StreamerService, COMMAND_STORE, AuditTrail],
      useFactory: (streamers: StreamerService, store: CommandStore, audit: AuditTrail) =>
        new CommandHandler({ streamers, store, audit, logger }),
    },
  ];
}

function service(foundation: Foundation): Provider[] {
  const { config, clock, drain } = foundation;
  return [
    {
      provide: SERVICE_PROBES,
      inject: [Database],
      useFactory: (database: Database) => serviceProbes({ database, kafka: config.kafka, clock, drain }),
    },
    {
      provide: Service,
      inject: [
        JOURNAL,
        HISTORY_SOURCE,
        HISTORY_MAINTENANCE,
        LiveTail,
        RoomRegistry,
        StreamerService,
        RateMeter,
        Canary,
        WebhookRunner,
        SERVICE_PROBES,
        { token: PublishLoop, optional: true },
      ],
      useFactory: (
        journal: Journal,
        source: HistorySource,
        maintenance: HistoryMaintenance,
        tail: LiveTail,
        registry: RoomRegistry,
        streamers: StreamerService,
        admitted: RateMeter,
        canary: Canary,
        webhooks: WebhookRunner,
        probes: ServiceProbes,
        publisher: PublishLoop | undefined,
      ) =>
        new Service({
          foundation,
          journal,
          history: source,
          maintenance,
          tail,
          rooms: registry,
          streamers,
          admitted,
          canary,
          webhooks,
          probes,
          publisher,
        }),
    },
    { provide: STATUS_SOURCE, inject: [Service], useFactory: (running: Service) => () => running.status() },
  ];
}
