import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkCatalogue } from '../../scripts/lib/mutants/check.mjs';
import { judge } from '../../scripts/lib/mutants/judge.mjs';
import { outcome, summary } from '../../scripts/lib/mutants/scorecard.mjs';
import { applyMutant, mutate } from '../../scripts/lib/mutants/tree.mjs';
import type { Judgement, Mutant, SaidError, TestRun } from '../../scripts/lib/mutants/types.mjs';

const assertion: SaidError = { names: ['AssertionError'], message: 'expected 1 to be 2' };
const killers = [{ file: 'a.spec.ts', test: 'keeps its promise' }];

function report(
  tests: readonly { readonly name: string; readonly state: string; readonly errors?: readonly SaidError[] }[],
  more: { readonly errors?: readonly SaidError[]; readonly unhandled?: readonly SaidError[] } = {},
): TestRun {
  return {
    report: {
      files: [
        {
          file: 'a.spec.ts',
          errors: more.errors ?? [],
          tests: tests.map((test) => ({ errors: [], ...test })),
        },
      ],
      unhandled: more.unhandled ?? [],
    },
  };
}

const failing = (...errors: readonly SaidError[]) =>
  report([{ name: 'it keeps its promise', state: 'failed', errors }]);

describe('the verdict on a mutant', () => {
  it('is killed when an assertion of the test failed, also inside a property', () => {
    expect(judge(failing(assertion), killers)).toEqual({
      verdict: 'killed',
      by: { file: 'a.spec.ts', test: 'it keeps its promise' },
    });
    const property = { names: ['Error', 'AssertionError'], message: 'Property failed after 3 tests' };
    expect(judge(failing(property), killers)).toMatchObject({ verdict: 'killed' });
  });

  it('is survived only when the test ran and passed', () => {
    expect(judge(report([{ name: 'it keeps its promise', state: 'passed' }]), killers)).toEqual({
      verdict: 'survived',
    });
    expect(judge(report([{ name: 'it keeps its promise', state: 'skipped' }]), killers)).toMatchObject({
      verdict: 'invalid',
      detail: 'no test ran: a.spec.ts › keeps its promise',
    });
    expect(judge(report([{ name: 'another one', state: 'passed' }]), killers)).toMatchObject({ verdict: 'invalid' });
  });

  it.each([
    ['does not load', report([], { errors: [{ names: ['SyntaxError'], message: 'Unexpected token' }] })],
    ['uses a name that is not there', failing({ names: ['ReferenceError'], message: 'x is not defined' })],
    ['makes the test hang', failing({ names: ['Error'], message: 'Test timed out in 5000ms.' })],
    [
      'fails outside of the test',
      report([{ name: 'it keeps its promise', state: 'passed' }], {
        unhandled: [{ names: ['TypeError'], message: 'not a function' }],
      }),
    ],
    ['makes another test fail', report([{ name: 'another one', state: 'failed', errors: [assertion] }])],
    ['leaves no report', { failure: 'the tests did not end' }],
  ])('is invalid when it %s', (_reason, found) => {
    const { verdict, detail } = judge(found, killers);
    expect([verdict, typeof detail]).toEqual(['invalid', 'string']);
  });
});

describe('a run', () => {
  const mutant: Mutant = { id: 'm', area: 'a', file: 'a.ts', edits: [], promise: 'It holds.', killers };
  const good = (one: Mutant, verdict: Judgement['verdict']): boolean =>
    summary([one], [outcome(one, { verdict }, 1)]).good;

  it('fails on a survivor without an explanation, on an explained one that is killed, and on invalid ones', () => {
    const explained = { ...mutant, survives: 'Nobody can tell.' };
    expect([good(mutant, 'killed'), good(explained, 'survived')]).toEqual([true, true]);
    expect([good(mutant, 'survived'), good(explained, 'killed')]).toEqual([false, false]);
    expect([good(mutant, 'invalid'), good(explained, 'invalid')]).toEqual([false, false]);
  });
});

describe('the catalogue', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'livetap-catalogue-'));
    writeFileSync(join(root, 'a.ts'), 'const a = 1;\nconst b = 1;\n');
    writeFileSync(join(root, 'a.spec.ts'), "it('keeps its promise')");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const mutant = (find: string, more: Partial<Mutant> = {}): Mutant => ({
    id: find,
    area: 'a',
    file: 'a.ts',
    promise: 'It holds.',
    edits: [{ find, replace: '2' }],
    killers,
    ...more,
  });

  it('is stale when a text does not occur exactly once, or a test has another name', () => {
    expect(checkCatalogue(root, [mutant('a = 1')])).toEqual([]);
    expect(checkCatalogue(root, [mutant(' = 1')])).toEqual([expect.stringContaining('occurs 2 times')]);
    expect(checkCatalogue(root, [mutant('c = 1')])).toEqual([expect.stringContaining('occurs 0 times')]);
    const renamed = mutant('a = 1', { killers: [{ file: 'a.spec.ts', test: 'keeps a promise' }] });
    expect(checkCatalogue(root, [renamed])).toEqual([expect.stringContaining('has no test "keeps a promise"')]);
    expect(checkCatalogue(root, [mutant('a = 1'), mutant('a = 1')])).toEqual(['a = 1: the id is taken']);
  });

  it('puts a mutant in and takes it out again', () => {
    const remove = applyMutant(root, mutant('a = 1'));
    expect(readFileSync(join(root, 'a.ts'), 'utf8')).toBe('const 2;\nconst b = 1;\n');
    remove();
    expect(readFileSync(join(root, 'a.ts'), 'utf8')).toBe('const a = 1;\nconst b = 1;\n');
    expect(mutate('$1', { edits: [{ find: '$1', replace: '$&' }] })).toBe('$&');
  });
});
