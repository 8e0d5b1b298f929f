import type { Clock, Random } from '../common/clock.port.js';
import type { CrashPoints } from '../common/crash-point.js';
import type { Logger } from '../common/logger.port.js';
import type { Journal } from '../journal/journal.port.js';
import type { LeaseHints } from '../leases/lease-hints.port.js';
import type { LeaseStore } from '../leases/lease-store.port.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { LiveChecker } from '../streamers/live-checker.port.js';
import type { StreamerStore } from '../streamers/streamer-store.port.js';
import type { RoomConnector } from './room-connector.port.js';
import type { RoomSettings } from './room-settings.js';
import type { SessionPipelines } from './session-pipeline.js';

/** Times in ms. Everything has a default. */
export interface RoomRegistrySettings {
  readonly leaseTtlMs?: number;
  readonly leaseRenewMs?: number;
  /** How long rooms stay open while the lease store cannot be reached. */
  readonly leaseGraceMs?: number;
  readonly maxLeases?: number;
  /** Shortest interval of live checks; default 60,000. */
  readonly checkIntervalMs?: number;
  readonly checkIntervalMaxMs?: number;
  /** Requests a second that live checks may make from one address of ours; default 1. */
  readonly checkRequestsPerSecond?: number;
  readonly checkConcurrency?: number;
  /** First check after a stream has ended: hosts often go live again at once; default 15,000. */
  readonly recheckAfterEndMs?: number;
  /** Sockets being opened at once; default 32. */
  readonly openConcurrency?: number;
  /** How long sockets stay open unread while the journal is full; default 5,000. */
  readonly pressureMs?: number;
  /** How often settings of streamers are read again, so that changes made at another replica count here; default 15,000. */
  readonly refreshMs?: number;
  /** How long a drain goes on handing rooms over to other replicas, as long as they take any; default 15,000. */
  readonly handOverMs?: number;
  /** How long a drain waits for what was received to become durable; default 10,000. */
  readonly drainFlushMs?: number;
  readonly admissionMaxBytes?: number;
  readonly admissionMaxRoomBytes?: number;
  readonly rooms?: Partial<RoomSettings>;
}

export interface RoomRegistryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Stable over restarts: kept in the data directory. */
  readonly replicaId: string;
  readonly leases: LeaseStore;
  /** Says sooner than the next look that leases have changed. */
  readonly leaseHints?: LeaseHints;
  readonly streamers: StreamerStore;
  readonly checker: LiveChecker;
  readonly connector: RoomConnector;
  readonly journal: Pick<Journal, 'append' | 'onPressure' | 'stats' | 'tail' | 'bookmark' | 'setBookmark'>;
  readonly pipelines: SessionPipelines;
  /** The journal failed for good: the process must stop. */
  readonly onFatal: (error: unknown) => void;
  /** Events that have just become durable, in order; for metrics. */
  readonly onAdmitted?: (events: readonly FinishedEvent[]) => void;
  /** Duration of each renewal of the leases, ms; for metrics. */
  readonly onLeasesRenewed?: (durationMs: number) => void;
  /** A live check began so late, ms; for metrics. */
  readonly onCheckLateness?: (ms: number) => void;
  /** A live was noticed so long after its start, ms; for metrics. */
  readonly onLiveNoticed?: (ms: number) => void;
  /** Runs a callback after the current macrotask; default `setImmediate`. For tests. */
  readonly defer?: (callback: () => void) => void;
  readonly crashPoints?: CrashPoints;
  readonly settings?: RoomRegistrySettings;
}
