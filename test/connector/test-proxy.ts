import dns from 'node:dns';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { vi } from 'vitest';
import { makeCertificate } from '@livetap/testkit';

/** A loopback address of its own, so that the port of the documented example is free. */
const ADDRESS = '127.31.77.9';

/**
 * The proxy `http://user:pwd@host:8080` of the documented examples. Tunnels to addresses of this computer as they are;
 * whatever is asked for at port 443 is decrypted and handed to `backendPort`.
 */
export class TestProxy {
  /** Targets of the CONNECT requests, in order. */
  readonly targets: string[] = [];
  readonly credentials = new Set<string>();
  private readonly sockets = new Set<Socket>();
  private readonly certificate = makeCertificate(['simulator.test']);

  private constructor(private readonly server: Server) {}

  static async open(backendPort: number): Promise<TestProxy> {
    const server = createServer();
    const proxy = new TestProxy(server);
    server.on('connect', (request: IncomingMessage, client: Socket) => proxy.tunnel(request, client, backendPort));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(8080, ADDRESS, resolve);
    });
    const lookup = dns.lookup.bind(dns);
    type Done = (error: Error | null, address: unknown, family?: number) => void;
    vi.spyOn(dns, 'lookup').mockImplementation(((host: string, options: { all?: boolean }, done: Done) => {
      if (host !== 'host') (lookup as (...args: unknown[]) => void)(host, options, done);
      else if (options.all) done(null, [{ address: ADDRESS, family: 4 }]);
      else done(null, ADDRESS, 4);
    }) as typeof dns.lookup);
    return proxy;
  }

  async close(): Promise<void> {
    vi.mocked(dns.lookup).mockRestore();
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private tunnel(request: IncomingMessage, client: Socket, backendPort: number): void {
    const [host = '', port = ''] = (request.url ?? '').split(':');
    this.targets.push(`${host}:${port}`);
    const [, encoded = ''] = (request.headers['proxy-authorization'] ?? '').split(' ');
    this.credentials.add(Buffer.from(encoded, 'base64').toString());
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    const inner = port === '443' ? new TLSSocket(client, { isServer: true, ...this.certificate }) : client;
    const upstream = connect(port === '443' ? backendPort : Number(port), '127.0.0.1');
    const pair = [inner, upstream];
    for (const socket of pair) {
      this.sockets.add(socket);
      socket.on('error', () => pair.forEach((each) => each.destroy()));
      socket.on('close', () => pair.forEach((each) => each.destroy()));
    }
    inner.pipe(upstream).pipe(inner);
  }
}
