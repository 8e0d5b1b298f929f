import type { FastifyServerFactory } from 'fastify';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Problem } from '../admin/problem.js';
import type { ReadinessCode, ReadinessReason } from './health.js';
import { OperationError } from './operation.errors.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Slow or silent clients are cut: headers and body must arrive within these times. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 30_000;
/** Open answers get this long at the very end; then their connections are cut. */
const CLOSE_TIMEOUT_MS = 2_000;

const problem = (status: number, title: string, detail: string, code: string): Problem => ({
  type: `urn:livetap:problem:${code
    .replace(/^WATCHER_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`,
  title,
  status,
  detail,
  code,
});

/**
 * The HTTP port, held from the first moment to the last. Until the application takes over, and after it has closed,
 * `/livez` answers 200 (the event loop runs) and everything else 503 with the reason. So a port in use is found before
 * anything else is started, and a database that is down does not look like a dead process.
 */
export class HttpGate {
  private readonly server: Server;
  private handler: Handler;
  private reason = 'starting';
  private code: ReadinessCode = 'SERVICE_STARTING';

  constructor() {
    this.handler = (request, response) => this.answerAlone(request, response);
    this.server = createServer((request, response) => this.handler(request, response));
    this.server.headersTimeout = HEADERS_TIMEOUT_MS;
    this.server.requestTimeout = REQUEST_TIMEOUT_MS;
    this.server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.server.on('clientError', (_error, socket) => {
      if (!socket.writable) {
        socket.destroy();
        return;
      }
      const body = JSON.stringify(
        problem(400, 'Malformed request', 'This is no HTTP request.', 'WATCHER_REQUEST_INVALID'),
      );
      socket.end(
        `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
    });
  }

  /** Binds the port. @throws OperationError WATCHER_PORT_UNAVAILABLE */
  async listen(host: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void => reject(portError(host, port, error));
      this.server.once('error', fail);
      this.server.listen({ host, port }, () => {
        this.server.removeListener('error', fail);
        resolve();
      });
    });
  }

  /** The port that was bound. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** What `/readyz` says while the application is not there. */
  waitingFor(reason: string): void {
    this.reason = reason;
  }

  /** For the application: it gets a server that never listens; its requests come from here once `open` was called. */
  readonly serverFactory: FastifyServerFactory = (handler) => {
    this.application = handler;
    return createServer();
  };
  private application: Handler | undefined;

  /** Hands all further requests to the application. */
  open(): void {
    if (this.application) this.handler = this.application;
  }

  /** Takes requests back, the application is going away. */
  shut(): void {
    this.reason = 'the service is stopping';
    this.code = 'SERVICE_STOPPING';
    this.handler = (request, response) => this.answerAlone(request, response);
  }

  /** Stops listening; open answers get a moment to end. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => {
      const cut = setTimeout(() => this.server.closeAllConnections(), CLOSE_TIMEOUT_MS);
      this.server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      this.server.closeIdleConnections();
    });
  }

  private answerAlone(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.split('?', 1)[0];
    const live = path === '/livez';
    const body = live
      ? { status: 'ok' }
      : path === '/readyz'
        ? {
            status: 'unavailable',
            checks: {},
            reasons: [{ code: this.code, message: this.reason }] satisfies ReadinessReason[],
          }
        : problem(503, 'Not available now', `Not ready: ${this.reason}.`, 'WATCHER_UNAVAILABLE');
    const type = live || path === '/readyz' ? 'application/json' : 'application/problem+json';
    request.resume();
    response.writeHead(live ? 200 : 503, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
      ...(live ? {} : { 'retry-after': '2' }),
    });
    response.end(request.method === 'HEAD' ? undefined : JSON.stringify(body));
  }
}

function portError(host: string, port: number, cause: NodeJS.ErrnoException): OperationError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE:
      'is in use by another process. Stop that one, or set LIVETAP_HTTP_PORT to another port (0 takes any free one)',
    EACCES: 'may not be used by this user. Set LIVETAP_HTTP_PORT to a port above 1023',
    EADDRNOTAVAIL: 'is no address of this machine. Set LIVETAP_HTTP_HOST to one of its addresses, or to 0.0.0.0',
    ENOTFOUND: 'is no address of this machine. Set LIVETAP_HTTP_HOST to one of its addresses, or to 0.0.0.0',
  };
  const reason = reasons[cause.code ?? ''] ?? `cannot be listened on (${cause.code ?? cause.name})`;
  return new OperationError('WATCHER_PORT_UNAVAILABLE', `Port ${port} on ${host} ${reason}.`, { cause });
}
