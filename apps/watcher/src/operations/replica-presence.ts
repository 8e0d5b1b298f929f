import type { Clock, TimerHandle } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import type { ReplicaInfo, ReplicaRegistry } from '../persistence/replica-registry.port.js';
import { OperationError } from './operation.errors.js';

export interface ReplicaPresenceOptions {
  readonly registry: ReplicaRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly replicaId: string;
  readonly version: string;
  /** Without Kafka only one replica may use a database: its journal is the only place where events are. */
  readonly alone: boolean;
}

const HEARTBEAT_MS = 5_000;
/** A replica that was not seen for so long is gone. */
const ALIVE_WITHIN_MS = 15_000;
const LOOK_AGAIN_MS = 1_000;

/** Says that this replica is there, and refuses to be a second one where there may be only one. */
export class ReplicaPresence {
  #timer: TimerHandle | undefined;
  #stopped = false;
  #failing = false;

  constructor(private readonly options: ReplicaPresenceOptions) {}

  /**
   * Announces this replica and keeps it announced. Where it must be alone and another one is on the list, waits until
   * that one has either shown a new sign of life or been silent for 15 seconds (it was killed).
   * @throws OperationError WATCHER_SECOND_REPLICA; DatabaseError; the signal's reason
   */
  async start(signal?: AbortSignal): Promise<void> {
    const { registry, replicaId, version, alone } = this.options;
    if (alone) await this.#waitUntilAlone(signal);
    await registry.announce({ id: replicaId, version });
    this.#arm();
  }

  /** Takes this replica off the list. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.options.registry.leave(this.options.replicaId);
  }

  async #waitUntilAlone(signal?: AbortSignal): Promise<void> {
    const { registry, replicaId, logger } = this.options;
    const first = await registry.othersAlive(replicaId, ALIVE_WITHIN_MS);
    if (first.length > 0)
      logger.info('replica.waiting', { others: first.length, reason: 'another replica may still be running' });
    let others = first;
    while (others.length > 0) {
      const alive = others.find((other) => showsLife(other, first));
      if (alive) {
        throw new OperationError(
          'WATCHER_SECOND_REPLICA',
          'Another replica uses this database, and KAFKA_BROKERS is not set. Without Kafka the events are in the journal of one replica, so there may be only one: stop the other, set KAFKA_BROKERS on both, or use another DATABASE_URL.',
          { context: { other: alive.id } },
        );
      }
      await this.#pause(signal);
      others = await registry.othersAlive(replicaId, ALIVE_WITHIN_MS);
    }
  }

  async #pause(signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        timer.cancel();
        reject(signal?.reason as Error);
      };
      const timer = this.options.clock.setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, LOOK_AGAIN_MS);
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#timer = this.options.clock.setTimeout(() => void this.#beat(), HEARTBEAT_MS);
  }

  async #beat(): Promise<void> {
    try {
      await this.options.registry.heartbeat(this.options.replicaId);
      this.#failing = false;
    } catch (error) {
      // The lease keeper reports a database that is away; here it is said once.
      if (!this.#failing) this.options.logger.warn('replica.heartbeatFailed', { error });
      this.#failing = true;
    }
    this.#arm();
  }
}

function showsLife(other: ReplicaInfo, before: readonly ReplicaInfo[]): boolean {
  const earlier = before.find(({ id }) => id === other.id);
  return earlier === undefined || other.lastSeenAt > earlier.lastSeenAt;
}
