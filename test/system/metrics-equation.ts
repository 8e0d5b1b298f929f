import { setTimeout } from 'node:timers/promises';

/** Terms of the equation of one scrape. */
export interface EquationTerms {
  readonly received: number;
  readonly synthesized: number;
  readonly published: number;
  readonly deduplicated: number;
  readonly dropped: number;
  readonly pending: number;
}

const NAMES: Readonly<Record<keyof EquationTerms, string>> = {
  received: 'livetap_messages_received_total',
  synthesized: 'livetap_events_synthesized_total',
  published: 'livetap_events_published_total',
  deduplicated: 'livetap_events_deduplicated_total',
  dropped: 'livetap_events_dropped_total',
  pending: 'livetap_events_pending',
};

/** @throws Error when the scrape lacks a term */
export function equationTerms(text: string): EquationTerms {
  const sum = (name: string): number => {
    const values = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map((match) =>
      Number(match[1]),
    );
    if (values.length === 0) throw new Error(`${name} is not in the scrape`);
    if (values.some((value) => !(value >= 0)))
      throw new Error(`${name} is negative or no number: ${values.join(', ')}`);
    return values.reduce((total, value) => total + value, 0);
  };
  return Object.fromEntries(Object.entries(NAMES).map(([term, name]) => [term, sum(name)])) as unknown as EquationTerms;
}

/** @throws Error with all terms when received + synthesized is not published + deduplicated + dropped + pending */
export function checkEquation(text: string): EquationTerms {
  const terms = equationTerms(text);
  const { received, synthesized, published, deduplicated, dropped, pending } = terms;
  if (received + synthesized !== published + deduplicated + dropped + pending) {
    throw new Error(`The metrics do not add up: ${JSON.stringify(terms)}`);
  }
  return terms;
}

const EVERY_MS = 250;

/** Scrapes a service again and again, from its start to the end of its drain, and remembers the first scrape that does not add up. */
export class EquationWatch {
  readonly #headers: Readonly<Record<string, string>>;
  readonly #stopped = new AbortController();
  readonly #done: Promise<void>;
  #failure: Error | undefined;
  #scrapes = 0;

  /** `keys`: value of LIVETAP_API_KEYS, when the service has any. */
  constructor(
    private readonly url: string,
    keys: string | undefined,
  ) {
    const key = keys?.split(',')[0]?.split(':').slice(2).join(':');
    this.#headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    this.#done = this.#run();
  }

  /** Scrapes so far. */
  get scrapes(): number {
    return this.#scrapes;
  }

  /** No more scrapes. */
  stop(): void {
    this.#stopped.abort();
  }

  /** Ends the watch. @throws Error of the first scrape that did not add up */
  async end(): Promise<void> {
    this.#stopped.abort();
    await this.#done;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted && this.#failure === undefined) {
      const text = await this.#scrape();
      if (text !== undefined) {
        this.#scrapes += 1;
        try {
          checkEquation(text);
        } catch (error) {
          this.#failure = error as Error;
        }
      }
      await setTimeout(EVERY_MS, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  /** undefined while there is no service to answer: it starts, has ended, or was killed. */
  async #scrape(): Promise<string | undefined> {
    try {
      const answer = await fetch(`${this.url}/metrics`, { headers: this.#headers, signal: this.#stopped.signal });
      const text = await answer.text();
      return answer.ok ? text : undefined;
    } catch {
      return undefined;
    }
  }
}
