import { gunzipSync } from 'node:zlib';
import {
  HeartbeatMessage,
  ProtoMessageFetchResult,
  WebcastImEnterRoomMessage,
  WebcastPushFrame,
} from '@livetap/connector';
import { WebSocket } from 'ws';
import { DIRECT_PATH } from '../../../apps/simulator/src/index.js';

/** A message as it came in. */
export interface Received {
  readonly method: string;
  readonly msgId: string;
  readonly payload: Uint8Array;
  readonly isHistory: boolean;
}

export interface ClientOptions {
  readonly ack?: boolean;
  readonly gzip?: boolean;
  readonly enter?: boolean;
}

/** A Webcast client made of nothing but `ws` and the codecs. */
export class Client {
  readonly messages: Received[] = [];
  readonly frames: WebcastPushFrame[] = [];
  readonly broken: Uint8Array[] = [];
  closed: { code: number; reason: string } | undefined;
  private waiting: (() => void)[] = [];

  private constructor(
    readonly socket: WebSocket,
    readonly roomId: string,
    private readonly options: ClientOptions,
  ) {
    socket.on('message', (data: Buffer) => {
      this.receive(data);
      this.wake();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString('utf8') };
      this.wake();
    });
    // Shown by the close that follows.
    socket.on('error', () => this.wake());
  }

  static async open(address: string, cookie: string, roomId: string, options: ClientOptions = {}): Promise<Client> {
    const socket = new WebSocket(address, { headers: { cookie }, perMessageDeflate: false });
    const client = new Client(socket, roomId, options);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_request, response) => {
        const refusal = { status: response.statusCode, headers: response.headers };
        socket.terminate();
        reject(Object.assign(new Error(`refused with ${response.statusCode ?? 0}`), { refusal }));
      });
      socket.once('error', reject);
    });
    if (options.enter !== false) client.enter(roomId);
    return client;
  }

  enter(roomId: string): void {
    this.send('hb', HeartbeatMessage.encode({ roomId, sendPacketSeqId: '1' }).finish());
    const message = {
      roomId,
      liveId: '12',
      identity: 'audience',
      enterUniqueId: '4611686018427387904',
      filterWelcomeMsg: '0',
    };
    this.send('im_enter_room', WebcastImEnterRoomMessage.encode(message).finish());
  }

  send(payloadType: string, payload: Uint8Array, logId?: string): void {
    this.socket.send(
      WebcastPushFrame.encode({
        ...(logId === undefined ? {} : { logId }),
        payloadEncoding: 'pb',
        payloadType,
        payload,
      }).finish(),
    );
  }

  /** Resolves when the condition holds; it is looked at after each frame and at the close. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.until(() => this.closed !== undefined);
  }

  ids(): ReadonlySet<string> {
    return new Set(this.messages.map((message) => message.msgId));
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private receive(data: Buffer): void {
    try {
      const frame = WebcastPushFrame.decode(data);
      this.frames.push(frame);
      if (frame.payloadType !== 'msg') return;
      const packed = frame.payload[0] === 0x1f && frame.payload[1] === 0x8b;
      const batch = ProtoMessageFetchResult.decode(packed ? gunzipSync(frame.payload) : frame.payload);
      for (const { method, msgId, payload, isHistory } of batch.messages)
        this.messages.push({ method, msgId, payload, isHistory });
      if (batch.needAck && this.options.ack !== false) this.send('ack', Buffer.from(batch.internalExt), frame.logId);
    } catch {
      this.broken.push(data);
    }
  }
}

/** A cookie as TikTok's front page gives it. */
export const takeCookie = async (url: string): Promise<string> => {
  const answer = await fetch(`${url}/`);
  return (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
};

/** Address of the unsigned way into a room. */
export const directAddress = (wsUrl: string, roomId: string, more: Readonly<Record<string, string>> = {}): string => {
  const query = new URLSearchParams({
    aid: '1988',
    device_platform: 'web',
    live_id: '12',
    identity: 'audience',
    resp_content_type: 'protobuf',
    room_id: roomId,
    ws_direct: '1',
    compress: 'gzip',
    ...more,
  });
  return `${wsUrl}${DIRECT_PATH}?${query.toString()}`;
};

/** Dials a room the unsigned way. */
export const dial = async (
  simulator: { url: string; wsUrl: string },
  roomId: string,
  options: ClientOptions = {},
): Promise<Client> =>
  Client.open(
    directAddress(simulator.wsUrl, roomId, options.gzip === false ? { compress: '' } : {}),
    await takeCookie(simulator.url),
    roomId,
    options,
  );

export const json = async (
  url: string,
  init?: { method?: string; body?: unknown },
): Promise<Record<string, unknown>> => {
  const answer = await fetch(url, {
    method: init?.method ?? 'GET',
    ...(init?.body === undefined
      ? {}
      : { body: JSON.stringify(init.body), headers: { 'content-type': 'application/json' } }),
  });
  return (await answer.json()) as Record<string, unknown>;
};

/** Resolves when the condition holds; the test's own time limit ends a wait in vain. */
export const eventually = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};
