import type { Role } from '../config/api-key.js';
import type { Principal } from './access.js';

/** Who may use a route: everybody, or keys from this role on. */
export type RouteAccess = 'open' | Role;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Left out: `open` outside of /v1 and /metrics, `read` for reading and `operate` for changing inside. */
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Set once access was checked; null on open routes. */
    principal: Principal | null;
  }
}

const GUARDED = ['/v1/', '/metrics'];
const READING = new Set(['GET', 'HEAD']);

/** The rule for a route that says nothing itself; nothing under a guarded path is open by omission. */
export function accessOf(route: {
  readonly url: string | undefined;
  readonly method: string;
  readonly access?: RouteAccess | undefined;
}): RouteAccess {
  if (route.access !== undefined) return route.access;
  if (!GUARDED.some((prefix) => route.url?.startsWith(prefix))) return 'open';
  return READING.has(route.method) ? 'read' : 'operate';
}
