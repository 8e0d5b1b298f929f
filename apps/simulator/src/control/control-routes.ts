import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { faultSchema } from '../faults/fault.schema.js';
import { HttpError, readJson, sendJson } from '../http/exchange.js';
import type { Exchange, Handler } from '../http/exchange.js';
import { quotaSchema } from '../http/quota.js';
import { givenMessageSchema, GivenMessageError } from '../messages/given.js';
import type { LedgerEntry } from '../ledger/entry.js';
import type { Simulator } from '../simulator.js';
import { statusOf } from '../http/tiktok-bodies.js';
import type { Streamer } from '../world/streamer.js';
import { WorldError } from '../world/world.js';
import { streamerSchema, worldSchema } from '../world/world.schema.js';

const PREFIX = '/_sim/';

const startSchema = z.strictObject({
  sameRoom: z.boolean().optional(),
  roomId: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional(),
});
const endSchema = z.strictObject({
  action: z.union([z.literal(3), z.literal(4)]).default(3),
  silent: z.boolean().default(false),
});
const messagesSchema = z.strictObject({ messages: z.array(givenMessageSchema).min(1).max(1000) });
const replaySchema = z.strictObject({
  directory: z.string().min(1),
  paceMs: z.number().int().min(0).optional(),
  restMs: z.number().int().min(0).optional(),
  prefix: z
    .string()
    .regex(/^[a-z0-9_.]{1,16}$/)
    .optional(),
});

const parse = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new HttpError(
    400,
    result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '),
  );
};

const STATUS_OF: Readonly<Record<WorldError['code'], number>> = {
  UNKNOWN_STREAMER: 404,
  UNKNOWN_ROOM: 404,
  NAME_TAKEN: 409,
  WRONG_STATE: 409,
};

/** The control API under `/_sim/`: what tests and demos order the simulator to do, and what they ask it. */
export class ControlRoutes {
  constructor(private readonly simulator: Simulator) {}

  find(method: string, path: string): Handler | undefined {
    if (!path.startsWith(PREFIX)) return undefined;
    const parts = path.slice(PREFIX.length).split('/').map(decodeURIComponent);
    const handler = this.route(method, parts);
    if (handler === undefined) return undefined;
    return async (exchange) => {
      try {
        await handler(exchange);
      } catch (error) {
        if (error instanceof WorldError) throw new HttpError(STATUS_OF[error.code], error.message);
        if (error instanceof GivenMessageError || error instanceof RangeError) throw new HttpError(400, error.message);
        throw error;
      }
    };
  }

  private route(method: string, [first, second, third]: readonly (string | undefined)[]): Handler | undefined {
    const { simulator } = this;
    switch (`${method} ${first ?? ''}${second === undefined ? '' : '/+'}${third === undefined ? '' : `/${third}`}`) {
      case 'GET health':
        return (exchange) => sendJson(exchange, { ok: true });
      case 'GET stats':
        return (exchange) => sendJson(exchange, simulator.stats());
      case 'GET sockets':
        return (exchange) => this.sockets(exchange);
      case 'GET streamers':
        return (exchange) =>
          sendJson(exchange, { streamers: simulator.world.list().map((streamer) => this.streamer(streamer)) });
      case 'GET streamers/+':
        return (exchange) => sendJson(exchange, this.streamer(simulator.world.get(second ?? '')));
      case 'POST streamers':
        return async (exchange) => {
          const order = parse(streamerSchema, await readJson(exchange));
          const streamer = simulator.world.add(order);
          if (order.live) simulator.world.start(streamer.uniqueId);
          sendJson(exchange, this.streamer(streamer), 201);
        };
      case 'POST streamers/+/start':
        return async (exchange) => {
          simulator.world.start(second ?? '', parse(startSchema, await readJson(exchange)));
          sendJson(exchange, this.streamer(simulator.world.get(second ?? '')));
        };
      case 'POST streamers/+/end':
        return async (exchange) => {
          const { action, silent } = parse(endSchema, await readJson(exchange));
          simulator.world.end(second ?? '', action, silent);
          sendJson(exchange, this.streamer(simulator.world.get(second ?? '')));
        };
      case 'POST streamers/+/pause':
        return (exchange) => {
          simulator.world.pause(second ?? '');
          sendJson(exchange, this.streamer(simulator.world.get(second ?? '')));
        };
      case 'POST streamers/+/unpause':
        return (exchange) => {
          simulator.world.unpause(second ?? '');
          sendJson(exchange, this.streamer(simulator.world.get(second ?? '')));
        };
      case 'POST world':
        return async (exchange) => {
          simulator.define(parse(worldSchema, await readJson(exchange)));
          sendJson(exchange, { streamers: simulator.world.list().length }, 201);
        };
      case 'GET rooms':
        return (exchange) =>
          sendJson(exchange, { rooms: simulator.world.allRooms().map((room) => this.room(room.roomId)) });
      case 'GET rooms/+':
        return (exchange) => sendJson(exchange, this.room(second ?? ''));
      case 'POST rooms/+/messages':
        return async (exchange) => {
          const { messages } = parse(messagesSchema, await readJson(exchange));
          const sent = simulator.sendFrame(second ?? '', messages);
          sendJson(exchange, { taken: sent.taken, msgIds: sent.messages.map((message) => message.msgId) });
        };
      case 'POST quiesce':
        return (exchange) => {
          simulator.world.quiesce();
          sendJson(exchange, { quiesced: true, ledger: simulator.stats().ledger });
        };
      case 'POST resume':
        return (exchange) => {
          simulator.world.resume();
          sendJson(exchange, { quiesced: false });
        };
      case 'GET faults':
        return (exchange) => sendJson(exchange, { faults: simulator.faults.list() });
      case 'POST faults':
        return async (exchange) =>
          sendJson(exchange, simulator.fault(parse(faultSchema, await readJson(exchange))), 201);
      case 'DELETE faults':
        return (exchange) => {
          simulator.faults.clear();
          sendJson(exchange, { faults: [] });
        };
      case 'DELETE faults/+':
        return (exchange) => {
          if (!simulator.faults.remove(Number(second))) throw new HttpError(404, `there is no fault ${second ?? ''}`);
          sendJson(exchange, { faults: simulator.faults.list() });
        };
      case 'PUT quota':
        return async (exchange) => {
          simulator.quota.configure(parse(quotaSchema, await readJson(exchange)));
          sendJson(exchange, {
            minute: simulator.quota.state('minute'),
            hour: simulator.quota.state('hour'),
            day: simulator.quota.state('day'),
          });
        };
      case 'POST replay':
        return async (exchange) =>
          sendJson(exchange, { rooms: await simulator.replay(parse(replaySchema, await readJson(exchange))) }, 201);
      case 'GET replay':
        return (exchange) => sendJson(exchange, { rooms: simulator.replayProgress() });
      case 'GET ledger':
        return (exchange) => this.ledger(exchange);
      case 'GET ledger/+':
        return second === 'summary' ? (exchange) => this.summary(exchange) : undefined;
      default:
        return undefined;
    }
  }

