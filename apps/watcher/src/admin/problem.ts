import { HttpException } from '@nestjs/common';
import { isWatcherError, type WatcherError } from '../common/watcher.error.js';
import { AdminError, type RequestFault } from './admin.errors.js';

/** RFC 9457, with the stable code of the failure and the faults of the request. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  readonly code: string;
  readonly errors?: readonly RequestFault[];
}

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** True when the service itself is at fault and a log line is due. */
  readonly unexpected: boolean;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';
/** What a client should wait before it asks again while a part of the service is away. */
const RETRY_AFTER_SECONDS = 5;
const BEARER = { 'www-authenticate': 'Bearer realm="livetap"' };
const RETRY = { 'retry-after': String(RETRY_AFTER_SECONDS) };

interface Rule {
  readonly status: number;
  readonly title: string;
  /** Stands in for the error's own message where that is not for clients. */
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const DATABASE_AWAY =
  'The database cannot be reached at the moment. Rooms go on; ask again in a few seconds. GET /readyz says what is missing.';

/** Error code → answer. A code that is not listed is a mistake of the service: 500. */
const RULES: Readonly<Record<string, Rule>> = {
  WATCHER_REQUEST_INVALID: { status: 400, title: 'Invalid request' },
  WATCHER_REQUEST_MALFORMED: { status: 400, title: 'Malformed JSON' },
  WATCHER_INVALID_UNIQUE_ID: { status: 400, title: 'Invalid unique id' },
  WATCHER_STREAMER_LIST_INVALID: { status: 400, title: 'Invalid list' },
  WATCHER_SOCKET_SOURCE_UNAVAILABLE: { status: 400, title: 'No such way here' },
  WATCHER_PROXY_AMBIGUOUS: { status: 400, title: 'Two ways out' },
  WATCHER_PROXY_POOL_UNKNOWN: { status: 400, title: 'No such proxy pool' },
  WATCHER_CURSOR_INVALID: { status: 400, title: 'Invalid cursor' },
  WATCHER_WEBHOOK_ADDRESS_REFUSED: { status: 400, title: 'Address refused' },
  WATCHER_UNAUTHORIZED: { status: 401, title: 'Key required', headers: BEARER },
  WATCHER_FORBIDDEN: { status: 403, title: 'Role does not reach' },
  WATCHER_HOST_REFUSED: { status: 403, title: 'Host not allowed' },
  WATCHER_ROUTE_NOT_FOUND: { status: 404, title: 'No such address' },
  WATCHER_STREAMER_NOT_FOUND: { status: 404, title: 'Streamer not found' },
  WATCHER_PROXY_POOL_NOT_FOUND: { status: 404, title: 'Proxy pool not found' },
  WATCHER_PROXY_NOT_FOUND: { status: 404, title: 'Proxy not found' },
  WATCHER_LABEL_DEFAULTS_NOT_FOUND: { status: 404, title: 'No defaults for this label' },
  WATCHER_SESSION_NOT_FOUND: { status: 404, title: 'Session not found' },
  WATCHER_OPT_OUT_NOT_FOUND: { status: 404, title: 'Not opted out' },
  WATCHER_WEBHOOK_NOT_FOUND: { status: 404, title: 'Webhook not found' },
  WATCHER_WEBHOOK_DELIVERY_NOT_FOUND: { status: 404, title: 'Delivery not found' },
  WATCHER_KEY_NOT_FOUND: { status: 404, title: 'Key not found' },
  WATCHER_METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed' },
  WATCHER_STREAMER_EXISTS: { status: 409, title: 'Streamer exists' },
  WATCHER_PROXY_POOL_EXISTS: { status: 409, title: 'Proxy pool exists' },
  WATCHER_PROXY_POOL_FULL: { status: 409, title: 'Too many' },
  WATCHER_PROXY_POOL_USED: { status: 409, title: 'Proxy pool in use' },
  WATCHER_PROXY_DUPLICATE: { status: 409, title: 'Proxy is there twice' },
  WATCHER_LABEL_DEFAULTS_TOO_MANY: { status: 409, title: 'Too many labels with defaults' },
  WATCHER_WEBHOOK_TOO_MANY: { status: 409, title: 'Too many webhooks' },
  WATCHER_KEY_EXISTS: { status: 409, title: 'Key exists' },
  WATCHER_KEY_TOO_MANY: { status: 409, title: 'Too many keys' },
  WATCHER_BODY_TOO_LARGE: { status: 413, title: 'Body too large' },
  WATCHER_URI_TOO_LONG: { status: 414, title: 'Address too long' },
  WATCHER_MEDIA_TYPE_UNSUPPORTED: { status: 415, title: 'Media type not supported' },
  WATCHER_TOO_MANY_REQUESTS: { status: 429, title: 'Too many requests' },
  WATCHER_TOO_MANY_TAILS: { status: 503, title: 'Too many live tails', headers: RETRY },
  WATCHER_TOO_MANY_EXPORTS: { status: 503, title: 'Too many exports', headers: RETRY },
  WATCHER_PAGE_NOT_BUILT: { status: 503, title: 'Page not built' },
  WATCHER_SECRETS_NO_KEY: { status: 503, title: 'No key for secrets' },
  WATCHER_SECRETS_UNKNOWN_KEY: { status: 503, title: 'Key for secrets missing' },
  WATCHER_SECRETS_DAMAGED: { status: 500, title: 'Stored secret unreadable' },
  WATCHER_UNAVAILABLE: { status: 503, title: 'Not available now', headers: RETRY },
  WATCHER_DATABASE_UNREACHABLE: { status: 503, title: 'Database away', detail: DATABASE_AWAY, headers: RETRY },
  WATCHER_DATABASE_DENIED: { status: 503, title: 'Database away', detail: DATABASE_AWAY, headers: RETRY },
  WATCHER_DATABASE_CONFLICT: {
    status: 503,
    title: 'Busy',
    detail: 'Another request was changing the same rows. Nothing was changed by this one; send it again.',
    headers: RETRY,
  },
};

/** All codes that have an answer of their own, for the reference. */
export const PROBLEM_CODES: readonly string[] = Object.keys(RULES);

const INTERNAL: Rule = {
  status: 500,
  title: 'Internal error',
  detail: 'The service made a mistake; its log says more. The same request may work later.',
};

/**
 * Makes the answer for any failure: codes by the table, the framework's own errors by their status, everything else as
 * 500 without a word about its cause.
 */
export function problemFor(error: unknown, instance: string | undefined): ProblemAnswer {
  if (isWatcherError(error)) return fromWatcherError(error, instance);
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) {
    return answer(fromStatus(status, error), { instance, faults: [], headers: {} });
  }
  return answer({ code: 'WATCHER_INTERNAL', rule: INTERNAL, detail: '' }, { instance, faults: [], headers: {} });
}

