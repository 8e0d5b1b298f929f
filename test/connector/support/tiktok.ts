import { connect, type Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { ProtoMessageFetchResult } from '@livetap/connector';
import { LoopbackServer } from '../../../libs/connector/test-support/loopback.js';
import { makeCertificate, type TestCertificate } from '@livetap/testkit';

const NAMES = ['www.tiktok.com', 'webcast.tiktok.com', 'webcast-ws.tiktok.com', 'api.eulerstream.com', 'localhost'];

/** TikTok and the sign server under their own names, by TLS, on a port that only a proxy knows. */
export class HiddenTikTok {
  readonly origin = new LoopbackServer();
  readonly certificate: TestCertificate = makeCertificate(NAMES);
  /** Ports that connections came from. */
  readonly seenPorts: number[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly front: Server;

  constructor() {
    this.front = createServer({ ...this.certificate }, (client) => {
      const target = connect(Number(new URL(this.origin.url).port), '127.0.0.1');
      for (const socket of [client, target]) {
        this.sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => this.sockets.delete(socket));
      }
      client.on('close', () => target.destroy());
      target.on('close', () => client.destroy());
      client.pipe(target).pipe(client);
    });
    this.front.on('connection', (socket: Socket) => this.seenPorts.push(socket.remotePort as number));
    const { origin } = this;
    origin.json('/webcast/room/info/', { data: { status: 2 } });
    origin.json('/webcast/gift/list/', { data: { gifts: [{ id: 5655, name: 'Rose', diamond_count: 1 }] } });
    origin.json('/api-live/user/room', { data: { user: { roomId: '7123456789012345678' }, liveRoom: { status: 2 } } });
    origin.json('/webcast/rate_limits', { code: 200 });
    origin.json('/webcast/chat', { code: 200 });
    origin.answers.set('/webcast/fetch', (_request, response) => {
      const body = ProtoMessageFetchResult.encode({
        cursor: 'cursor-1',
        internalExt: 'ext-1',
        pushServer: 'wss://webcast-ws.tiktok.com/webcast/im/push/v2/',
      }).finish();
      response.writeHead(200, { 'x-set-tt-cookie': 'ttwid=1' }).end(body);
    });
  }

  async start(): Promise<this> {
    await this.origin.start();
    await new Promise<void>((resolve) => this.front.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** Leads each of the names here; only a proxy that is told so can do it. */
  readonly route = (host: string): { host: string; port: number } | undefined =>
    NAMES.includes(host) ? { host: '127.0.0.1', port: (this.front.address() as AddressInfo).port } : undefined;

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.front.close(resolve));
    await this.origin.close();
  }
}
