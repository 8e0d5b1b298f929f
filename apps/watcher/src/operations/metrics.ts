import { EVENT_CATALOGUE, EVENT_NAMES } from '@livetap/contracts';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { JournalStats } from '../journal/journal.port.js';
import { LEASE_LOST_REASONS, type LeaseKeeperStatus } from '../leases/lease-keeper.js';
import { PUBLISH_ERROR_CODES } from '../publishing/publish.errors.js';
import { GAP_REASONS } from '../rooms/failure-table.js';
import type { RoomCounters } from '../rooms/room-counters.js';
import { ROOM_STATES, type RoomState } from '../rooms/room-state.js';
import type { LiveWatchStats } from '../streamers/live-watch.js';

/** Why an event that was received or made was not published. A closed set. */
export const DROP_REASONS = [
  /** Its room's lease was another's before it was durable: the new owner has the message itself. */
  'leaseLost',
  /** It came on a socket after its session was over; the next connect brings what counts. */
  'sessionOver',
  /** It was above the brokers' limit; an `unknown` event with its beginning took its place. */
  'oversize',
] as const;

/** What the parts of the service know about themselves; asked at each scrape. */
export interface MetricSources {
  rooms?: () => { readonly counters: RoomCounters; readonly states: Readonly<Record<RoomState, number>> };
  /** Events thrown away by the admission queue. */
  discardedEvents?: () => number;
  journal?: () => JournalStats;
  leases?: () => LeaseKeeperStatus;
  liveWatch?: () => LiveWatchStats;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Type label of each event of the contract. */
const typeOf = (name: keyof typeof EVENT_CATALOGUE): string => EVENT_CATALOGUE[name].type;
const ALL_TYPES = EVENT_NAMES.map(typeOf);
const OWN_TYPES = EVENT_NAMES.filter((name) => EVENT_CATALOGUE[name].origin === 'own').map(typeOf);

/**
 * The figures of the service for Prometheus. All names and label values are there from the start, at zero. Within one
 * process life, once nothing is under way:
 * `messages received + events synthesized = events published + deduplicated + dropped`, and before that the difference
 * is what is pending. Without Kafka the journal is the broker: what is admitted counts as published.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #sources: MetricSources = {};
  readonly #admitted: Counter<'type'>;
  readonly #published: Counter<'type'>;
  readonly #recovered: Counter;
  readonly #publishErrors: Counter<'code'>;
  readonly #publishDuration: Histogram;
  readonly #admissionLag: Histogram;
  readonly #leaseRenewal: Histogram;
  #oversize = 0;

  constructor(build: { readonly version: string; readonly commit: string }) {
    const registers = [this.registry];
    const counter = <L extends string>(name: string, help: string, labels: readonly L[] = []): Counter<L> =>
      new Counter({ name: `livetap_${name}`, help, labelNames: [...labels], registers });
    const histogram = (name: string, help: string): Histogram =>
      new Histogram({ name: `livetap_${name}`, help, buckets: SECONDS, registers });

    this.#admitted = counter('events_admitted_total', 'Events that are durable in the journal.', ['type']);
    this.#published = counter('events_published_total', 'Events that Kafka acknowledged (without Kafka: admitted).', [
      'type',
    ]);
    this.#recovered = counter(
      'events_recovered_total',
      'Events of an earlier process life that were published by this one.',
    );
    this.#publishErrors = counter('publish_errors_total', 'Failed attempts to publish.', ['code']);
    this.#publishDuration = histogram('publish_duration_seconds', 'Time until a batch was acknowledged.');
    this.#admissionLag = histogram('admission_lag_seconds', 'Time from the receipt of a frame to its durable events.');
    this.#leaseRenewal = histogram('lease_renewal_duration_seconds', 'Time to renew all leases.');
    for (const type of ALL_TYPES) {
      this.#admitted.inc({ type }, 0);
      this.#published.inc({ type }, 0);
    }
    for (const code of PUBLISH_ERROR_CODES) this.#publishErrors.inc({ code }, 0);

    const info = new Gauge({
      name: 'livetap_build_info',
      help: 'Version of the service.',
      labelNames: ['version', 'commit'],
      registers,
    });
    info.set(build, 1);
    this.#mirrorRooms();
    this.#mirrorStorage();
    this.#mirrorLeases();
  }

  /** Figures of the process itself: memory, event loop, garbage collection. Once per process. */
  withProcessFigures(): this {
    collectDefaultMetrics({ register: this.registry, prefix: 'livetap_' });
    return this;
  }

