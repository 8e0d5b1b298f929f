import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SentEventParser } from './server-sent-events.js';

const TEXT = [
  'retry: 2000\n: connected\n\n',
  'event: livetap.chat.v1\nid: a1\ndata: {"n":1}\n\n',
  'event: livetap.chat.v1\ndata: {"n":2}\n\n',
  ': heartbeat\nid: a3\n\n',
  'event: reset\nid: a4\ndata: {"reason":"tooOld"}\n\n',
].join('');

describe('SentEventParser', () => {
  it('gives the same blocks wherever the text is cut', () => {
    const whole = new SentEventParser().push(TEXT);
    expect(whole).toEqual([
      { type: 'message', id: undefined, data: '' },
      { type: 'livetap.chat.v1', id: 'a1', data: '{"n":1}' },
      { type: 'livetap.chat.v1', id: undefined, data: '{"n":2}' },
      { type: 'message', id: 'a3', data: '' },
      { type: 'reset', id: 'a4', data: '{"reason":"tooOld"}' },
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(TEXT.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), TEXT.length];
        const parser = new SentEventParser();
        const blocks = places.slice(1).flatMap((end, index) => parser.push(TEXT.slice(places[index], end)));
        expect(blocks).toEqual(whole);
      }),
    );
  });
});
