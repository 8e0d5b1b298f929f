import { DatabaseError } from './persistence.errors.js';

/** Largest page that any list hands out. */
export const MAX_PAGE_SIZE = 1000;

/** A page size within 1 … MAX_PAGE_SIZE. */
export function boundedLimit(limit: number): number {
  return Number.isFinite(limit) ? Math.min(MAX_PAGE_SIZE, Math.max(1, Math.trunc(limit))) : MAX_PAGE_SIZE;
}

/** What a part of a cursor must look like: a regular expression without flags, or a rule. */
export interface CursorPattern {
  test(part: string): boolean;
}

/** A time as `Date.toISOString` writes it. */
export const CURSOR_TIME: CursorPattern = {
  test: (part) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(part) && !Number.isNaN(Date.parse(part)),
};

/** A whole number ≥ 0 as Postgres can hold it in 64 bits. */
export const CURSOR_NUMBER: CursorPattern = {
  test: (part) => /^\d{1,19}$/.test(part) && BigInt(part) < 2n ** 63n,
};

/** Packs the sort key of the last row of a page into an opaque, URL-safe text. */
export function encodeCursor(kind: string, key: readonly string[]): string {
  return Buffer.from(JSON.stringify([kind, ...key]), 'utf8').toString('base64url');
}

/**
 * Unpacks a cursor made by {@link encodeCursor} with the same kind; each part must pass its pattern's test.
 * @throws DatabaseError WATCHER_CURSOR_INVALID (final) for anything else
 */
export function decodeCursor(kind: string, cursor: string, patterns: readonly CursorPattern[]): string[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (cause) {
    throw invalid(cause);
  }
  if (!Array.isArray(parts) || parts.length !== patterns.length + 1 || parts[0] !== kind) throw invalid();
  return patterns.map((pattern, index) => {
    const part: unknown = parts[index + 1];
    if (typeof part !== 'string' || !pattern.test(part)) throw invalid();
    return part;
  });
}

/** A page out of `limit` + 1 rows or fewer: the row too many only says that there are more. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  convert: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): { readonly items: readonly Item[]; readonly nextCursor?: string } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(convert),
    ...(rows.length > limit && last !== undefined ? { nextCursor: cursorOf(last) } : {}),
  };
}

function invalid(cause?: unknown): DatabaseError {
  return new DatabaseError(
    'WATCHER_CURSOR_INVALID',
    'This cursor is not valid here. Take the nextCursor of the previous page, or leave it out to start at the beginning.',
    { cause },
  );
}
