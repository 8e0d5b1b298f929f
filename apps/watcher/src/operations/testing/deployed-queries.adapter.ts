import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string; readonly runbook: string };
}

export interface DashboardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

export interface Dashboard {
  readonly panels: readonly DashboardPanel[];
}

const file = (path: string): string => readFileSync(new URL(`../../../../../${path}`, import.meta.url), 'utf8');

/** The alert rules that the repository brings. */
export function readRules(): readonly AlertRule[] {
  const { groups } = parse(file('deploy/prometheus/livetap.rules.yml')) as { groups: { rules: AlertRule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

/** The dashboard that the repository brings. */
export function readDashboard(): Dashboard {
  return JSON.parse(file('deploy/grafana/livetap.json')) as Dashboard;
}

/** Its queries as Prometheus gets them, with a step for Grafana's own variable of time. */
export function dashboardQueries({ panels }: Dashboard): readonly { readonly panel: string; readonly expr: string }[] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ panel: title, expr: expr.replaceAll('$__rate_interval', '5m') })),
  );
}
