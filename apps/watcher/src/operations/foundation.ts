import type { KeyRing } from '../access/key-ring.js';
import type { AccessPolicy } from '../admin/access.js';
import type { Clock, Random } from '../common/clock.port.js';
import type { CrashPoints } from '../common/crash-point.js';
import type { Logger } from '../common/logger.port.js';
import type { Redactor } from '../common/redactor.js';
import type { WatcherConfig } from '../config/watcher-config.js';
import type { DataFolder } from './data-folder.adapter.js';
import type { Drain } from './drain.js';
import type { Health } from './health.js';
import type { Metrics } from './metrics.js';

/** What is there before the application is put together. */
export interface Foundation {
  readonly config: WatcherConfig;
  /** Covers secrets in what others say. */
  readonly redactor: Redactor;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** Told at each durable boundary; only tests act on it. */
  readonly crashPoints: CrashPoints;
  readonly drain: Drain;
  readonly health: Health;
  readonly metrics: Metrics;
  /** Who may do what: there before the database is, which then adds its keys. */
  readonly access: { readonly keyRing: KeyRing; readonly policy: AccessPolicy };
  readonly folder: DataFolder;
  /** Sockets of rooms that the process may hold; undefined: no limit is known. */
  readonly maxRoomSockets: number | undefined;
  readonly build: BuildInfo;
  /** Aborts when the start is to be given up. */
  readonly starting: AbortSignal;
  /** Told in words what the start is waiting for. */
  readonly onWaiting: (reason: string) => void;
  /** A failure that the service cannot go on with: it stops, with the exit code that belongs to the failure. */
  readonly onFatal: (error: unknown) => void;
}

export interface BuildInfo {
  readonly version: string;
  readonly commit: string;
}
