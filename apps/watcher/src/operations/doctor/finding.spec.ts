import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../exit-codes.js';
import { DOCTOR_FAULTS, exitCodeOf, well, wrong } from './finding.js';

const DOCUMENT = new URL('../../../../../docs/cli.md', import.meta.url);

describe('the findings of the doctor', () => {
  it('the gravest fault decides the exit code; warnings do not count', () => {
    expect(exitCodeOf([])).toBe(EXIT.OK);
    expect(exitCodeOf([well('port', 'x'), wrong('topics', 'TOPIC_SETTINGS_DIFFER', 'x', 'y')])).toBe(EXIT.OK);
    const away = wrong('kafka', 'KAFKA_UNREACHABLE', 'x', 'y');
    const damaged = wrong('journal', 'JOURNAL_DAMAGED', 'x', 'y');
    const unfit = wrong('database', 'DATABASE_DENIED', 'x', 'y');
    expect(exitCodeOf([away])).toBe(EXIT.UNAVAILABLE);
    expect(exitCodeOf([damaged, away])).toBe(EXIT.SOFTWARE);
    expect(exitCodeOf([away, unfit, damaged])).toBe(EXIT.CONFIG);
  });

  it('docs/cli.md lists every code with the exit code that it leads to, and no other', () => {
    const rows = [...readFileSync(DOCUMENT, 'utf8').matchAll(/^\| `([A-Z0-9_]+)` +\| ([a-z0-9]+) +\|/gm)];
    expect(Object.fromEntries(rows.map(([, code, exit]) => [code, exit]))).toEqual(
      Object.fromEntries(Object.entries(DOCTOR_FAULTS).map(([code, exit]) => [code, String(exit)])),
    );
  });
});
