import { Cookie } from 'tough-cookie';
import { systemClock } from '../common/clock.js';
import { ownText } from '../common/own-text.js';
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

const DEFAULT_NAMES: SessionCookieNames = { session: SESSION_COOKIE_NAMES, targetIdc: TARGET_IDC_COOKIE_NAME };

/** A cookie as it is kept: `name=value`, and until when, ms since the epoch. */
interface KeptCookie {
  readonly pair: string;
  readonly expiresAt: number;
}

const NONE: readonly KeptCookie[] = [];

/**
 * The cookies of one connection, and of TikTok alone: no other host ever gets one, and none is sent in clear (this
 * computer excepted). Values go back byte for byte as they came. Expiry and removal follow RFC 6265.
 */
export class WebcastCookieJar {
  // What is kept is the text alone: a connection that waits holds its cookies for hours.
  private cookies: readonly KeptCookie[];
  private readonly endpoints: TikTokEndpoints;

  /** @param initial begins with the cookies that this one has now; nothing that happens to one later reaches the other */
  constructor(
    endpoints: Partial<TikTokEndpoints> = {},
    private readonly names: SessionCookieNames = DEFAULT_NAMES,
    initial?: WebcastCookieJar,
  ) {
    this.endpoints = resolveEndpoints(endpoints);
    this.cookies = initial?.cookies ?? NONE;
  }

  /** The Cookie header for an address; `""` for every host that is not TikTok's and for unencrypted ones. */
  getCookieString(url: string | URL = REALM): string {
    const address = new URL(url);
    if (!isTikTokAddress(address, this.endpoints) || !isPrivateAddress(address)) return '';
    return this.current()
      .map(({ pair }) => pair)
      .join('; ');
  }

  /** The value of one cookie, undefined when there is none or it has expired. */
  get(name: string): string | undefined {
    return this.current()
      .find((cookie) => isNamed(cookie, name))
      ?.pair.slice(name === '' ? 0 : name.length + 1);
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

  /** What has not expired, in the order in which it came. */
  private current(): readonly KeptCookie[] {
    const now = systemClock.now();
    if (this.cookies.some(({ expiresAt }) => expiresAt <= now))
      this.cookies = this.cookies.filter(({ expiresAt }) => expiresAt > now);
    return this.cookies;
  }

  private store(header: string): void {
    if (header.length > MAX_COOKIE_HEADER_LENGTH) return;
    // Whatever domain and path the header names, within TikTok the cookie is everybody's.
    const cookie = Cookie.parse(header, { loose: true });
    if (!cookie) return;
    const known = this.current();
    const at = known.findIndex((one) => isNamed(one, cookie.key));
    if (at === -1 && known.length >= MAX_COOKIES) return;
    const now = systemClock.now();
    const expiresAt = cookie.expiryTime(new Date(now)) ?? Number.POSITIVE_INFINITY;
    const kept = { pair: ownText(cookie.cookieString()), expiresAt };
    // A cookie that is set anew keeps its place. `concat` makes no room for more, as a spread would.
    const all = at === -1 ? known.concat(kept) : known.with(at, kept);
    this.cookies = expiresAt > now ? all : all.filter((one) => one !== kept);
  }
}

/** Cookies without a name are one as well. */
function isNamed({ pair }: KeptCookie, name: string): boolean {
  return name === '' ? !pair.includes('=') : pair.startsWith(`${name}=`);
}
