// The library. First what the service and other programs build on, then the class that most users need.
export type { ConnectorClock, ConnectorTimer } from './common/clock.js';
export { systemClock } from './common/clock.js';
export * from './errors/connector-error.js';
export * from './errors/connection-errors.js';
export * from './errors/http-errors.js';
export * from './errors/route-errors.js';
export * from './errors/sign-errors.js';
export * from './http/cookie-jar.js';
export { DEFAULT_ENDPOINTS, type TikTokEndpoints } from './http/endpoints.js';
export type { WebClientOptions } from './http/web-client-options.js';
export { createProxyAgents, type ProxyAgents, type ProxyAgentsOptions } from './http/proxy-agents.js';
export type { HttpAgents, HttpTransportOptions } from './http/http-transport.js';
export { parseJsonLossless } from './http/json.js';
export type { RetryPolicy } from './http/retry-policy.js';
export * from './http/webcast-http-client.js';
export {
  BULK_CHECK_LIMIT,
  checkLiveInBulk,
  type BulkLiveCheck,
  type BulkLiveCheckOptions,
} from './room/check-live-bulk.js';
export { checkLive, type CheckLiveOptions } from './room/check-live.js';
export type { LiveCheck, LiveSource, LiveUser, LiveVerdict } from './room/live-verdict.js';
export { verdictOfCheckAlive, verdictOfRoomInfo } from './room/live-verdict.js';
export * from './sign/sign-config.js';
export {
  fetchSignedWebSocketFromEuler,
  type FetchSignedWebSocketParams,
  type SessionBundle,
  type SignedWebSocket,
} from './sign/fetch-signed-websocket.js';
export type { SignRateLimit } from './sign/rate-limit.js';
export type { RawBatch, RawMessage } from './socket/batch.js';
export type { SocketAddress, SocketSourceName, SocketUrlRequest, SocketUrlSource } from './socket/socket-url-source.js';
export { EulerSocketUrlSource, type EulerSocketUrlSourceOptions } from './socket/euler-socket-url-source.js';
export { DirectSocketUrlSource, type DirectSocketUrlSourceOptions } from './socket/direct-socket-url-source.js';
export { FixedSocketUrlSource, type FixedSocketUrlSourceOptions } from './socket/fixed-socket-url-source.js';
export {
  WebcastSocket,
  type SocketClosed,
  type SocketCounters,
  type WebcastSocketHandlers,
  type WebcastSocketOptions,
} from './socket/webcast-socket.js';
export { closeKindOfCode, type CloseKind } from './socket/close-kind.js';
export type { GapEvent, ReconnectingEvent, ReconnectOptions } from './connection/reconnect-options.js';
export {
  WebcastWebSocketClient,
  WebcastWebSocketClient as TikTokWsClient,
} from './socket/webcast-web-socket-client.js';
export * from './proto/index.js';
export { ControlEvent, WebcastEvent } from './events/webcast-event.js';
export { WebcastEventMap } from './events/event-map.js';
export { classifyMessage, mostSpecificEvent, needsContent, possibleEvents } from './events/classify.js';
export type * from './events/event-types.js';
export { TikTokLiveConnection } from './connection/tiktok-live-connection.js';
export * from './connection/connection-types.js';
export { validateAndNormalizeUniqueId } from './connection/unique-id.js';
export * from './config/presets.js';
export * from './config/client-config.js';
export { generateUniqId } from './common/random.js';
export * from './routes/route-config.js';
export * from './routes/route-ids.js';
export * from './routes/route.js';
export * from './routes/tiktok-routes.js';
export * from './routes/euler-routes.js';
export {
  IsLiveRouteConfig,
  RoomIdRouteConfig,
  type CompositeRouteConfig,
  type CompositeRouteParams,
} from './routes/composite-routes.js';
export {
  deserializeMessage,
  deserializeWebSocketMessage,
  type DecodedBaseProtoMessage,
  type DecodedFetchResult,
  type DecodedWebcastPushFrame,
  type WebcastMessage,
} from './connection/deserialize-message.js';
export { WebcastDeserializeConfig, type IWebcastDeserializeConfig } from './config/deserialize-config.js';
export { HandleError } from './connection/handle-error.js';
export type * from './connection/public-types.js';
export { createBaseWebcastPushFrame } from './socket/push-frame-writer.js';
export {
  createWebSocketProvider,
  type WebSocketDynamicParams,
  type WebSocketParams,
} from './socket/web-socket-provider.js';
export type { WebcastTypedWebSocket, WebcastWebSocketEventMap } from './socket/web-socket-events.js';
export * from './helpers/gift-streaks.js';
export * from './helpers/like-total.js';
