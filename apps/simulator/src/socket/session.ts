import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Clock } from '../common/clock.js';
import type { Faults } from '../faults/faults.js';
import type { FaultOf } from '../faults/fault.schema.js';
import type { FrameReceipt, Ledger } from '../ledger/ledger.js';
import { EncodedBatch, pushFrame } from '../wire/frames.js';
import {
  HeartbeatMessage,
  ProtoMessageFetchResult,
  WebcastImEnterRoomMessage,
  WebcastPushFrame,
} from '../wire/proto.js';
import type { OutBatch } from '../world/message.js';
import type { Room, RoomWatcher } from '../world/room.js';
import { corruptBatch, corruptFrame } from './corrupt.js';
import type { Admission } from './handshake.js';

/** What a socket did so far. */
export interface SessionCounters {
  frames: number;
  messages: number;
  acks: number;
  enters: number;
  heartbeats: number;
  /** Frames from the client that are no push frame, or of a type that nobody knows. */
  strange: number;
}

export interface SessionDependencies {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly faults: Faults;
  /** The batch as bytes, shared by all sockets of the room. */
  readonly encoded: (room: Room, batch: OutBatch) => EncodedBatch;
  readonly room: (roomId: string) => Room | undefined;
  readonly uniqueIdOf: (roomId: string) => string | undefined;
  readonly nextLogId: () => string;
  readonly counters: SessionCounters;
  readonly onAcknowledged: (session: WebcastSession) => void;
  readonly onLeft: (session: WebcastSession) => void;
}

export type Hold = 'none' | 'stall' | 'halfOpen';

/** Frames whose ack may still come; older ones are forgotten, as a server would. */
const MAX_UNACKED = 8192;
/** After the end of a stream a client that stays is sent away. */
const END_LINGER_MS = 10_000;
const EMPTY = new Uint8Array(0);

/** One Webcast socket: what it says, what it is told, and what it acknowledged. */
export class WebcastSession implements RoomWatcher {
  readonly openedAt: number;
  readonly counters: SessionCounters = { frames: 0, messages: 0, acks: 0, enters: 0, heartbeats: 0, strange: 0 };
  hold: Hold = 'none';
  /** Set while a cut waits for the acks of what was sent. */
  draining = false;
  /** The client's last frame, ms since the epoch; pongs are no sign that it beats. */
  lastHeard: number;
  private current: Room | undefined;
  private seqId = 0;
  private readonly unacked = new Map<string, FrameReceipt>();

