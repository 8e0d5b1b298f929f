import type { Role } from '../config/api-key.js';

/** Who may use a route: everybody, or keys from this role on. */
export type RouteAccess = 'open' | Role;

/**
 * Who may do what: every route that the service has, the files of the page aside. The guard goes by it and the OpenAPI document
 * is made from it; a route that is not in it stops the start.
 */
export const ROUTE_ACCESS = {
  'GET /livez': 'open',
  'GET /readyz': 'open',
  'GET /metrics': 'read',
  'GET /docs': 'open',
  'GET /docs/': 'open',
  'GET /docs/init.js': 'open',
  'GET /openapi.json': 'open',

  'GET /v1/access': 'read',
  'GET /v1/status': 'read',
  'GET /v1/sources': 'read',
  'GET /v1/events': 'read',

  'POST /v1/streamers': 'operate',
  'POST /v1/imports/streamers.csv': 'operate',
  'GET /v1/streamers': 'read',
  'GET /v1/streamers/:uniqueId': 'read',
  'PATCH /v1/streamers/:uniqueId': 'operate',
  'DELETE /v1/streamers/:uniqueId': 'operate',
  'PUT /v1/streamers/:uniqueId/session': 'admin',
  'DELETE /v1/streamers/:uniqueId/session': 'admin',
  'GET /v1/label-defaults': 'read',
  'GET /v1/label-defaults/:label': 'read',
  'PUT /v1/label-defaults/:label': 'operate',
  'DELETE /v1/label-defaults/:label': 'operate',
  'POST /v1/proxy-pools': 'admin',
  'GET /v1/proxy-pools': 'read',
  'GET /v1/proxy-pools/:name': 'read',
  'PATCH /v1/proxy-pools/:name': 'admin',
  'DELETE /v1/proxy-pools/:name': 'admin',
  'POST /v1/proxy-pools/:name/proxies': 'admin',
  'DELETE /v1/proxy-pools/:name/proxies/:id': 'admin',

  'GET /v1/streamers/:uniqueId/sessions': 'read',
  'GET /v1/streamers/:uniqueId/gifters': 'read',
  'GET /v1/sessions': 'read',
  'GET /v1/sessions/:id': 'read',
  'GET /v1/sessions/:id/snapshots': 'read',
  'GET /v1/sessions/:id/gifters': 'read',
  'GET /v1/sessions/:id/gifts': 'read',
  'GET /v1/sessions/:id/battles': 'read',
  'GET /v1/sessions/:id/gaps': 'read',
  'GET /v1/leaderboards/streamers': 'read',
  'GET /v1/leaderboards/gifters': 'read',
  'GET /v1/exports/:file': 'read',
  'GET /v1/exports/streamers.csv': 'read',
  'GET /v1/exports/streamers.json': 'read',
  'DELETE /v1/viewers/:userId': 'admin',
  'DELETE /v1/viewers/:userId/opt-out': 'admin',

  'POST /v1/webhooks': 'admin',
  'GET /v1/webhooks': 'read',
  'GET /v1/webhooks/:id': 'read',
  'PATCH /v1/webhooks/:id': 'admin',
  'DELETE /v1/webhooks/:id': 'admin',
  'POST /v1/webhooks/:id/test': 'admin',
  'POST /v1/webhooks/:id/secret': 'admin',
  'GET /v1/webhooks/:id/deliveries': 'read',
  'POST /v1/webhooks/:id/deliveries/:deliveryId/redeliver': 'admin',
  'POST /v1/webhooks/:id/dead-letters/redeliver': 'admin',

  'POST /v1/keys': 'admin',
  'GET /v1/keys': 'admin',
  'GET /v1/keys/:id': 'admin',
  'PATCH /v1/keys/:id': 'admin',
  'DELETE /v1/keys/:id': 'admin',
  'POST /v1/keys/:id/rotate': 'admin',
  'GET /v1/audit': 'admin',
} as const satisfies Record<string, RouteAccess>;

const BY_ROUTE: ReadonlyMap<string, RouteAccess> = new Map(Object.entries(ROUTE_ACCESS));

/** The rule for a route as the router knows it (`/v1/streamers/:uniqueId`); undefined when it is in no rule. HEAD goes by GET. */
export function accessOf(method: string, path: string): RouteAccess | undefined {
  return BY_ROUTE.get(`${method === 'HEAD' ? 'GET' : method} ${path}`);
}
