import {
  getRandomPresets,
  getWebSocketConfigDefaults,
  mergeConfig,
  WebcastWebConfigDefaults,
  WebSocketConfigDefaults,
} from '../config/client-config.js';
import { isLoopbackHost, type TikTokEndpoints } from '../http/endpoints.js';
import { environment } from '../config/environment.js';
import { readWebClientOptions } from '../http/web-client-options.js';
import { WebcastHttpClient } from '../http/webcast-http-client.js';
import { asText, asObject } from '../room/live-verdict.js';
import { RouteConfig } from '../routes/route-config.js';
import type { SignedWebSocket } from '../sign/fetch-signed-websocket.js';
import { eulerClientFor, SignConfig } from '../sign/sign-config.js';
import { EulerSocketUrlSource } from '../socket/euler-socket-url-source.js';
import type { SocketUrlSource } from '../socket/socket-url-source.js';
import type { TikTokLiveConnectionMutableOptions, TikTokLiveConnectionOptions } from './connection-types.js';

/** Makes the web client and the way to the socket that a connection's options describe. */
export function createConnectionParts(
  settings: TikTokLiveConnectionOptions,
  options: TikTokLiveConnectionMutableOptions,
  onSigned: (signed: SignedWebSocket) => void,
): { readonly webClient: WebcastHttpClient; readonly source: SocketUrlSource } {
  const { signApiKey } = settings;
  if (signApiKey !== undefined && !settings.eulerApiInstance) SignConfig.apiKey = signApiKey;
  const { transport, headers, searchParams } = readWebClientOptions({
    ...WebcastWebConfigDefaults.DEFAULT_HTTP_CLIENT_OPTIONS,
    ...settings.webConfigOverrides?.DEFAULT_HTTP_CLIENT_OPTIONS,
    ...settings.webClientOptions,
  });
  const apiClient = settings.eulerApiInstance ?? eulerClientFor({ apiKey: signApiKey, agents: transport.agents });
  const timeoutMs = transport.timeoutMs ?? environment.clientTimeoutMs();
  const presets = settings.clientPresets ?? getRandomPresets();
  const webClient = new WebcastHttpClient({
    apiClient,
    presets,
    endpoints: { ...endpointsOf(settings), ...settings.endpoints },
    ...(settings.webConfigOverrides ? { webConfig: settings.webConfigOverrides } : {}),
    ...(settings.clock ? { clock: settings.clock } : {}),
    ...transport,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    headers,
    searchParams,
  });
  webClient.signer = async ({ url, method, userAgent }) => {
    const answer = await RouteConfig.fetchWebcastSignatureFromProvider({
      webClient,
      apiClient,
      url,
      method,
      userAgent,
    });
    const response = asObject(answer['response']) ?? {};
    return { url: asText(response['signedUrl']) ?? url, userAgent: asText(response['userAgent']) ?? userAgent };
  };
  const { session } = settings;
  if (session?.cookie) webClient.cookieJar.setSessionBundle(session.cookie);
  webClient.oAuthSessionBundle = session?.oAuthToken ?? null;
  const source =
    settings.socketUrlSource ??
    new EulerSocketUrlSource({
      webClient,
      apiClient,
      session,
      wsConfig: mergeConfig(getWebSocketConfigDefaults(presets), settings.wsConfigOverrides),
      cursor: () => webClient.clientParams['cursor'] ?? '',
      authenticateWs: () => options.authenticateWs,
      useMobile: () => options.useMobile,
      sign: (params) => RouteConfig.fetchSignedWebSocketFromProvider(params),
      onSigned,
      ...(settings.clock ? { clock: settings.clock } : {}),
    });
  return { webClient, source };
}

/** Milliseconds between heartbeats: the connection's own, else the shared default. */
export function heartbeatIntervalOf({ wsConfigOverrides }: TikTokLiveConnectionOptions): number {
  return wsConfigOverrides?.DEFAULT_WS_PING_INTERVAL ?? WebSocketConfigDefaults.DEFAULT_WS_PING_INTERVAL;
}

/** The hosts of the configurations as addresses; on this computer they are spoken to in clear. */
function endpointsOf({ webConfigOverrides, wsConfigOverrides }: TikTokLiveConnectionOptions): Partial<TikTokEndpoints> {
  const { TIKTOK_HOST_WEB: web, TIKTOK_HOST_WEBCAST: webcast } = { ...WebcastWebConfigDefaults, ...webConfigOverrides };
  const { TIKTOK_HOST_WS: ws } = { ...WebSocketConfigDefaults, ...wsConfigOverrides };
  const address = (scheme: string, host: string): string => {
    const inClear = URL.canParse(`http://${host}`) && isLoopbackHost(new URL(`http://${host}`).hostname);
    return `${scheme}${inClear ? '' : 's'}://${host}`;
  };
  return {
    webUrl: address('http', web),
    webcastUrl: address('http', webcast),
    socketUrl: address('ws', ws),
  };
}
