import type { GapReason } from '@livetap/contracts';
import type { LiveCheckResult } from '../streamers/live-checker.port.js';
import type { Streamer } from '../streamers/streamer.js';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { RoomClosed, RoomFrame } from './room-connector.port.js';
import type { RoomInput, StreamerFacts } from './room-input.js';
import type { RoomSession } from './room-session.js';
import type { RoomSessions } from './room-sessions.js';
import type { SessionEndReason, SessionLeaveReason } from './session-pipeline.js';

export interface SessionDriverOptions {
  readonly sessions: RoomSessions;
  /** A socket without a frame counts as healthy after so long, ms. */
  readonly healthyAfterMs: number;
  /** Told each input before it takes effect; the frames' bytes are not copied. Must not throw. */
  readonly onInput?: ((input: RoomInput) => void) | undefined;
}

/**
 * Drives the sessions of one streamer by what its sockets do: when a socket counts as healthy, when a session begins,
 * which timers are due. No clock: every time is given, in ms since the epoch, and what became due before an input takes
 * effect first, at the moment when it was due. So it makes no difference how often `elapse` is called, and a recording of
 * the inputs gives the same events again.
 */
export class SessionDriver {
  readonly #sessions: RoomSessions;
  readonly #healthyAfterMs: number;
  readonly #onInput: (input: RoomInput) => void;
  /** Of the socket that counts: where it came from and since when silence counts; undefined without a socket. */
  #socket: { readonly source: string; since: number } | undefined;
  #healthySince: number | undefined;

  constructor(options: SessionDriverOptions) {
    this.#sessions = options.sessions;
    this.#healthyAfterMs = options.healthyAfterMs;
    this.#onInput = options.onInput ?? (() => undefined);
  }

  /** Since when there is a healthy socket, ms since the epoch. */
  get healthySince(): number | undefined {
    return this.#healthySince;
  }

  get current(): RoomSession | undefined {
    return this.#sessions.current;
  }

