import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../common/clock.js';
import type { FaultOf } from '../faults/fault.schema.js';
import type { Faults } from '../faults/faults.js';
import { HttpError, sendBytes, sendJson } from './exchange.js';
import type { Exchange, Handler } from './exchange.js';

export interface HttpFrontOptions {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly find: (method: string, path: string) => Handler | undefined;
  readonly ownerOf: (roomId: string) => string | undefined;
  readonly roomOf: (name: string) => string | undefined;
}

const GARBAGE =
  '<!DOCTYPE html><html><head><title>Please wait...</title></head><body><noscript>Please turn JavaScript on.</noscript></body></html>';
const CONTROL_PREFIX = '/_sim';
const NAMED_PAGE = /^\/@([^/]+)/;
/** Request counters are kept for this many different paths. */
const MAX_COUNTED_PATHS = 1000;

/** Takes every HTTP request: counts it, lets the waiting faults spoil the answer, and finds who answers. */
export class HttpFront {
  private readonly counts = new Map<string, number>();

  constructor(private readonly options: HttpFrontOptions) {}

  /** Requests so far by path; the live pages count as one path. */
  requests(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://simulator');
    const exchange: Exchange = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      request,
      response,
    };
    this.serve(exchange).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (error instanceof HttpError) sendJson(exchange, { error: error.message }, error.status);
      else sendJson(exchange, { error: error instanceof Error ? error.message : 'failed' }, 500);
    });
  }

  private async serve(exchange: Exchange): Promise<void> {
    if (!exchange.path.startsWith(CONTROL_PREFIX)) {
      this.count(exchange.path.replace(NAMED_PAGE, '/@:user'));
      const fault = this.options.faults.strike('http', this.target(exchange));
      if (fault !== undefined && (await this.spoil(exchange, fault))) return;
    }
    const handler = this.options.find(exchange.method, exchange.path);
    if (handler === undefined)
      sendJson(exchange, { error: `nothing answers ${exchange.method} ${exchange.path}` }, 404);
    else await handler(exchange);
  }

  /** True when the request has been answered. */
  private async spoil(exchange: Exchange, fault: FaultOf<'http'>): Promise<boolean> {
    if (fault.delayMs > 0)
      await new Promise<void>((resolve) => void this.options.clock.setTimeout(resolve, fault.delayMs));
    if (fault.retryAfterS !== undefined) exchange.response.setHeader('retry-after', String(fault.retryAfterS));
    const status = fault.status ?? (fault.retryAfterS === undefined ? 200 : 429);
    switch (fault.body) {
      case 'cut':
        exchange.request.socket.resetAndDestroy();
        return true;
      case 'html':
        sendBytes(exchange, status, 'text/html; charset=utf-8', GARBAGE);
        return true;
      case 'wrongJson':
        sendJson(exchange, { hello: 'world', data: [] }, status);
        return true;
      case 'brokenJson':
        sendBytes(exchange, status, 'application/json', '{"data":{"user":{"id":"6');
        return true;
      case 'empty':
        sendBytes(exchange, status, 'application/json', '');
        return true;
      case 'real':
        if (status === 200) return false;
        sendJson(
          exchange,
          { code: status, statusCode: status, message: status === 429 ? 'Too many requests.' : 'Refused.' },
          status,
        );
        return true;
    }
  }

  private target(exchange: Exchange): { path: string; roomId: string | undefined; uniqueId: string | undefined } {
    const named =
      exchange.query.get('uniqueId') ?? exchange.query.get('unique_id') ?? NAMED_PAGE.exec(exchange.path)?.[1];
    const roomId = exchange.query.get('room_id') ?? (named === undefined ? undefined : this.options.roomOf(named));
    return {
      path: exchange.path,
      roomId,
      uniqueId: named ?? (roomId === undefined ? undefined : this.options.ownerOf(roomId)),
    };
  }

  private count(path: string): void {
    const key = this.counts.has(path) || this.counts.size < MAX_COUNTED_PATHS ? path : 'other';
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}
