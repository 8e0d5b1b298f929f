import { Counter, Gauge, type Registry } from 'prom-client';
import {
  QUOTA_WAITS,
  SIGN_OUTCOMES,
  SIGN_WINDOWS,
  type SignBudget,
  type SignBudgetStatus,
} from '../rooms/sign-budget/sign-budget.port.js';
import { BREAKER_STATES } from '../rooms/sources/circuit-breaker.js';
import { SOCKET_SOURCES } from '../rooms/sources/socket-source.js';
import { SOURCE_FAILURES } from '../rooms/sources/source-failures.js';
import type { SourceHealth } from '../rooms/sources/source-health.js';

export interface SourceMetricParts {
  readonly health: Pick<SourceHealth, 'figures'>;
  readonly budget: Pick<SignBudget, 'status'>;
}

/** Figures of the ways into rooms and of the shared budget of signatures; all label values are there from the start. */
export function registerSourceMetrics(registry: Registry, { health, budget }: SourceMetricParts): void {
  const registers = [registry];
  new Counter({
    name: 'livetap_socket_source_opened_total',
    help: 'Sockets opened, by the way that led to them.',
    labelNames: ['source'],
    registers,
    collect() {
      this.reset();
      const { opened } = health.figures();
      for (const source of SOCKET_SOURCES) this.inc({ source }, opened[source]);
    },
  });
  new Counter({
    name: 'livetap_socket_source_failures_total',
    help: 'Failed attempts on a way into a room, by what went wrong; unknown: not in the table of failures.',
    labelNames: ['source', 'failure'],
    registers,
    collect() {
      this.reset();
      const { failures } = health.figures();
      for (const source of SOCKET_SOURCES)
        for (const failure of SOURCE_FAILURES) this.inc({ source, failure }, failures[source][failure]);
    },
  });
  new Gauge({
    name: 'livetap_socket_source_routes',
    help: 'Routes (own address, proxies) of each way by the state of their circuit breaker.',
    labelNames: ['source', 'state'],
    registers,
    collect() {
      const { states } = health.figures();
      for (const source of SOCKET_SOURCES)
        for (const state of BREAKER_STATES) this.set({ source, state }, states[source][state]);
    },
  });
  new Counter({
    name: 'livetap_sign_requests_total',
    help: 'Requests to the sign server that count in its quota.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      const { outcomes } = budget.status();
      for (const outcome of SIGN_OUTCOMES) this.inc({ outcome }, outcomes[outcome]);
    },
  });
  const window = (name: string, help: string, value: (status: SignBudgetStatus['windows'][number]) => number): void => {
    new Gauge({
      name: `livetap_sign_quota_${name}`,
      help,
      labelNames: ['window'],
      registers,
      collect() {
        const { windows } = budget.status();
        for (const label of SIGN_WINDOWS) {
          const found = windows.find((entry) => entry.window === label);
          this.set({ window: label }, found === undefined ? NaN : value(found));
        }
      },
    });
  };
  window(
    'remaining',
    'Requests that the fleet may still send to the sign server in the window; NaN until one was needed.',
    ({ remaining }) => remaining,
  );
  window(
    'limit',
    'Requests that the sign server answers in the window; NaN until one was needed.',
    ({ limit }) => limit,
  );
  const gauge = (name: string, help: string, value: (status: SignBudgetStatus) => number): void => {
    new Gauge({
      name: `livetap_sign_${name}`,
      help,
      registers,
      collect() {
        this.set(value(budget.status()));
      },
    });
  };
  gauge('reserved', 'Requests to the sign server under way at this replica.', ({ reserved }) => reserved);
  gauge(
    'blocked_seconds',
    'How long the sign server still asks to be left alone.',
    ({ blockedForMs }) => blockedForMs / 1_000,
  );
  new Gauge({
    name: 'livetap_sign_waiting_rooms',
    help: 'Rooms that wait for a signature, by what they wait for.',
    labelNames: ['reason'],
    registers,
    collect() {
      const { waiting, waitingFor } = budget.status();
      for (const reason of QUOTA_WAITS) this.set({ reason }, reason === waitingFor ? waiting : 0);
    },
  });
}
