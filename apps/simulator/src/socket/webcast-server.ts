import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock, TimerHandle } from '../common/clock.js';
import type { Fault, FaultOf } from '../faults/fault.schema.js';
import { Faults } from '../faults/faults.js';
import type { Ledger } from '../ledger/ledger.js';
import { EncodedBatch, streamPosition } from '../wire/frames.js';
import type { OutBatch } from '../world/message.js';
import type { Room } from '../world/room.js';
import { admit, wayOf } from './handshake.js';
import type { Refusal } from './handshake.js';
import type { Tickets } from './secrets.js';
import { WebcastSession } from './session.js';
import type { SessionCounters } from './session.js';

export interface WebcastServerOptions {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly tickets: Tickets;
  readonly room: (roomId: string) => Room | undefined;
  readonly uniqueIdOf: (roomId: string) => string | undefined;
  /** A socket acknowledged a frame in the room. */
  readonly onAcknowledged: (roomId: string) => void;
  /** A socket that says nothing for this long is closed; TikTok's clients beat each 10 s. */
  readonly idleTimeoutMs: number;
  /** Server pings, one each. */
  readonly pingIntervalMs: number;
}

export interface SocketStats extends SessionCounters {
  open: number;
  opened: number;
  closed: number;
  refused: number;
  idle: number;
}

/** How long a cut waits for the acks of what was sent. */
const DRAIN_LIMIT_MS = 2000;
const CLOSE_STEP_MS = 5;

