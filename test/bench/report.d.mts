/** What one thing that was measured came to: figures by column, such as `messages/s`. */
export interface Row {
  readonly name: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** A comparison, or a figure of which something is wanted. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  /** Absent: a pure number. */
  readonly unit?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** One table of a part of the benchmark. */
export interface Section {
  readonly title: string;
  /** What was measured with: so many messages, connections, rounds. */
  readonly about: string;
  readonly rows: readonly Row[];
  readonly ratios?: readonly Ratio[];
  readonly notes?: readonly string[];
}

export function figure(value: number): string;
export function wantedOf(ratio: Pick<Ratio, 'atLeast' | 'atMost'>): string;
export function reached(ratio: Pick<Ratio, 'value' | 'atLeast' | 'atMost'>): boolean | undefined;
export function textOf(section: Section): string;
export function jsonLinesOf(section: Section): readonly object[];
export function markdownOf(section: Section): string;