  private streamer(streamer: Streamer): object {
    const room = this.simulator.world.room(streamer.roomId);
    return {
      uniqueId: streamer.uniqueId,
      userId: streamer.userId,
      nickname: streamer.nickname,
      title: streamer.title,
      status: streamer.status,
      statusCode: statusOf(streamer),
      roomId: streamer.roomId,
      live: room?.live ?? 0,
      rate: streamer.rate,
      restricted: streamer.restricted,
      streams: streamer.streams,
      startedAt: streamer.startedAt,
      endedAt: streamer.endedAt,
      sockets: room?.watchers.size ?? 0,
    };
  }

  private room(roomId: string): object {
    const room = this.simulator.world.room(roomId);
    if (room === undefined) throw new HttpError(404, `there is no room ${roomId}`);
    return {
      roomId,
      uniqueId: this.simulator.world.ownerOf(roomId)?.uniqueId,
      status: room.status,
      live: room.live,
      rate: room.messagesPerSecond,
      viewers: room.viewers,
      likes: room.likes,
      delivered: room.delivered,
      sockets: room.watchers.size,
    };
  }

  private sockets(exchange: Exchange): void {
    const room = exchange.query.get('room');
    const sockets = this.simulator.sockets
      .open()
      .filter((session) => room === null || session.roomId === room)
      .map((session) => ({
        id: session.id,
        room: session.roomId,
        way: session.admission.way,
        gzip: session.admission.gzip,
        entered: session.entered,
        hold: session.hold,
        openedAt: session.openedAt,
        unacked: session.waitingForAck,
        backlog: session.backlog,
        ...session.counters,
      }));
    sendJson(exchange, { sockets });
  }

  private summary(exchange: Exchange): void {
    const room = exchange.query.get('room');
    const { ledger } = this.simulator;
    if (room === null) {
      sendJson(exchange, ledger.summary());
      return;
    }
    const summary = ledger.room(room);
    if (summary === undefined) throw new HttpError(404, `nothing was sent in room ${room}`);
    sendJson(exchange, summary);
  }

  /** Streams the entries as NDJSON; a slow reader is waited for, one that goes away ends it. */
  private async ledger(exchange: Exchange): Promise<void> {
    exchange.response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const entries = this.simulator.ledger.entries(exchange.query.get('room') ?? undefined);
    await pipeline(asLines(entries), exchange.response);
  }
}

const LINES_AT_ONCE = 1000;

async function* asLines(entries: AsyncIterable<LedgerEntry>): AsyncGenerator<string> {
  let lines: string[] = [];
  for await (const entry of entries) {
    lines.push(JSON.stringify(entry));
    if (lines.length < LINES_AT_ONCE) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}