/** The members of a problem for one stable code, without a request around it (command replies, the starting page). */
export function problemOf(error: WatcherError): Problem {
  return fromWatcherError(error, undefined).problem;
}

function fromWatcherError(error: WatcherError, instance: string | undefined): ProblemAnswer {
  const rule = RULES[error.code] ?? INTERNAL;
  const code = rule === INTERNAL ? 'WATCHER_INTERNAL' : error.code;
  const { faults = [], headers = {} } = error instanceof AdminError ? error : {};
  return answer({ code, rule, detail: error.message }, { instance, faults, headers });
}

function answer(
  { code, rule, detail }: { code: string; rule: Rule; detail: string },
  rest: { instance: string | undefined; faults: readonly RequestFault[]; headers: Readonly<Record<string, string>> },
): ProblemAnswer {
  return {
    problem: {
      type: `urn:livetap:problem:${code
        .replace(/^WATCHER_/, '')
        .toLowerCase()
        .replaceAll('_', '-')}`,
      title: rule.title,
      status: rule.status,
      detail: rule.detail ?? detail,
      ...(rest.instance === undefined ? {} : { instance: rest.instance }),
      code,
      ...(rest.faults.length === 0 ? {} : { errors: rest.faults }),
    },
    headers: { ...rule.headers, ...rest.headers },
    unexpected: rule.status === 500,
  };
}

/** 4xx errors that the HTTP framework makes before a handler is reached. */
function fromStatus(status: number, error: unknown): { code: string; rule: Rule; detail: string } {
  const known: Readonly<Record<number, { code: string; detail: string }>> = {
    400: {
      code: 'WATCHER_REQUEST_MALFORMED',
      detail: 'The body is not valid JSON. Send one JSON object, UTF-8, with content-type application/json.',
    },
    404: {
      code: 'WATCHER_ROUTE_NOT_FOUND',
      detail: 'There is nothing at this address. GET /docs lists all that there is.',
    },
    413: { code: 'WATCHER_BODY_TOO_LARGE', detail: 'The body is too large.' },
    414: { code: 'WATCHER_URI_TOO_LONG', detail: 'The address, or one part of it, is too long.' },
    415: {
      code: 'WATCHER_MEDIA_TYPE_UNSUPPORTED',
      detail: 'Send the body as JSON, with the header content-type: application/json.',
    },
  };
  const found = known[status];
  const rule = found ? RULES[found.code] : undefined;
  if (found && rule) return { ...found, rule };
  return {
    code: 'WATCHER_REQUEST_INVALID',
    rule: { status, title: 'Invalid request' },
    detail: `The request cannot be taken as it is${frameworkCode(error)}.`,
  };
}

/** The framework's own code helps to look the cause up; its message may quote what the client sent. */
function frameworkCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? ` (${code})` : '';
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return undefined;
}
