import { WatcherError } from '../common/watcher.error.js';
import { DatabaseError, type PersistenceErrorCode } from './persistence.errors.js';

/** Codes of the socket layer that mean: nobody there, or cut. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** Prisma's own codes for the same: not reachable, timed out, closed, no free connection, transaction expired. */
const PRISMA_UNREACHABLE = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
]);
const PRISMA_DENIED = new Set([
  'P1000',
  'P1003',
  'P1010',
  'P1011',
  'AuthenticationFailed',
  'DatabaseDoesNotExist',
  'DatabaseAccessDenied',
  'TlsConnectionError',
]);
/** The driver says some things in words only. */
const CUT_WORDS =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|connection error and is not queryable|connection ended|pool after calling end/i;
/** How deep causes are followed. */
const MAX_DEPTH = 6;

interface ErrorFacts {
  readonly codes: readonly string[];
  readonly words: string;
}

/**
 * Makes one DatabaseError out of whatever Prisma or the driver throws. The message never holds an address or a
 * password: only codes are taken over, and for failed statements the server's own sentence.
 */
export function toDatabaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  if (error instanceof WatcherError) {
    return new DatabaseError('WATCHER_DATABASE_FAILED', error.message, { cause: error });
  }
  const facts = collectFacts(error);
  const code = classify(facts);
  const detail = facts.codes[0] ?? 'no code';
  const context = { detail };
  switch (code) {
    case 'WATCHER_DATABASE_UNREACHABLE':
      return new DatabaseError(code, `The database does not answer (${detail}).`, { retryable: true, context });
    case 'WATCHER_DATABASE_CONFLICT':
      return new DatabaseError(code, `Two transactions were in each other's way (${detail}).`, {
        retryable: true,
        context,
      });
    case 'WATCHER_DATABASE_DENIED':
      return new DatabaseError(
        code,
        `The database does not let us in (${detail}). Check user, password, database name and rights in DATABASE_URL.`,
        { context },
      );
    default:
      return new DatabaseError(code, `A database statement failed (${detail}): ${withoutUrls(facts.words)}`, {
        context,
      });
  }
}

function classify({ codes, words }: ErrorFacts): PersistenceErrorCode {
  for (const code of codes) {
    if (NETWORK_CODES.has(code) || PRISMA_UNREACHABLE.has(code)) return 'WATCHER_DATABASE_UNREACHABLE';
    if (PRISMA_DENIED.has(code)) return 'WATCHER_DATABASE_DENIED';
    if (code === 'P2034' || code === 'TransactionWriteConflict') return 'WATCHER_DATABASE_CONFLICT';
    if (/^(08|53|57)/.test(code)) return 'WATCHER_DATABASE_UNREACHABLE';
    if (code === '40001' || code === '40P01' || code === '55P03') return 'WATCHER_DATABASE_CONFLICT';
    if (/^28/.test(code) || code === '3D000' || code === '42501') return 'WATCHER_DATABASE_DENIED';
  }
  return CUT_WORDS.test(words) ? 'WATCHER_DATABASE_UNREACHABLE' : 'WATCHER_DATABASE_FAILED';
}

/** Walks error → meta → driver error → cause and takes every code, the most telling (innermost) first. */
function collectFacts(error: unknown): ErrorFacts {
  const codes: string[] = [];
  let words = '';
  let level: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && typeof level === 'object' && level !== null; depth += 1) {
    const node = level as Record<string, unknown>;
    for (const key of ['code', 'kind', 'originalCode', 'errorCode']) {
      const value = node[key];
      if (typeof value === 'string' && /^[A-Z0-9_]{3,32}$/i.test(value) && value !== 'postgres') codes.unshift(value);
    }
    for (const key of ['message', 'originalMessage']) {
      const value = node[key];
      if (typeof value === 'string' && value !== '') words = value;
    }
    const meta = node['meta'] as Record<string, unknown> | undefined;
    const errors = node['errors'];
    level =
      meta?.['driverAdapterError'] ?? node['cause'] ?? (Array.isArray(errors) ? (errors[0] as unknown) : undefined);
  }
  return { codes, words };
}

function withoutUrls(text: string): string {
  const line = text.replace(/\b[a-z][a-z0-9+]*:\/\/\S+/gi, '[address]').replace(/\s+/g, ' ');
  return line.trim().slice(0, 500) || 'no message';
}
