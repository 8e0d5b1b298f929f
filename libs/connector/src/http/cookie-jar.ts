import { CookieJar } from 'tough-cookie';
import { isPrivateAddress, isTikTokAddress, resolveEndpoints, type TikTokEndpoints } from './endpoints.js';

/** The login of a TikTok account: its session id and the data centre that it belongs to. Secret. */
export interface CookieSessionBundle {
  readonly type: 'cookie';
  readonly value: { readonly sessionId: string; readonly ttTargetIdc: string };
}

export const SESSION_COOKIE_NAMES = ['sessionid', 'sessionid_ss', 'sid_tt', 'sid_guard'] as const;
export const TARGET_IDC_COOKIE_NAME = 'tt-target-idc';

/** The cookies that make a login. */
export interface SessionCookieNames {
  readonly session: readonly string[];
  readonly targetIdc: string;
}

/** TikTok is one party: all its hosts share one set of cookies, kept under this address. */
const REALM = 'https://www.tiktok.com/';
const REALM_DOMAIN = 'tiktok.com';
const ATTRIBUTES = new Set([
  'path',
  'domain',
  'expires',
  'max-age',
  'secure',
  'httponly',
  'samesite',
  'partitioned',
  'priority',
  'version',
]);
/** Bounds against a server that never stops setting cookies; TikTok uses about twenty. */
const MAX_COOKIE_HEADER_LENGTH = 16_384;
const MAX_COOKIES = 150;

/**
 * The cookies of one connection, and of TikTok alone: no other host ever gets one, and none is sent in clear (this
 * computer excepted). Values go back byte for byte as they came. Expiry and removal follow RFC 6265.
 */
export class WebcastCookieJar {
  private readonly jar = new CookieJar(undefined, { looseMode: true, rejectPublicSuffixes: false });
  private readonly endpoints: TikTokEndpoints;

  constructor(
    endpoints: Partial<TikTokEndpoints> = {},
    private readonly names: SessionCookieNames = { session: SESSION_COOKIE_NAMES, targetIdc: TARGET_IDC_COOKIE_NAME },
  ) {
    this.endpoints = resolveEndpoints(endpoints);
  }

  /** The Cookie header for an address; `""` for every host that is not TikTok's and for unencrypted ones. */
  getCookieString(url: string | URL = REALM): string {
    const address = new URL(url);
    if (!isTikTokAddress(address, this.endpoints) || !isPrivateAddress(address)) return '';
    return this.jar.getCookieStringSync(REALM);
  }

  /** The value of one cookie, undefined when there is none or it has expired. */
  get(name: string): string | undefined {
    return this.jar.getCookiesSync(REALM).find((cookie) => cookie.key === name)?.value;
  }

  /** Sets a session cookie with exactly this value. */
  set(name: string, value: string): void {
    this.store(`${name}=${value}`);
  }

  delete(name: string): void {
    this.store(`${name}=; Max-Age=0`);
  }

  /** Takes over the Set-Cookie headers of an answer; those of hosts that are not TikTok's are left out. */
  acceptResponse(url: string | URL, setCookie: readonly string[]): void {
    if (!isTikTokAddress(new URL(url), this.endpoints)) return;
    for (const header of setCookie) this.store(header);
  }

  /**
   * Takes over one header that may hold several cookies, joined by commas or by semicolons, with or without attributes
   * (the sign server's `x-set-tt-cookie`). Anything but a string is ignored.
   */
  processSetCookieHeader(header: unknown): void {
    if (typeof header !== 'string' || header.length > MAX_COOKIE_HEADER_LENGTH) return;
    for (const part of header.split(/,(?=\s*[^;,=\s]+=)/)) {
      const segments = part.split(';').map((segment) => segment.trim());
      const isAttribute = (segment: string): boolean => ATTRIBUTES.has(segment.split('=', 1)[0]?.toLowerCase() ?? '');
      const attributes = segments.filter((segment, index) => index > 0 && isAttribute(segment));
      const cookies = segments.filter(
        (segment, index) => segment.includes('=') && (index === 0 || !isAttribute(segment)),
      );
      for (const cookie of cookies) this.store([cookie, ...attributes].join('; '));
    }
  }

  /** Takes over a Cookie header (`a=1; b=2`) as it stands. */
  seed(cookieHeader: string): void {
    for (const pair of cookieHeader.split(';')) if (pair.includes('=')) this.store(pair.trim());
  }

  /**
   * Logs this jar in.
   * @throws TypeError when the bundle is not of type `cookie`
   */
  setSessionBundle(bundle: CookieSessionBundle): void {
    if ((bundle as { type?: unknown } | undefined)?.type !== 'cookie')
      throw new TypeError('A session bundle of type "cookie" is needed.');
    for (const name of this.names.session) this.set(name, bundle.value.sessionId);
    this.set(this.names.targetIdc, bundle.value.ttTargetIdc);
  }

  /** The login, null unless both of its parts are known. */
  getSessionBundle(): CookieSessionBundle | null {
    const sessionId = this.names.session
      .map((name) => this.get(name))
      .find((value) => value !== undefined && value !== '');
    const ttTargetIdc = this.get(this.names.targetIdc);
    return sessionId && ttTargetIdc ? { type: 'cookie', value: { sessionId, ttTargetIdc } } : null;
  }

  private store(header: string): void {
    const name = header.split('=', 1)[0]?.trim() ?? '';
    const known = this.jar.getCookiesSync(REALM);
    if (header.length > MAX_COOKIE_HEADER_LENGTH) return;
    if (known.length >= MAX_COOKIES && !known.some((cookie) => cookie.key === name)) return;
    // Whatever domain and path the header names, within TikTok the cookie is everybody's.
    const own = header
      .split(';')
      .filter((part, index) => index === 0 || !/^\s*(domain|path|samesite)\s*=/i.test(part))
      .join(';');
    this.jar.setCookieSync(`${own}; Domain=${REALM_DOMAIN}; Path=/`, REALM, { ignoreError: true });
  }
}