  constructor(
    readonly id: number,
    readonly admission: Admission,
    private readonly socket: WebSocket,
    private readonly tcp: Socket,
    private readonly dependencies: SessionDependencies,
  ) {
    this.openedAt = dependencies.clock.now();
    this.lastHeard = this.openedAt;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.lastHeard = dependencies.clock.now();
      if (isBinary) this.receive(data);
      else this.count('strange');
    });
    // `close` follows every error; there is nothing else to do about it.
    socket.on('error', () => {
      this.count('strange');
    });
    socket.on('close', () => {
      this.leave();
      this.dependencies.onLeft(this);
    });
  }

  get roomId(): string {
    return this.current?.roomId ?? this.admission.roomId;
  }

  get uniqueId(): string | undefined {
    return this.dependencies.uniqueIdOf(this.roomId);
  }

  get entered(): boolean {
    return this.current !== undefined;
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  get backlog(): number {
    return this.hold === 'none' ? this.socket.bufferedAmount : 0;
  }

  get waitingForAck(): number {
    return this.unacked.size;
  }

  deliver(batch: OutBatch): boolean {
    const room = this.current;
    if (room === undefined || !this.isOpen || this.hold !== 'none' || this.draining) return false;
    const fault = this.dependencies.faults.strike('corrupt', { roomId: room.roomId, uniqueId: this.uniqueId });
    const encoded = this.dependencies.encoded(room, batch);
    const logId = this.dependencies.nextLogId();
    const damaged = this.sendBatch(encoded, logId, fault);
    const receipt = this.dependencies.ledger.record(
      {
        room: room.roomId,
        live: room.live,
        socket: this.id,
        at: this.dependencies.clock.now(),
        isHistory: batch.history,
      },
      batch.messages.map((message, index) => ({
        msgId: message.msgId,
        method: message.method,
        facts: message.facts,
        damaged: damaged(index),
      })),
    );
    this.unacked.set(logId, receipt);
    if (this.unacked.size > MAX_UNACKED) {
      const oldest = this.unacked.keys().next().value;
      if (oldest !== undefined) this.unacked.delete(oldest);
    }
    this.count('frames');
    this.count('messages', batch.messages.length);
    return true;
  }

  roomEnded(): void {
    this.dependencies.clock.setTimeout(() => {
      if (this.current?.status === 'ended') this.close(1000, 'room ended');
    }, END_LINGER_MS);
  }

  /** Closes with the handshake. */
  close(code: number, reason: string): void {
    if (this.isOpen) this.socket.close(code, reason);
  }

  /** Resets the TCP connection: the client sees an error, no close frame. */
  cut(): void {
    this.leave();
    this.tcp.resetAndDestroy();
  }

  /** Ends at once; for the end of the process. */
  terminate(): void {
    this.leave();
    this.socket.terminate();
  }

  /** A server ping; held sockets are silent. */
  ping(): void {
    if (this.isOpen && this.hold === 'none') this.socket.ping();
  }

  holdAs(hold: Hold): void {
    this.hold = hold;
    if (hold === 'halfOpen') this.socket.pause();
    else this.socket.resume();
  }

  private sendBatch(
    encoded: EncodedBatch,
    logId: string,
    fault: FaultOf<'corrupt'> | undefined,
  ): (index: number) => boolean {
    const gzip = this.admission.gzip;
    const frame = (payload: Uint8Array): Uint8Array =>
      pushFrame({
        seqId: (this.seqId += 1),
        logId,
        payloadType: 'msg',
        payload,
        headers: {
          compress_type: gzip ? 'gzip' : 'none',
          'im-cursor': encoded.cursor,
          'im-internal_ext': encoded.internalExt,
          'im-now': String(encoded.batch.now),
        },
      });
    switch (fault?.mode) {
      case undefined:
        this.socket.send(frame(encoded.payload(gzip)));
        return () => false;
      case 'frame':
        this.socket.send(corruptFrame(frame(encoded.payload(gzip))));
        return () => true;
      case 'payload':
        this.socket.send(frame(corruptFrame(encoded.payload(gzip))));
        return () => true;
      case 'message': {
        const { batch, victim } = corruptBatch(encoded.batch);
        this.socket.send(frame(new EncodedBatch(batch, encoded.cursor, encoded.internalExt).payload(gzip)));
        return (index) => index === victim;
      }
    }
  }

  private receive(data: Buffer): void {
    let frame: WebcastPushFrame;
    try {
      frame = WebcastPushFrame.decode(data);
      switch (frame.payloadType) {
        case 'im_enter_room':
          this.enter(WebcastImEnterRoomMessage.decode(frame.payload));
          return;
        case 'hb':
          // Some clients beat without a payload.
          if (frame.payload.length > 0) HeartbeatMessage.decode(frame.payload);
          this.count('heartbeats');
          this.reply('hb', EMPTY);
          return;
        case 'ack':
          this.acknowledge(frame.logId);
          return;
        default:
          this.count('strange');
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.count('strange');
    }
  }

  private enter(message: WebcastImEnterRoomMessage): void {
    this.count('enters');
    const room = this.dependencies.room(message.roomId);
    if (room === undefined) {
      this.close(4404, 'room not found');
      return;
    }
    const now = this.dependencies.clock.now();
    this.reply(
      'im_enter_room_resp',
      ProtoMessageFetchResult.encode({ now: String(now), fetchType: 1, heartbeatDuration: 10_000 }).finish(),
      {
        enter_unique_id: message.enterUniqueId,
      },
    );
    if (this.current === room) return;
    this.leave();
    this.current = room;
    room.enter(this);
  }

  private reply(payloadType: string, payload: Uint8Array, headers: Readonly<Record<string, string>> = {}): void {
    if (!this.isOpen || this.hold !== 'none') return;
    this.socket.send(
      pushFrame({ seqId: (this.seqId += 1), logId: this.dependencies.nextLogId(), payloadType, payload, headers }),
    );
  }

  private acknowledge(logId: string): void {
    this.count('acks');
    const receipt = this.unacked.get(logId);
    if (receipt === undefined) return;
    this.unacked.delete(logId);
    this.dependencies.ledger.acknowledge(receipt);
    this.dependencies.onAcknowledged(this);
  }

  private leave(): void {
    this.current?.leave(this);
  }

  private count(name: keyof SessionCounters, by = 1): void {
    this.counters[name] += by;
    this.dependencies.counters[name] += by;
  }
}
