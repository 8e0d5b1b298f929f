import { hasSameEntries, Interner } from '../common/interner.js';
import { ConfigurationError } from '../errors/connector-error.js';

/** Where TikTok is. Other hosts than TikTok's are for tests, simulators and forwarding proxies. */
export interface TikTokEndpoints {
  /** Pages and their API. Default `https://www.tiktok.com`. */
  readonly webUrl: string;
  /** Webcast API. Default `https://webcast.tiktok.com`. */
  readonly webcastUrl: string;
  /** Webcast sockets of the direct way. Default `wss://webcast-ws.tiktok.com`. */
  readonly socketUrl: string;
}

export const DEFAULT_ENDPOINTS: TikTokEndpoints = {
  webUrl: 'https://www.tiktok.com',
  webcastUrl: 'https://webcast.tiktok.com',
  socketUrl: 'wss://webcast-ws.tiktok.com',
};

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** True for hosts of this computer, the only ones that may be spoken to in clear. */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** A host (with port) as an address; on this computer it is spoken to in clear. */
export function addressOfHost(host: string): string {
  return `${isLoopbackHost(new URL(`http://${host}`).hostname) ? 'http' : 'https'}://${host}`;
}

/** True when bytes to this address cannot be read on the way: TLS, or this computer itself. */
export function isPrivateAddress(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'wss:' || isLoopbackHost(url.hostname);
}

/** True for a text that names an address in the clear beyond this computer: no secret may go there. */
export function isInClear(address: string | undefined): boolean {
  return address !== undefined && URL.canParse(address) && !isPrivateAddress(new URL(address));
}

function checked(name: string, value: string, protocols: readonly string[]): string {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new ConfigurationError(`${name} is not a URL.`, { option: name });
  }
  if (!protocols.includes(url.protocol))
    throw new ConfigurationError(`${name} must begin with ${protocols.join(' or ')}//.`, { option: name });
  if (!isPrivateAddress(url))
    throw new ConfigurationError(`${name} is not encrypted: only addresses of this computer may be.`, { option: name });
  return value.replace(/\/+$/, '');
}

const inUse = new Interner<TikTokEndpoints>(hasSameEntries);

/**
 * Fills in TikTok's own addresses and checks the given ones. `socketUrl` may be given as http(s) as well. The same
 * addresses are one object, which is frozen.
 * @throws CONNECTOR_CONFIGURATION for something that is no URL, or an unencrypted one beyond this computer (not retryable)
 */
export function resolveEndpoints(given: Partial<TikTokEndpoints> = {}): TikTokEndpoints {
  const http = ['https:', 'http:'];
  const socket = checked('socketUrl', given.socketUrl ?? DEFAULT_ENDPOINTS.socketUrl, ['wss:', 'ws:', ...http]);
  return inUse.intern(
    Object.freeze({
      webUrl: checked('webUrl', given.webUrl ?? DEFAULT_ENDPOINTS.webUrl, http),
      webcastUrl: checked('webcastUrl', given.webcastUrl ?? DEFAULT_ENDPOINTS.webcastUrl, http),
      socketUrl: socket.replace(/^http/, 'ws'),
    }),
  );
}

/** True for addresses that belong to TikTok: its own domain, and the configured hosts. Only they get TikTok's cookies. */
export function isTikTokAddress(url: URL, endpoints: TikTokEndpoints): boolean {
  if (url.hostname === 'tiktok.com' || url.hostname.endsWith('.tiktok.com')) return true;
  const own = [endpoints.webUrl, endpoints.webcastUrl, endpoints.socketUrl].map((text) => new URL(text));
  if (own.some((base) => base.host === url.host)) return true;
  return isLoopbackHost(url.hostname) && own.some((base) => isLoopbackHost(base.hostname));
}
