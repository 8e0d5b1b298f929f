import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { exportHeading, formatRows } from './format-export.js';

const COLUMNS = ['id', 'name', 'count', 'won', 'event'];

describe('exported rows', () => {
  it('are CSV as RFC 4180 has it, with a heading', () => {
    expect(exportHeading('csv', COLUMNS)).toBe('id,name,count,won,event\r\n');
    expect(
      formatRows('csv', COLUMNS, [
        { id: '7', name: 'a "b", c', count: -1.5, won: true, event: { text: 'x\ny' } },
        { id: '8', name: 'two\nlines', count: 0, won: false, event: null },
      ]),
    ).toBe('7,"a ""b"", c",-1.5,true,"{""text"":""x\\ny""}"\r\n8,"two\nlines",0,false,\r\n');
  });

  it('never hold a text that a spreadsheet takes for a formula', () => {
    for (const start of ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
      const name = `${start}HYPERLINK("https://example.invalid")`;
      const line = formatRows('csv', ['name'], [{ name }]);
      expect(line).toBe(`"'${name.replaceAll('"', '""')}"\r\n`);
    }
  });

  it('are one object a line in NDJSON, without what is not known', () => {
    expect(exportHeading('ndjson', COLUMNS)).toBe('');
    expect(
      formatRows('ndjson', COLUMNS, [
        { id: '7', name: '=1', count: 0, won: false, event: { a: null } },
        { id: '8', name: null, count: 2, won: null, event: null },
      ]),
    ).toBe('{"id":"7","name":"=1","count":0,"won":false,"event":{"a":null}}\n{"id":"8","count":2}\n');
  });

  it('come back as they were, whatever the texts hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'binary', maxLength: 8 }), fc.string({ maxLength: 8 })), {
          minLength: 1,
          maxLength: 5,
        }),
        (pairs) => {
          const rows = pairs.map(([id, name]) => ({ id, name }));
          const read = readCsv(formatRows('csv', ['id', 'name'], rows));
          const safe = (text: string): string => (/^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text);
          expect(read).toEqual(pairs.map((pair) => pair.map(safe)));
          const lines = formatRows('ndjson', ['id', 'name'], rows).split('\n').slice(0, -1);
          expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(rows);
        },
      ),
    );
  });
});

/** As the grammar of RFC 4180 reads it. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  let record: string[] = [];
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (match === null) throw new Error('not RFC 4180');
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}
