import { z } from 'zod';
import { QUOTA_WAITS, SIGN_WINDOWS, type SignBudget } from '../rooms/sign-budget/sign-budget.port.js';
import { BREAKER_STATES } from '../rooms/sources/circuit-breaker.js';
import { SOCKET_SOURCES, type SocketSource } from '../rooms/sources/socket-source.js';
import { SOURCE_FAILURES } from '../rooms/sources/source-failures.js';
import type { SourceHealth } from '../rooms/sources/source-health.js';
import { components } from './schemas.js';

const count = z.int().min(0);

export const sourcesSchema = z.object({
  order: z.array(z.enum(SOCKET_SOURCES)).describe('Ways to a socket address, in the order of trying.'),
  routes: z
    .array(
      z.object({
        source: z.enum(SOCKET_SOURCES),
        route: z.string().describe('`own address`, or host and port of the proxy.'),
        state: z
          .enum(BREAKER_STATES)
          .describe('closed: in use. open: it rests. halfOpen: its rest is over, the next attempt decides.'),
        restEndsAt: z.iso.datetime().optional(),
        opened: count.describe('Sockets opened this way.'),
        failed: count,
        failuresInARow: count,
        lastFailure: z.enum(SOURCE_FAILURES).optional(),
      }),
    )
    .describe('Ways that this replica has used, at most 200; those that rest come first.'),
  signatures: z
    .object({
      windows: z
        .array(
          z.object({
            window: z.enum(SIGN_WINDOWS),
            limit: count,
            remaining: count.describe('What the fleet may still ask for in the window.'),
            resetsAt: z.iso.datetime(),
          }),
        )
        .describe('As the sign server states them; empty until a signature was needed.'),
      reserved: count.describe('Requests under way at this replica.'),
      fleetReserved: count.describe('Requests under way in the fleet.'),
      waiting: count.describe('Rooms of this replica that wait for a signature.'),
      waitingFor: z
        .enum(QUOTA_WAITS)
        .describe('quota: it is used up. asked: the sign server asked to wait. database: it is away, so is the budget.')
        .optional(),
      blockedUntil: z.iso.datetime().describe('The sign server asked to wait until then.').optional(),
    })
    .describe('The budget of requests to the sign server that all replicas share.'),
});
components.add(sourcesSchema, { id: 'Sources' });
export type SourcesDto = z.output<typeof sourcesSchema>;

export type SourcesStatus = () => SourcesDto;
export const SOURCES_STATUS = Symbol('SourcesStatus');

/** How the ways into rooms are, as REST shows it. `now`: ms since the epoch. */
export function sourcesStatus(parts: {
  readonly order: readonly SocketSource[];
  readonly health: Pick<SourceHealth, 'routes'>;
  readonly budget: Pick<SignBudget, 'status'>;
  readonly now: number;
}): SourcesDto {
  const { order, health, budget, now } = parts;
  const { windows, reserved, fleetReserved, waiting, waitingFor, blockedForMs } = budget.status();
  const after = (ms: number): string => new Date(now + Math.ceil(ms)).toISOString();
  return {
    order: [...order],
    routes: health.routes().map(({ restForMs, ...route }) => ({
      ...route,
      ...(restForMs === 0 ? {} : { restEndsAt: after(restForMs) }),
    })),
    signatures: {
      windows: windows.map(({ window, limit, remaining, resetInMs }) => ({
        window,
        limit,
        remaining,
        resetsAt: after(resetInMs),
      })),
      reserved,
      fleetReserved,
      waiting,
      ...(waitingFor === undefined ? {} : { waitingFor }),
      ...(blockedForMs === 0 ? {} : { blockedUntil: after(blockedForMs) }),
    },
  };
}
