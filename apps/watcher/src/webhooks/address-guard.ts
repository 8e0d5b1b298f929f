import ipaddr from 'ipaddr.js';

/** The range of ipaddr.js that the whole internet can reach; every other one is refused, also those it will learn to name. */
const PUBLIC_RANGE = 'unicast';
/** All that is assigned of public IPv6. Outside are IPv4 addresses in disguise, which a gateway would unpack. */
const PUBLIC_IPV6 = ipaddr.parseCIDR('2000::/3');
/** Public by its number, and yet a cloud's own service (Azure). Those of other clouds are in ranges that are refused already. */
const METADATA = '168.63.129.16';

/** Whether a host is written as an address in its usual form: no name, no short or octal form. */
export function isIpAddress(host: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(host) || ipaddr.IPv6.isValid(host);
}

/**
 * Whether an IP address (without brackets) may be called from here: only public unicast, seen through IPv4-mapped IPv6. What
 * is no address may not.
 */
export function isPublicAddress(address: string): boolean {
  if (!isIpAddress(address)) return false;
  // `process` turns ::ffff:a.b.c.d into a.b.c.d; the zone of a link-local address says nothing here.
  const parsed = ipaddr.process(address.replace(/%.*$/, ''));
  if (parsed.range() !== PUBLIC_RANGE || parsed.toString() === METADATA) return false;
  return parsed.kind() === 'ipv4' || parsed.match(PUBLIC_IPV6);
}

/** The host of an address as a resolver takes it: without the brackets of IPv6. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** Why an address may not be the destination of a webhook, in words that hold nothing of it; undefined when it may. */
export function addressFault(text: string, allowPrivate: boolean): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '') return 'must be a whole address, for example https://example.com/hook';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must start with https://';
  if (url.protocol === 'http:' && !allowPrivate) {
    return 'must start with https:// (http:// is taken only with LIVETAP_WEBHOOKS_ALLOW_PRIVATE=on)';
  }
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or a password';
  if (allowPrivate || !isIpAddress(bareHost(url)) || isPublicAddress(bareHost(url))) return undefined;
  return 'must not point to a loopback, private or reserved network (LIVETAP_WEBHOOKS_ALLOW_PRIVATE=on allows it)';
}