  set streamer(streamer: Streamer) {
    const before = factsOf(this.#sessions.streamer);
    const facts = factsOf(streamer);
    this.#sessions.streamer = streamer;
    if (JSON.stringify(before) !== JSON.stringify(facts)) this.#onInput({ kind: 'streamer', streamer: facts });
  }

  /** The room to follow, and what the check knew about it. */
  aim(roomId: string, live: LiveCheckResult): void {
    const { tiktokUserId, uniqueId, nickname, avatarUrl, title, startedAt } = live;
    const facts = { tiktokUserId, uniqueId, nickname, avatarUrl, title, startedAt };
    this.#onInput({ kind: 'aimed', roomId, live: withoutUndefined(facts) });
    this.#sessions.aim(roomId, live);
  }

  /** Opens the session of the lease's checkpoint again. undefined when there is none to take up. */
  resume(): PipelineCheckpoint | undefined {
    const checkpoint = this.#sessions.resume();
    if (checkpoint !== undefined) this.#onInput({ kind: 'resumed' });
    return checkpoint;
  }

  /** A socket is open, and from now on the one that counts. */
  opened(at: number, source: string): void {
    this.#onInput({ kind: 'opened', at, source });
    this.#elapse(at);
    this.#socket = { source, since: at };
    this.#healthySince = undefined;
  }

  /** Returns why the stream is over when the frame says so. */
  frame(frame: RoomFrame): 'ended' | 'suspended' | undefined {
    this.#onInput({ kind: 'frame', frame });
    this.#arrived(frame.receivedAt);
    return this.#sessions.current?.frame(frame);
  }

  /** A frame that cannot be read, but it came: nothing of a session may be published before its start. */
  rejected(bytes: Uint8Array, at: number): void {
    this.#onInput({ kind: 'rejected', at, bytes });
    this.#arrived(at);
    this.#sessions.current?.rejected(bytes, at);
  }

  /** There is no healthy socket from `at` on. */
  lost(reason: GapReason, at: number, closed?: RoomClosed): void {
    this.#onInput({ kind: 'lost', at, reason, ...(closed === undefined ? {} : { closed }) });
    this.#elapse(at);
    this.#socket = undefined;
    this.#healthySince = undefined;
    this.#sessions.lose(reason, at);
  }

  /** The socket is read again after a pause. */
  reading(at: number): void {
    this.#onInput({ kind: 'reading', at });
    if (this.#socket !== undefined) this.#socket.since = at;
  }

  /**
   * Call about once a second while the socket is read. True when the socket has just become healthy without a word of it.
   */
  elapse(at: number): boolean {
    // Told afterwards only when something came of it: a recording does not need the others.
    const { healthy, effect } = this.#elapse(at);
    if (effect) this.#onInput({ kind: 'elapsed', at });
    return healthy;
  }

  /** The stream is over: `live.ended`. False when no session was open. See `RoomSessions.end`. */
  end(reason: SessionEndReason, words: string, offline: boolean, at: number): boolean {
    this.#onInput({ kind: 'ended', at, reason });
    this.#elapse(at);
    return this.#sessions.end(reason, words, offline, at);
  }

  /** Watching stops while the stream goes on: `live.left` when a session is open. */
  leave(reason: SessionLeaveReason, at: number): void {
    this.#onInput({ kind: 'left', at, reason });
    this.#elapse(at);
    this.#sessions.leave(reason, at);
  }

  /** The socket does not count any more, and nothing is lost by that. */
  detach(): void {
    if (this.#socket !== undefined) this.#onInput({ kind: 'detached' });
    this.#socket = undefined;
    this.#healthySince = undefined;
  }

  /** Does what a recorded input says, as the method for it would, and returns what `frame` returns. */
  apply(input: RoomInput): 'ended' | 'suspended' | undefined {
    switch (input.kind) {
      case 'frame':
        return this.frame(input.frame);
      case 'streamer': {
        const { tiktokUserId: _id, nickname: _name, avatarUrl: _image, ...rest } = this.#sessions.streamer;
        this.streamer = { ...rest, ...input.streamer };
        break;
      }
      case 'aimed':
        this.aim(input.roomId, { verdict: 'live', reason: '', ...input.live });
        break;
      case 'resumed':
        this.resume();
        break;
      case 'opened':
        this.opened(input.at, input.source);
        break;
      case 'rejected':
        this.rejected(input.bytes, input.at);
        break;
      case 'lost':
        this.lost(input.reason, input.at, input.closed);
        break;
      case 'reading':
        this.reading(input.at);
        break;
      case 'elapsed':
        this.elapse(input.at);
        break;
      case 'ended':
        this.end(input.reason, '', true, input.at);
        break;
      case 'left':
        this.leave(input.reason, input.at);
        break;
      case 'detached':
        this.detach();
    }
    return undefined;
  }

  #arrived(at: number): void {
    this.#elapse(at);
    this.#healthySince ??= at;
    this.#sessions.begin(at, this.#socket?.source ?? '');
  }

  #elapse(at: number): { readonly healthy: boolean; readonly effect: boolean } {
    const socket = this.#socket;
    const due = socket === undefined ? undefined : socket.since + this.#healthyAfterMs;
    const healthy = socket !== undefined && this.#healthySince === undefined && due !== undefined && at >= due;
    if (healthy) {
      this.#healthySince = due;
      this.#sessions.begin(due, socket.source);
      this.#sessions.current?.healthy(due);
    }
    const events = this.#sessions.current?.timers(at, this.#healthySince) ?? 0;
    return { healthy, effect: healthy || events > 0 };
  }
}

/** What of a streamer goes into its events. */
export function factsOf({ uniqueId, tiktokUserId, nickname, avatarUrl }: Streamer): StreamerFacts {
  return { uniqueId, ...withoutUndefined({ tiktokUserId, nickname, avatarUrl }) };
}

function withoutUndefined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
