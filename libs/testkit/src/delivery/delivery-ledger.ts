/** What the check of delivery needs of a record; a `TopicRecord` has it. */
export interface DeliveredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

export interface DeliveryReport {
  /** Distinct events that had to arrive. */
  readonly expected: number;
  /** Records in the topics, repeats included. */
  readonly records: number;
  /** Distinct events (source and id) in the topics. */
  readonly events: number;
  /** Records beyond the first of each event. */
  readonly repeated: number;
  /** Events that had to arrive and did not. */
  readonly lost: number;
  /** First records that come after one with a higher sequence of the same source in the same partition. */
  readonly disordered: number;
  /** Keys whose records lie in more than one partition of a topic. */
  readonly split: number;
  /** Numbers missing in the union of the topics, over all sources and epochs. */
  readonly holes: number;
  /** A few of the findings in words. */
  readonly samples: readonly string[];
}

const MAX_SAMPLES = 10;
const SEQUENCE = /^(\d{8})-(\d{12})$/;

/**
 * The oracle of delivery: is told what had to arrive and every record that is in the topics, and says what is lost, repeated
 * or out of order. Repeats may come anywhere; the first record of each event counts.
 */
export class DeliveryLedger {
  readonly #expected = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #highest = new Map<string, string>();
  readonly #partitions = new Map<string, number>();
  /** Source and epoch → numbers seen. */
  readonly #numbers = new Map<string, { count: number; highest: number }>();
  readonly #samples: string[] = [];
  #records = 0;
  #disordered = 0;
  #split = 0;

  /** This event has to arrive. Telling it twice is the same as once. */
  expect(source: string, id: string): void {
    this.#expected.add(`${source} ${id}`);
  }

  /** A record as it lies in a topic; the records of one partition in the order of their offsets. */
  arrived(record: DeliveredRecord): void {
    const { ce_id: id = '', ce_source: source = '', ce_sequence: sequence } = record.headers;
    const event = `${source} ${id}`;
    this.#records += 1;
    if (this.#seen.has(event)) return;
    this.#seen.add(event);
    const place = `${record.topic} ${record.key ?? ''}`;
    const partition = this.#partitions.get(place);
    if (partition === undefined) this.#partitions.set(place, record.partition);
    else if (partition !== record.partition) {
      this.#split += 1;
      this.#note(`${place} lies in the partitions ${partition} and ${record.partition}`);
    }
    if (sequence === undefined) return;
    const line = `${record.topic} ${record.partition} ${source}`;
    const before = this.#highest.get(line);
    if (before !== undefined && sequence <= before) {
      this.#disordered += 1;
      this.#note(`${line}: ${sequence} after ${before}`);
    } else this.#highest.set(line, sequence);
    this.#count(source, sequence);
  }

  report(): DeliveryReport {
    const missing = [...this.#expected].filter((event) => !this.#seen.has(event));
    for (const event of missing.slice(0, MAX_SAMPLES)) this.#note(`lost: ${event}`);
    let holes = 0;
    for (const [line, { count, highest }] of this.#numbers) {
      if (count === highest) continue;
      holes += highest - count;
      this.#note(`${line}: ${count} of ${highest} numbers`);
    }
    return {
      expected: this.#expected.size,
      records: this.#records,
      events: this.#seen.size,
      repeated: this.#records - this.#seen.size,
      lost: missing.length,
      disordered: this.#disordered,
      split: this.#split,
      holes,
      samples: this.#samples,
    };
  }

  #count(source: string, sequence: string): void {
    const [, epoch = '', digits = ''] = SEQUENCE.exec(sequence) ?? [];
    const line = `${source} ${epoch}`;
    const numbers = this.#numbers.get(line) ?? { count: 0, highest: 0 };
    numbers.count += 1;
    numbers.highest = Math.max(numbers.highest, Number(digits));
    this.#numbers.set(line, numbers);
  }

  #note(finding: string): void {
    if (this.#samples.length < MAX_SAMPLES) this.#samples.push(finding);
  }
}
