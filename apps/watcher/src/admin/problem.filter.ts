import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../common/logger.port.js';
import { Redactor } from '../common/redactor.js';
import { AdminError } from './admin.errors.js';
import { discardBody } from './discard-body.js';
import { PROBLEM_MEDIA_TYPE, problemFor, type Problem } from './problem.js';
import type { RouteTable } from './route-table.js';

/** Largest request body that is taken. */
export const BODY_LIMIT_BYTES = 1024 * 1024;
const MAX_SHOWN_PATH = 200;

/** Answers every failed HTTP request with problem+json (RFC 9457). The one place where codes become statuses. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly logger: Logger,
    /** Answers may quote what was sent: a secret in the wrong place is not repeated. */
    private readonly redactor = new Redactor(),
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Also for failures that the framework reports outside of a route. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const path = request.url.split('?', 1)[0] ?? '/';
    const shown = this.redactor.clean(path);
    const { problem, headers, unexpected } = problemFor(this.refine(error, request, shown), shown);
    if (unexpected) this.logger.error('http.failed', { method: request.method, path: shown, error });
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    void discardBody(request).then(() =>
      reply
        .code(problem.status)
        .headers({ ...headers, 'content-type': PROBLEM_MEDIA_TYPE, 'cache-control': 'no-store' })
        .send(JSON.stringify(this.discreet(problem))),
    );
  }

  private discreet(problem: Problem): Problem {
    const clean = (text: string): string => this.redactor.clean(text);
    const errors = problem.errors?.map(({ pointer, detail }) => ({ pointer: clean(pointer), detail: clean(detail) }));
    return { ...problem, detail: clean(problem.detail), ...(errors === undefined ? {} : { errors }) };
  }

  /** Tells apart what the framework reports with one status: a wrong method from a wrong address, and the size limit. */
  private refine(error: unknown, request: FastifyRequest, path: string): unknown {
    const status = statusCode(error);
    if (status === 404 && request.is404) {
      const allowed = this.routes.methodsOf(path);
      if (allowed.length > 0 && !allowed.includes(request.method)) {
        const methods = allowed.join(', ');
        return new AdminError('WATCHER_METHOD_NOT_ALLOWED', `${request.method} is not possible here; use ${methods}.`, {
          headers: { allow: methods },
        });
      }
    }
    if (status === 404) {
      const shown = path.slice(0, MAX_SHOWN_PATH);
      return new AdminError(
        'WATCHER_ROUTE_NOT_FOUND',
        `There is nothing at ${shown}. GET /docs shows all that there is.`,
      );
    }
    if (status === 413) {
      return new AdminError(
        'WATCHER_BODY_TOO_LARGE',
        `The body is larger than ${BODY_LIMIT_BYTES / 1024 / 1024} MiB. Split the list into several requests.`,
      );
    }
    if (status === 400 && error instanceof Error && causeCode(error) === 'FST_ERR_BAD_URL') {
      return new AdminError('WATCHER_REQUEST_INVALID', 'The address holds a % that begins no valid escape.');
    }
    return error;
  }
}

function statusCode(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error)) return undefined;
  return 'statusCode' in error ? Number(error.statusCode) : undefined;
}

function causeCode(error: Error): unknown {
  const source = error.cause instanceof Error ? error.cause : error;
  return 'code' in source ? source.code : undefined;
}
