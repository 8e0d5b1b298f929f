import { createServer as createHttpServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TestCertificate } from '@livetap/testkit';

/** Where a name leads; undefined: to itself. */
export type Route = (host: string, port: number) => { readonly host: string; readonly port: number } | undefined;

export interface Tunnel {
  /** `host:port`, as the client named it. */
  readonly to: string;
  readonly login: string | undefined;
}

/** A proxy of this computer that writes down every tunnel it opens. */
export abstract class CountingProxy {
  readonly tunnels: Tunnel[] = [];
  /** Ports that its own connections come from, so that a server can tell them from others. */
  readonly outgoingPorts = new Set<number>();
  private readonly sockets = new Set<Duplex>();
  protected abstract readonly server: Server | HttpServer;
  protected abstract readonly scheme: string;

  constructor(private readonly route: Route = () => undefined) {}

  /** On a free port; on the one it had when it was closed and is to come back. */
  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** With a user and a password that need encoding. */
  get url(): string {
    return `${this.scheme}://user:p%40ss@localhost:${this.port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Joins a client with the server it asked for. */
  protected tunnel(client: Duplex, host: string, port: number, login: string | undefined, ready: () => void): void {
    this.tunnels.push({ to: `${host}:${port}`, login });
    const target: Socket = connect(this.route(host, port) ?? { host, port }, () => {
      this.outgoingPorts.add(target.localPort as number);
      ready();
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) this.watch(socket);
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  }

  protected watch(socket: Duplex): void {
    if (this.sockets.has(socket)) return;
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
  }
}

/** HTTP proxy: CONNECT alone, in clear or by TLS. */
export class ConnectProxy extends CountingProxy {
  protected readonly server: HttpServer;
  protected readonly scheme: string;

  constructor(route?: Route, certificate?: TestCertificate) {
    super(route);
    this.scheme = certificate ? 'https' : 'http';
    const refuse = (_request: IncomingMessage, response: { writeHead(status: number): { end(): void } }): void =>
      response.writeHead(405).end();
    this.server = certificate ? createHttpsServer({ ...certificate }, refuse) : createHttpServer(refuse);
    this.server.on('connection', (socket: Socket) => this.watch(socket));
    this.server.on('connect', (request: IncomingMessage, client: Duplex) => {
      const [host = '', port] = (request.url ?? '').split(':');
      const basic = request.headers['proxy-authorization']?.replace(/^Basic /, '');
      const login = basic === undefined ? undefined : Buffer.from(basic, 'base64').toString();
      this.tunnel(client, host, Number(port), login, () => client.write('HTTP/1.1 200 Connection Established\r\n\r\n'));
    });
  }
}

/** SOCKS5 (RFC 1928) with user and password (RFC 1929); CONNECT alone. */
export class Socks5Proxy extends CountingProxy {
  protected readonly scheme = 'socks5';
  protected readonly server = createTcpServer((client) => {
    this.watch(client);
    void this.serve(client).catch(() => client.destroy());
  });

  private async serve(client: Socket): Promise<void> {
    const read = reader(client);
    const [, methods = 0] = await read(2);
    await read(methods);
    client.write(Buffer.from([5, 2]));
    const [, userLength = 0] = await read(2);
    const user = (await read(userLength)).toString();
    const [passwordLength = 0] = await read(1);
    const login = `${user}:${(await read(passwordLength)).toString()}`;
    client.write(Buffer.from([1, 0]));
    const [, , , kind] = await read(4);
    let host: string;
    if (kind === 1) host = [...(await read(4))].join('.');
    else {
      const [length = 0] = await read(1);
      host = (await read(length)).toString();
    }
    const port = (await read(2)).readUInt16BE();
    this.tunnel(client, host, port, login, () => client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
  }
}

/** Reads exactly as many bytes as asked for. */
function reader(socket: Socket): (length: number) => Promise<Buffer> {
  return async (length) => {
    if (length === 0) return Buffer.alloc(0);
    for (;;) {
      const chunk = socket.read(length) as Buffer | null;
      if (chunk) return chunk;
      if (socket.readableEnded || socket.destroyed) throw new Error('The client left.');
      await new Promise<void>((resolve, reject) => {
        const settle = (finish: () => void) => () => {
          socket.off('readable', onReadable).off('close', onClose);
          finish();
        };
        const onReadable = settle(resolve);
        const onClose = settle(() => reject(new Error('The client left.')));
        socket.once('readable', onReadable).once('close', onClose);
      });
    }
  };
}
