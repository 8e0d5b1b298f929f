import { sleep } from '../common/abort.js';
import type { ConnectorClock, ConnectorTimer } from '../common/clock.js';
import { UserOfflineError } from '../errors/connection-errors.js';
import { ConnectorError } from '../errors/connector-error.js';
import type { CloseKind } from '../socket/close-kind.js';
import { BackOff } from './back-off.js';
import { MessageContinuity } from './message-continuity.js';
import type { ReconnectingEvent, ResolvedReconnectOptions } from './reconnect-options.js';

/** What the reconnector needs of the connection. */
export interface ReconnectTarget {
  readonly clock: ConnectorClock;
  onReconnecting(event: ReconnectingEvent): void;
  /** One attempt, with a fresh address. */
  connect(): Promise<void>;
  /** An attempt failed. */
  onFailed(error: unknown): void;
}

/** Opens a lost connection again until it holds, it makes no sense any more, or its owner aborts. */
export class Reconnector {
  readonly continuity: MessageContinuity;
  private readonly backOff: BackOff;
  private stable: ConnectorTimer | undefined;

  constructor(
    private readonly options: ResolvedReconnectOptions,
    private readonly target: ReconnectTarget,
  ) {
    this.backOff = new BackOff(options);
    this.continuity = new MessageContinuity(options.rememberedMessages);
  }

  /** A new connection begins: nothing of the one before counts. */
  begin(): void {
    this.stop();
    this.backOff.reset();
    this.continuity.clear();
  }

  /** The socket is open. */
  opened(): void {
    this.stop();
    this.stable = this.target.clock.setTimeout(() => this.backOff.reset(), this.options.stableAfterMs);
  }

  stop(): void {
    this.stable?.cancel();
    this.stable = undefined;
  }

  /** Resolves when the connection is open again, or with the reason why it will not be. Never rejects. */
  async run(code: number, reason: CloseKind, signal: AbortSignal): Promise<'open' | 'ended' | 'givenUp'> {
    const { clock } = this.target;
    this.stop();
    this.continuity.lost(clock.now(), reason);
    let error: unknown;
    for (let attempt = 1; attempt <= this.options.maxAttempts; attempt += 1) {
      const delayMs = this.backOff.next(error instanceof ConnectorError ? error.retryAfterMs : 0);
      this.target.onReconnecting({ attempt, delayMs, reason, code, ...(error === undefined ? {} : { error }) });
      try {
        await sleep(clock, delayMs, signal);
        await this.target.connect();
        return 'open';
      } catch (failure) {
        if (signal.aborted) return 'givenUp';
        this.target.onFailed(failure);
        if (failure instanceof UserOfflineError) return 'ended';
        if (failure instanceof ConnectorError && !failure.retryable) return 'givenUp';
        // What is no error of this package comes from a replaced route, and is taken for something that passes.
        error = failure;
      }
    }
    return 'givenUp';
  }
}
