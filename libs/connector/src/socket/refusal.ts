import type { IncomingMessage } from 'node:http';
import { SocketRefusedError, type SocketRefusal } from '../errors/connection-errors.js';
import { parseRetryAfter } from '../http/retry-policy.js';

const DEVICE_BLOCKED = '415';
const ROUTE_CLOSED = '417';
const MAX_MESSAGE_LENGTH = 200;

function first(value: string | string[] | undefined): string | undefined {
  const text = Array.isArray(value) ? value[0] : value;
  return text === undefined || text === '' ? undefined : text.slice(0, MAX_MESSAGE_LENGTH);
}

function classify(status: number, message: string | undefined, handshakeStatus: string | undefined): SocketRefusal {
  if (message === 'DEVICE_BLOCKED' || handshakeStatus === DEVICE_BLOCKED || status === Number(DEVICE_BLOCKED))
    return 'deviceBlocked';
  if (message?.startsWith('illegal') || handshakeStatus === ROUTE_CLOSED || status === Number(ROUTE_CLOSED))
    return 'routeClosed';
  // A plain page instead of the upgrade: taken for no browser. Only another cookie and User-Agent can help.
  return status === 200 && message === undefined ? 'deviceBlocked' : 'refused';
}

/** Reads why the upgrade was refused from the status and the `handshake-…` headers. */
export function readRefusal(response: IncomingMessage, now: number): SocketRefusedError {
  const status = response.statusCode ?? 0;
  const message = first(response.headers['handshake-msg']);
  const handshakeStatus = first(response.headers['handshake-status']);
  return new SocketRefusedError(classify(status, message, handshakeStatus), status, message, {
    handshakeStatus,
    retryAfterMs: parseRetryAfter(response.headers['retry-after'], now),
  });
}