  /** Adds parts that exist by now. */
  connect(sources: MetricSources): void {
    Object.assign(this.#sources, sources);
  }

  admitted(type: string, count: number): void {
    this.#admitted.inc({ type }, count);
  }

  published(type: string, count: number): void {
    this.#published.inc({ type }, count);
  }

  recovered(count: number): void {
    this.#recovered.inc(count);
  }

  /** Events that were acknowledged only as a note that they were too large. */
  oversize(count: number): void {
    this.#oversize += count;
  }

  publishFailed(code: string): void {
    this.#publishErrors.inc({ code });
  }

  publishTook(seconds: number): void {
    this.#publishDuration.observe(seconds);
  }

  admissionTook(seconds: number): void {
    this.#admissionLag.observe(Math.max(0, seconds));
  }

  leaseRenewalTook(seconds: number): void {
    this.#leaseRenewal.observe(seconds);
  }

  async text(): Promise<string> {
    return this.registry.metrics();
  }

  #mirrorRooms(): void {
    const rooms = (): RoomCounters | undefined => this.#sources.rooms?.().counters;
    const pipeline = (): RoomCounters['pipeline'] | undefined => rooms()?.pipeline;
    this.#mirror('frames_received_total', 'Frames that sockets delivered, also empty and undecodable ones.', () => {
      const figures = pipeline();
      return (figures?.frames ?? 0) + (figures?.rejectedFrames ?? 0);
    });
    this.#mirror(
      'messages_received_total',
      'Messages that sockets delivered; an undecodable frame counts as one.',
      () => {
        const all = rooms();
        return (all?.pipeline.messages ?? 0) + (all?.pipeline.rejectedFrames ?? 0) + (all?.messagesAfterEnd ?? 0);
      },
    );
    this.#mirror(
      'events_deduplicated_total',
      'Messages that had been seen before.',
      () => pipeline()?.deduplicated ?? 0,
    );
    this.#mirrorBy('events_synthesized_total', 'Events that Livetap made itself.', 'type', OWN_TYPES, () => {
      const made = Object.entries(pipeline()?.synthesized ?? {});
      return Object.fromEntries(made.map(([name, count]) => [typeOf(name as keyof typeof EVENT_CATALOGUE), count]));
    });
    this.#mirrorBy(
      'events_dropped_total',
      'Events that were not admitted or not published.',
      'reason',
      DROP_REASONS,
      () => ({
        leaseLost: this.#sources.discardedEvents?.() ?? 0,
        sessionOver: rooms()?.messagesAfterEnd ?? 0,
        oversize: this.#oversize,
      }),
    );
    this.#mirrorBy(
      'reconnects_total',
      'Sockets opened in place of another one.',
      'reason',
      GAP_REASONS,
      () => rooms()?.reconnects ?? {},
    );
    this.#mirrorBy('gap_seconds_total', 'Time without a healthy socket in live rooms.', 'reason', GAP_REASONS, () =>
      Object.fromEntries(Object.entries(rooms()?.gapMs ?? {}).map(([reason, ms]) => [reason, ms / 1_000])),
    );
    this.#mirror('live_sessions_started_total', 'Sessions that began here.', () => rooms()?.sessionsStarted ?? 0);
    this.#mirror(
      'connect_failures_total',
      'Attempts to connect that never became a socket.',
      () => rooms()?.connectFailures ?? 0,
    );
    this.#mirrorBy(
      'rooms',
      'Rooms of this replica.',
      'state',
      ROOM_STATES,
      () => this.#sources.rooms?.().states ?? {},
      Gauge,
    );
    const verdicts = ['live', 'paused', 'offline', 'restricted', 'notFound', 'unknown'] as const;
    this.#mirrorBy(
      'live_checks_total',
      'Answers to the question whether a streamer is live.',
      'verdict',
      verdicts,
      () => this.#sources.liveWatch?.().checks ?? {},
    );
    this.#gauge(
      'live_check_lateness_seconds',
      'How late the most overdue live check is.',
      () => (this.#sources.liveWatch?.().latenessMs ?? 0) / 1_000,
    );
  }

  #mirrorStorage(): void {
    const stats = (): JournalStats | undefined => this.#sources.journal?.();
    this.#gauge('journal_bytes', 'Size of the journal on disk.', () => stats()?.bytes ?? 0);
    this.#gauge(
      'journal_events',
      'Events in the journal that are not published and stored yet.',
      () => stats()?.pendingEvents ?? 0,
    );
    this.#gauge(
      'journal_oldest_timestamp_seconds',
      'Receipt of the oldest of them, 0 when there is none.',
      () => (stats()?.oldestPendingAt ?? 0) / 1_000,
    );
  }

  #mirrorLeases(): void {
    const status = (): LeaseKeeperStatus | undefined => this.#sources.leases?.();
    this.#gauge('leases_held', 'Streamers that this replica owns.', () => status()?.held ?? 0);
    this.#mirrorBy(
      'lease_lost_total',
      'Leases that were lost.',
      'reason',
      LEASE_LOST_REASONS,
      () => status()?.lost ?? {},
    );
  }

  /** A counter whose value is kept elsewhere. */
  #mirror(name: string, help: string, value: () => number): void {
    new Counter({
      name: `livetap_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  }

  #gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name: `livetap_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.set(value());
      },
    });
  }

  #mirrorBy<L extends string>(
    name: string,
    help: string,
    label: L,
    known: readonly string[],
    values: () => Readonly<Partial<Record<string, number>>>,
    Kind: typeof Counter | typeof Gauge = Counter,
  ): void {
    new Kind({
      name: `livetap_${name}`,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect() {
        this.reset();
        const current = values();
        for (const value of known) this.inc({ [label]: value } as Record<L, string>, current[value] ?? 0);
      },
    });
  }
}
