import type { Principal } from '../access/principal.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A file that is served as it is, to everybody; every other route is in the table of roles. */
    file?: boolean;
    /** Its body is text/csv and comes as a `CsvBody`. */
    csv?: boolean;
  }
  interface FastifyRequest {
    /** Set once access was checked; null on open routes. */
    principal: Principal | null;
  }
}
