import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDatabaseError } from './classify-error.js';
import { boundedLimit, CURSOR_TIME, decodeCursor, encodeCursor, MAX_PAGE_SIZE } from './page-cursor.js';
import { DatabaseError } from './persistence.errors.js';
import { safeJson, safeText } from './safe-text.js';

const anyString = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('\ud800', '\udc00x', '\u0000', '\\u0000'),
);

describe('safeText and safeJson', () => {
  it('leave what Postgres can hold alone, and make everything else holdable', () => {
    expect(safeText('Zoë 🎁')).toBe('Zoë 🎁');
    expect(safeText('a\u0000b\ud83d')).toBe('ab\ufffd');
    fc.assert(
      fc.property(anyString, (text) => {
        const safe = safeText(text);
        expect(safe.includes('\u0000') || /\p{Surrogate}/u.test(safe)).toBe(false);
        expect(safeText(safe)).toBe(safe);
      }),
    );
  });

  it('keep the value otherwise', () => {
    const holdable = fc.jsonValue();
    fc.assert(
      fc.property(holdable, (value) => {
        expect(JSON.parse(safeJson({ value }))).toEqual(JSON.parse(JSON.stringify({ value })));
      }),
    );
    expect(JSON.parse(safeJson([{ 'k\u0000': ['x\ud800', 1, null, true] }]))).toEqual([
      { k: ['x\ufffd', 1, null, true] },
    ]);
    expect(safeJson({ at: new Date(0), odd: '\u0000' })).toBe('{"at":"1970-01-01T00:00:00.000Z","odd":""}');
  });
});

describe('page cursors', () => {
  it('come back as they were made', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
        expect(decodeCursor('list', encodeCursor('list', [key]), [/^[\s\S]*$/])).toEqual([key]);
      }),
    );
  });

  it('are refused when they are not ours', () => {
    const time = encodeCursor('sessions', ['2026-13-45T99:99:99.999Z']);
    for (const [cursor, pattern] of [
      ['', /^\d+$/],
      ['%%%', /^\d+$/],
      [encodeCursor('other', ['1']), /^\d+$/],
      [encodeCursor('sessions', ['x']), /^\d+$/],
      [encodeCursor('sessions', ['1', '2']), /^\d+$/],
      [time, CURSOR_TIME],
    ] as const) {
      expect(() => decodeCursor('sessions', cursor, [pattern])).toThrow(DatabaseError);
    }
    fc.assert(
      fc.property(fc.string(), (junk) => {
        expect(() => decodeCursor('sessions', junk, [/^never$/])).toThrow(/nextCursor/);
      }),
    );
  });

  it('bound the size of a page', () => {
    expect([0, -5, 1.9, 50, 1e9, Number.NaN].map(boundedLimit)).toEqual([1, 1, 1, 50, MAX_PAGE_SIZE, MAX_PAGE_SIZE]);
  });
});

describe('toDatabaseError', () => {
  const of = (error: unknown): string => {
    const made = toDatabaseError(error);
    return `${made.code} ${made.retryable}`;
  };

  it('tells what passes from what stays', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' });
    expect(of(refused)).toBe('WATCHER_DATABASE_UNREACHABLE true');
    expect(of(new AggregateError([refused]))).toBe('WATCHER_DATABASE_UNREACHABLE true');
    expect(of(new Error('Connection terminated unexpectedly'))).toBe('WATCHER_DATABASE_UNREACHABLE true');
    expect(of({ code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '57P03' } } } })).toBe(
      'WATCHER_DATABASE_UNREACHABLE true',
    );
    expect(of({ code: 'P2010', meta: { driverAdapterError: { cause: { kind: 'DatabaseNotReachable' } } } })).toBe(
      'WATCHER_DATABASE_UNREACHABLE true',
    );
    expect(of({ code: '40P01' })).toBe('WATCHER_DATABASE_CONFLICT true');
    expect(of({ code: '28P01' })).toBe('WATCHER_DATABASE_DENIED false');
    expect(of({ code: '3D000' })).toBe('WATCHER_DATABASE_DENIED false');
    expect(of({ code: '23505', message: 'duplicate' })).toBe('WATCHER_DATABASE_FAILED false');
    expect(of('odd')).toBe('WATCHER_DATABASE_FAILED false');
    expect(of(null)).toBe('WATCHER_DATABASE_FAILED false');
  });

  it('never repeats an address or a password', () => {
    const error = toDatabaseError(new Error('cannot use postgresql://user:secret@db.internal:5432/x now'));
    expect(error.message).not.toMatch(/secret|db\.internal/);
    const same = new DatabaseError('WATCHER_CURSOR_INVALID', 'x');
    expect(toDatabaseError(same)).toBe(same);
  });
});
