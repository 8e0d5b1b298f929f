import { describe, expect, it } from 'vitest';
import { corruptBatch, corruptFrame } from './corrupt.js';
import { admit, DIRECT_PATH, SIGNED_PATH } from './handshake.js';
import { readCookies, SIGNED_ADDRESS_MS, Tickets } from './secrets.js';

const tickets = new Tickets('key');
const ttwid = tickets.ttwid('nonce', 1_790_000_000_000);
let now = 1000;
const ask = (path: string, parameters: Record<string, string>, cookie = `ttwid=${ttwid}`): ReturnType<typeof admit> => {
  const query = new URLSearchParams({
    aid: '1988',
    live_id: '12',
    identity: 'audience',
    resp_content_type: 'protobuf',
    room_id: '7',
    ...parameters,
  });
  return admit(new URL(`${path}?${query.toString()}`, 'http://simulator'), cookie, {
    tickets,
    now: () => now,
    knowsRoom: (roomId) => roomId === '7',
  });
};

describe('admit', () => {
  it('knows the direct way, compressed or not, with and without the last slash', () => {
    expect(ask(DIRECT_PATH, { ws_direct: '1', compress: 'gzip' })).toEqual({ roomId: '7', way: 'direct', gzip: true });
    expect(ask(DIRECT_PATH.slice(0, -1), { ws_direct: '1' })).toEqual({ roomId: '7', way: 'direct', gzip: false });
  });

  it('wants a signature for this room, not older than 30 seconds, on the signed way', () => {
    now = 1_000_000;
    const wrss = tickets.wrss('7', now);
    expect(ask(SIGNED_PATH, { wrss, cursor: 'c' })).toMatchObject({ way: 'signed' });
    expect(ask(SIGNED_PATH, { wrss })).toMatchObject({ status: 417, message: 'illegal secret key' });
    expect(ask(SIGNED_PATH, { wrss: tickets.wrss('8', now), cursor: 'c' })).toMatchObject({ status: 417 });
    now += SIGNED_ADDRESS_MS;
    expect(ask(SIGNED_PATH, { wrss, cursor: 'c' })).toMatchObject({ way: 'signed' });
    now += 1;
    expect(ask(SIGNED_PATH, { wrss, cursor: 'c' })).toMatchObject({ status: 417 });
  });

  it('wants the cookie that the front page gives, encoded or not', () => {
    expect(ask(DIRECT_PATH, { ws_direct: '1' }, 'a=b')).toMatchObject({ status: 415, message: 'DEVICE_BLOCKED' });
    expect(ask(DIRECT_PATH, { ws_direct: '1' }, `ttwid=${decodeURIComponent(ttwid)}; sessionid=1`)).toMatchObject({
      way: 'direct',
    });
    expect(ask(DIRECT_PATH, { ws_direct: '1' }, `ttwid=${new Tickets('other').ttwid('nonce', 1)}`)).toMatchObject({
      status: 415,
    });
  });

  it('knows no other path', () => {
    expect(ask('/socket', {})).toMatchObject({ status: 404 });
  });
});

describe('readCookies', () => {
  it('reads raw values, also with = in them', () => {
    expect([...readCookies('a=b=c; d=%7C;e')]).toEqual([
      ['a', 'b=c'],
      ['d', '%7C'],
    ]);
    expect(readCookies(undefined).size).toBe(0);
  });
});

describe('damage', () => {
  it('leaves its input alone', () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, index) => index);
    const copy = Uint8Array.from(bytes);
    expect(corruptFrame(bytes).length).toBeLessThan(100);
    expect(bytes).toEqual(copy);
    expect(corruptFrame(Uint8Array.of(1))).toHaveLength(1);
  });

  it('breaks one message of a batch', () => {
    const messages = ['1', '2', '3'].map((msgId) => ({ method: 'm', msgId, payload: Uint8Array.of(0x08, 1) }));
    const { batch, victim } = corruptBatch({ messages, history: false, now: 1 });
    expect(victim).toBe(1);
    expect(batch.messages.map((message) => message.payload.length)).toEqual([2, 3, 2]);
    expect(batch.messages.map((message) => message.msgId)).toEqual(['1', '2', '3']);
  });
});
