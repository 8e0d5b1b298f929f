import type { ClientOptions } from 'ws';
import { getWebSocketConfigDefaults, mergeConfig, type WebcastWebSocketConfig } from '../config/client-config.js';
import { DEFAULT_PRESETS } from '../config/presets.js';
import type { WebcastTypedWebSocket } from './web-socket-events.js';
import { WebcastSocket } from './webcast-socket.js';

/** Query parameters of a socket address. */
export type WebSocketParams = Record<string, string>;

/** What is only known when a socket is opened. */
export interface WebSocketDynamicParams {
  readonly roomId: string;
  /** Address without parameters, as the sign server names it. */
  readonly baseUrl: string;
  readonly wsParams: WebSocketParams;
  /** Secret when they hold cookies. */
  readonly wsHeaders?: Readonly<Record<string, string>>;
}

/**
 * Makes sockets of one configuration. Each client dials at once, enters its room when it is open, keeps itself alive,
 * acknowledges batches, and tells what arrives by its own events (`WebcastWebSocketEventMap`).
 */
export function createWebSocketProvider(
  wsConfig: Partial<WebcastWebSocketConfig>,
  wsOptions?: ClientOptions,
): (dynamic: WebSocketDynamicParams) => WebcastTypedWebSocket {
  const config = mergeConfig(getWebSocketConfigDefaults(DEFAULT_PRESETS), wsConfig);
  return ({ roomId, baseUrl, wsParams, wsHeaders }) => {
    const query = new URLSearchParams({ ...config.DEFAULT_WS_CLIENT_PARAMS, ...wsParams }).toString();
    const joint = baseUrl.includes('?') ? '&' : '?';
    const { session, opened } = WebcastSocket.start({
      address: {
        source: 'euler',
        url: `${baseUrl}${joint}${query}${config.DEFAULT_WS_CLIENT_PARAMS_APPEND_PARAMETER}`,
        headers: { ...config.DEFAULT_WS_CLIENT_HEADERS, ...wsHeaders },
        roomId,
      },
      // The client's own events say all of it.
      handlers: { onBatch: () => undefined, onFrameRejected: () => undefined, onClosed: () => undefined },
      heartbeatIntervalMs: config.DEFAULT_WS_PING_INTERVAL,
      wsOptions,
    });
    // A socket that cannot be opened says so by `error` and `close`, like every WebSocket.
    opened.catch(() => undefined);
    return session.client as WebcastTypedWebSocket;
  };
}
