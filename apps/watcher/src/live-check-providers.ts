import type { Provider } from '@nestjs/common';
import type { Foundation } from './operations/foundation.js';
import { SIGN_BUDGET, type SignBudget } from './rooms/sign-budget/sign-budget.port.js';
import { ConnectorBulkLiveChecker } from './streamers/connector-bulk-live-checker.adapter.js';
import { ConnectorLiveChecker } from './streamers/connector-live-checker.adapter.js';
import type { HostRateLimiter } from './streamers/host-rate-limiter.js';
import {
  LIVE_CHECKER,
  type LiveChecker,
  type LiveSourceName,
  type LiveVerdict,
} from './streamers/live-checker.port.js';
import { TikTokAccess } from './streamers/tiktok-access.adapter.js';

/** Who says who is live. `limiter` is shared with whatever else sends requests to the same hosts. */
export function liveCheckProviders(foundation: Foundation, limiter: HostRateLimiter): Provider[] {
  const { clock, random, metrics } = foundation;
  const { signOAuthToken: oAuthToken, bulkChecksPerMinute: requestsPerMinute } = foundation.config.tiktok;
  const onAnswer = (source: LiveSourceName, verdict: LiveVerdict): void => metrics.liveSourceAnswered(source, verdict);
  return [
    {
      provide: LIVE_CHECKER,
      inject: [TikTokAccess, SIGN_BUDGET],
      useFactory: (access: TikTokAccess, budget: SignBudget): LiveChecker => {
        const common = { access, limiter, budget, clock, random, onAnswer };
        const bulk = oAuthToken && new ConnectorBulkLiveChecker({ ...common, oAuthToken, requestsPerMinute });
        const checker = new ConnectorLiveChecker({ ...common, bulk });
        metrics.connect({
          pausedSources: () => ({ ...checker.pausedSources, ...(bulk && { bulk: Number(bulk.pausedFor() > 0) }) }),
        });
        return checker;
      },
    },
  ];
}
