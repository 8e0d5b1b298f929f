import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { WebSocketServer, type WebSocket } from 'ws';
import { ProtoMessageFetchResult, WebcastPushFrame, type PartialMessage } from '../src/proto/index.js';

export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

/** A TikTok, a sign server and a Webcast socket on one port of this computer, with answers that a test writes. */
export class LoopbackServer {
  readonly requests: SeenRequest[] = [];
  readonly upgrades: SeenRequest[] = [];
  readonly sockets: WebSocket[] = [];
  /** Frames that clients sent, in order. */
  readonly frames: WebcastPushFrame[] = [];
  /** Answers by path; the longest prefix counts. */
  readonly answers = new Map<string, Answer>();
  /** Refuses upgrades instead of accepting them. */
  refuse: ((request: SeenRequest) => { status: number; headers?: Record<string, string> } | undefined) | undefined;
  onSocket: ((socket: WebSocket) => void) | undefined;
  private readonly http: Server;
  private readonly ws = new WebSocketServer({ noServer: true });
  private waiters: { count: number; resolve: () => void }[] = [];

  constructor() {
    this.http = createServer((request, response) => void this.handle(request, response));
    this.http.on('upgrade', (request: IncomingMessage, socket, head) => {
      const seen = seenRequest(request, '');
      this.upgrades.push(seen);
      const refusal = this.refuse?.(seen);
      if (refusal) {
        const headers = Object.entries(refusal.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.end(
          `HTTP/1.1 ${refusal.status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n${headers.join('')}\r\n`,
        );
        return;
      }
      this.ws.handleUpgrade(request, socket, head, (client) => {
        this.sockets.push(client);
        client.on('message', (data: Buffer) => {
          this.frames.push(WebcastPushFrame.decode(data));
          this.waiters = this.waiters.filter(
            ({ count, resolve }) => (this.frames.length >= count ? resolve() : true) !== undefined,
          );
        });
        client.on('error', () => client.terminate());
        this.onSocket?.(client);
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.http.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get host(): string {
    return `127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  get wsUrl(): string {
    return `ws://${this.host}`;
  }

  get endpoints(): { webUrl: string; webcastUrl: string; socketUrl: string } {
    return { webUrl: this.url, webcastUrl: this.url, socketUrl: this.wsUrl };
  }

  json(path: string, body: unknown, status = 200, headers: Record<string, string> = {}): void {
    this.answers.set(path, (_request, response) => {
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  /** Resolves when clients have sent `count` frames. */
  async framesSent(count: number): Promise<WebcastPushFrame[]> {
    if (this.frames.length < count) await new Promise<void>((resolve) => this.waiters.push({ count, resolve }));
    return this.frames.slice(0, count);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.ws.close();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const seen = seenRequest(request, Buffer.concat(chunks).toString());
    this.requests.push(seen);
    const path = [...this.answers.keys()]
      .filter((prefix) => seen.url.pathname.startsWith(prefix))
      .sort((a, b) => b.length - a.length)[0];
    const answer = path === undefined ? undefined : this.answers.get(path);
    if (answer) await answer(seen, response);
    else response.writeHead(404).end();
  }
}

function seenRequest(request: IncomingMessage, body: string): SeenRequest {
  return {
    method: request.method ?? '',
    url: new URL(request.url ?? '/', 'http://127.0.0.1'),
    headers: request.headers,
    body,
  };
}

/** The bytes of a frame as the server sends it. */
export function serverFrame(
  batch: PartialMessage<ProtoMessageFetchResult>,
  options: { gzip?: boolean; logId?: string; payloadType?: string } = {},
): Buffer {
  const payload = ProtoMessageFetchResult.encode(batch).finish();
  const frame = WebcastPushFrame.encode({
    logId: options.logId ?? '0',
    payloadEncoding: 'pb',
    payloadType: options.payloadType ?? 'msg',
    payload: options.gzip ? gzipSync(payload) : payload,
  });
  return Buffer.from(frame.finish());
}

/** Something that a test waits for: resolves at the first call of `done`. */
export function signalled<T = void>(): { readonly promise: Promise<T>; readonly done: (value: T) => void } {
  let done!: (value: T) => void;
  const promise = new Promise<T>((resolve) => {
    done = resolve;
  });
  return { promise, done };
}
