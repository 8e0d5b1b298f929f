import { ConnectorError, type ConnectorErrorCode, type ConnectorErrorOptions } from './connector-error.js';

/** Why the sign server gave no address, in the words of the public surface. */
export enum ErrorReason {
  RATE_LIMIT = 'Rate Limited',
  CONNECT_ERROR = 'Connect Error',
  EMPTY_PAYLOAD = 'Empty Payload',
  SIGN_NOT_200 = 'Sign Error',
  EMPTY_COOKIES = 'Empty Cookies',
  PREMIUM_FEATURE = 'Premium Feature',
  AUTHENTICATED_WS = 'Authenticated WS',
}

const CODES: Readonly<Record<ErrorReason, ConnectorErrorCode>> = {
  [ErrorReason.RATE_LIMIT]: 'CONNECTOR_SIGN_RATE_LIMITED',
  [ErrorReason.CONNECT_ERROR]: 'CONNECTOR_SIGN_CONNECT',
  [ErrorReason.EMPTY_PAYLOAD]: 'CONNECTOR_SIGN_EMPTY_PAYLOAD',
  [ErrorReason.SIGN_NOT_200]: 'CONNECTOR_SIGN_REFUSED',
  [ErrorReason.EMPTY_COOKIES]: 'CONNECTOR_SIGN_EMPTY_COOKIES',
  [ErrorReason.PREMIUM_FEATURE]: 'CONNECTOR_SIGN_PREMIUM',
  [ErrorReason.AUTHENTICATED_WS]: 'CONNECTOR_SIGN_AUTHENTICATED_WS',
};

const RETRYABLE: ReadonlySet<ErrorReason> = new Set([
  ErrorReason.RATE_LIMIT,
  ErrorReason.CONNECT_ERROR,
  ErrorReason.EMPTY_COOKIES,
  ErrorReason.EMPTY_PAYLOAD,
]);

/** Base of the errors of TikTok's side and of the sign server. */
export class TikTokLiveError extends ConnectorError {
  override name = 'TikTokLiveError';
  constructor(message: string, options: Partial<ConnectorErrorOptions> = {}) {
    super(message, { code: 'CONNECTOR_SIGN_REFUSED', retryable: false, ...options });
  }
}

type SignErrorPart = string | Error | undefined;

/**
 * The sign server gave no address. `reason` says why, `requestId` and `agentId` are its own ids for support.
 * Retryable when rate limited, unreachable, empty, or failing with a 5xx status.
 */
export class SignAPIError extends TikTokLiveError {
  override name = 'SignAPIError';
  constructor(
    readonly reason: ErrorReason,
    readonly requestId?: string,
    readonly agentId?: string,
    ...args: SignErrorPart[]
  ) {
    const words = args
      .filter((part) => part !== undefined)
      .map((part) => (typeof part === 'string' ? part : part.message));
    super([`[${reason}]`, ...words].join(' '), {
      code: CODES[reason],
      retryable: RETRYABLE.has(reason),
      context: { reason, requestId, agentId },
      cause: args.find((part) => part instanceof Error),
    });
  }

  /** Draws a box around a message of the sign server. */
  static formatSignServerMessage(text: string): string {
    const title = ' SIGN SERVER MESSAGE ';
    const lines = text.trim().split('\n');
    const width = Math.max(title.length + 4, ...lines.map((line) => line.length + 4));
    const left = Math.floor((width - title.length) / 2);
    const head = '-'.repeat(left) + title + '-'.repeat(width - title.length - left);
    return ['', `+${head}+`, ...lines.map((line) => `|  ${line.padEnd(width - 2)}|`), `+${'-'.repeat(width)}+`].join(
      '\n',
    );
  }
}

/** A non-200 answer of the sign server. Retryable for 5xx and 408. */
export class SignStatusError extends SignAPIError {
  override name = 'SignAPIError';
  override readonly retryable: boolean;
  constructor(
    /** HTTP status of the sign server. */
    readonly status: number,
    requestId: string | undefined,
    agentId: string | undefined,
    ...args: SignErrorPart[]
  ) {
    super(ErrorReason.SIGN_NOT_200, requestId, agentId, ...args);
    this.retryable = status >= 500 || status === 408;
  }
}

function header(headers: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}

function seconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** The sign server's quota is used up. Retryable after `retryAfter` milliseconds. */
export class SignatureRateLimitError extends SignAPIError {
  override name = 'SignatureRateLimitError';
  /** Milliseconds to wait; 0 when the server did not say. */
  readonly retryAfter: number;
  override readonly retryAfterMs: number | undefined = undefined;
  /** When the quota is full again, milliseconds since the epoch. */
  readonly resetTime: number | undefined;

  /** @param format text of the error; `%s` is replaced by `retryAfter` */
  constructor(
    apiMessage: string | undefined,
    format: string,
    response: { readonly headers: Readonly<Record<string, unknown>> },
  ) {
    const { headers } = response;
    const retryAfter = (seconds(header(headers, 'retry-after')) ?? 0) * 1000;
    const reset = seconds(header(headers, 'x-ratelimit-reset'));
    super(
      ErrorReason.RATE_LIMIT,
      header(headers, 'x-log-id'),
      header(headers, 'x-agent-id'),
      format.replace('%s', String(retryAfter)),
      apiMessage ? SignAPIError.formatSignServerMessage(apiMessage) : undefined,
    );
    this.retryAfter = retryAfter;
    this.resetTime = reset === undefined ? undefined : reset * 1000;
    if (retryAfter > 0) this.retryAfterMs = retryAfter;
  }
}

/** The call needs a plan that the key does not have. Not retryable. */
export class PremiumFeatureError extends SignAPIError {
  override name = 'PremiumFeatureError';
  constructor(apiMessage: string | undefined, ...args: string[]) {
    super(
      ErrorReason.PREMIUM_FEATURE,
      undefined,
      undefined,
      ...args,
      apiMessage ? SignAPIError.formatSignServerMessage(apiMessage) : undefined,
    );
  }
}

/** The sign server answered without the tokens that a signature needs. Retryable. */
export class SignatureMissingTokensError extends SignAPIError {
  override name = 'SignatureMissingTokensError';
  constructor(...args: string[]) {
    super(ErrorReason.EMPTY_PAYLOAD, undefined, undefined, ...args);
  }
}

/** Session credentials must not, or cannot, be handed to this sign server. Not retryable. */
export class AuthenticatedWebSocketConnectionError extends SignAPIError {
  override name = 'AuthenticatedWebSocketConnectionError';
  constructor(...args: string[]) {
    super(ErrorReason.AUTHENTICATED_WS, undefined, undefined, ...args);
  }
}
