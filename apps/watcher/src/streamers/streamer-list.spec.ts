import { describe, expect, it } from 'vitest';
import { formatOf, readStreamerList } from './streamer-list.js';

describe('a list of streamers', () => {
  it.each([
    ['a.csv', '', 'csv'],
    ['a.JSON', '', 'json'],
    ['a.ndjson', '', 'json'],
    ['a.txt', 'a,b', 'lines'],
    [undefined, '  [{"uniqueId":"a"}]', 'json'],
    [undefined, 'uniqueId,labels\n', 'csv'],
    [undefined, 'username\na\n', 'csv'],
    [undefined, 'some.one\nother\n', 'lines'],
  ])('%j that begins with %j is %s', (file, text, format) => {
    expect(formatOf(file, text)).toBe(format);
  });

  it('as CSV: columns by their names in any order and spelling, lists in a field, empty fields left out', () => {
    const text =
      '\uFEFFLabels,Unique_Id,PRIORITY,paused,socketSources\r\n"de; vip",a.b,80,yes,direct|euler\r\n,@c,,,\r\n\r\n';
    expect(readStreamerList(text, 'csv')).toEqual([
      { uniqueId: 'a.b', labels: ['de', 'vip'], priority: 80, paused: true, socketSources: ['direct', 'euler'] },
      { uniqueId: '@c' },
    ]);
    expect(readStreamerList('name;label\na;x\n', 'csv')).toEqual([{ uniqueId: 'a', labels: ['x'] }]);
  });

  it.each([
    ['uniqueId,colour\na,red\n', 'colour'],
    ['labels\nx\n', 'uniqueId'],
    ['uniqueId,priority\na,1\nb,high\n', 'Row 3'],
    ['uniqueId,paused\na,maybe\n', 'Row 2'],
    ['uniqueId,labels\n"a,b\n', 'CSV'],
    ['uniqueId,labels\n,x\n', 'row 2'],
  ])('as CSV %j: what is wrong is named', (text, named) => {
    expect(() => readStreamerList(text, 'csv')).toThrow(named);
  });

  it('as JSON: names, objects, the answer of the list, one a line', () => {
    const expected = [{ uniqueId: 'a' }, { uniqueId: 'b', priority: 3 }];
    expect(readStreamerList('["a",{"uniqueId":"b","priority":3}]', 'json')).toEqual(expected);
    expect(readStreamerList('{"streamers":["a",{"uniqueId":"b","priority":3}]}', 'json')).toEqual(expected);
    expect(readStreamerList('{"uniqueId":"a"}\n{"uniqueId":"b","priority":3}\n', 'json')).toEqual(expected);
    expect(readStreamerList('{"uniqueId":"a"}', 'json')).toEqual([{ uniqueId: 'a' }]);
    expect(() => readStreamerList('[{"name":"a"}]', 'json')).toThrow('entry 1');
    expect(() => readStreamerList('{"uniqueId":"a"}\n{oops\n', 'json')).toThrow('line 2');
    expect(() => readStreamerList('{"a":1}', 'json')).toThrow('array');
  });

  it('as the list of another server shows it: only what was set there', () => {
    const shown = {
      uniqueId: 'a',
      state: 'live',
      paused: false,
      labels: ['x'],
      priority: 70,
      settings: { priority: { value: 70, from: 'label', label: 'x' }, region: { value: 'DE', from: 'streamer' } },
      createdAt: '2026-01-31T12:00:00.000Z',
    };
    expect(readStreamerList(JSON.stringify(shown), 'json')).toEqual([
      { uniqueId: 'a', paused: false, labels: ['x'], region: 'DE' },
    ]);
  });

  it('as lines: blanks and comments are left out', () => {
    expect(readStreamerList(' @a \n\n# b\nc\r\n', 'lines')).toEqual([{ uniqueId: '@a' }, { uniqueId: 'c' }]);
  });
});
