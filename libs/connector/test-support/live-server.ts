import { TikTokLiveConnection } from '../src/connection/tiktok-live-connection.js';
import type { TikTokLiveConnectionOptions } from '../src/connection/connection-types.js';
import {
  ProtoMessageFetchResult,
  WebcastChatMessage,
  WebcastControlMessage,
  type ControlAction,
  type PartialMessage,
} from '../src/proto/index.js';
import { buildEulerClient } from '../src/sign/sign-config.js';
import { LoopbackServer, serverFrame } from './loopback.js';
import { ManualClock } from './manual-clock.js';

export const ROOM = '7312345678901234567';

export interface TestMessage {
  readonly method: string;
  readonly msgId: string;
  readonly payload: Uint8Array;
}

export const chat = (comment: string, msgId = '0'): TestMessage => ({
  method: 'WebcastChatMessage',
  msgId,
  payload: WebcastChatMessage.encode({ comment, user: { userId: '107955', uniqueId: 'viewer' } }).finish(),
});

export const control = (action: ControlAction, msgId = '0'): TestMessage => ({
  method: 'WebcastControlMessage',
  msgId,
  payload: WebcastControlMessage.encode({ action }).finish(),
});

/** A live streamer on this computer: live page, room info, gift list, sign server, socket. */
export class LiveServer extends LoopbackServer {
  readonly clock = new ManualClock();
  private readonly connections: TikTokLiveConnection[] = [];

  override async start(): Promise<this> {
    await super.start();
    const user = { uniqueId: 'somebody', roomId: ROOM, status: 2 };
    const state = { LiveRoom: { liveRoomUserInfo: { user, liveRoom: { status: 2 } } } };
    this.answers.set(
      '/@',
      (_request, response) => void response.end(`<script id="SIGI_STATE">${JSON.stringify(state)}</script>`),
    );
    this.roomInfo(2);
    this.json('/webcast/gift/list/', { data: { gifts: [{ id: 5655, name: 'Rose', diamond_count: 1 }] } });
    this.sign();
    return this;
  }

  roomInfo(status: number): void {
    this.json('/webcast/room/info/', { status_code: 0, data: { id_str: ROOM, status } });
  }

  sign(batch: PartialMessage<ProtoMessageFetchResult> = {}): void {
    this.answers.set('/webcast/fetch', (_request, response) => {
      const body = ProtoMessageFetchResult.encode({
        cursor: 'cur',
        internalExt: 'ext',
        pushServer: `${this.wsUrl}/push/`,
        ...batch,
      }).finish();
      response.writeHead(200, { 'x-set-tt-cookie': 'ttwid=1; Path=/' }).end(body);
    });
  }

  /** A connection to this server, with this server's clock. */
  connection(options: TikTokLiveConnectionOptions = {}): TikTokLiveConnection {
    const connection = new TikTokLiveConnection('@somebody', {
      endpoints: this.endpoints,
      eulerApiInstance: buildEulerClient({ basePath: this.url }),
      clock: this.clock,
      webClientOptions: { retry: 0 },
      ...options,
    });
    this.connections.push(connection);
    return connection;
  }

  /** Sends one batch on the newest socket. */
  say(...messages: TestMessage[]): void {
    this.sockets.at(-1)?.send(serverFrame({ messages }));
  }

  /** Cuts the newest socket without a close frame. */
  cut(): void {
    this.sockets.at(-1)?.terminate();
  }

  requestsTo(path: string): number {
    return this.requests.filter(({ url }) => url.pathname === path).length;
  }

  override async close(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.disconnect()));
    await super.close();
  }
}
