import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { addressesFor, answerLookup } from '../common/answer-lookup.js';

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

type Answered = (error: NodeJS.ErrnoException | null, found: readonly LookupAddress[]) => void;

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
    const answered: Answered = (error, found) => {
      if (error !== null) done(error, '', 0);
      else answerLookup(inTurn(addressesFor(options, found), this.#turn++), options, done);
    };
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
function inTurn(found: readonly LookupAddress[], turn: number): readonly LookupAddress[] {
  const families = [...new Set(found.map(({ family }) => family))];
  return families.flatMap((one) => {
    const own = found.filter(({ family }) => family === one);
    const from = turn % own.length;
    return [...own.slice(from), ...own.slice(0, from)];
  });
}
