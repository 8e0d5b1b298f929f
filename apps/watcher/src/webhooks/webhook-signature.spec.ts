import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../common/secret.js';
import { messageId, signatureHeaders, webhookSecret } from './webhook-signature.js';

const TOLERANCE_SECONDS = 300;

/** A receiver, written from the Standard Webhooks specification alone. */
function verify(secret: string, headers: Record<string, string>, body: Buffer, now: number): boolean {
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': given = '' } = headers;
  if (Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key)
    .update(Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]))
    .digest();
  return given.split(' ').some((part) => {
    const [version, text = ''] = part.split(',');
    const signature = Buffer.from(text, 'base64');
    return version === 'v1' && signature.length === expected.length && timingSafeEqual(signature, expected);
  });
}

describe('the signature of a webhook', () => {
  // Computed with another implementation of HMAC (Python's hmac and hashlib).
  it.each([
    [
      'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
      'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
      1_798_675_200,
      '{"specversion":"1.0","id":"live.started-1","data":{"title":"Grüße"}}',
      'v1,94wxuPQpKGVmROc+wMMRPup3nSLXcgb1XpmZG/efQsQ=',
    ],
    ['whsec_////////////////////////////////', 'msg_1', 0, '', 'v1,wu01CqbjCUZ3USBn9AbCF9Brx9osT8HsNMhCGMLHYls='],
  ])('is that of the specification (%#)', (secret, id, timestamp, body, signature) => {
    expect(signatureHeaders({ id, timestamp, body: Buffer.from(body) }, [new Secret(secret)])).toEqual({
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signature,
    });
  });

  it('is taken by a receiver that knows either secret, and by nobody after any change', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(2_000_000_000), (bytes, timestamp) => {
        const [now, before, other] = [1, 2, 3].map((n) => webhookSecret(Buffer.alloc(32, n)));
        const body = Buffer.from(bytes);
        const headers = signatureHeaders({ id: 'msg_1', timestamp, body }, [now!, before!]);
        expect(verify(now!.reveal(), headers, body, timestamp)).toBe(true);
        expect(verify(before!.reveal(), headers, body, timestamp + 299)).toBe(true);
        expect(verify(other!.reveal(), headers, body, timestamp)).toBe(false);
        expect(verify(now!.reveal(), headers, Buffer.concat([body, Buffer.from(' ')]), timestamp)).toBe(false);
        expect(verify(now!.reveal(), { ...headers, 'webhook-id': 'msg_2' }, body, timestamp)).toBe(false);
        expect(verify(now!.reveal(), headers, body, timestamp + 301)).toBe(false);
      }),
    );
  });

  it('has secrets of the form that libraries expect', () => {
    const secret = webhookSecret(randomBytes(32)).reveal();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });
});

describe('the id of a message', () => {
  it('depends on webhook, source and event, and on nothing else', () => {
    expect(messageId('wh_1', '/tiktok/rooms/1', '5')).toBe(messageId('wh_1', '/tiktok/rooms/1', '5'));
    expect(messageId('wh_1', '/tiktok/rooms/1', '5')).toMatch(/^msg_[A-Za-z0-9_-]{27}$/);
    const ids = [
      messageId('wh_1', 'a', 'b'),
      messageId('wh_2', 'a', 'b'),
      messageId('wh_1', 'ab', ''),
      messageId('wh_1', '', 'ab'),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});
