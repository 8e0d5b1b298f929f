import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

export interface HostLookupOptions {
  /** Milliseconds of a clock that never goes back; default the process's. */
  readonly now?: () => number;
  /** Asks the system, files and name servers; default Node's `dns.lookup`. */
  readonly resolve?: (
    host: string,
    options: LookupAllOptions,
    done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
  ) => void;
}

type Told = Parameters<LookupFunction>[2];
type Answered = (error: NodeJS.ErrnoException | null, found: readonly LookupAddress[]) => void;
type Wanted = Parameters<LookupFunction>[1];

interface Known {
  readonly addresses: readonly LookupAddress[];
  readonly until: number;
  readonly usableUntil: number;
}

/** An answer counts for so long, ms: short enough for a host that moves, long enough for a thousand sockets at once. */
const FRESH_MS = 30_000;
/** While the name servers do not answer, what they last said counts for so long, ms. */
const USABLE_MS = 3_600_000;
/** Hosts kept at once: TikTok's, the sign server's, and whatever addresses they give. */
const MAX_HOSTS = 500;

/**
 * The `lookup` of connections: one question to the system for a host at a time and for some seconds. Each such question
 * holds one of the process's four threads for files and names, so a hundred sockets that open at once would hold up the
 * flushes of the journal; and an hour without name servers would close every room that has to dial anew.
 */
export class HostLookup {
  readonly #now: () => number;
  readonly #resolve: NonNullable<HostLookupOptions['resolve']>;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Answered[]>();
  #turn = 0;

  constructor({ now = () => performance.now(), resolve = systemLookup }: HostLookupOptions = {}) {
    this.#now = now;
    this.#resolve = resolve;
  }

  readonly lookup: LookupFunction = (host, options, done) => {
    const answered: Answered = (error, found) => answer(found, error, options, this.#turn++, done);
    const known = this.#known.get(host);
    if (known !== undefined && this.#now() < known.until) {
      // As from the system: never within the call.
      process.nextTick(answered, null, known.addresses);
      return;
    }
    this.#ask(host, answered);
  };

  #ask(host: string, answered: Answered): void {
    const waiting = this.#asking.get(host);
    if (waiting !== undefined) return void waiting.push(answered);
    const all = [answered];
    this.#asking.set(host, all);
    this.#resolve(host, { all: true, family: 0 }, (error, found) => {
      this.#asking.delete(host);
      const addresses = this.#learn(host, error, found);
      for (const told of all) told(addresses === undefined ? error : null, addresses ?? []);
    });
  }

  /** What counts now; undefined: nothing is known. */
  #learn(host: string, error: Error | null, found: readonly LookupAddress[]): readonly LookupAddress[] | undefined {
    const now = this.#now();
    const before = this.#known.get(host);
    if (error !== null || found.length === 0) {
      if (before !== undefined && now < before.usableUntil) return before.addresses;
      this.#known.delete(host);
      return undefined;
    }
    this.#known.delete(host);
    this.#known.set(host, { addresses: found, until: now + FRESH_MS, usableUntil: now + USABLE_MS });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_HOSTS) break;
      this.#known.delete(oldest);
    }
    return found;
  }
}

/** In the order of the system, but each address of a family is the first one in turn, so that load is spread as it is without us. */
function answer(
  found: readonly LookupAddress[],
  error: NodeJS.ErrnoException | null,
  { family, all }: Wanted,
  turn: number,
  done: Told,
): void {
  const families = family === 4 || family === 'IPv4' ? [4] : family === 6 || family === 'IPv6' ? [6] : undefined;
  const order = families ?? [...new Set(found.map((one) => one.family))];
  const wanted = order.flatMap((one) =>
    turned(
      found.filter(({ family: of }) => of === one),
      turn,
    ),
  );
  const [first] = wanted;
  if (error !== null || first === undefined) {
    done(error ?? Object.assign(new Error('The name has no address.'), { code: 'ENOTFOUND' }), '', 0);
  } else if (all === true) done(null, [...wanted]);
  else done(null, first.address, first.family);
}

function turned<T>(list: readonly T[], turn: number): readonly T[] {
  const from = list.length === 0 ? 0 : turn % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}
