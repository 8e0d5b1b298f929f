import type { RawAxiosRequestConfig } from 'axios';
import { isAxiosError } from 'axios';
import { linkAbort, throwIfAborted } from '../common/abort.js';
import { systemClock, type ConnectorClock } from '../common/clock.js';
import type { HttpAgents } from '../http/http-transport.js';

export interface SignCallOptions {
  readonly agents?: HttpAgents;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole call. */
  readonly timeoutMs: number;
  readonly clock?: ConnectorClock;
  /** Options of the caller for the underlying client; they go along unchanged. */
  readonly options?: RawAxiosRequestConfig | undefined;
}

/** An answer of the sign server, whatever its status. */
export interface SignAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** Largest answer that is read, in bytes. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

interface RawAnswer {
  readonly status: number;
  readonly headers: unknown;
  readonly data: unknown;
}

/** The call got no answer: network, or time-out. `message` says which; no request details are kept. */
export class SignCallFailure extends Error {}

/**
 * Calls the sign server with a time limit, through the caller's proxy, and never throws for a status.
 * @throws SignCallFailure without an answer; the signal's reason when aborted
 */
export async function callSignServer(
  call: (options: RawAxiosRequestConfig) => Promise<unknown>,
  options: SignCallOptions,
): Promise<SignAnswer> {
  throwIfAborted(options.signal);
  const abort = linkAbort(options.signal);
  let timedOut = false;
  const timer = (options.clock ?? systemClock).setTimeout(() => {
    timedOut = true;
    abort.abort(new Error('timeout'));
  }, options.timeoutMs);
  try {
    const { agents } = options;
    return readAnswer(
      (await call({
        proxy: false,
        // The limit of this call is the timer above.
        timeout: 0,
        // A redirect would take the key and the session to whoever it names.
        maxRedirects: 0,
        maxContentLength: MAX_ANSWER_BYTES,
        ...(agents?.http ? { httpAgent: agents.http } : {}),
        ...(agents?.https ? { httpsAgent: agents.https } : {}),
        ...options.options,
        signal: abort.signal,
        responseType: 'arraybuffer',
      })) as RawAnswer,
    );
  } catch (error) {
    throwIfAborted(options.signal);
    if (timedOut) throw new SignCallFailure(`no answer within ${options.timeoutMs} ms`);
    if (isAxiosError(error) && error.response) return readAnswer(error.response);
    // The error of the client carries the request with its key: only its words go on.
    throw new SignCallFailure(
      isAxiosError(error) && error.code
        ? `${error.code} ${error.message}`
        : error instanceof Error
          ? error.message
          : 'unknown failure',
    );
  } finally {
    timer.cancel();
    abort.release();
  }
}

function readAnswer(answer: RawAnswer): SignAnswer {
  const headers: Record<string, unknown> = {};
  const source = answer.headers as { toJSON?: () => object } | undefined;
  for (const [name, value] of Object.entries(source?.toJSON?.() ?? source ?? {})) headers[name.toLowerCase()] = value;
  return { status: answer.status, headers, body: toBuffer(answer.data) };
}

function toBuffer(data: unknown): Buffer {
  if (Buffer.isBuffer(data)) return data;
  if (data instanceof Uint8Array) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  if (data === undefined || data === null) return Buffer.alloc(0);
  return Buffer.from(typeof data === 'string' ? data : JSON.stringify(data));
}
