import { parser } from '@prometheus-io/lezer-promql';

/** One metric that an expression asks for, with its matchers. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
}

/** What an expression asks for. */
export interface Query {
  /** Where it is no PromQL; empty when it is. */
  readonly broken: readonly string[];
  readonly selectors: readonly Selector[];
  /** Labels by which it groups or joins. */
  readonly groupedBy: readonly string[];
}

/** Reads a PromQL expression with the grammar of Prometheus' own editor. */
export function readQuery(expr: string): Query {
  const broken: string[] = [];
  const selectors: { metric: string; matchers: { label: string; operator: string; value: string }[] }[] = [];
  const groupedBy = new Set<string>();
  let label = '';
  let operator = '';
  let inMatcher = false;
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      const text = expr.slice(from, to);
      if (type.isError) broken.push(`${from}: ${expr.slice(Math.max(0, from - 10), to + 10)}`);
      switch (type.name) {
        case 'Identifier':
          selectors.push({ metric: text, matchers: [] });
          break;
        case 'UnquotedLabelMatcher':
          inMatcher = true;
          break;
        case 'LabelName':
          if (inMatcher) label = text;
          else groupedBy.add(text);
          break;
        case 'EqlSingle':
        case 'EqlRegex':
        case 'Neq':
        case 'NeqRegex':
          operator = text;
          break;
        case 'StringLiteral':
          if (inMatcher) selectors.at(-1)?.matchers.push({ label, operator, value: text.slice(1, -1) });
          break;
      }
    },
    leave: ({ type }) => {
      if (type.name === 'UnquotedLabelMatcher') inMatcher = false;
    },
  });
  return { broken, selectors, groupedBy: [...groupedBy] };
}

/** Labels that Prometheus adds to whatever it scrapes. */
const SCRAPE_LABELS: readonly string[] = ['job', 'instance'];

/** Each metric of a scrape with the label sets of its samples. */
export class Scrape {
  readonly #samples = new Map<string, Readonly<Record<string, string>>[]>();

  /** `text`: the exposition format. */
  constructor(text: string) {
    for (const line of text.split('\n')) {
      const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? /.exec(line);
      if (match === null) continue;
      const [, name = '', labels = ''] = match;
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key, value] as const);
      const known = this.#samples.get(name) ?? [];
      known.push(Object.fromEntries(pairs) as Record<string, string>);
      this.#samples.set(name, known);
    }
  }

  /** What of a query is not in the scrape, in words: a metric, a label, or a value of one. `$` variables match anything. */
  missing({ selectors, groupedBy }: Query): readonly string[] {
    const faults = selectors.flatMap(({ metric, matchers }) => {
      const samples = this.#samples.get(metric);
      if (samples === undefined) return [`there is no metric ${metric}`];
      return matchers
        .filter(({ label }) => !SCRAPE_LABELS.includes(label))
        .filter(({ label, operator, value }) => !samples.some((sample) => fits(sample[label], operator, value)))
        .map(({ label, operator, value }) => `${metric} never has ${label}${operator}"${value}"`);
    });
    const labels = new Set([
      ...SCRAPE_LABELS,
      ...selectors.flatMap(({ metric }) => (this.#samples.get(metric) ?? []).flatMap((sample) => Object.keys(sample))),
    ]);
    return [
      ...faults,
      ...groupedBy.filter((label) => !labels.has(label)).map((label) => `nothing has a label ${label}`),
    ];
  }

  /** Labels that a metric has beyond those that every scrape has. */
  labelsOf(metric: string): readonly string[] {
    return [...new Set((this.#samples.get(metric) ?? []).flatMap((sample) => Object.keys(sample)))];
  }
}

function fits(actual: string | undefined, operator: string, wanted: string): boolean {
  if (actual === undefined) return false;
  if (wanted.includes('$')) return true;
  switch (operator) {
    case '=':
      return actual === wanted;
    case '!=':
      return actual !== wanted;
    case '=~':
      return new RegExp(`^(?:${wanted})$`).test(actual);
    default:
      return !new RegExp(`^(?:${wanted})$`).test(actual);
  }
}
