import type { Clock, Random } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import type { LiveChecker } from '../streamers/live-checker.port.js';
import type { StreamerObservation } from '../streamers/streamer.js';
import type { AdmissionQueue } from './admission-queue.js';
import type { ConcurrencyGate } from './concurrency-gate.js';
import type { RoomConnector } from './room-connector.port.js';
import type { RoomCounters } from './room-counters.js';
import type { RoomInput } from './room-input.js';
import type { RoomSettings } from './room-settings.js';
import type { SessionPipelines } from './session-pipeline.js';

/** Called synchronously; must not throw. */
export interface RoomSupervisorEvents {
  /** The room is idle again: back to the list of live checks. `ended`: a session was closed just now. */
  idle(streamerId: string, ended: boolean): void;
  observed(streamerId: string, observation: StreamerObservation): void;
  /** A session began or ended: its checkpoint is worth storing soon. */
  sessionChanged(streamerId: string): void;
}

export interface RoomSupervisorOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Written into checkpoints. */
  readonly replicaId: string;
  readonly connector: RoomConnector;
  readonly checker: LiveChecker;
  readonly queue: Pick<AdmissionQueue, 'lane' | 'pressed'>;
  readonly pipelines: SessionPipelines;
  /** How many sockets are being opened at once, over all rooms. */
  readonly gate: ConcurrencyGate;
  readonly counters: RoomCounters;
  readonly events: RoomSupervisorEvents;
  readonly settings: RoomSettings;
  /** Told everything that the events of the room are made of, for a recording. */
  readonly onInput?: (input: RoomInput) => void;
}
