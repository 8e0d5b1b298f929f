import {
  ConnectorError,
  type ConnectorErrorCode,
  HttpRequestError,
  SignStatusError,
  SocketRefusedError,
} from '@livetap/connector';
import type { SourceFailure } from './source-failures.js';

/** What each code of the library says about the way; a status says more where there is one. */
export const FAILURE_OF_CODE: Readonly<Record<ConnectorErrorCode, SourceFailure>> = {
  CONNECTOR_CONFIGURATION: 'configuration',
  CONNECTOR_INVALID_UNIQUE_ID: 'configuration',
  CONNECTOR_INVALID_REQUEST: 'configuration',
  CONNECTOR_INVALID_RESPONSE: 'emptyAnswer',
  CONNECTOR_ALL_SOURCES_FAILED: 'unknown',
  CONNECTOR_INVALID_SCHEMA_NAME: 'configuration',
  CONNECTOR_DECODE: 'emptyAnswer',
  CONNECTOR_HTTP_NETWORK: 'network',
  CONNECTOR_HTTP_TIMEOUT: 'timeout',
  CONNECTOR_HTTP_STATUS: 'unknown',
  CONNECTOR_HTTP_TOO_LARGE: 'unknown',
  CONNECTOR_HTTP_BAD_JSON: 'forbidden',
  CONNECTOR_ALREADY_CONNECTING: 'unknown',
  CONNECTOR_ALREADY_CONNECTED: 'unknown',
  CONNECTOR_USER_OFFLINE: 'notLive',
  CONNECTOR_CONNECT_TIMEOUT: 'timeout',
  CONNECTOR_CONNECT_CANCELLED: 'network',
  CONNECTOR_SIGN_CONNECT: 'signUnreachable',
  CONNECTOR_SIGN_REFUSED: 'unknown',
  CONNECTOR_SIGN_RATE_LIMITED: 'quotaSpent',
  CONNECTOR_SIGN_PREMIUM: 'premiumRequired',
  CONNECTOR_SIGN_EMPTY_COOKIES: 'emptyAnswer',
  CONNECTOR_SIGN_EMPTY_PAYLOAD: 'emptyAnswer',
  CONNECTOR_SIGN_AUTHENTICATED_WS: 'configuration',
  CONNECTOR_TTWID_UNAVAILABLE: 'noCookie',
  CONNECTOR_SOCKET_NETWORK: 'network',
  CONNECTOR_SOCKET_STALLED: 'network',
  CONNECTOR_SOCKET_REFUSED: 'unknown',
  CONNECTOR_SOCKET_DEVICE_BLOCKED: 'deviceBlocked',
  CONNECTOR_SOCKET_ROUTE_CLOSED: 'routeClosed',
  CONNECTOR_SOCKET_FRAME: 'network',
};

/** Which kind of failure an error is; errors that are not the library's are the network's. */
export function classifySourceFailure(error: unknown): SourceFailure {
  if (!(error instanceof ConnectorError)) return 'network';
  const byCode = FAILURE_OF_CODE[error.code];
  if (byCode !== 'unknown') return byCode;
  if (error instanceof SignStatusError)
    return error.status === 401 || error.status === 403 ? 'keyRefused' : ofStatus(error.status);
  return error instanceof SocketRefusedError || error instanceof HttpRequestError ? ofStatus(error.status) : 'unknown';
}

function ofStatus(status: number | undefined): SourceFailure {
  if (status === undefined) return 'unknown';
  if (status === 429) return 'rateLimited';
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 408) return 'timeout';
  return status >= 500 ? 'serverError' : 'unknown';
}
