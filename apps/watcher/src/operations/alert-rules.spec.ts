import { readFileSync } from 'node:fs';
import { FakeClock } from '@livetap/testkit';
import { parser } from '@prometheus-io/lezer-promql';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SourceHealth } from '../rooms/sources/source-health.js';
import { FakeSignBudget } from '../rooms/testing/fake-sign-budget.js';
import { Metrics } from './metrics.js';
import { registerSourceMetrics } from './source-metrics.js';

const RULES = new URL('../../../../deploy/prometheus/livetap.rules.yml', import.meta.url);

interface RuleFile {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly for?: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string };
    }[];
  }[];
}

interface Query {
  readonly broken: string[];
  readonly metrics: string[];
  /** Metric, label and value of each `label="value"`. */
  readonly matchers: [metric: string, label: string, value: string][];
}

/** What an expression asks for, and where it is no PromQL. */
function read(expr: string): Query {
  const query: Query = { broken: [], metrics: [], matchers: [] };
  let label = '';
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      const text = expr.slice(from, to);
      if (type.isError) query.broken.push(`${from}: ${expr.slice(Math.max(0, from - 10), to + 10)}`);
      else if (type.name === 'Identifier') query.metrics.push(text);
      else if (type.name === 'LabelName') label = text;
      else if (type.name === 'StringLiteral')
        query.matchers.push([query.metrics.at(-1) ?? '', label, text.slice(1, -1)]);
    },
  });
  return query;
}

const metrics = new Metrics({ version: '1', commit: '2', canaryTopic: 't.canary' }).withProcessFigures();
registerSourceMetrics(metrics.registry, {
  health: new SourceHealth({ clock: new FakeClock(), random: { next: () => 0 } }),
  budget: new FakeSignBudget(),
});
afterAll(() => metrics.registry.clear());

describe('the alert rules', () => {
  const rules = (parse(readFileSync(RULES, 'utf8')) as RuleFile).groups.flatMap((group) => group.rules);

  it('the reader of expressions finds what is wrong', () => {
    expect(read('time( - livetap_x > 180').broken).not.toEqual([]);
    expect(read('rate(a{reason="x"}[5m]) > 0')).toEqual({
      broken: [],
      metrics: ['a'],
      matchers: [['a', 'reason', 'x']],
    });
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s: PromQL over metrics that are there',
    async (_name, rule) => {
      const text = await metrics.text();
      const { broken, metrics: names, matchers } = read(rule.expr);
      expect(broken).toEqual([]);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) expect(text).toMatch(new RegExp(`^${name}(\\{| )`, 'm'));
      for (const [name, label, value] of matchers)
        expect(text).toMatch(new RegExp(`^${name}\\{.*${label}="${value}"`, 'm'));
      expect(['warning', 'critical']).toContain(rule.labels.severity);
      expect(rule.annotations.summary.length).toBeGreaterThan(20);
      // Labels that a summary shows are labels that the expression leaves.
      for (const [, shown] of rule.annotations.summary.matchAll(/\$labels\.(\w+)/g)) {
        if (shown !== 'instance') expect(text).toMatch(new RegExp(`^${names[0] ?? ''}.*${shown ?? ''}="`, 'm'));
      }
    },
  );

  it('the canary is missed after 180 seconds, and every name is given once', () => {
    const canary = rules.find(({ alert }) => alert === 'LivetapCanaryMissing');
    expect(canary?.expr).toContain('time() - livetap_canary_timestamp_seconds > 180');
    expect(canary?.for).toBeUndefined();
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});
