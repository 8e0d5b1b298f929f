import type { Clock } from '../common/clock.port.js';
import { CrashPoint, type CrashPoints, NO_CRASH_POINTS } from '../common/crash-point.js';
import type { Logger } from '../common/logger.port.js';

/**
 * The order of an orderly stop. `notReady`: probes and new live tails are refused. `commands`: no further command is
 * taken. `acquire`: no further streamer is taken. `rooms`: sockets closed, pipelines flushed, leases given up.
 * `publish`: what the journal holds goes out. `history`: rows follow. `journal`: cursors and journal closed. `database`:
 * connections, then the embedded server. HTTP closes after all of them.
 */
export const DRAIN_PHASES = [
  'notReady',
  'commands',
  'acquire',
  'rooms',
  'publish',
  'history',
  'tails',
  'journal',
  'database',
  'data',
] as const;
export type DrainPhase = (typeof DRAIN_PHASES)[number];

export interface DrainStep {
  readonly phase: DrainPhase;
  readonly name: string;
  /** The signal aborts when the phase's time is over; then the step is left behind and the drain goes on. */
  run(signal: AbortSignal): Promise<void> | void;
}

export interface DrainOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** For all phases up to `history` together, milliseconds. */
  readonly timeoutMs: number;
  /** For each later phase, which only closes things, milliseconds. */
  readonly closeTimeoutMs?: number;
  readonly crashPoints?: CrashPoints;
}

export interface DrainResult {
  /** Names of steps that failed or did not end in time. */
  readonly failed: readonly string[];
}

const AFTER: Readonly<Record<DrainPhase, CrashPoint>> = {
  notReady: CrashPoint.DrainAfterNotReady,
  commands: CrashPoint.DrainAfterCommands,
  acquire: CrashPoint.DrainAfterAcquire,
  rooms: CrashPoint.DrainAfterRooms,
  publish: CrashPoint.DrainAfterPublish,
  history: CrashPoint.DrainAfterHistory,
  tails: CrashPoint.DrainAfterTails,
  journal: CrashPoint.DrainAfterJournal,
  database: CrashPoint.DrainAfterDatabase,
  data: CrashPoint.DrainAfterData,
};

/** Closing files and connections takes milliseconds; stopping the embedded database takes seconds at most. */
const CLOSE_TIMEOUT_MS = 10_000;
/** Phases whose work grows with the load share the whole time; those after them always get their own. */
const SHARED: ReadonlySet<DrainPhase> = new Set(['notReady', 'commands', 'acquire', 'rooms', 'publish', 'history']);

/**
 * Stops the service in one order, whatever was started so far. Parts register how they stop when they start; within a
 * phase the last registered stops first. A step that fails or hangs is logged and does not hold up those after it.
 */
export class Drain {
  private readonly steps: DrainStep[] = [];
  private running: Promise<DrainResult> | undefined;

  constructor(private readonly options: DrainOptions) {}

  /** True from the first moment of the stop on. */
  get started(): boolean {
    return this.running !== undefined;
  }

  add(step: DrainStep): void {
    this.steps.push(step);
  }

  /** Runs all steps once; further calls return the same promise. Never rejects. */
  run(): Promise<DrainResult> {
    this.running ??= this.runOnce();
    return this.running;
  }

  private async runOnce(): Promise<DrainResult> {
    const { clock, logger, timeoutMs, closeTimeoutMs = CLOSE_TIMEOUT_MS, crashPoints = NO_CRASH_POINTS } = this.options;
    const startedAt = clock.monotonic();
    const failed: string[] = [];
    for (const phase of DRAIN_PHASES) {
      const phaseFrom = clock.monotonic();
      const left = SHARED.has(phase) ? Math.max(0, timeoutMs - (clock.monotonic() - startedAt)) : closeTimeoutMs;
      const steps = this.steps.filter((step) => step.phase === phase).reverse();
      for (const step of steps) if (!(await this.runStep(step, left))) failed.push(step.name);
      logger.debug('drain.phase', { phase, durationMs: Math.round(clock.monotonic() - phaseFrom) });
      crashPoints.reached(AFTER[phase]);
    }
    const fields = { durationMs: Math.round(clock.monotonic() - startedAt), failed };
    if (failed.length > 0) logger.warn('drain.incomplete', fields);
    else logger.info('drain.done', fields);
    return { failed };
  }

  private async runStep(step: DrainStep, timeoutMs: number): Promise<boolean> {
    const { clock, logger } = this.options;
    const controller = new AbortController();
    let timer: { cancel(): void } | undefined;
    const timeout = new Promise<'timeout'>((resolve) => {
      timer = clock.setTimeout(() => {
        controller.abort(new DOMException('The time for this step is over.', 'TimeoutError'));
        resolve('timeout');
      }, timeoutMs);
    });
    const work = Promise.resolve().then(() => step.run(controller.signal));
    try {
      if ((await Promise.race([work, timeout])) !== 'timeout') return true;
      logger.warn('drain.stepTimedOut', { step: step.name, phase: step.phase, timeoutMs: Math.round(timeoutMs) });
      // The step may still fail later; that failure has been reported as a timeout already.
      work.catch((error: unknown) => logger.warn('drain.stepFailed', { step: step.name, phase: step.phase, error }));
      return false;
    } catch (error) {
      logger.error('drain.stepFailed', { step: step.name, phase: step.phase, error });
      return false;
    } finally {
      timer?.cancel();
    }
  }
}
