import { EVENT_CATALOGUE, EVENT_NAMES, type EventName } from '@livetap/contracts';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { JOURNAL_PRESSURES, type JournalStats } from '../journal/journal.port.js';
import { HAND_OVER_OUTCOMES } from '../leases/hand-over-giver.js';
import { LEASE_LOST_REASONS } from '../leases/lease-keeper.js';
import { PUBLISH_ERROR_CODES } from '../publishing/publish.errors.js';
import { GAP_REASONS } from '../rooms/failure-table.js';
import type { RegistryFigures } from '../rooms/room-registry.js';
import { ROOM_STATES } from '../rooms/room-state.js';
import { LIVE_SOURCES, LIVE_VERDICTS, type LiveSourceName, type LiveVerdict } from '../streamers/live-checker.port.js';
import {
  balanceOf,
  DROP_REASONS,
  type EventBalance,
  type EventFigures,
  EventTotals,
  PENDING_STAGES,
} from './event-totals.js';

/** What the parts of the service know about themselves; asked once at each scrape. Absent: not started yet. */
export interface MetricSources {
  rooms?: () => Pick<
    RegistryFigures,
    'counters' | 'rooms' | 'leases' | 'checks' | 'pendingEvents' | 'discardedEvents' | 'admissionBytes'
  >;
  journal?: () => JournalStats;
  /** Sources of live checks that are left alone at the moment, by how many addresses of ours. */
  pausedSources?: () => Readonly<Partial<Record<LiveSourceName, number>>>;
  webhooks?: () => { readonly pending: number };
  canary?: () => { readonly made: number; readonly pending: number };
  erasures?: () => { readonly made: number; readonly pending: number };
}

/** All of it at one moment. */
interface Snapshot {
  readonly events: EventFigures;
  readonly balance: EventBalance;
  readonly rooms: ReturnType<NonNullable<MetricSources['rooms']>> | undefined;
  readonly journal: JournalStats | undefined;
}

/** What became of an attempt (`delivered`, `retried`, `dead`) or of an event without one. */
export const WEBHOOK_OUTCOMES = ['delivered', 'retried', 'dead', 'expired', 'dropped', 'skipped'] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

/** Of a live that begins, and of checks that are due: up to the longest interval. */
const WAITS = [1, 5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200];
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Type label of each event of the contract. */
const typeOf = (name: EventName): string => EVENT_CATALOGUE[name].type;
const ALL_TYPES = EVENT_NAMES.map(typeOf);
const OWN_TYPES = EVENT_NAMES.filter((name) => EVENT_CATALOGUE[name].origin === 'own').map(typeOf);