/** The Webcast sockets: upgrades, sessions, faults on sockets. */
export class WebcastServer {
  readonly stats: SocketStats = {
    open: 0,
    opened: 0,
    closed: 0,
    refused: 0,
    idle: 0,
    frames: 0,
    messages: 0,
    acks: 0,
    enters: 0,
    heartbeats: 0,
    strange: 0,
  };
  private readonly sessions = new Set<WebcastSession>();
  private readonly sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024 * 1024 });
  private readonly encodedBatches = new WeakMap<OutBatch, EncodedBatch>();
  private sweepTimer: TimerHandle | undefined;
  private nextId = 1;
  private logIds = 0;

  constructor(private readonly options: WebcastServerOptions) {
    this.sweepLater();
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  open(): readonly WebcastSession[] {
    return [...this.sessions];
  }

  /**
   * Orders a fault. A cut or close without number and time strikes every socket that is open now and is then over; all others
   * wait for their occasions as well. Returns its id when it waits, and how many sockets it struck at once.
   */
  order(fault: Fault): { id?: number; struck: number } {
    if ((fault.kind === 'cut' || fault.kind === 'close') && fault.times === undefined && fault.forMs === undefined) {
      const hit = this.hitBy(fault);
      for (const session of hit) this.end(session, fault);
      return { struck: hit.length };
    }
    const id = this.options.faults.add(fault);
    if (fault.kind === 'corrupt' || fault.kind === 'refuse' || fault.kind === 'http') return { id, struck: 0 };
    const hit = this.hitBy(fault);
    for (const session of hit) this.strike(session);
    return { id, struck: hit.length };
  }

  /** A fault is over: what it held goes on. */
  release(fault: Fault): void {
    if (fault.kind !== 'stall' && fault.kind !== 'halfOpen') return;
    for (const session of this.sessions) {
      if (session.hold === fault.kind && Faults.hits(fault, { roomId: session.roomId, uniqueId: session.uniqueId }))
        session.holdAs('none');
    }
  }

  /** Closes all sockets with 1001 and cuts those that are still there after `limitMs`. */
  async close(limitMs: number): Promise<void> {
    this.options.clock.clearTimeout(this.sweepTimer);
    for (const session of this.sessions) session.close(1001, 'going away');
    // Real time, whatever the clock: the other side of the sockets is real.
    for (let waited = 0; this.sessions.size > 0 && waited < limitMs; waited += CLOSE_STEP_MS)
      await new Promise((resolve) => setTimeout(resolve, CLOSE_STEP_MS));
    for (const session of [...this.sessions]) session.terminate();
    this.sockets.close();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client that goes away during the handshake; `close` comes after it.
    socket.on('error', () => socket.destroy());
    const url = new URL(request.url ?? '/', 'http://simulator');
    const roomId = url.searchParams.get('room_id') ?? undefined;
    const fault = this.options.faults.strike('refuse', {
      roomId,
      uniqueId: roomId === undefined ? undefined : this.options.uniqueIdOf(roomId),
      way: wayOf(url),
    });
    if (fault !== undefined) {
      this.refuse(
        socket,
        { status: fault.status, message: fault.handshakeMsg, code: fault.handshakeStatus ?? String(fault.status) },
        fault.retryAfterS,
      );
      return;
    }
    const verdict = admit(url, request.headers.cookie, {
      tickets: this.options.tickets,
      now: () => this.options.clock.now(),
      knowsRoom: (id) => this.options.room(id) !== undefined,
    });
    if ('status' in verdict) {
      this.refuse(socket, verdict);
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const session = new WebcastSession(this.nextId, verdict, webSocket, socket as Socket, {
        clock: this.options.clock,
        ledger: this.options.ledger,
        faults: this.options.faults,
        encoded: (_room, batch) => this.encoded(batch),
        room: this.options.room,
        uniqueIdOf: this.options.uniqueIdOf,
        nextLogId: () => this.nextLogId(),
        counters: this.stats,
        onAcknowledged: (acknowledged) => {
          if (acknowledged.draining && acknowledged.waitingForAck === 0) acknowledged.cut();
          this.options.onAcknowledged(acknowledged.roomId);
        },
        onLeft: (left) => {
          this.sessions.delete(left);
          this.stats.open -= 1;
          this.stats.closed += 1;
        },
      });
      this.nextId += 1;
      this.sessions.add(session);
      this.stats.open += 1;
      this.stats.opened += 1;
      this.strike(session);
    });
  }

  /** Lets the waiting faults act on one socket. */
  private strike(session: WebcastSession): void {
    const target = { roomId: session.roomId, uniqueId: session.uniqueId };
    const { faults } = this.options;
    const end = faults.strike('cut', target) ?? faults.strike('close', target);
    if (end !== undefined) this.end(session, end);
    else if (faults.strike('halfOpen', target) !== undefined) session.holdAs('halfOpen');
    else if (faults.strike('stall', target) !== undefined) session.holdAs('stall');
  }

  private end(session: WebcastSession, fault: FaultOf<'cut'> | FaultOf<'close'>): void {
    if (fault.kind === 'close') session.close(fault.code, fault.reason);
    else if (fault.when === 'now' || session.waitingForAck === 0) session.cut();
    else {
      session.draining = true;
      this.options.clock.setTimeout(() => session.cut(), DRAIN_LIMIT_MS);
    }
  }

  private hitBy(fault: Fault): WebcastSession[] {
    return [...this.sessions].filter((session) =>
      Faults.hits(fault, { roomId: session.roomId, uniqueId: session.uniqueId }),
    );
  }

  private refuse(socket: Duplex, refusal: Refusal, retryAfterS?: number): void {
    this.stats.refused += 1;
    const message = refusal.message.replaceAll(/[^\x20-\x7e]/g, ' ');
    const lines = [
      `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? 'Refused'}`,
      `handshake-msg: ${message}`,
      `handshake-status: ${refusal.code}`,
      ...(retryAfterS === undefined ? [] : [`retry-after: ${retryAfterS}`]),
      'content-type: text/plain',
      'content-length: 0',
      'connection: close',
    ];
    socket.end(`${lines.join('\r\n')}\r\n\r\n`);
  }

  private encoded(batch: OutBatch): EncodedBatch {
    let encoded = this.encodedBatches.get(batch);
    if (encoded === undefined) {
      const position = streamPosition(batch.now, batch.messages.at(-1)?.msgId ?? '0');
      encoded = new EncodedBatch(batch, position.cursor, position.internalExt);
      this.encodedBatches.set(batch, encoded);
    }
    return encoded;
  }

  /** Rising ids; every 16th is negative as int64, as on the wire (2^64 − n). */
  private nextLogId(): string {
    this.logIds += 1;
    return this.logIds % 16 === 0 ? `-${this.logIds + 4_000_000_000}` : `${this.logIds + 7_000_000_000_000_000}`;
  }

  private sweepLater(): void {
    this.sweepTimer = this.options.clock.setTimeout(() => {
      this.sweep();
      this.sweepLater();
    }, this.options.pingIntervalMs);
  }

  private sweep(): void {
    const silentSince = this.options.clock.now() - this.options.idleTimeoutMs;
    for (const session of this.sessions) {
      if (session.hold === 'none' && session.lastHeard < silentSince) {
        this.stats.idle += 1;
        session.close(1000, 'no heartbeat');
      } else session.ping();
    }
  }
}
