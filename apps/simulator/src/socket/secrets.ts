import { createHmac, timingSafeEqual } from 'node:crypto';

/** A signed socket address is good for this long. */
export const SIGNED_ADDRESS_MS = 30_000;

/**
 * The tickets that the simulator gives out and later checks: the anonymous cookie and the signature of socket addresses. They are
 * computed from the key, so that a restarted simulator knows the cookies of its predecessor.
 */
export class Tickets {
  constructor(private readonly key: string) {}

  private sign(text: string): string {
    return createHmac('sha256', this.key).update(text).digest('hex').slice(0, 40);
  }

  private matches(text: string, signature: string): boolean {
    const expected = Buffer.from(this.sign(text));
    const given = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  /** Value of the cookie `ttwid`, percent-encoded as TikTok sends it. */
  ttwid(nonce: string, now: number): string {
    const body = `${nonce}|${Math.floor(now / 1000)}`;
    return `1%7C${body.replace('|', '%7C')}%7C${this.sign(body)}`;
  }

  /** True for a value that `ttwid` made, encoded or not. */
  isTtwid(value: string): boolean {
    const parts = value.replaceAll(/%7C/gi, '|').split('|');
    const [version, nonce, second, signature] = parts;
    return parts.length === 4 && version === '1' && this.matches(`${nonce ?? ''}|${second ?? ''}`, signature ?? '');
  }

  /** Signature of a socket address for one room, as the route parameter `wrss`. */
  wrss(roomId: string, now: number): string {
    return `${now}.${this.sign(`${roomId}/${now}`)}`;
  }

  /** Whether the signature is one for the room and not older than 30 seconds. */
  isWrss(value: string, roomId: string, now: number): boolean {
    const [at = '', signature = ''] = value.split('.');
    return /^\d{1,16}$/.test(at) && this.matches(`${roomId}/${at}`, signature) && now - Number(at) <= SIGNED_ADDRESS_MS;
  }
}

/** The cookies of a request by name, raw. */
export const readCookies = (header: string | undefined): ReadonlyMap<string, string> => {
  const cookies = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0) cookies.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return cookies;
};
