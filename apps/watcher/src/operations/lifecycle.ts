import type { Logger } from '../common/logger.port.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { exitCodeFor } from './failure-exit.js';

/** The part of `process` that this needs. */
export interface ProcessPort {
  on(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown;
  exit(code: number): void;
  /** One line for people, beside the log. */
  tell(line: string): void;
}

/**
 * From the first signal or fatal failure to the end of the process. The first SIGTERM or SIGINT asks for an orderly stop;
 * the second ends the process at once. What nobody caught ends it at once, too: the state is unknown, and what counts
 * is durable already.
 */
export class Lifecycle {
  readonly #starting = new AbortController();
  #exitCode: ExitCode = EXIT.OK;
  #requested = false;
  #resolveStop: () => void = () => undefined;
  /** Resolves when the service should stop. */
  readonly stopRequested = new Promise<void>((resolve) => (this.#resolveStop = resolve));

  constructor(
    private readonly process: ProcessPort,
    private readonly logger: Logger,
  ) {}

  /** Aborts when a stop is asked for; whatever the start waits for should give up then. */
  get starting(): AbortSignal {
    return this.#starting.signal;
  }

  get exitCode(): ExitCode {
    return this.#exitCode;
  }

  get stopping(): boolean {
    return this.#requested;
  }

  install(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) this.process.on(signal, () => this.#signalled(signal));
    this.process.on('uncaughtException', (error) => this.#uncaught('uncaughtException', error));
    this.process.on('unhandledRejection', (error) => this.#uncaught('unhandledRejection', error));
  }

  /** The service cannot go on: an orderly stop with the exit code of this failure. The first failure counts. */
  fail(error: unknown): void {
    if (this.#requested) {
      this.logger.error('service.failedWhileStopping', { error });
      return;
    }
    this.#exitCode = exitCodeFor(error);
    this.logger.error('service.failed', { error, exitCode: this.#exitCode });
    this.process.tell(error instanceof Error ? error.message : 'The service failed.');
    this.#request();
  }

  #signalled(signal: string): void {
    if (this.#requested) {
      this.logger.warn('service.cutShort', { signal });
      this.process.exit(EXIT.IMPATIENT);
      return;
    }
    this.logger.info('service.stopping', { signal });
    this.#request();
  }

  #uncaught(kind: string, error: unknown): void {
    this.logger.error('service.crashed', { kind, error });
    this.process.tell('The service made a mistake that it cannot recover from; its log says more.');
    this.process.exit(EXIT.SOFTWARE);
  }

  #request(): void {
    this.#requested = true;
    this.#starting.abort(new DOMException('The service is stopping.', 'AbortError'));
    this.#resolveStop();
  }
}
