import { NotFoundException } from '@nestjs/common';
import helmet from '@fastify/helmet';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest, FastifyServerFactory, FastifyServerOptions } from 'fastify';
import type { AccessPolicy } from './access.js';
import { takeCsv } from './csv-body.js';
import { tagEntities } from './entity-tags.js';
import { MAX_PARAMETER_LENGTH } from './operation.js';
import { BODY_LIMIT_BYTES, type ProblemFilter } from './problem.filter.js';
import { limitRequests } from './request-limit.js';
import { accessOf, type RouteAccess } from './route-access.js';
import './request-context.js';
import type { RouteTable } from './route-table.js';

export interface HttpAdapterOptions {
  readonly policy: AccessPolicy;
  readonly routes: RouteTable;
  readonly problems: ProblemFilter;
  /** Of one key, unless it has a figure of its own; 0: no limit. */
  readonly requestsPerMinute: number;
  /** Makes the server that will hand requests to the given handler. */
  readonly serverFactory?: FastifyServerFactory;
}

/**
 * The HTTP framework with the rules that hold for every request, known address or not: size and type of bodies, Host and
 * key before anything is read, security headers, problem+json for the framework's own refusals.
 */
export async function createHttpAdapter(options: HttpAdapterOptions): Promise<FastifyAdapter> {
  const { policy, routes, problems, serverFactory } = options;
  const adapter: FastifyAdapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      problems.answer(error, request, reply),
    ...(serverFactory ? { serverFactory } : {}),
  } as FastifyServerOptions);
  const instance = adapter.getInstance();

  // JSON is the only body, lists of streamers aside: another type is refused with 415, so no form of a foreign page gets
  // through.
  instance.removeContentTypeParser('text/plain');
  takeCsv(instance);
  instance.addHook('onRoute', (route) => {
    const { url, method, config } = route;
    if (config?.file !== true) [method].flat().forEach((one) => mustHaveRole(one, url));
    routes.add(url, method);
    // Refusals of the framework itself (body, hooks), also on routes that are not Nest's.
    route.errorHandler = (error, request, reply) => problems.answer(error, request, reply);
  });
  instance.decorateRequest('principal', null);
  await instance.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
    // Plain HTTP on loopback or behind a proxy that ends TLS: the proxy decides about HSTS.
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
  });
  instance.addHook('onRequest', async (request) => {
    const credentials = { host: request.headers.host, authorization: request.headers.authorization };
    const { url, config } = request.routeOptions;
    if (!PROBES.has(url ?? '')) policy.checkHost(credentials);
    // Nothing is read for an address that is none, or not for this method.
    if (url === undefined) throw new NotFoundException();
    if (config.file === true) return;
    const access = mustHaveRole(request.method, url);
    if (access !== 'open') request.principal = policy.authorize(credentials, access);
  });
  await limitRequests(instance, options.requestsPerMinute);
  tagEntities(instance);
  return adapter;
}

function mustHaveRole(method: string, url: string): RouteAccess {
  const access = accessOf(method, url);
  if (access === undefined) throw new TypeError(`${method} ${url} is not in the table of roles (route-access.ts)`);
  return access;
}

/** Asked by machines under whatever name; they say nothing worth protecting. */
const PROBES = new Set(['/livez', '/readyz']);

/** Everything comes from here and nothing is inline; images may be data (the pages draw small ones). */
const CONTENT_SECURITY_POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};
