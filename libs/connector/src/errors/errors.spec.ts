import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONNECTOR_ERROR_CODES, ConnectorError } from './connector-error.js';
import { InvalidResponseCompositeError, InvalidResponseError } from './route-errors.js';
import { ErrorReason, PremiumFeatureError, SignAPIError, SignatureRateLimitError } from './sign-errors.js';

const SOURCES = join(import.meta.dirname, '..');

describe('codes', () => {
  const text = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) =>
        file.endsWith('.ts') &&
        !file.endsWith('.spec.ts') &&
        !file.includes('generated') &&
        !file.endsWith('connector-error.ts'),
    )
    .map((file) => readFileSync(join(SOURCES, file), 'utf8'))
    .join('\n');

  it.each(CONNECTOR_ERROR_CODES.filter((code) => code !== 'CONNECTOR_CONFIGURATION'))('%s is used', (code) => {
    expect(text).toContain(`'${code}'`);
  });

  it('are unique', () => {
    expect(new Set(CONNECTOR_ERROR_CODES).size).toBe(CONNECTOR_ERROR_CODES.length);
  });
});

describe('messages and fields', () => {
  it('are those of the documented classes', () => {
    const cause = new Error('why');
    const sign = new SignAPIError(ErrorReason.CONNECT_ERROR, 'request', 'agent', 'text', undefined, cause);
    expect(sign).toMatchObject({
      message: '[Connect Error] text why',
      reason: 'Connect Error',
      requestId: 'request',
      agentId: 'agent',
      name: 'SignAPIError',
      cause,
    });
    expect(sign).toBeInstanceOf(ConnectorError);
    const limit = new SignatureRateLimitError('message', 'wait %s', { headers: { 'retry-after': '2' } });
    expect(limit).toBeInstanceOf(SignAPIError);
    expect(limit.message).toMatch(/^\[Rate Limited\] wait 2000/);
    expect(new PremiumFeatureError('short').message).toContain('|  short');
    expect(new InvalidResponseError({ routeId: 'r' }, 'a', 'b').message).toBe('[r] a b');
    const composite = new InvalidResponseCompositeError({ routeId: 'r', requestErrs: [cause] }, 'all failed');
    expect(composite).toMatchObject({ message: '[r] all failed', config: { requestErrs: [cause] }, retryable: false });
  });

  it('hand on whether and when a repeat makes sense', () => {
    const inner = new ConnectorError('x', { code: 'CONNECTOR_HTTP_STATUS', retryable: true, retryAfterMs: 5 });
    expect(new InvalidResponseError({ routeId: 'r', requestErr: inner }, 'x')).toMatchObject({
      retryable: true,
      retryAfterMs: 5,
    });
    expect(
      new InvalidResponseCompositeError({ routeId: 'r', requestErrs: [new Error('x'), inner] }, 'x').retryable,
    ).toBe(true);
  });
});
