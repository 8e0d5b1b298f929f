import { describe, expect, it } from 'vitest';
import { figure, jsonLinesOf, markdownOf, reached, type Section, textOf } from './report.mjs';

const SECTION: Section = {
  title: 'boxes',
  about: '7 boxes in 2 rounds',
  rows: [
    { name: 'ours', figures: { 'boxes/s': 12_345.6, 'µs/box': 3.456 } },
    { name: 'theirs', figures: { 'boxes/s': 1_000 } },
  ],
  ratios: [
    { name: 'ours : theirs', value: 12.3456, atLeast: 5 },
    { name: 'wait', value: 61.23, unit: 'ms', atMost: 40 },
    { name: 'just said', value: 2 },
  ],
  notes: ['On a quiet machine.'],
};

describe('the report of the benchmark', () => {
  it('shows three digits that matter', () => {
    expect([0.1234, 9.876, 45.67, 123.4, 98_765.4].map(figure)).toEqual(['0.12', '9.88', '45.7', '123', '98,765']);
  });

  it('knows what was reached', () => {
    expect([{ value: 5, atLeast: 5 }, { value: 5.1, atMost: 5 }, { value: 1 }].map(reached)).toEqual([
      true,
      false,
      undefined,
    ]);
  });

  it('is a table for people, and says what was missed', () => {
    const text = textOf(SECTION);
    expect(text).toMatch(/boxes: 7 boxes in 2 rounds/);
    expect(text).toMatch(/ours +12,346 +3\.46\n/);
    expect(text).toMatch(/theirs +1,000 *\n/);
    expect(text).toMatch(/ours : theirs +12\.3 {2}≥ 5\n/);
    expect(text).toMatch(/wait +61\.2 ms {2}≤ 40: MISSED\n/);
    expect(text).toMatch(/On a quiet machine\./);
  });

  it('is lines of JSON for programs', () => {
    expect(jsonLinesOf(SECTION)).toEqual([
      {
        bench: 'boxes',
        about: '7 boxes in 2 rounds',
        subject: 'ours',
        figures: { 'boxes/s': 12_345.6, 'µs/box': 3.456 },
      },
      { bench: 'boxes', about: '7 boxes in 2 rounds', subject: 'theirs', figures: { 'boxes/s': 1_000 } },
      { bench: 'boxes', name: 'ours : theirs', value: 12.3456, atLeast: 5, reached: true },
      { bench: 'boxes', name: 'wait', value: 61.23, unit: 'ms', atMost: 40, reached: false },
      { bench: 'boxes', name: 'just said', value: 2, reached: undefined },
    ]);
  });

  it('is a chapter of a document', () => {
    const text = markdownOf(SECTION);
    expect(text).toContain('### Boxes\n\n7 boxes in 2 rounds.\n');
    expect(text).toContain(
      '|  | boxes/s | µs/box |\n| --- | ---: | ---: |\n| ours | 12,346 | 3.46 |\n| theirs | 1,000 |  |',
    );
    expect(text).toContain('| wait | 61.2 ms | ≤ 40: **missed** |');
  });
});
