import {
  CONNECTOR_ERROR_CODES,
  ConnectorError,
  ErrorReason,
  HttpRequestError,
  PremiumFeatureError,
  SignAPIError,
  SignatureRateLimitError,
  SignStatusError,
  SocketRefusedError,
} from '@livetap/connector';
import { describe, expect, it } from 'vitest';
import { classifySourceFailure, FAILURE_OF_CODE } from './classify-source-failure.adapter.js';
import { SOURCE_FAILURE_RULES } from './source-failures.js';

const http = (status: number): HttpRequestError =>
  new HttpRequestError('refused', { code: 'CONNECTOR_HTTP_STATUS', retryable: false, target: 'x/y', status });

describe('failures of the ways', () => {
  it.each(CONNECTOR_ERROR_CODES)('%s is in the table', (code) => {
    const error = new ConnectorError('words', { code, retryable: true });
    expect(classifySourceFailure(error)).toBe(FAILURE_OF_CODE[code]);
    expect(SOURCE_FAILURE_RULES).toHaveProperty(FAILURE_OF_CODE[code]);
  });

  it.each([
    ['DEVICE_BLOCKED', new SocketRefusedError('deviceBlocked', 415, 'DEVICE_BLOCKED'), 'deviceBlocked'],
    ['illegal secret key', new SocketRefusedError('routeClosed', 417, 'illegal secret key'), 'routeClosed'],
    ['upgrade 401', new SocketRefusedError('refused', 401, undefined), 'forbidden'],
    ['upgrade 403', new SocketRefusedError('refused', 403, undefined), 'forbidden'],
    ['upgrade 429', new SocketRefusedError('refused', 429, undefined), 'rateLimited'],
    ['upgrade 503', new SocketRefusedError('refused', 503, undefined), 'serverError'],
    ['upgrade 408', new SocketRefusedError('refused', 408, undefined), 'timeout'],
    ['upgrade 418', new SocketRefusedError('refused', 418, 'teapot'), 'unknown'],
    ['page 403', http(403), 'forbidden'],
    ['page 429', http(429), 'rateLimited'],
    ['page 500', http(500), 'serverError'],
    ['page 410', http(410), 'unknown'],
    ['sign server 401: no such key', new SignStatusError(401, undefined, undefined), 'keyRefused'],
    ['sign server 403: account blocked', new SignStatusError(403, undefined, undefined), 'keyRefused'],
    ['sign server 500', new SignStatusError(500, undefined, undefined), 'serverError'],
    ['sign server 404', new SignStatusError(404, undefined, undefined), 'unknown'],
    ['sign server 402', new PremiumFeatureError(undefined, 'a plan is needed'), 'premiumRequired'],
    ['sign server 429', new SignatureRateLimitError(undefined, 'wait %s', { headers: {} }), 'quotaSpent'],
    ['sign server away', new SignAPIError(ErrorReason.CONNECT_ERROR), 'signUnreachable'],
    ['sign server without cookies', new SignAPIError(ErrorReason.EMPTY_COOKIES), 'emptyAnswer'],
    ['not the library’s', new TypeError('?'), 'network'],
  ] as const)('%s', (_name, error, failure) => {
    expect(classifySourceFailure(error)).toBe(failure);
  });
});
