import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Options = Parameters<LookupFunction>[1];
type Done = Parameters<LookupFunction>[2];

/** Those of the addresses that a connection asked for. */
export function addressesFor({ family }: Options, found: readonly LookupAddress[]): readonly LookupAddress[] {
  const wanted = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : family;
  return wanted ? found.filter((one) => one.family === wanted) : found;
}

/** Answers a connection's question for a host, in the form that it asked for; without an address it is told that there is none. */
export function answerLookup(wanted: readonly LookupAddress[], { all }: Options, done: Done): void {
  const [first] = wanted;
  if (first === undefined) done(Object.assign(new Error('The name has no address.'), { code: 'ENOTFOUND' }), '', 0);
  else if (all === true) done(null, [...wanted]);
  else done(null, first.address, first.family);
}
