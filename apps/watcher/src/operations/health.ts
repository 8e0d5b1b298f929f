/** Why a replica is not ready. Stable: dashboards and scripts may rely on them. */
export const READINESS_CODES = [
  /** The start is not complete; the message says what is waited for. */
  'SERVICE_STARTING',
  /** An orderly stop has begun. */
  'SERVICE_STOPPING',
  /** The database does not answer. */
  'DATABASE_UNREACHABLE',
  /** The leases of this replica's streamers were not renewed when they were due. */
  'LEASES_NOT_RENEWED',
  /** No broker answers. */
  'KAFKA_UNREACHABLE',
  /** The publisher has not been connected yet: brokers or topics are not as they must be. */
  'PUBLISHER_NOT_CONNECTED',
  /** The last attempt to publish failed. */
  'PUBLISHER_FAILING',
  /** A batch waits for its acknowledgement for too long. */
  'PUBLISHER_STALLED',
  /** More than 90 % of the journal's size is held by what was not passed on yet. */
  'JOURNAL_NEARLY_FULL',
  /** The journal has reached its size; rooms wait or are closed. */
  'JOURNAL_FULL',
  /** The disk or a quota of the data folder is full. */
  'JOURNAL_DISK_FULL',
  /** The disk of the data folder is too slow for what is received. */
  'JOURNAL_DISK_SLOW',
] as const;
export type ReadinessCode = (typeof READINESS_CODES)[number];

export interface ReadinessReason {
  readonly code: ReadinessCode;
  /** One sentence for people; no secrets. */
  readonly message: string;
}

/** One thing that readiness depends on. */
export interface HealthCheck {
  readonly name: string;
  /** undefined when all is well. Synchronous: it looks at what is known. */
  problem(): ReadinessReason | undefined;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, 'ok' | 'failing'>>;
  readonly reasons: readonly ReadinessReason[];
}

/** Whether this replica does its work. Liveness is not asked here: it is the event loop alone. */
export class Health {
  private readonly checks: HealthCheck[] = [];
  private stopping = false;
  private started = false;

  add(check: HealthCheck): void {
    this.checks.push(check);
  }

  /** Start-up is complete; before that the service is not ready. */
  markStarted(): void {
    this.started = true;
  }

  /** The first step of a stop: from now on never ready. */
  markStopping(): void {
    this.stopping = true;
  }

  readiness(): Readiness {
    const results = this.checks.map((check) => [check.name, check.problem()] as const);
    const reasons = results.flatMap(([, reason]) => (reason === undefined ? [] : [reason]));
    if (this.stopping) reasons.unshift({ code: 'SERVICE_STOPPING', message: 'The service is stopping.' });
    else if (!this.started) reasons.unshift({ code: 'SERVICE_STARTING', message: 'The service is starting.' });
    return {
      ready: reasons.length === 0,
      checks: Object.fromEntries(results.map(([name, reason]) => [name, reason === undefined ? 'ok' : 'failing'])),
      reasons,
    };
  }
}
