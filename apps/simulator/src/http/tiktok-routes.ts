import type { Clock } from '../common/clock.js';
import { giftList } from '../messages/gift-catalogue.js';
import { readCookies } from '../socket/secrets.js';
import type { Tickets } from '../socket/secrets.js';
import type { World } from '../world/world.js';
import { sendBytes, sendJson } from './exchange.js';
import type { Exchange, Handler } from './exchange.js';
import { livePage, roomInfo, userAndRoom } from './tiktok-bodies.js';

export interface TikTokRoutesOptions {
  readonly clock: Clock;
  readonly world: World;
  readonly tickets: Tickets;
  /** A text that is new each time, for cookies. */
  readonly nonce: () => string;
}

/** Answers of TikTok's web API for somebody who does not exist, and of room info for rooms that need an adult's login. */
const USER_NOT_FOUND = 19_881_007;
const AGE_RESTRICTED = 4_003_110;
/** Room info for an id that never was. The number is this simulator's choice. */
const ROOM_NOT_FOUND = 30_003;
const SESSION_COOKIES = ['sessionid', 'sessionid_ss', 'sid_tt'];

const LIVE_PAGE = /^\/@([^/]+)\/live\/?$/;

/** TikTok's web pages and APIs. */
export class TikTokRoutes {
  constructor(private readonly options: TikTokRoutesOptions) {}

  /** The handler of a path, if it is one of TikTok's. */
  find(method: string, path: string): Handler | undefined {
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    if (LIVE_PAGE.test(path)) return (exchange) => this.livePage(exchange);
    switch (path.replace(/\/$/, '')) {
      case '':
        return (exchange) => this.home(exchange);
      case '/api-live/user/room':
        return (exchange) => this.userRoom(exchange);
      case '/webcast/room/info':
        return (exchange) => this.roomInfo(exchange);
      case '/webcast/room/check_alive':
        return (exchange) => this.checkAlive(exchange);
      case '/webcast/gift/list':
        return (exchange) => this.giftList(exchange);
      default:
        return undefined;
    }
  }

  private home(exchange: Exchange): void {
    const ttwid = this.options.tickets.ttwid(this.options.nonce(), this.options.clock.now());
    sendBytes(
      exchange,
      200,
      'text/html; charset=utf-8',
      '<!DOCTYPE html><html lang="en"><title>TikTok - Make Your Day</title><body></body></html>',
      {
        'set-cookie': [
          `ttwid=${ttwid}; Path=/; Domain=tiktok.com; Max-Age=31536000; HttpOnly`,
          'tt_csrf_token=simulated; Path=/; HttpOnly',
        ],
      },
    );
  }

  private livePage(exchange: Exchange): void {
    const name = decodeURIComponent(LIVE_PAGE.exec(exchange.path)?.[1] ?? '');
    const streamer = this.options.world.find(name);
    const page = livePage(
      name,
      streamer === undefined ? undefined : { streamer, room: this.options.world.room(streamer.roomId) },
    );
    sendBytes(exchange, streamer === undefined ? 404 : 200, 'text/html; charset=utf-8', page);
  }

  private userRoom(exchange: Exchange): void {
    const streamer = this.options.world.find(exchange.query.get('uniqueId') ?? '');
    if (streamer === undefined)
      sendJson(exchange, { data: {}, extra: this.extra(), message: 'user_not_found', statusCode: USER_NOT_FOUND });
    else
      sendJson(exchange, {
        data: userAndRoom(streamer, this.options.world.room(streamer.roomId)),
        extra: this.extra(),
        message: '',
        statusCode: 0,
      });
  }

  private roomInfo(exchange: Exchange): void {
    const roomId = exchange.query.get('room_id') ?? '';
    const room = this.options.world.room(roomId);
    const streamer = this.options.world.ownerOf(roomId);
    if (room === undefined || streamer === undefined) {
      sendJson(exchange, {
        data: { message: 'room not found', prompts: '' },
        extra: this.extra(),
        status_code: ROOM_NOT_FOUND,
      });
      return;
    }
    const cookies = readCookies(exchange.request.headers.cookie);
    if (streamer.restricted && !SESSION_COOKIES.some((name) => cookies.has(name))) {
      sendJson(exchange, {
        data: { prompts: 'This LIVE is for people of 18 years and more.', message: '' },
        extra: this.extra(),
        status_code: AGE_RESTRICTED,
      });
      return;
    }
    sendJson(exchange, { data: roomInfo(streamer, room), extra: this.extra(), status_code: 0 });
  }

  private checkAlive(exchange: Exchange): void {
    const ids = (exchange.query.get('room_ids') ?? '').split(',').filter((id) => id !== '');
    const data = ids.map((id) => {
      const room = this.options.world.room(id);
      return { alive: room !== undefined && room.status !== 'ended', room_id: Number(id), room_id_str: id };
    });
    sendJson(exchange, { data, extra: this.extra(), status_code: 0 });
  }

  private giftList(exchange: Exchange): void {
    sendJson(exchange, { data: giftList(), extra: this.extra(), status_code: 0 });
  }

  private extra(): object {
    return { now: this.options.clock.now() };
  }
}
