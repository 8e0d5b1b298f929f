import type EulerStreamApiClient from '@eulerstream/euler-api-sdk';
import type { RawAxiosRequestConfig } from 'axios';
import { ErrorReason, SignAPIError } from '../errors/sign-errors.js';
import { parseJsonLossless } from '../http/json.js';
import type { WebcastHttpClient } from '../http/webcast-http-client.js';
import { callSignServer, SignCallFailure, type SignAnswer } from './sign-call.js';

export interface EulerCallParams {
  readonly apiClient: EulerStreamApiClient;
  /** Its proxy agents carry the call. */
  readonly webClient: WebcastHttpClient;
  readonly options?: RawAxiosRequestConfig | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the call. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * A call to the sign server that answers with JSON. The status is the caller's to judge.
 * @throws SignAPIError (Connect Error) without an answer; the signal's reason when aborted
 */
export async function callEulerForJson(
  params: EulerCallParams,
  call: (options: RawAxiosRequestConfig) => Promise<unknown>,
): Promise<SignAnswer & { readonly json: unknown }> {
  const answer = await callSignServer(call, {
    agents: params.webClient.agents,
    signal: params.signal,
    timeoutMs: params.timeoutMs ?? params.webClient.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    options: params.options,
  }).catch((error: unknown): never => {
    if (!(error instanceof SignCallFailure)) throw error;
    throw new SignAPIError(ErrorReason.CONNECT_ERROR, undefined, undefined, 'Failed to connect to sign server.', error);
  });
  return { ...answer, json: jsonOrUndefined(answer.body) };
}

function jsonOrUndefined(body: Buffer): unknown {
  try {
    return parseJsonLossless(body.toString('utf8'));
  } catch {
    // Error pages are often no JSON; the status says enough then.
    return undefined;
  }
}
