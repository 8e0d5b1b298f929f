import { RecentlyUsed } from './recently-used.js';
import { MASK, type Secret } from './secret.js';

/** Shorter texts would cover half of what is written. */
const MIN_LENGTH = 4;
/** Most secrets of streamers and proxies that are remembered; the one not used for the longest time is forgotten first. */
const MAX_LEARNED = 20_000;
/** Addresses: user and password, and everything after the question mark, where signatures are. */
const ADDRESS = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)(?:[^\s/@"']*@)?([^\s"'?]*)(\?[^\s"']*)?/gi;
/** Cookies and parameters that are secrets of TikTok's, wherever somebody quotes them. */
const PAIR =
  /\b(ttwid|sessionid|sessionid_ss|sid_tt|sid_guard|tt-target-idc|tt_csrf_token|msToken|X-Bogus|X-Gnarly|wrss|imprp)(["']?\s*[=:]\s*["']?)[^\s;,&"']+/gi;
/** What follows the word in the header `Authorization` and its like. */
const SCHEME = /\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]{4,}/gi;
/** Keys of this service's own making, which it knows by their hash alone. */
const OWN_KEY = /\blivetap_[A-Za-z0-9_-]{40,}/g;

/**
 * Covers secrets in texts that others had a hand in: what a server said may quote what we sent. Known secrets go wherever they
 * show up, as they are or percent-encoded; unknown ones by their place: in addresses, after the names of TikTok's cookies,
 * after Bearer and Basic.
 */
export class Redactor {
  readonly #known: readonly string[];
  readonly #learned = new RecentlyUsed<string>(MAX_LEARNED);

  /** The secrets of the settings. */
  constructor(secrets: readonly Secret[] = []) {
    this.#known = secrets.flatMap((secret) => formsOf(secret.reveal()));
  }

  /** Also covers these from now on. Remembered up to a limit: call again where they are used again. */
  learn(...secrets: readonly string[]): void {
    for (const secret of secrets) for (const form of formsOf(secret)) this.#learned.get(form, () => form);
  }

  clean(text: string): string {
    let covered = text;
    for (const secret of this.#known) covered = covered.replaceAll(secret, MASK);
    for (const secret of this.#learned.values()) covered = covered.replaceAll(secret, MASK);
    return covered
      .replace(ADDRESS, (_all, scheme: string, rest: string, query?: string) => `${scheme}${rest}${query ? '?…' : ''}`)
      .replace(PAIR, `$1$2${MASK}`)
      .replace(SCHEME, `$1 ${MASK}`)
      .replace(OWN_KEY, MASK);
  }
}

function formsOf(secret: string): readonly string[] {
  const forms = new Set([secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]);
  return secret.length < MIN_LENGTH ? [] : [...forms];
}
