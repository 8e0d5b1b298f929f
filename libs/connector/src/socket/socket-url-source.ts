import type { SocketRefusedError } from '../errors/connection-errors.js';
import type { RawBatch } from './batch.js';

export type SocketSourceName = 'direct' | 'euler' | 'fixed';

export interface SocketUrlRequest {
  readonly roomId: string;
  /** Aborts the request; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A socket address that is ready to be dialled. Signed addresses live about 30 seconds: take a fresh one for each attempt. */
export interface SocketAddress {
  readonly source: SocketSourceName;
  /** Full ws(s) URL. Secret: it may carry a signature. */
  readonly url: string;
  /** Headers of the upgrade request (User-Agent, Cookie, Origin …). Secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** The room to enter; the source may correct the requested one. */
  readonly roomId: string;
  /** Messages that the source delivered together with the address (recent history), if any. */
  readonly initialBatch?: RawBatch;
}

/** One way to a socket address: signed by the Euler sign server, direct with an anonymous cookie, or given by the caller. */
export interface SocketUrlSource {
  readonly name: SocketSourceName;
  /** @throws a ConnectorError whose `code`, `retryable` and `retryAfterMs` say what to do next. */
  resolve(request: SocketUrlRequest): Promise<SocketAddress>;
  /** Tells the source that an address it gave was refused, so that it can renew what the address was made of. */
  onRefused?(address: SocketAddress, error: SocketRefusedError): void;
}
