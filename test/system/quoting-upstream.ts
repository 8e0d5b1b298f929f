import { ProtoMessageFetchResult } from '@livetap/connector';
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** What one request or upgrade brought along. */
export interface Brought {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** Where the sign server is asked for an address. It answers refusals with 500: after 403 nobody asks it again for ten minutes. */
const SIGN_PATH = '/webcast/fetch';

/**
 * Stands before the simulator as TikTok and as sign server: writes down what it is sent and what it gives (cookies, signed
 * addresses), and on order answers with refusals that quote all of it, as badly behaved servers do.
 */
export class QuotingUpstream {
  readonly brought: Brought[] = [];
  /** Values of cookies and of signatures that were given out. */
  readonly given = new Set<string>();
  /** Which requests are refused, with everything that they brought in the answer. */
  refuses: (brought: Brought) => boolean = () => false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(private readonly simulatorUrl: string) {
    this.#server = createServer((request, response) => {
      const brought = this.#note(request.url, request.headers);
      if (this.refuses(brought)) {
        const status = brought.path === SIGN_PATH ? 500 : 403;
        response.writeHead(status, { 'content-type': 'text/plain', 'x-request-id': quote(brought).slice(0, 500) });
        response.end(quote(brought));
        return;
      }
      const { hostname, port } = new URL(this.simulatorUrl);
      const inner = httpRequest(
        { hostname, port, path: request.url, method: request.method, headers: request.headers },
        (answer) => {
          for (const name of ['set-cookie', 'x-set-tt-cookie']) {
            for (const cookie of [answer.headers[name] ?? []].flat())
              this.given.add(/^[^=]+=([^;]*)/.exec(cookie)?.[1] ?? '');
          }
          if (brought.path === SIGN_PATH && answer.statusCode === 200) {
            const chunks: Buffer[] = [];
            answer.on('data', (chunk: Buffer) => chunks.push(chunk));
            answer.on('end', () => {
              const { 'content-length': _length, ...headers } = answer.headers;
              response.writeHead(200, headers).end(this.#signed(Buffer.concat(chunks)));
            });
            return;
          }
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      inner.on('error', () => response.destroy());
      request.pipe(inner);
    });
    this.#server.on('connection', (socket: Socket) => this.#watch(socket));
    this.#server.on('upgrade', (request, socket: Socket, head: Buffer) => {
      const brought = this.#note(request.url, request.headers);
      if (this.refuses(brought)) {
        const message = quote(brought)
          .replaceAll(/[\r\n]+/g, ' ')
          .slice(0, 190);
        socket.end(`HTTP/1.1 403 No\r\nhandshake-msg: ${message}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
        return;
      }
      const { hostname, port } = new URL(this.simulatorUrl);
      const inner = connect(Number(port), hostname, () => {
        const lines = request.rawHeaders.flatMap((text, index) =>
          index % 2 === 0 ? [`${text}: ${request.rawHeaders[index + 1] ?? ''}`] : [],
        );
        inner.write(`GET ${request.url ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
        inner.write(head);
        inner.pipe(socket).pipe(inner);
      });
      this.#watch(inner);
      inner.on('close', () => socket.destroy());
      socket.on('close', () => inner.destroy());
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #note(url = '/', headers: IncomingHttpHeaders): Brought {
    const { pathname, searchParams } = new URL(url, this.url);
    const brought = { path: pathname, query: searchParams, headers };
    this.brought.push(brought);
    for (const name of ['wrss', 'imprp']) {
      const value = searchParams.get(name);
      if (value !== null) this.given.add(value);
    }
    return brought;
  }

  /** The signed address leads here, too. */
  #signed(body: Buffer): Uint8Array {
    const result = ProtoMessageFetchResult.decode(body);
    for (const value of Object.values(result.routeParams)) this.given.add(value);
    const own = new URL(result.pushServer);
    own.host = new URL(this.url).host;
    return ProtoMessageFetchResult.encode({ ...result, pushServer: own.href }).finish();
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

/** All that is secret about a request first, so that it is not what is cut off. */
function quote({ path, query, headers }: Brought): string {
  const first = ['x-api-key', 'x-cookie-header', 'cookie', 'authorization'].map((name) => headers[name]);
  return `refused ${first.filter((text) => text !== undefined).join(' ')} ${path}?${query.toString()}`;
}
