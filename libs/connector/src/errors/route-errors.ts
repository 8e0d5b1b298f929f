import { ConnectorError } from './connector-error.js';

function labelled(routeId: string, parts: readonly string[]): string {
  return `[${routeId}] ${parts.join(' ')}`;
}

function isRetryable(error: unknown): boolean {
  return error instanceof ConnectorError && error.retryable;
}

/** A route was called without something that it needs. Not retryable. */
export class InvalidRequestError extends ConnectorError {
  override name = 'InvalidRequestError';
  constructor(
    readonly config: { readonly routeId: string },
    ...parts: string[]
  ) {
    super(labelled(config.routeId, parts), {
      code: 'CONNECTOR_INVALID_REQUEST',
      retryable: false,
      context: { routeId: config.routeId },
    });
  }
}

/** A route got an answer that it cannot use. Retryable when the request error behind it is. */
export class InvalidResponseError extends ConnectorError {
  override name = 'InvalidResponseError';
  constructor(
    readonly config: { readonly routeId: string; readonly requestErr?: unknown },
    ...parts: string[]
  ) {
    const { requestErr } = config;
    super(labelled(config.routeId, parts), {
      code: 'CONNECTOR_INVALID_RESPONSE',
      retryable: isRetryable(requestErr),
      ...(requestErr instanceof ConnectorError && requestErr.retryAfterMs !== undefined
        ? { retryAfterMs: requestErr.retryAfterMs }
        : {}),
      context: { routeId: config.routeId },
      cause: requestErr,
    });
  }
}

/** Every source of a composite route failed; `config.requestErrs` holds each source's error in order. */
export class InvalidResponseCompositeError extends ConnectorError {
  override name = 'InvalidResponseCompositeError';
  constructor(
    readonly config: { readonly routeId: string; readonly requestErrs?: readonly Error[] },
    message: string,
  ) {
    const causes = config.requestErrs ?? [];
    super(labelled(config.routeId, [message]), {
      code: 'CONNECTOR_ALL_SOURCES_FAILED',
      retryable: causes.some(isRetryable),
      context: { routeId: config.routeId },
      cause: causes.length > 0 ? new AggregateError(causes, 'Every source failed.') : undefined,
    });
  }
}
