import type { HistorySource } from '../history/history-source.port.js';
import type { HistoryMaintenance } from '../history/history.port.js';
import type { Journal } from '../journal/journal.port.js';
import type { LiveTail } from '../livetail/live-tail.js';
import type { PublishLoop } from '../publishing/publish-loop.js';
import type { RoomRegistry } from '../rooms/room-registry.js';
import type { StreamerService } from '../streamers/streamer-service.js';
import type { StatusDto } from '../admin/status.js';
import type { WebhookRunner } from '../webhooks/webhook-runner.js';
import type { CommandTransport } from '../commands/command-transport.js';
import type { TimerHandle } from '../common/clock.port.js';
import type { Canary } from './canary.js';
import type { Foundation } from './foundation.js';
import { databaseCheck, journalCheck, leasesCheck, PRESSURE_HINTS, publisherCheck } from './health-checks.js';
import type { ServiceProbes } from './service-probes.js';
import type { RateMeter } from './rate-meter.js';

export interface ServiceParts {
  readonly foundation: Foundation;
  readonly journal: Journal;
  readonly history: HistorySource;
  readonly maintenance: HistoryMaintenance;
  readonly tail: LiveTail;
  readonly rooms: RoomRegistry;
  readonly streamers: StreamerService;
  readonly admitted: RateMeter;
  readonly canary: Canary;
  readonly webhooks: WebhookRunner;
  readonly probes: ServiceProbes;
  /** undefined without Kafka. */
  readonly publisher: PublishLoop | undefined;
}

const MAINTENANCE_MS = 24 * 60 * 60 * 1_000;
const MAINTENANCE_RETRY_MS = 60 * 1_000;
/** Longest wait for the topics before their consumers are started all the same. */
const TOPICS_WAIT_MS = 5_000;
const TOPICS_LOOK_MS = 50;
/** How long a stop waits for history that is nearly there. */
const HISTORY_PATIENCE_MS = 3_000;
/** How long a stop waits for what needs a database that is known to be away. */
const AWAY_PATIENCE_MS = 2_000;

/** Everything that runs: starts it in order, says how it is, and tells the drain how it stops. */
export class Service {
  readonly #startedAt: Date;
  #commands: CommandTransport | undefined;
  #maintenanceTimer: TimerHandle | undefined;

  constructor(private readonly parts: ServiceParts) {
    this.#startedAt = new Date(parts.foundation.clock.now());
  }

