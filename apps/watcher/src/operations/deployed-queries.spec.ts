import { readFileSync } from 'node:fs';
import { FakeClock } from '@livetap/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SourceHealth } from '../rooms/sources/source-health.js';
import { FakeSignBudget } from '../rooms/testing/fake-sign-budget.js';
import { READINESS_CODES } from './health.js';
import { Metrics } from './metrics.js';
import { registerProxyMetrics } from './proxy-metrics.js';
import { registerSourceMetrics } from './source-metrics.js';
import { dashboardQueries, readDashboard, readRules } from './testing/deployed-queries.adapter.js';
import { readQuery, Scrape } from './testing/promql.js';

const file = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

const metrics = new Metrics({ version: '1', commit: '2', canaryTopic: 't.canary' }).withProcessFigures();
registerSourceMetrics(metrics.registry, {
  health: new SourceHealth({ clock: new FakeClock(), random: { next: () => 0 } }),
  budget: new FakeSignBudget(),
});
registerProxyMetrics(metrics.registry, () => ({
  pools: new Map([['eu', { healthy: 1, resting: 0, probing: 0 }]]),
  failures: { unreachable: 0, denied: 0, timeout: 0, failed: 0 },
}));
let scrape: Scrape;
beforeAll(async () => (scrape = new Scrape(await metrics.text())));
afterAll(() => metrics.registry.clear());

describe('the reader of queries', () => {
  it('finds what is wrong with an expression', () => {
    expect(readQuery('time( - livetap_x > 180').broken).not.toEqual([]);
    expect(readQuery('sum by (x) (rate(a{reason=~"x|y"}[5m])) > 0')).toEqual({
      broken: [],
      selectors: [{ metric: 'a', matchers: [{ label: 'reason', operator: '=~', value: 'x|y' }] }],
      groupedBy: ['x'],
    });
  });

  it.each([
    ['a{l="v"}', []],
    ['sum by (l, instance) (a{l=~"v|w",job="any"})', []],
    ['a{l="$any"}', []],
    ['b', ['there is no metric b']],
    ['a{l="w"}', ['a never has l="w"']],
    ['a{m="v"}', ['a never has m="v"']],
    ['sum by (m) (a)', ['nothing has a label m']],
  ])('%s: %j is not in the scrape', (expr, faults) => {
    expect(new Scrape('# HELP a x\na{l="v"} 1\n').missing(readQuery(expr))).toEqual(faults);
  });
});

describe('the alert rules', () => {
  const rules = readRules();

  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s: PromQL over metrics that are there', (_name, rule) => {
    const query = readQuery(rule.expr);
    expect(query.broken).toEqual([]);
    expect(query.selectors.length).toBeGreaterThan(0);
    expect(scrape.missing(query)).toEqual([]);
    expect(['warning', 'critical']).toContain(rule.labels.severity);
    const { summary, action, runbook } = rule.annotations;
    expect(summary.length).toBeGreaterThan(20);
    expect(action.length).toBeGreaterThan(20);
    expect(runbook).toBe(`docs/runbook.md#${rule.alert.toLowerCase()}`);
    // Labels that a summary shows are labels that the expression leaves.
    const labels = query.selectors.flatMap(({ metric }) => scrape.labelsOf(metric));
    for (const [, shown = ''] of summary.matchAll(/\$labels\.(\w+)/g)) expect(['instance', ...labels]).toContain(shown);
  });

  it('the canary is missed after 180 seconds, and every name is given once', () => {
    const canary = rules.find(({ alert }) => alert === 'LivetapCanaryMissing');
    expect(canary?.expr).toContain('time() - livetap_canary_timestamp_seconds > 180');
    expect(canary?.for).toBeUndefined();
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it('each is seen to fire in their own tests', () => {
    const { tests } = parse(file('deploy/prometheus/livetap.rules.test.yml')) as {
      tests: { promql_expr_test: { exp_samples: { labels: string }[] }[] }[];
    };
    const samples = tests.flatMap((test) => test.promql_expr_test.flatMap(({ exp_samples }) => exp_samples));
    const fired = samples.map(({ labels }) => /alertname="(\w+)"/.exec(labels)?.[1] ?? '');
    expect([...new Set(fired)].sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });
});

describe('the runbook', () => {
  const entries = file('docs/runbook.md').split(/^### /m).slice(1);
  const titles = entries.map((entry) => entry.slice(0, entry.indexOf('\n')));

  it('has an entry for each alert and each reason of readiness, and no other', () => {
    expect([...titles].sort()).toEqual([...readRules().map(({ alert }) => alert), ...READINESS_CODES].sort());
  });

  it.each(entries.map((entry, index) => [titles[index] ?? '', entry] as const))(
    '%s: what it means, where to look, what to do',
    (_title, entry) => {
      const parts = /\*\*Means\.\*\* ([\s\S]+)\*\*Look\.\*\* ([\s\S]+)\*\*Do\.\*\* ([\s\S]+)/.exec(entry)?.slice(1);
      expect(parts?.map((part) => part.trim().length > 5)).toEqual([true, true, true]);
    },
  );

  it('names metrics and links to headings that are there', () => {
    const text = entries.join('');
    for (const [name] of text.matchAll(/\blivetap_[a-z_0-9]+/g))
      expect(scrape.missing(readQuery(scrape.labelsOf(`${name}_bucket`).length > 0 ? `${name}_bucket` : name))).toEqual(
        [],
      );
    const anchors = titles.map((title) => title.toLowerCase());
    for (const [, anchor] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });
});

describe('the dashboard', () => {
  const dashboard = readDashboard();

  it.each(dashboardQueries(dashboard).map(({ panel, expr }) => [panel, expr]))('%s: %s', (_panel, expr) => {
    const query = readQuery(expr);
    expect(query.broken).toEqual([]);
    expect(query.selectors.length).toBeGreaterThan(0);
    expect(scrape.missing(query)).toEqual([]);
  });

  it('panels have ids of their own, do not cover each other, and say what they show', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const panel of panels) {
      if (panel.type !== 'row') expect(panel.description?.length).toBeGreaterThan(2);
      for (const other of panels) if (other.id !== panel.id) expect(overlap(panel.gridPos, other.gridPos)).toBe(false);
    }
  });
});

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

function overlap(a: Place, b: Place): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
