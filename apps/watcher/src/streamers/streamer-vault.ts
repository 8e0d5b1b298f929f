import { SecretBoxError } from '../common/secret-box/secret-box.errors.js';
import { SecretBox } from '../common/secret-box/secret-box.js';
import { Secret } from '../common/secret.js';

/** The login of a TikTok account, as its two cookies are called in the connector. */
export interface SessionCredentials {
  readonly sessionId: Secret;
  readonly ttTargetIdc: Secret;
}

/** Whether what is stored is sealed: an address never begins so. */
export function isSealed(stored: string): boolean {
  return stored.startsWith('v1.');
}

/** True for an address with a user or a password in it. */
export function holdsCredentials(url: string): boolean {
  if (!URL.canParse(url)) return /@/.test(url);
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

/**
 * Seals and opens what must not be read in the database: addresses of proxies that hold credentials, and sessions. An
 * address without credentials stays as it is.
 */
export class StreamerVault {
  constructor(private readonly box: SecretBox) {}

  /** Seals nothing: what would have to be sealed is refused. */
  static withoutKeys(): StreamerVault {
    return new StreamerVault(new SecretBox([]));
  }

  /** Call before anything is stored. @throws SecretBoxError WATCHER_SECRETS_NO_KEY when there is something to seal and no key */
  mustSeal(url: string | null | undefined): void {
    if (url !== null && url !== undefined && holdsCredentials(url)) this.box.seal(new Secret(url), 'nothing');
  }

  /** @throws SecretBoxError WATCHER_SECRETS_NO_KEY */
  sealProxy(streamerId: string, url: string): string {
    return this.#sealAddress(proxyUse(streamerId), url);
  }

  /** @throws SecretBoxError when the settings do not hold the key, or the text was changed */
  openProxy(streamerId: string, stored: string): string {
    return this.#openAddress(proxyUse(streamerId), stored);
  }

  /** The stored proxy sealed with the newest key; undefined when it is as it should be, or cannot be sealed now. */
  sealProxyAnew(streamerId: string, stored: string): string | undefined {
    return this.#sealAddressAnew(proxyUse(streamerId), stored);
  }

  /** @throws SecretBoxError WATCHER_SECRETS_NO_KEY */
  sealPoolProxy(proxyId: string, url: string): string {
    return this.#sealAddress(poolProxyUse(proxyId), url);
  }

  /** @throws SecretBoxError as `openProxy` */
  openPoolProxy(proxyId: string, stored: string): string {
    return this.#openAddress(poolProxyUse(proxyId), stored);
  }

  /** As `openPoolProxy`; undefined when it cannot be opened. */
  canOpenPoolProxy(proxyId: string, stored: string): string | undefined {
    try {
      return this.openPoolProxy(proxyId, stored);
    } catch (error) {
      if (error instanceof SecretBoxError) return undefined;
      throw error;
    }
  }

  /** As `sealProxyAnew`. */
  sealPoolProxyAnew(proxyId: string, stored: string): string | undefined {
    return this.#sealAddressAnew(poolProxyUse(proxyId), stored);
  }

  /** @throws SecretBoxError WATCHER_SECRETS_NO_KEY */
  sealSession(streamerId: string, { sessionId, ttTargetIdc }: SessionCredentials): string {
    const text = JSON.stringify({ sessionId: sessionId.reveal(), ttTargetIdc: ttTargetIdc.reveal() });
    return this.box.seal(new Secret(text), sessionUse(streamerId));
  }

  /** @throws SecretBoxError as `openProxy` */
  openSession(streamerId: string, sealed: string): SessionCredentials {
    const text = this.box.open(sealed, sessionUse(streamerId)).reveal();
    const { sessionId, ttTargetIdc } = JSON.parse(text) as { readonly sessionId: string; readonly ttTargetIdc: string };
    return { sessionId: new Secret(sessionId), ttTargetIdc: new Secret(ttTargetIdc) };
  }

  /** As `sealProxyAnew`. */
  sealSessionAnew(streamerId: string, sealed: string): string | undefined {
    if (!this.box.usable || this.box.isCurrent(sealed)) return undefined;
    return this.sealSession(streamerId, this.openSession(streamerId, sealed));
  }

  #sealAddress(use: string, url: string): string {
    return holdsCredentials(url) ? this.box.seal(new Secret(url), use) : url;
  }

  #openAddress(use: string, stored: string): string {
    return isSealed(stored) ? this.box.open(stored, use).reveal() : stored;
  }

  #sealAddressAnew(use: string, stored: string): string | undefined {
    const asItShouldBe = isSealed(stored) ? this.box.isCurrent(stored) : !holdsCredentials(stored);
    if (!this.box.usable || asItShouldBe) return undefined;
    return this.#sealAddress(use, this.#openAddress(use, stored));
  }
}

const proxyUse = (streamerId: string): string => `streamer:${streamerId}:proxy`;
const poolProxyUse = (proxyId: string): string => `proxy:${proxyId}`;
const sessionUse = (streamerId: string): string => `session:${streamerId}`;
