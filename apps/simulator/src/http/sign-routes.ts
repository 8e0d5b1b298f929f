import { z } from 'zod';
import type { Clock } from '../common/clock.js';
import { SIGNED_PATH } from '../socket/handshake.js';
import type { Tickets } from '../socket/secrets.js';
import { encodeBatch, streamPosition } from '../wire/frames.js';
import { ProtoMessageFetchResult } from '../wire/proto.js';
import type { OutMessage } from '../world/message.js';
import type { Streamer } from '../world/streamer.js';
import type { World } from '../world/world.js';
import { readJson, sendBytes, sendJson } from './exchange.js';
import type { Exchange, Handler } from './exchange.js';
import type { Quota } from './quota.js';
import { roomInfo, statusOf } from './tiktok-bodies.js';

export interface SignRoutesOptions {
  readonly clock: Clock;
  readonly world: World;
  readonly tickets: Tickets;
  readonly quota: Quota;
  readonly nonce: () => string;
  /** Address of the sockets, for example `ws://127.0.0.1:4600`. */
  readonly socketUrl: () => string;
  /** Recent history left the house in an answer of the sign server. */
  readonly onHistorySent: (roomId: string, messages: readonly OutMessage[]) => void;
  /** A chat that a user sent through the sign server; it appears in the room. */
  readonly onChat: (roomId: string, content: string) => boolean;
}

const signBody = z.object({ url: z.url(), method: z.string().optional(), userAgent: z.string().optional() });
const chatBody = z.object({
  content: z.string().min(1).max(500),
  targetRoomId: z.string().optional(),
  targetUniqueId: z.string().optional(),
});
const bulkBody = z.object({ user_numeric_ids: z.array(z.string()).max(200) });

const QUOTA_PATHS = new Set([
  '/webcast/fetch',
  '/webcast/room_id',
  '/webcast/room_info',
  '/webcast/sign_url',
  '/webcast/chat',
  '/webcast/bulk_live_check',
]);

/** The sign server's API. */
export class SignRoutes {
  private requests = 0;

  constructor(private readonly options: SignRoutesOptions) {}

  find(method: string, path: string): Handler | undefined {
    const handler = this.route(`${method} ${path}`);
    if (handler === undefined || !QUOTA_PATHS.has(path)) return handler;
    return (exchange) => {
      const granted = this.options.quota.take();
      const state = this.options.quota.tightest();
      const reset = Math.max(0, Math.ceil((state.resetAt - this.options.clock.now()) / 1000));
      exchange.response.setHeader('x-ratelimit-limit', state.max);
      exchange.response.setHeader('x-ratelimit-remaining', state.remaining);
      exchange.response.setHeader('x-ratelimit-reset', Math.ceil(state.resetAt / 1000));
      if (granted) return handler(exchange);
      sendJson(
        exchange,
        { code: 429, message: `Too many requests in this ${state.name}.`, limit_label: state.name },
        429,
        { 'retry-after': String(reset), ...this.ids() },
      );
      return undefined;
    };
  }

  private route(key: string): Handler | undefined {
    if (/^POST \/accounts\/\d+\/jwt\/create$/.test(key))
      return (exchange) => sendJson(exchange, { code: 200, token: `jwt-${this.options.nonce()}` }, 200, this.ids());
    switch (key) {
      case 'GET /webcast/fetch':
        return (exchange) => this.fetch(exchange);
      case 'GET /webcast/room_id':
        return (exchange) => this.roomId(exchange);
      case 'GET /webcast/room_info':
        return (exchange) => this.roomInfo(exchange);
      case 'GET /webcast/rate_limits':
        return (exchange) => this.rateLimits(exchange);
      case 'POST /webcast/sign_url':
        return (exchange) => this.signUrl(exchange);
      case 'POST /webcast/chat':
        return (exchange) => this.chat(exchange);
      case 'POST /webcast/bulk_live_check':
        return (exchange) => this.bulk(exchange);
      default:
        return undefined;
    }
  }

  private fetch(exchange: Exchange): void {
    const { world, clock, tickets } = this.options;
    const uniqueId = exchange.query.get('unique_id');
    const roomId = exchange.query.get('room_id') ?? (uniqueId === null ? '' : (world.find(uniqueId)?.roomId ?? ''));
    const room = world.room(roomId);
    if (room === undefined) {
      sendJson(exchange, { code: 404, message: 'The room was not found.' }, 404, this.ids());
      return;
    }
    const now = clock.now();
    const recent = room.recent();
    const position = streamPosition(now, recent.at(-1)?.msgId ?? '0');
    const body = ProtoMessageFetchResult.decode(
      encodeBatch({ messages: recent, history: true, now }, position.cursor, position.internalExt),
    );
    const bytes = ProtoMessageFetchResult.encode({
      ...body,
      pushServer: `${this.options.socketUrl()}${SIGNED_PATH}`,
      routeParams: { wrss: tickets.wrss(roomId, now), imprp: this.options.nonce() },
      isFirst: true,
    }).finish();
    this.options.onHistorySent(roomId, recent);
    sendBytes(exchange, 200, 'application/x-protobuf', bytes, {
      'x-set-tt-cookie': `ttwid=${tickets.ttwid(this.options.nonce(), now)}; Path=/; Domain=tiktok.com`,
      'x-room-id': roomId,
      ...this.ids(),
    });
  }

