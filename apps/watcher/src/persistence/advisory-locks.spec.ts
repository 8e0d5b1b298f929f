import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ADVISORY_LOCKS } from './advisory-locks.js';

const MIGRATIONS = join(import.meta.dirname, '../../../../prisma/migrations');

it('no two uses share an advisory lock', () => {
  const numbers = Object.values(ADVISORY_LOCKS);
  expect(new Set(numbers).size).toBe(numbers.length);
});

it('an erasure in the database takes the lock that the fold shares', () => {
  const sql = readdirSync(MIGRATIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readFileSync(join(MIGRATIONS, name, 'migration.sql'), 'utf8'))
    .join('\n');
  const numbers = [...sql.matchAll(/pg_advisory_xact_lock\((\d+)\)/g)].map(([, number]) => Number(number));
  expect(new Set(numbers)).toEqual(new Set([ADVISORY_LOCKS.erasure]));
});
