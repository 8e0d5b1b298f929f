import type { GapReason } from '@livetap/contracts';
import { NO_ROOM } from '../leases/lease-store.port.js';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { PipelineCounters } from '../pipeline/pipeline-counters.js';
import type { LiveCheckResult } from '../streamers/live-checker.port.js';
import { observationInSession, observationOf } from '../streamers/observation.js';
import type { StreamerActivity } from '../streamers/streamer-activity.js';
import type { Streamer } from '../streamers/streamer.js';
import type { AdmissionLane } from './admission-queue.js';
import { BackOff } from '../common/back-off.js';
import type { TakenLease } from './checkpoint-recovery.js';
import { CutValve } from './cut-valve.js';
import { type Break, CONNECT_FAILURES, type FailureRule, PRESSURE_RULE, ruleForClose } from './failure-table.js';
import { holdUntilAsked } from './hold-until-asked.js';
import { PendingWork } from './pending-work.js';
import type { RoomClosed, RoomConnectError, RoomFrame } from './room-connector.port.js';
import { RoomDialler } from './room-dialler.js';
import { RoomSessions } from './room-sessions.js';
import { silenceLimitsOf } from './room-settings.js';
import type { RoomSocket, RoomSocketEvents } from './room-socket.js';
import type { RoomState } from './room-state.js';
import { RoomStatus } from './room-status.js';
import type { RoomSupervisorOptions } from './room-supervisor-options.js';
import { SessionDriver } from './session-driver.js';
import type { SessionEndReason, SessionLeaveReason } from './session-pipeline.js';
import { SilenceWatch } from './silence-watch.js';
import { SpareSocket } from './spare-socket.js';
import { endReasonOf, isLive, VerdictJudge } from './verdict-judge.js';
import type { WarmSocket } from './warm-socket.js';

/** Failed attempts after which the checker is asked before the next one: the stream may be over without a word. */
const ASK_EACH_ATTEMPTS = 3;
/** Two `offline` verdicts in a row must be further apart than a cached answer may be old, ms. */
const DOUBT_MS = 3_000;
/** Sockets are not opened while events cannot be admitted; looked at again after, ms. */
const PRESSURE_RETRY_MS = 1_000;
/** How long a socket of a session that was taken up again waits for the verdict, ms: by then a request has its answer or failed. */
const RESUME_ASK_MS = 10_000;

/**
 * Follows one streamer under one lease: from the verdict `live` through sockets, reconnects and silence to the end of
 * the stream, and again at the next one. It never gives up on a live room: only the stream itself, verdicts of the
 * checker, the operator or the loss of the lease end a session. Synchronous but for sockets and questions; `tick` is to
 * be called about once a second.
 */
