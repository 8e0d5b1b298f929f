import { HttpRequestError, type WebcastHttpClient } from '@livetap/connector';
import type { ProxyFailure } from './proxy-health.js';
import type { ProxyOutcome } from './proxy-pools.js';

type Report = (outcome: ProxyOutcome) => void;
type Request = (...args: unknown[]) => Promise<unknown>;

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
]);

/** Why a tunnel did not stand. */
export function proxyFailureOf(error: Error): ProxyFailure {
  const code = 'code' in error ? String(error.code) : '';
  if (/Bad response: 407|authentication|no accepted/i.test(error.message)) return 'denied';
  if (code === 'ETIMEDOUT' || /time(d )?-?out/i.test(error.message)) return 'timeout';
  return UNREACHABLE.has(code) ? 'unreachable' : 'failed';
}

/** The client, told to say what becomes of each request: whether anything came back, or nothing in time. */
export function reporting(client: WebcastHttpClient, report: Report): WebcastHttpClient {
  const request = client.request.bind(client) as Request;
  const observed: Request = async (...args) => {
    try {
      const answer = await request(...args);
      report('answered');
      return answer;
    } catch (error) {
      if (error instanceof HttpRequestError) {
        if (error.status !== undefined) report('answered');
        else if (error.code === 'CONNECTOR_HTTP_TIMEOUT') report('silent');
      }
      throw error;
    }
  };
  client.request = observed as typeof client.request;
  return client;
}
