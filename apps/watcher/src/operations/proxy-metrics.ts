import { Counter, Gauge, type Registry } from 'prom-client';
import { PROXY_FAILURES, PROXY_STATES } from '../streamers/proxies/proxy-health.js';
import type { ProxyFigures } from '../streamers/proxies/proxy-pools.js';

/** The figures of the proxy pools, asked at each scrape. Pools are few and named by operators: fit for a label. */
export function registerProxyMetrics(registry: Registry, figures: () => ProxyFigures): void {
  new Gauge({
    name: 'livetap_pool_proxies',
    help: 'Proxies of each pool by state, as this replica finds them.',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [pool, states] of figures().pools)
        for (const state of PROXY_STATES) this.set({ pool, state }, states[state]);
    },
  });
  new Counter({
    name: 'livetap_proxy_failures_total',
    help: 'Tunnels through proxies of a pool that did not stand, and requests without an answer in time.',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset();
      const { failures } = figures();
      for (const reason of PROXY_FAILURES) this.inc({ reason }, failures[reason]);
    },
  });
}