export class RoomSupervisor {
  readonly #o: RoomSupervisorOptions;
  readonly #lane: AdmissionLane;
  readonly #sessions: RoomSessions;
  readonly #status: RoomStatus;
  readonly #driver: SessionDriver;
  readonly #backOff: BackOff;
  readonly #silence: SilenceWatch;
  readonly #spare: SpareSocket;
  readonly #pending: PendingWork;
  readonly #valve = new CutValve();
  readonly #dialler: RoomDialler;
  readonly #judge = new VerdictJudge();
  readonly #socketEvents: RoomSocketEvents = {
    waiting: (socket) => this.#valve.run(() => this.#waitsForQuota(socket)),
    opened: (socket) => this.#valve.run(() => this.#opened(socket)),
    frame: (socket, frame) => this.#valve.run(() => this.#frame(socket, frame)),
    rejected: (socket, bytes, receivedAt) => this.#valve.run(() => this.#rejected(socket, bytes, receivedAt)),
    closed: (socket, closed) => this.#valve.run(() => this.#closed(socket, closed)),
    failed: (socket, error) => this.#valve.run(() => this.#failed(socket, error)),
  };
  #socket: RoomSocket | undefined;
  /** Last message of the present socket, or when it opened; monotonic. */
  #messageAt = 0;
  #resumed = false;
  #closingForPressure = false;
  #lostBy: GapReason = 'disconnected';
  #draining = false;
  #drained = false;

  constructor(streamer: Streamer, lease: TakenLease, options: RoomSupervisorOptions) {
    const { clock, logger, checker, random, settings } = options;
    this.#o = options;
    this.#backOff = new BackOff({ random, baseMs: settings.backOffBaseMs, capMs: settings.backOffCapMs });
    this.#silence = new SilenceWatch(silenceLimitsOf(streamer, settings));
    this.#spare = new SpareSocket(random);
    this.#pending = new PendingWork({ clock, checker, run: (action) => this.#valve.run(action) });
    const onResult = (result: LiveCheckResult): void => this.#observe(result);
    this.#dialler = new RoomDialler({ ...options, events: this.#socketEvents, onResult });
    this.#lane = options.queue.lane({ pause: () => this.#setPaused(true), resume: () => this.#resumeReading() });
    this.#sessions = new RoomSessions(streamer, lease, this.#lane, options);
    this.#status = new RoomStatus({ clock, logger, sessions: this.#sessions });
    const { healthyAfterMs } = settings;
    this.#driver = new SessionDriver({ sessions: this.#sessions, healthyAfterMs, onInput: options.onInput });
  }

  get streamer(): Streamer {
    return this.#sessions.streamer;
  }

  get state(): RoomState {
    return this.#status.state;
  }

  /** Renews what is known about the streamer: limits of silence count at once, the rest from the next attempt on. */
  update(streamer: Streamer): void {
    this.#silence.change(silenceLimitsOf(streamer, this.#o.settings));
    this.#driver.streamer = streamer;
  }

  activity(): StreamerActivity {
    return this.#status.activity(this.#socket, this.#dialler.waitingForQuota);
  }

  /** A check found the streamer live. Ignored unless idle. */
  goLive(result: LiveCheckResult): void {
    if (this.state !== 'idle' || result.roomId === undefined) return;
    this.#driver.aim(result.roomId, result);
    this.#judge.reset();
    this.#backOff.reset();
    this.#dialler.proof.seen();
    this.#status.move('dial', result.reason);
    this.#dial();
  }

  /**
   * Takes up the session of the lease's checkpoint, on the socket that was opened for it beforehand where there is one that
   * fits. False when there is none to take up.
   */
  resume(warm?: WarmSocket): boolean {
    const checkpoint = this.state === 'idle' ? this.#driver.resume() : undefined;
    const fits = warm?.open === true && warm.roomId === checkpoint?.roomId;
    if (!fits) void warm?.drop();
    if (checkpoint === undefined) return false;
    // Handed over: the last owner gave its socket up when this one was open. Else something may be missing.
    if (!fits || checkpoint.handedOver !== true)
      this.#lose(checkpoint.replicaId === this.#o.replicaId ? 'restart' : 'failover', checkpoint.lastFrameAt);
    this.#dialler.proof.seen(checkpoint.lastFrameAt);
    this.#status.move('resume', `session ${checkpoint.sessionId} goes on`);
    this.#resumed = !fits;
    if (!fits) this.#dial();
    else warm.adopt(this.#socketEvents, (socket) => this.#takeOver((this.#socket = socket), warm.openedAt));
    if (fits) this.#status.move('opened', `taken over (${this.#socket?.source ?? ''})`);
    return true;
  }

  /** Room of the open session, `NO_ROOM` while idle; undefined: something is under way, no time to hand it over. */
  get handOverRoom(): string | undefined {
    return this.#sessions.current?.roomId ?? (this.state === 'idle' ? NO_ROOM : undefined);
  }

  /** Stands still until `mend` or `handedOver`: what arrives is kept, not admitted. `checkpoint` is the final one then. */
  cut(): void {
    this.#valve.shut();
    this.#setPaused(true);
  }

  /** Goes on after `cut` as if nothing had happened. */
  mend(): void {
    this.#valve.open();
    this.#setPaused(this.#lane.paused);
  }

  /** After `cut`: another replica goes on with its own socket. Final. */
  async handedOver(): Promise<void> {
    this.#valve.seal();
    this.#sessions.discard();
    this.#status.move('release', 'handed over to another replica');
    this.#lane.close();
    await Promise.all([this.#socket?.drop(), this.#closeSockets()]);
  }

  /** About once a second: timers of the session, health and silence of the socket. */
  tick(): void {
    const { clock } = this.#o;
    if (this.#valve.isShut) return;
    // While nothing is read, silence means nothing.
    const healthyInSilence = !this.#lane.paused && this.#driver.elapse(clock.now());
    if (this.state !== 'live') return;
    // Open without a word for so long: the stream may be over already.
    if (healthyInSilence) this.#probeVerdict();
    this.#watchSocket(clock.now(), clock.monotonic());
  }

  /** What to store with the lease; undefined when nothing changed since it was last stored. After `drain` or `cut`: the last one. */
  checkpoint(): PipelineCheckpoint | undefined {
    if (!this.#valve.isShut) return this.#sessions.checkpoint(this.#drained);
    const checkpoint = this.#sessions.checkpoint(true);
    return checkpoint === undefined ? undefined : { ...checkpoint, handedOver: true };
  }

  /** Figures of the open session's pipeline. */
  get pipelineCounters(): PipelineCounters | undefined {
    return this.#sessions.current?.pipelineCounters;
  }

  /** The given checkpoint is stored. */
  saved(checkpoint: PipelineCheckpoint): void {
    this.#sessions.saved(checkpoint);
  }

  /** Nothing can be admitted and waiting did not help: closes the socket; the gap says why. The room comes back by itself. */
  closeForPressure(): boolean {
    if (this.state !== 'live' || this.#socket === undefined || this.#closingForPressure) return false;
    this.#closingForPressure = true;
    void this.#spare.drop();
    void this.#socket.close();
    return true;
  }

  /**
   * The operator does not want this streamer any more: `live.left` when a session is open. Resolves when its sockets are
   * closed. Final.
   */
  async leave(reason: SessionLeaveReason): Promise<void> {
    this.#valve.open();
    this.#driver.leave(reason, this.#o.clock.now());
    this.#status.move('leave', reason);
    await this.#closeSockets();
    this.#lane.close();
  }

  /** The lease is not ours any more: closes without a word, what was not admitted yet is thrown away. Final. */
  async release(reason: string): Promise<void> {
    this.#valve.open();
    this.#lane.discard();
    this.#sessions.discard();
    this.#status.move('release', reason);
    await this.#closeSockets();
    this.#lane.close();
  }

  /**
   * The process stops: closes the sockets with the handshake and admits every frame that comes until then. Resolves when
   * they are closed; the session stays joined in its checkpoint, to be taken up again. Final.
   */
  async drain(): Promise<void> {
    this.#valve.open();
    this.#draining = true;
    this.#status.move('release', 'the process stops');
    this.#cancelPending();
    await Promise.all([this.#socket?.close(), this.#spare.drop()]);
    this.#socket = undefined;
    this.#driver.detach();
    this.#drained = true;
    this.#lane.close();
  }

  #dial(): void {
    this.#cancelPending();
    if (this.#o.queue.pressed) {
      this.#pending.after(PRESSURE_RETRY_MS, () => this.#dial());
      return;
    }
    this.#closingForPressure = false;
    this.#dialler.dial(this.streamer, this.#sessions.roomId ?? '', (socket) => (this.#socket = socket));
  }

  /** Its turn may be minutes away. */
  #waitsForQuota(socket: RoomSocket): void {
    if (socket !== this.#socket || !this.#dialler.waits()) return;
    this.#status.reason = 'waits for a signature: the quota of the sign server is used up';
    if (this.#sessions.current !== undefined) this.#lose('quota', this.#o.clock.now());
  }

  #opened(socket: RoomSocket): void {
    if (this.#spare.is(socket)) this.#spare.opened(this.#o.clock.monotonic());
    if (socket !== this.#socket) return;
    this.#takeOver(socket);
    if (this.#sessions.current !== undefined) this.#o.counters.reconnects[this.#lostBy] += 1;
    this.#status.move('opened', `connected (${socket.source})`);
    // A stream that was taken up again may have ended while nobody watched, and the same room may be live anew: what the
    // socket brings is read when that is known, or a little later when nobody can say.
    const ask = (concluded: () => void): void => this.#probeVerdict(concluded);
    const mayRead = (): boolean => !this.#lane.paused && !this.#valve.isShut;
    if (this.#resumed) holdUntilAsked(socket, { clock: this.#o.clock, limitMs: RESUME_ASK_MS, ask, mayRead });
    this.#resumed = false;
  }

  #takeOver(socket: RoomSocket, openedAt = this.#o.clock.now()): void {
    const mono = this.#o.clock.monotonic();
    this.#dialler.done();
    this.#driver.opened(openedAt, socket.source);
    this.#messageAt = mono;
    this.#silence.restart(mono);
    if (this.#lane.paused) this.#setPaused(true);
  }

  #frame(socket: RoomSocket, frame: RoomFrame): void {
    if (this.#spare.is(socket) && this.#sessions.current?.hasNews(frame) === true) this.#promoteSpare('stalled');
    if (socket !== this.#socket) return this.#late(frame.messages.length);
    const mono = this.#o.clock.monotonic();
    this.#silence.heard(mono);
    if (this.#spare.exists) void this.#spare.drop();
    // Frames without messages show a healthy socket, not a stream that goes on.
    if (frame.messages.length > 0) {
      this.#messageAt = mono;
      this.#dialler.proof.seen();
      if (this.#judge.doubtful) this.#cancelPending();
      this.#judge.reset();
    }
    const ended = this.#driver.frame(frame);
    if (ended !== undefined) this.#end(ended, 'the stream said that it is over');
  }

  #rejected(socket: RoomSocket, bytes: Uint8Array, receivedAt: number): void {
    if (socket !== this.#socket) return this.#late(1);
    this.#silence.heard(this.#o.clock.monotonic());
    this.#driver.rejected(bytes, receivedAt);
  }

  /** From a socket that does not count any more; while a session is open another one brings what it says. */
  #late(messages: number): void {
    if (this.#sessions.current === undefined) this.#o.counters.messagesAfterEnd += messages;
  }

  #closed(socket: RoomSocket, closed: RoomClosed): void {
    const { code, reason } = closed;
    if (this.#spare.is(socket)) this.#spareLost();
    if (socket !== this.#socket || this.#draining) return;
    this.#socket = undefined;
    const { known, ...rule } = ruleForClose(code);
    if (!known) this.#o.counters.unknownCloseCodes += 1;
    const byUs = this.#closingForPressure;
    const words = `closed with ${code}${reason === '' ? '' : ` (${reason})`}`;
    this.#judge.socketClosed(!byUs);
    this.#reconnect(byUs ? PRESSURE_RULE : rule, words, { closed });
  }

  #failed(socket: RoomSocket, error: RoomConnectError): void {
    if (this.#spare.is(socket)) this.#spareLost();
    if (socket !== this.#socket || this.#draining) return;
    this.#dialler.giveUp();
    this.#socket = undefined;
    this.#o.counters.connectFailures += 1;
    this.#reconnect(CONNECT_FAILURES[error.failure], error.message, error.details);
  }

  /** There is no socket any more: waits, and tries again after asking where the rule or the number of failures says so. */
  #reconnect(rule: FailureRule, words: string, { retryAfterMs = 0, closed }: Break): void {
    if (this.#promoteSpare(rule.gapReason, closed)) return;
    this.#lose(rule.gapReason, this.#o.clock.now(), closed);
    void this.#spare.drop();
    this.#status.move('broken', words);
    const delay = this.#backOff.next(Math.max(rule.floorMs, retryAfterMs));
    this.#retryIn(delay, rule.ask || this.#backOff.attempts % ASK_EACH_ATTEMPTS === 0);
  }

  #lose(reason: GapReason, from: number, closed?: RoomClosed): void {
    this.#lostBy = reason;
    this.#driver.lost(reason, from, closed);
  }

  #retryIn(delayMs: number, ask: boolean): void {
    this.#cancelPending();
    this.#pending.after(delayMs, () => {
      if (ask) {
        this.#status.move('ask', 'asking whether it is still live');
        this.#ask((result) => this.#resolved(result));
      } else {
        this.#status.move('dial', 'trying again');
        this.#dial();
      }
    });
  }

  /** Asks the checker; nothing is called back after the room moved on. */
  #ask(conclude: (result: LiveCheckResult) => void): void {
    this.#pending.ask(this.streamer, (result) => {
      this.#observe(result);
      if (isLive(result)) this.#dialler.proof.seen();
      conclude(result);
    });
  }

  #observe(result: LiveCheckResult): void {
    const observed = this.#sessions.current === undefined ? observationOf : observationInSession;
    this.#o.events.observed(this.streamer.id, observed(this.streamer, result, this.#o.clock.now()));
  }

  #resolved(result: LiveCheckResult): void {
    const judgement = this.#judgeOf(result);
    if (judgement === 'restarted') this.#beginAnew(result);
    if (judgement === 'go' || judgement === 'restarted') {
      this.#status.move('dial', result.reason);
      this.#dial();
    } else if (judgement === 'doubt') {
      this.#status.move('broken', result.reason);
      this.#retryIn(this.#backOff.next(DOUBT_MS), true);
    } else {
      this.#endBy(result);
    }
  }

  /** Asks while the socket is open and says nothing. */
  #probeVerdict(concluded?: () => void): void {
    this.#ask((result) => {
      const judgement = this.#judgeOf(result);
      if (judgement === 'restarted') this.#beginAnew(result);
      concluded?.();
      if (this.state !== 'live' || judgement === 'go' || judgement === 'restarted') return;
      if (judgement === 'doubt') {
        this.#pending.after(DOUBT_MS, () => this.#probeVerdict());
      } else {
        this.#endBy(result);
      }
    });
  }

  #judgeOf(result: LiveCheckResult): ReturnType<VerdictJudge['judge']> {
    const { roomId, current, startedAt } = this.#sessions;
    return this.#judge.judge(result, roomId, current === undefined ? undefined : { startedAt });
  }

  /** The same room is live anew: its old session is over, the next frame begins another, on the same socket. */
  #beginAnew(result: LiveCheckResult): void {
    const words = 'the room ended and went live again while nobody watched';
    this.#driver.end('replaced', words, false, this.#o.clock.now());
    if (result.roomId !== undefined) this.#driver.aim(result.roomId, result);
  }

  #endBy(result: LiveCheckResult): void {
    this.#end(endReasonOf(result), result.reason, isLive(result) ? result : undefined);
  }

  #watchSocket(now: number, mono: number): void {
    const { resetAfterMs, spareMs, quietMs } = this.#o.settings;
    if (this.#lane.paused) this.#silence.restart(mono);
    if (now - (this.#driver.healthySince ?? now) >= resetAfterMs) this.#backOff.reset();
    if (mono - this.#messageAt >= quietMs) {
      this.#messageAt = mono;
      this.#probeVerdict();
    }
    if (this.#spare.exists) {
      if (!this.#spare.quietFor(spareMs, mono)) return;
      void this.#spare.drop();
      this.#silence.quiet(mono);
    } else if (this.#silence.isSilent(mono)) {
      this.#status.log('room.silent', { limitMs: this.#silence.limitMs });
      this.#probeVerdict();
      if (!this.#o.queue.pressed) this.#spare.set(this.#dialler.second(this.streamer, this.#sessions.roomId ?? ''));
    }
  }

  #spareLost(): void {
    this.#silence.postpone(this.#o.clock.monotonic() + this.#spare.lost());
  }

  /** The second socket takes the place of the first, which was silent or has closed. False when there is no open one. */
  #promoteSpare(reason: GapReason, closed?: RoomClosed): boolean {
    const spare = this.#spare.takeOpen();
    if (spare === undefined) return false;
    const old = this.#socket;
    this.#lose(reason, this.#o.clock.now(), closed);
    this.#socket = spare;
    this.#o.counters.reconnects[reason] += 1;
    this.#takeOver(spare);
    this.#status.reason = `connected (${spare.source})`;
    void old?.drop();
    return true;
  }

  /** The stream is over; `next` is the room that took its place. */
  #end(reason: SessionEndReason, words: string, next?: LiveCheckResult): void {
    const hadSession = this.#driver.end(reason, words, next === undefined, this.#o.clock.now());
    if (this.#draining) return;
    this.#dialler.proof.forget();
    this.#status.move('ended', words);
    void this.#closeSockets().then(() => {
      if (this.state !== 'ending') return;
      this.#status.move('closed', words);
      if (next !== undefined) this.goLive(next);
      else this.#o.events.idle(this.streamer.id, hadSession);
    });
  }

  async #closeSockets(): Promise<void> {
    this.#cancelPending();
    const socket = this.#socket;
    this.#socket = undefined;
    this.#dialler.done();
    this.#driver.detach();
    await Promise.all([socket?.close(), this.#spare.drop()]);
  }

  #cancelPending(): void {
    this.#pending.cancel();
    this.#dialler.giveUp();
  }

  #resumeReading(): void {
    if (this.#valve.isShut) return;
    this.#driver.reading(this.#o.clock.now());
    this.#setPaused(false);
  }

  #setPaused(paused: boolean): void {
    this.#socket?.setPaused(paused);
    this.#spare.setPaused(paused);
  }
}