  /**
   * Resolves when leases were looked for and everything else was begun. A broker that is away is waited for in the
   * background: rooms go on meanwhile, the journal holds their events.
   */
  async start(commands: CommandTransport | undefined): Promise<void> {
    const { foundation, publisher, history, rooms, tail, journal, canary, webhooks } = this.parts;
    const { drain, health, metrics } = foundation;
    this.#commands = commands;
    this.#addChecks();
    this.#logPressure();
    metrics.connect({
      rooms: () => rooms.figures(),
      journal: () => journal.stats(),
      canary: () => canary,
      webhooks: () => webhooks,
    });
    drain.add({ phase: 'notReady', name: 'readiness', run: () => health.markStopping() });

    drain.add({ phase: 'tails', name: 'live tails', run: () => tail.close() });
    if (publisher) {
      drain.add({ phase: 'publish', name: 'publisher', run: (signal) => this.#stopPublisher(publisher, signal) });
      await publisher.start();
    }
    drain.add({ phase: 'acquire', name: 'canary', run: () => canary.stop() });
    canary.start();
    drain.add({ phase: 'history', name: 'maintenance', run: () => this.#maintenanceTimer?.cancel() });
    await this.#maintain();
    drain.add({ phase: 'history', name: 'webhooks', run: (signal) => this.#ifThere(signal, (s) => webhooks.stop(s)) });
    webhooks.start();
    drain.add({ phase: 'rooms', name: 'rooms', run: () => rooms.drain() });
    await rooms.start();
    health.markStarted();
    // The publisher makes the topics; consumers that look for them before only press a broker that is busy with it.
    if (publisher) await this.#untilConnected(publisher);
    if (drain.started) return;
    drain.add({
      phase: 'history',
      name: 'history',
      run: (signal) => this.#ifThere(signal, (s) => this.#stopHistory(s)),
    });
    await history.start();
    if (commands) {
      drain.add({ phase: 'commands', name: 'commands', run: () => commands.stop() });
      commands.start();
    }
  }

  async status(): Promise<StatusDto> {
    const { foundation, journal, publisher, history, rooms, tail, admitted, webhooks } = this.parts;
    const { ready, reasons } = foundation.health.readiness();
    const figures = rooms.figures();
    const { bytes, maxBytes, pendingEvents, oldestPendingAt, full } = journal.stats();
    return {
      version: foundation.build.version,
      replicaId: foundation.folder.replicaId,
      startedAt: this.#startedAt.toISOString(),
      ready,
      reasons: reasons.map(({ message }) => message),
      ...(await this.#streamers()),
      rooms: figures.rooms,
      leases: { held: figures.leases.held, replicas: figures.leases.replicas },
      events: { admitted: admitted.total, perSecond: admitted.perSecond() },
      journal: {
        bytes,
        maxBytes,
        pendingEvents,
        full,
        ...(oldestPendingAt === undefined ? {} : { oldestPendingAt: new Date(oldestPendingAt).toISOString() }),
      },
      ...(publisher ? { kafka: publisherStatus(publisher) } : {}),
      history: problemOf(history.problem()),
      ...(this.#commands ? { commands: problemOf(this.#commands.problem) } : {}),
      webhooks: { pending: webhooks.pending, ...problemOf(webhooks.problem()) },
      liveTail: { clients: tail.clients, ...problemOf(tail.problem()) },
    };
  }

  #addChecks(): void {
    const { foundation, publisher, rooms, journal, probes } = this.parts;
    const { health, drain } = foundation;
    health.add(databaseCheck(probes.database));
    health.add(leasesCheck(() => rooms.figures().leases));
    if (publisher && probes.kafka) health.add(publisherCheck(publisher, probes.kafka));
    health.add(journalCheck(() => journal.stats()));
    for (const probe of [probes.database, probes.kafka]) {
      if (probe === undefined) continue;
      probe.start();
      drain.add({ phase: 'notReady', name: 'probe', run: () => probe.stop() });
    }
  }

  /** One line when appends begin to wait, with what to do, and one when they go on. */
  #logPressure(): void {
    const { foundation, journal } = this.parts;
    journal.onPressure((full, pressure) => {
      if (pressure === undefined) foundation.logger.info('journal.resumed', {});
      else foundation.logger.warn('journal.full', { pressure, hint: PRESSURE_HINTS[pressure] });
    });
  }

  /** A statement under way may hang for half a minute; what it was to write is written after the next start. */
  async #ifThere(signal: AbortSignal, stop: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { foundation, probes } = this.parts;
    if (!probes.database.away) return stop(signal);
    const enough = new AbortController();
    const over = new Promise<void>((resolve) => enough.signal.addEventListener('abort', () => resolve()));
    const timer = foundation.clock.setTimeout(() => enough.abort(), AWAY_PATIENCE_MS);
    await Promise.race([stop(AbortSignal.any([signal, enough.signal])), over]).finally(() => timer.cancel());
  }

  /**
   * Lets rows follow for a moment. What is behind by more is folded after the next start, or by another replica: a stop
   * does not wait for a backlog, nor for a consumer group that still remembers a killed member.
   */
  async #stopHistory(signal: AbortSignal): Promise<void> {
    const { history, foundation } = this.parts;
    const enough = new AbortController();
    const timer = foundation.clock.setTimeout(() => enough.abort(), HISTORY_PATIENCE_MS);
    if (history.problem() === undefined) await history.idle(AbortSignal.any([signal, enough.signal]));
    timer.cancel();
    await history.stop(signal);
  }

  async #stopPublisher(publisher: PublishLoop, signal: AbortSignal): Promise<void> {
    // Without a broker there is nothing to wait for: the journal keeps what is left.
    if (publisher.state.status === 'publishing') await publisher.drain(signal);
    await publisher.stop(signal);
    const left = publisher.pending;
    if (left > 0)
      this.parts.foundation.logger.warn('publisher.unsent', { events: left, hint: 'the next start sends them' });
  }

  async #untilConnected(publisher: PublishLoop): Promise<void> {
    const { clock, starting } = this.parts.foundation;
    const until = clock.monotonic() + TOPICS_WAIT_MS;
    while (publisher.state.status === 'starting' && clock.monotonic() < until && !starting.aborted) {
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, TOPICS_LOOK_MS));
    }
  }

  async #streamers(): Promise<Pick<StatusDto, 'streamers'>> {
    try {
      const byState = await this.parts.streamers.countByState();
      return { streamers: { total: Object.values(byState).reduce((sum, count) => sum + count, 0), byState } };
    } catch {
      // The database is away; readiness says so, and the rest of the page is worth having.
      return {};
    }
  }

  /** Once a day; what failed or is not complete goes on soon, and stops nothing. */
  async #maintain(): Promise<void> {
    const { maintenance, foundation } = this.parts;
    const { clock, logger, drain } = foundation;
    let next = MAINTENANCE_MS;
    try {
      const report = await maintenance.run(new Date(clock.now()));
      logger.info('history.maintained', { ...report });
      if (!report.complete) next = MAINTENANCE_RETRY_MS;
    } catch (error) {
      logger.warn('history.maintenanceFailed', { error });
      next = MAINTENANCE_RETRY_MS;
    }
    if (!drain.started) this.#maintenanceTimer = clock.setTimeout(() => void this.#maintain(), next);
  }
}

function publisherStatus(publisher: PublishLoop): NonNullable<StatusDto['kafka']> {
  const { status, since } = publisher.state;
  return {
    status,
    since: new Date(since).toISOString(),
    pendingEvents: publisher.pending,
    ...problemOf(publisher.problem()),
  };
}

function problemOf(problem: string | undefined): { problem?: string } {
  return problem === undefined ? {} : { problem };
}
