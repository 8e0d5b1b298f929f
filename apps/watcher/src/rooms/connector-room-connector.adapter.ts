import {
  ConnectorError,
  type ConnectorErrorCode,
  HttpRequestError,
  type SocketAddress,
  type SocketUrlRequest,
  type SocketUrlSource,
  SocketRefusedError,
  WebcastSocket,
} from '@livetap/connector';
import type { Clock } from '../common/clock.port.js';
import { askedWait } from '../streamers/asked-wait.js';
import type { HostRateLimiter } from '../streamers/host-rate-limiter.js';
import type { TikTokAccess, TikTokRoute } from '../streamers/tiktok-access.adapter.js';
import { CircuitBreaker } from './circuit-breaker.js';
import {
  type OpenRoomRequest,
  type RoomConnectFailure,
  RoomConnectError,
  type RoomConnection,
  type RoomConnectionHandlers,
  type RoomConnector,
} from './room-connector.port.js';
import type { SignOutcome } from './sign-meter.js';

type SourceName = 'direct' | 'euler';

export interface ConnectorRoomConnectorOptions {
  readonly access: TikTokAccess;
  readonly limiter: HostRateLimiter;
  readonly clock: Clock;
  /** Ways to a socket address, in the order of trying; at least one. */
  readonly sources: readonly SourceName[];
  /** Milliseconds until a socket must be open; default 20,000. */
  readonly connectTimeoutMs?: number;
  /** A request to the sign server has ended so; for metrics. */
  readonly onSignRequest?: (outcome: SignOutcome) => void;
}

/** What each code of the library means for a room. */
export const FAILURE_OF_CODE: Readonly<Record<ConnectorErrorCode, RoomConnectFailure>> = {
  CONNECTOR_CONFIGURATION: 'configuration',
  CONNECTOR_INVALID_UNIQUE_ID: 'configuration',
  CONNECTOR_INVALID_REQUEST: 'configuration',
  CONNECTOR_INVALID_RESPONSE: 'refused',
  CONNECTOR_ALL_SOURCES_FAILED: 'refused',
  CONNECTOR_INVALID_SCHEMA_NAME: 'configuration',
  CONNECTOR_DECODE: 'refused',
  CONNECTOR_HTTP_NETWORK: 'network',
  CONNECTOR_HTTP_TIMEOUT: 'timeout',
  CONNECTOR_HTTP_STATUS: 'refused',
  CONNECTOR_HTTP_TOO_LARGE: 'refused',
  CONNECTOR_HTTP_BAD_JSON: 'refused',
  CONNECTOR_ALREADY_CONNECTING: 'network',
  CONNECTOR_ALREADY_CONNECTED: 'network',
  CONNECTOR_USER_OFFLINE: 'notLive',
  CONNECTOR_CONNECT_TIMEOUT: 'timeout',
  CONNECTOR_CONNECT_CANCELLED: 'network',
  CONNECTOR_SIGN_CONNECT: 'network',
  CONNECTOR_SIGN_REFUSED: 'refused',
  CONNECTOR_SIGN_RATE_LIMITED: 'quota',
  CONNECTOR_SIGN_PREMIUM: 'configuration',
  CONNECTOR_SIGN_EMPTY_COOKIES: 'refused',
  CONNECTOR_SIGN_EMPTY_PAYLOAD: 'refused',
  CONNECTOR_SIGN_AUTHENTICATED_WS: 'configuration',
  CONNECTOR_TTWID_UNAVAILABLE: 'refused',
  CONNECTOR_SOCKET_NETWORK: 'network',
  CONNECTOR_SOCKET_STALLED: 'network',
  CONNECTOR_SOCKET_REFUSED: 'refused',
  CONNECTOR_SOCKET_DEVICE_BLOCKED: 'refused',
  CONNECTOR_SOCKET_ROUTE_CLOSED: 'refused',
  CONNECTOR_SOCKET_FRAME: 'network',
};

/** Failures that another way would share, or that another attempt soon may not have: no reason to spend more on it. */
const KEEP_TO_THIS_WAY: ReadonlySet<RoomConnectFailure> = new Set(['network', 'timeout', 'notLive']);
const MAX_BREAKERS = 1_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 20_000;

/**
 * Opens rooms through the connector: a fresh address for each attempt, from the configured ways in their order. A way
 * that was refused gives way to the next one at once; one that failed three times in a row rests for a minute; so signing
 * quota is spent only where it must be.
 */
export class ConnectorRoomConnector implements RoomConnector {
  readonly #options: ConnectorRoomConnectorOptions;
  readonly #breakers = new Map<string, CircuitBreaker>();

  constructor(options: ConnectorRoomConnectorOptions) {
    this.#options = options;
  }