/**
 * The figures of the service for Prometheus. All names and label values are there from the start, at zero. Within one
 * process life, at every scrape:
 * `messages received + events synthesized = events published + deduplicated + dropped + pending`.
 * Without Kafka the journal is the broker: what is admitted counts as published.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly events = new EventTotals();
  readonly #sources: MetricSources = {};
  readonly #publishErrors: Counter<'code'>;
  readonly #publishDuration: Histogram;
  readonly #admissionLag: Histogram;
  readonly #leaseRenewal: Histogram;
  readonly #webhookDeliveries: Counter<'outcome'>;
  readonly #liveAnswers: Counter<'source' | 'verdict'>;
  readonly #liveLateness: Histogram;
  readonly #liveNotice: Histogram;
  readonly #canary: Gauge<'topic'>;
  readonly #canaryTopic: string;
  #snapshot: Snapshot;

  /** `canaryTopic`: name of the topic of the canaries. */
  constructor({ version, commit, canaryTopic }: { version: string; commit: string; canaryTopic: string }) {
    const registers = [this.registry];
    const counter = <L extends string>(name: string, help: string, labels: readonly L[] = []): Counter<L> =>
      new Counter({ name: `livetap_${name}`, help, labelNames: [...labels], registers });
    const histogram = (name: string, help: string, buckets: number[] = SECONDS): Histogram =>
      new Histogram({ name: `livetap_${name}`, help, buckets, registers });

    this.#publishErrors = counter('publish_errors_total', 'Failed attempts to publish.', ['code']);
    this.#publishDuration = histogram('publish_duration_seconds', 'Time until a batch was acknowledged.');
    this.#admissionLag = histogram('admission_lag_seconds', 'Time from the receipt of a frame to its durable events.');
    this.#leaseRenewal = histogram('lease_renewal_duration_seconds', 'Time to renew all leases.');
    this.#webhookDeliveries = counter(
      'webhook_deliveries_total',
      'Attempts to send an event to a webhook (delivered, retried, dead), deliveries that were over their time (expired), events that too many waited before (dropped) or that the journal had deleted (skipped).',
      ['outcome'],
    );
    this.#liveAnswers = counter(
      'live_source_answers_total',
      'Requests of live checks, by who was asked and what it said.',
      ['source', 'verdict'],
    );
    for (const source of LIVE_SOURCES)
      for (const verdict of LIVE_VERDICTS) this.#liveAnswers.inc({ source, verdict }, 0);
    this.#liveLateness = histogram('live_check_delay_seconds', 'How late live checks began.', WAITS);
    this.#liveNotice = histogram(
      'live_start_notice_seconds',
      'Time from the start of a live, as TikTok says it, until a check saw it, of streamers that were watched then.',
      WAITS,
    );
    for (const outcome of WEBHOOK_OUTCOMES) this.#webhookDeliveries.inc({ outcome }, 0);
    for (const code of PUBLISH_ERROR_CODES) this.#publishErrors.inc({ code }, 0);

    const info = new Gauge({
      name: 'livetap_build_info',
      help: 'Version of the service.',
      labelNames: ['version', 'commit'],
      registers,
    });
    info.set({ version, commit }, 1);
    this.#canaryTopic = canaryTopic;
    this.#canary = new Gauge({
      name: 'livetap_canary_timestamp_seconds',
      help: 'Time of the newest canary that arrived (Kafka acknowledged it; without Kafka: it is durable), 0 before the first.',
      labelNames: ['topic'],
      registers,
    });
    this.#canary.set({ topic: canaryTopic }, 0);
    this.#snapshot = this.#look();
    this.#mirrorEvents();
    this.#mirrorRooms();
    this.#mirrorStorage();
    this.#mirrorLeases();
    this.#gauge(
      'webhook_deliveries_pending',
      'Deliveries to webhooks that wait, of the whole fleet, some seconds old.',
      () => this.#sources.webhooks?.().pending ?? 0,
    );
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

  /** `at`: when it was made, ms since the epoch. */
  canaryArrived(at: number): void {
    this.#canary.set({ topic: this.#canaryTopic }, at / 1_000);
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

  liveSourceAnswered(source: LiveSourceName, verdict: LiveVerdict): void {
    this.#liveAnswers.inc({ source, verdict });
  }

  liveCheckWasLate(seconds: number): void {
    this.#liveLateness.observe(seconds);
  }

  liveNoticed(seconds: number): void {
    this.#liveNotice.observe(seconds);
  }

  webhookDelivery(outcome: WebhookOutcome, count = 1): void {
    this.#webhookDeliveries.inc({ outcome }, count);
  }

  /** The text format of Prometheus. What belongs together is of one moment: all parts are asked before anything else runs. */
  async text(): Promise<string> {
    this.#snapshot = this.#look();
    // Collects synchronously, from the snapshot; only the writing is put off.
    return this.registry.metrics();
  }

  #look(): Snapshot {
    const rooms = this.#sources.rooms?.();
    const journal = this.#sources.journal?.();
    const events = this.events.read();
    const balance = balanceOf({
      events,
      rooms: rooms?.counters,
      admission: { pending: rooms?.pendingEvents ?? 0, discarded: rooms?.discardedEvents ?? 0 },
      canary: this.#sources.canary?.() ?? { made: 0, pending: 0 },
      erasures: this.#sources.erasures?.() ?? { made: 0, pending: 0 },
    });
    return { events, balance, rooms, journal };
  }

  #mirrorEvents(): void {
    const balance = (): EventBalance => this.#snapshot.balance;
    this.#mirror(
      'messages_received_total',
      'Messages that sockets delivered; an undecodable frame counts as one.',
      () => balance().received,
    );
    this.#mirrorBy('events_synthesized_total', 'Events that Livetap made itself.', 'type', OWN_TYPES, () =>
      Object.fromEntries(
        Object.entries(balance().synthesized).map(([name, count]) => [typeOf(name as EventName), count]),
      ),
    );
    this.#mirrorBy('events_admitted_total', 'Events that are durable in the journal.', 'type', ALL_TYPES, () =>
      Object.fromEntries(this.#snapshot.events.admitted),
    );
    this.#mirrorBy(
      'events_published_total',
      'Events that Kafka acknowledged (without Kafka: admitted).',
      'type',
      ALL_TYPES,
      () => Object.fromEntries(this.#snapshot.events.published),
    );
    this.#mirror('events_deduplicated_total', 'Messages that had been seen before.', () => balance().deduplicated);
    this.#mirrorBy(
      'events_dropped_total',
      'Events that were not admitted or not published.',
      'reason',
      DROP_REASONS,
      () => balance().dropped,
    );
    this.#mirrorBy(
      'events_pending',
      'Events on their way: into the journal (admission), and in it but not yet published (publish).',
      'stage',
      PENDING_STAGES,
      () => balance().pending,
      Gauge,
    );
    this.#mirror(
      'events_recovered_total',
      'Events of an earlier process life that were published by this one.',
      () => this.#snapshot.events.recovered,
    );
  }

  #mirrorRooms(): void {
    const figures = (): Snapshot['rooms'] => this.#snapshot.rooms;
    const rooms = (): RegistryFigures['counters'] | undefined => figures()?.counters;
    this.#mirror('frames_received_total', 'Frames that sockets delivered, also empty and undecodable ones.', () => {
      const pipeline = rooms()?.pipeline;
      return (pipeline?.frames ?? 0) + (pipeline?.rejectedFrames ?? 0);
    });
    this.#gauge(
      'admission_bytes',
      'Bytes received and not durable yet, estimated.',
      () => figures()?.admissionBytes ?? 0,
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
    this.#mirrorBy('rooms', 'Rooms of this replica.', 'state', ROOM_STATES, () => figures()?.rooms ?? {}, Gauge);
    this.#mirrorBy(
      'live_checks_total',
      'Answers to the question whether a streamer is live.',
      'verdict',
      LIVE_VERDICTS,
      () => figures()?.checks.checks ?? {},
    );
    this.#gauge(
      'live_check_lateness_seconds',
      'How late the most overdue live check is.',
      () => (figures()?.checks.latenessMs ?? 0) / 1_000,
    );
    this.#gauge(
      'live_check_stretch',
      'How many times longer than the habits of the streamers ask for the intervals of live checks are, for lack of requests.',
      () => figures()?.checks.stretch ?? 1,
    );
    this.#mirrorBy(
      'live_sources_paused',
      'Sources of live checks that refused and are left alone for a while, by how many addresses of ours.',
      'source',
      LIVE_SOURCES,
      () => this.#sources.pausedSources?.() ?? {},
      Gauge,
    );
  }

  #mirrorStorage(): void {
    const stats = (): JournalStats | undefined => this.#snapshot.journal;
    this.#gauge('journal_bytes', 'Size of the journal on disk.', () => stats()?.bytes ?? 0);
    this.#gauge('journal_held_bytes', 'Bytes of it that a reader still needs.', () => stats()?.heldBytes ?? 0);
    this.#gauge('journal_max_bytes', 'Its largest size.', () => stats()?.maxBytes ?? 0);
    this.#mirrorBy(
      'journal_full',
      '1 while rooms wait for the journal: its size, the disk, or a disk that is too slow (backlog).',
      'pressure',
      JOURNAL_PRESSURES,
      () => {
        const pressure = stats()?.pressure;
        return pressure === undefined ? {} : { [pressure]: 1 };
      },
      Gauge,
    );
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
    const status = (): RegistryFigures['leases'] | undefined => this.#snapshot.rooms?.leases;
    this.#gauge('leases_held', 'Streamers that this replica owns.', () => status()?.held ?? 0);
    this.#mirrorBy(
      'lease_lost_total',
      'Leases that were lost.',
      'reason',
      LEASE_LOST_REASONS,
      () => status()?.lost ?? {},
    );
    this.#gauge('replicas', 'Replicas that share the streamers, as this one sees it.', () => status()?.replicas ?? 0);
    this.#mirrorBy(
      'lease_hand_overs_total',
      'Leases offered to other replicas: handed over, or kept because that did not come about.',
      'outcome',
      HAND_OVER_OUTCOMES,
      () => status()?.handOvers ?? {},
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
