import type { Clock, Random, TimerHandle } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import type { MessageShaper } from '../pipeline/message-shaper.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { AdmissionQueue } from '../rooms/admission-queue.js';
import { ConcurrencyGate } from '../rooms/concurrency-gate.js';
import type { RoomConnector } from '../rooms/room-connector.port.js';
import { newRoomCounters } from '../rooms/room-counters.js';
import type { RoomInput } from '../rooms/room-input.js';
import { DEFAULT_ROOM_SETTINGS, type RoomSettings } from '../rooms/room-settings.js';
import { RoomSupervisor } from '../rooms/room-supervisor.js';
import { factsOf } from '../rooms/session-driver.js';
import { roomPipelines } from '../rooms/session-pipeline.js';
import type { LiveChecker, LiveCheckResult } from '../streamers/live-checker.port.js';
import type { Streamer } from '../streamers/streamer.js';
import { EventDigest } from './event-digest.js';
import type { RecordingEnd, RecordingEndReason, RecordingWriter } from './recording.js';
import { priceBook } from './room-replay.js';

export interface RoomRecorderOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly connector: RoomConnector;
  readonly checker: LiveChecker;
  readonly shaper: MessageShaper;
  readonly writer: RecordingWriter;
  readonly streamer: Streamer;
  /** The check that found the streamer live. */
  readonly live: LiveCheckResult;
  readonly prices: Readonly<Record<string, number>>;
  readonly build: { readonly version: string; readonly commit: string };
  /** Under which the events are made; default 1. */
  readonly epoch?: number;
  /** Ends the recording after so long, ms. */
  readonly durationMs?: number | undefined;
  /** Ends the recording when the file has about so many bytes. */
  readonly maxBytes?: number | undefined;
  /** Ends the recording in order. */
  readonly signal?: AbortSignal;
  /** Told the events that come of what is recorded, in order. */
  readonly onEvents?: (events: readonly FinishedEvent[]) => void;
  readonly settings?: Partial<RoomSettings>;
}

const TICK_MS = 1_000;
/** Held in memory until it is on the disk; above this the socket is not read. */
const MAX_PENDING_BYTES = 32 * 1024 * 1024;

/**
 * Records one live room: follows it as the service does, with the same supervisor, and writes down every input of its
 * sessions before anything comes of it. Back-pressure of the disk reaches the socket.
 */
export class RoomRecorder {
  readonly #options: RoomRecorderOptions;
  readonly #digest = new EventDigest();
  #frames = 0;
  #messages = 0;
  #reason: RecordingEndReason | undefined;
  #stop: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  #ticker: TimerHandle | undefined;

  constructor(options: RoomRecorderOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the recording has ended and is on the disk. Call once.
   * @throws RecordingError WATCHER_RECORDING_NOT_WRITTEN
   */
  async run(): Promise<RecordingEnd> {
    const { clock, writer, streamer, live, prices, build, epoch = 1, durationMs, signal, logger } = this.#options;
    const settings = { ...DEFAULT_ROOM_SETTINGS, ...this.#options.settings };
    const { healthyAfterMs } = settings;
    const start = { at: clock.now(), ...build, streamer: factsOf(streamer), epoch, checkpoint: null };
    writer.write({ kind: 'start', start: { ...start, prices, healthyAfterMs } });
    const queue = new AdmissionQueue({
      // An event is admitted when what it was made of is on the disk.
      journal: { append: () => writer.durable(), onPressure: () => () => undefined },
      maxBytes: MAX_PENDING_BYTES,
      maxRoomBytes: MAX_PENDING_BYTES,
      onAdmitted: (events) => {
        this.#digest.add(events);
        this.#options.onEvents?.(events);
      },
      onFatal: (error) => this.#fail(error),
    });
    const stopped = new Promise<void>((resolve, reject) => {
      this.#stop = resolve;
      this.#fail = reject;
    });
    const room = this.#supervisor(queue, settings);
    const interrupted = (): void => this.#end('interrupted');
    signal?.addEventListener('abort', interrupted);
    const timer = durationMs === undefined ? undefined : clock.setTimeout(() => this.#end('duration'), durationMs);
    try {
      if (signal?.aborted === true) interrupted();
      room.goLive(live);
      this.#tick(room);
      await stopped;
      await room.drain();
      if (!(await queue.flush())) await writer.durable();
      const end = this.#summary();
      writer.write({ kind: 'end', end });
      return end;
    } catch (error) {
      logger.error('recording.failed', { error });
      await room.drain();
      throw error;
    } finally {
      timer?.cancel();
      this.#ticker?.cancel();
      signal?.removeEventListener('abort', interrupted);
      queue.close();
      await writer.close();
    }
  }

  #supervisor(queue: AdmissionQueue, settings: RoomSettings): RoomSupervisor {
    const { clock, random, logger, connector, checker, shaper, streamer, prices, epoch = 1 } = this.#options;
    const lease = { streamerId: streamer.id, epoch, checkpoint: null };
    return new RoomSupervisor(streamer, lease, {
      clock,
      random,
      logger,
      connector,
      checker,
      queue,
      settings,
      replicaId: 'recorder',
      gate: new ConcurrencyGate(2),
      counters: newRoomCounters(),
      pipelines: roomPipelines({ rawTopic: false, prices: priceBook(prices), shaper }),
      events: {
        idle: (_id, ended) => this.#end(ended ? 'streamEnded' : 'notLive'),
        observed: () => undefined,
        sessionChanged: () => undefined,
      },
      onInput: (input) => this.#record(input),
    });
  }

  #record(input: RoomInput): void {
    if (input.kind === 'frame') this.#messages += input.frame.messages.length;
    if (input.kind === 'frame' || input.kind === 'rejected') this.#frames += 1;
    this.#options.writer.write({ kind: 'input', input });
  }

  #tick(room: RoomSupervisor): void {
    const { clock, maxBytes, writer } = this.#options;
    room.tick();
    if (maxBytes !== undefined && writer.bytes >= maxBytes) this.#end('size');
    this.#ticker = clock.setTimeout(() => this.#tick(room), TICK_MS);
  }

  #end(reason: RecordingEndReason): void {
    this.#reason ??= reason;
    this.#stop();
  }

  #summary(): RecordingEnd {
    const { events, sha256 } = this.#digest;
    const at = this.#options.clock.now();
    return {
      at,
      reason: this.#reason ?? 'interrupted',
      frames: this.#frames,
      messages: this.#messages,
      events,
      sha256,
    };
  }
}