  async open(request: OpenRoomRequest, handlers: RoomConnectionHandlers): Promise<RoomConnection> {
    const route = this.#route(request);
    const failures: RoomConnectError[] = [];
    const waits: number[] = [];
    for (const name of this.#candidates(route)) {
      const breaker = this.#breaker(name, route);
      try {
        const connection = await this.#openBy(name, route, request, handlers);
        breaker.succeeded();
        return connection;
      } catch (error) {
        request.signal.throwIfAborted();
        const failure = toConnectError(error);
        const { retryAfterMs } = failure.details;
        failures.push(failure);
        if (retryAfterMs !== undefined) waits.push(retryAfterMs);
        if (failure.failure !== 'notLive') breaker.failed();
        if (failure.details.code === 'CONNECTOR_SOCKET_ROUTE_CLOSED' && retryAfterMs !== undefined)
          breaker.open(retryAfterMs);
        if (KEEP_TO_THIS_WAY.has(failure.failure)) break;
      }
    }
    const last = failures.at(-1) ?? new RoomConnectError('configuration', 'no way into a room is configured');
    const wait = waits.length === 0 ? {} : { retryAfterMs: Math.ceil(Math.min(...waits)) };
    throw new RoomConnectError(last.failure, last.message, { ...last.details, ...wait });
  }

  async #openBy(
    name: SourceName,
    route: TikTokRoute,
    { roomId, signal }: OpenRoomRequest,
    handlers: RoomConnectionHandlers,
  ): Promise<RoomConnection> {
    const { access, limiter, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = this.#options;
    // The direct way costs one request in hours, for its cookie; a signature costs one each time.
    if (name === 'euler') await limiter.acquire(`${access.signHost} ${route.key}`, signal);
    const source = route.source(name);
    const address = await this.#resolve(name, source, { roomId, signal });
    try {
      return await WebcastSocket.open({
        address,
        signal,
        connectTimeoutMs,
        agent: route.socketAgent(address.url),
        handlers: {
          onOpen: () => {
            handlers.onOpen(name);
            if (address.initialBatch !== undefined) handlers.onFrame(address.initialBatch);
          },
          onBatch: (batch) => handlers.onFrame(batch),
          onFrameRejected: (bytes, receivedAt) => handlers.onFrameRejected(bytes, receivedAt),
          onClosed: ({ code, reason }) => handlers.onClosed({ code, reason }),
        },
      });
    } catch (error) {
      if (error instanceof SocketRefusedError) source.onRefused?.(address, error);
      throw error;
    }
  }

  async #resolve(name: SourceName, source: SocketUrlSource, request: SocketUrlRequest): Promise<SocketAddress> {
    const count = (outcome: SignOutcome): void => {
      if (name === 'euler') this.#options.onSignRequest?.(outcome);
    };
    try {
      const address = await source.resolve(request);
      count('signed');
      return address;
    } catch (error) {
      count(request.signal?.aborted === true ? 'cancelled' : signOutcomeOf(toConnectError(error).failure));
      throw error;
    }
  }

  #route({ access }: OpenRoomRequest): TikTokRoute {
    try {
      return this.#options.access.route(access);
    } catch {
      // The cause may quote the address, which may hold a password.
      throw new RoomConnectError('configuration', 'the proxy address cannot be used');
    }
  }

  /** Ways that rest are left out, unless all of them do: a room never waits for a breaker alone. */
  #candidates(route: TikTokRoute): readonly SourceName[] {
    const { sources } = this.#options;
    const ready = sources.filter((name) => this.#breaker(name, route).openForMs === 0);
    return ready.length === 0 ? sources : ready;
  }

  #breaker(name: SourceName, route: TikTokRoute): CircuitBreaker {
    const key = `${name} ${route.key}`;
    let breaker = this.#breakers.get(key);
    if (breaker === undefined) {
      breaker = new CircuitBreaker({ clock: this.#options.clock });
      for (const oldest of this.#breakers.keys()) {
        if (this.#breakers.size < MAX_BREAKERS) break;
        this.#breakers.delete(oldest);
      }
      this.#breakers.set(key, breaker);
    }
    return breaker;
  }
}

function signOutcomeOf(failure: RoomConnectFailure): SignOutcome {
  if (failure === 'quota' || failure === 'rateLimited') return 'rateLimited';
  return failure === 'network' || failure === 'timeout' ? 'unreachable' : 'refused';
}

/** Library errors as the rooms know them; anything else is a fault of the network. */
export function toConnectError(error: unknown): RoomConnectError {
  if (error instanceof RoomConnectError) return error;
  if (!(error instanceof ConnectorError))
    return new RoomConnectError('network', 'the attempt failed', { cause: error });
  const { code, message, retryAfterMs } = error;
  const details = {
    code,
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: askedWait(retryAfterMs) }),
  };
  return new RoomConnectError(isTooMany(error) ? 'rateLimited' : FAILURE_OF_CODE[code], message, details);
}

function isTooMany(error: ConnectorError): boolean {
  return (error instanceof HttpRequestError || error instanceof SocketRefusedError) && error.status === 429;
}
