/** One thing that readiness depends on. */
export interface HealthCheck {
  readonly name: string;
  /** undefined when all is well, else the reason in words (no secrets). Synchronous: it looks at what is known. */
  problem(): string | undefined;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, 'ok' | 'failing'>>;
  readonly reasons: readonly string[];
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
    const reasons = results.flatMap(([name, reason]) => (reason === undefined ? [] : [`${name}: ${reason}`]));
    if (this.stopping) reasons.unshift('the service is stopping');
    else if (!this.started) reasons.unshift('the service is starting');
    return {
      ready: reasons.length === 0,
      checks: Object.fromEntries(results.map(([name, reason]) => [name, reason === undefined ? 'ok' : 'failing'])),
      reasons,
    };
  }
}