  private roomId(exchange: Exchange): void {
    const streamer = this.options.world.find(exchange.query.get('uniqueId') ?? exchange.query.get('unique_id') ?? '');
    if (streamer === undefined)
      sendJson(
        exchange,
        { code: 404, ok: false, message: 'The user was not found.', routes_attempted: ['api-live'] },
        404,
        this.ids(),
      );
    else
      sendJson(
        exchange,
        {
          code: 200,
          ok: true,
          room_id: streamer.roomId,
          is_live: streamer.status !== 'offline',
          message: '',
          routes_attempted: ['api-live'],
        },
        200,
        this.ids(),
      );
  }

  private roomInfo(exchange: Exchange): void {
    const streamer = this.options.world.find(exchange.query.get('uniqueId') ?? exchange.query.get('unique_id') ?? '');
    if (streamer === undefined) {
      sendJson(
        exchange,
        { code: 404, ok: false, message: 'The user was not found.', routes_attempted: ['api-live'], data: null },
        404,
        this.ids(),
      );
      return;
    }
    sendJson(
      exchange,
      { code: 200, ok: true, message: '', routes_attempted: ['api-live'], data: this.liveUser(streamer) },
      200,
      this.ids(),
    );
  }

  private rateLimits(exchange: Exchange): void {
    const window = (name: 'minute' | 'hour' | 'day'): object => {
      const state = this.options.quota.state(name);
      return { max: state.max, remaining: state.remaining, reset_at: new Date(state.resetAt).toISOString() };
    };
    sendJson(
      exchange,
      {
        code: 200,
        minute: window('minute'),
        hour: window('hour'),
        day: window('day'),
        load_shedding: { at: 0, chance: 0 },
      },
      200,
      this.ids(),
    );
  }

  private async signUrl(exchange: Exchange): Promise<void> {
    const body = signBody.safeParse(await readJson(exchange));
    if (!body.success) {
      sendJson(exchange, { code: 400, message: 'The body has no valid url.' }, 400, this.ids());
      return;
    }
    const tokens = { 'X-Bogus': this.options.nonce(), 'X-Gnarly': this.options.nonce(), msToken: this.options.nonce() };
    const url = new URL(body.data.url);
    for (const [name, value] of Object.entries(tokens)) url.searchParams.set(name, value);
    const userAgent = body.data.userAgent ?? 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36';
    sendJson(
      exchange,
      {
        code: 200,
        response: {
          signedUrl: url.href,
          userAgent,
          browserName: 'Mozilla',
          browserVersion: userAgent.replace(/^[^/]*\//, ''),
          tokens,
        },
      },
      200,
      this.ids(),
    );
  }

  private async chat(exchange: Exchange): Promise<void> {
    const body = chatBody.safeParse(await readJson(exchange));
    const { headers } = exchange.request;
    if (headers['x-cookie-header'] === undefined && headers['x-oauth-token'] === undefined) {
      sendJson(exchange, { code: 401, message: 'A session is needed to send a chat.' }, 401, this.ids());
      return;
    }
    if (!body.success) {
      sendJson(
        exchange,
        { code: 400, message: 'The body needs content and targetRoomId or targetUniqueId.' },
        400,
        this.ids(),
      );
      return;
    }
    const roomId = body.data.targetRoomId ?? this.options.world.find(body.data.targetUniqueId ?? '')?.roomId ?? '';
    if (!this.options.onChat(roomId, body.data.content))
      sendJson(exchange, { code: 404, message: 'The room is not live.' }, 404, this.ids());
    else sendJson(exchange, { code: 200, message: '', data: { status_code: 0 } }, 200, this.ids());
  }

  private async bulk(exchange: Exchange): Promise<void> {
    const body = bulkBody.safeParse(await readJson(exchange));
    if (!body.success) {
      sendJson(exchange, { code: 400, message: 'The body needs user_numeric_ids, at most 200.' }, 400, this.ids());
      return;
    }
    const data = Object.fromEntries(
      body.data.user_numeric_ids.map((userId) => {
        const streamer = this.options.world.find(userId);
        return [
          userId,
          streamer === undefined || streamer.userId !== userId
            ? null
            : { room_id: streamer.roomId, is_live: streamer.status !== 'offline' },
        ];
      }),
    );
    sendJson(exchange, { code: 200, response: { data } }, 200, this.ids());
  }

  private liveUser(streamer: Streamer): object {
    const room = this.options.world.room(streamer.roomId);
    return {
      raw: room === undefined ? {} : roomInfo(streamer, room),
      room_info: {
        id: streamer.roomId,
        status: statusOf(streamer),
        is_live: streamer.status !== 'offline',
        title: streamer.title,
        start_time: Math.floor(streamer.startedAt / 1000),
        current_viewers: room?.viewers ?? 0,
        cover_url: streamer.avatarUrl,
      },
      user: {
        avatar_url: streamer.avatarUrl,
        nickname: streamer.nickname,
        sec_uid: streamer.secUid,
        numeric_uid: streamer.userId,
        followers: streamer.followers,
        unique_id: streamer.uniqueId,
      },
      unique_id: streamer.uniqueId,
    };
  }

  private ids(): Record<string, string> {
    this.requests += 1;
    return { 'x-request-id': `sim-${this.requests}`, 'x-agent-id': 'simulator', 'x-log-id': `log-${this.requests}` };
  }
}
