import {
  getRandomPresets,
  getWebSocketConfigDefaults,
  mergeConfig,
  type WebcastWebConfig,
} from '../config/client-config.js';
import { isLoopbackHost, type TikTokEndpoints } from '../http/endpoints.js';
import { environment } from '../config/environment.js';
import { WebcastHttpClient } from '../http/webcast-http-client.js';
import { asText, asObject } from '../room/live-verdict.js';
import { RouteConfig } from '../routes/route-config.js';
import type { SignedWebSocket } from '../sign/fetch-signed-websocket.js';
import { createEulerClient, SignConfig } from '../sign/sign-config.js';
import { EulerSocketUrlSource } from '../socket/euler-socket-url-source.js';
import type { SocketUrlSource } from '../socket/socket-url-source.js';
import type {
  TikTokLiveConnectionMutableOptions,
  TikTokLiveConnectionOptions,
  WebClientOptions,
} from './connection-types.js';

/** Makes the web client and the way to the socket that a connection's options describe. */
export function createConnectionParts(
  settings: TikTokLiveConnectionOptions,
  options: TikTokLiveConnectionMutableOptions,
  onSigned: (signed: SignedWebSocket) => void,
): { readonly webClient: WebcastHttpClient; readonly source: SocketUrlSource } {
  if (settings.signApiKey !== undefined && !settings.eulerApiInstance) SignConfig.apiKey = settings.signApiKey;
  const apiClient = settings.eulerApiInstance ?? createEulerClient();
  const presets = settings.clientPresets ?? getRandomPresets();
  const webClient = new WebcastHttpClient({
    apiClient,
    presets,
    endpoints: { ...endpointsOf(settings.webConfigOverrides ?? {}), ...settings.endpoints },
    ...(settings.webConfigOverrides ? { webConfig: settings.webConfigOverrides } : {}),
    ...(settings.clock ? { clock: settings.clock } : {}),
    ...transportOptions({ ...settings.webConfigOverrides?.DEFAULT_HTTP_CLIENT_OPTIONS, ...settings.webClientOptions }),
  });
  Object.assign(webClient.clientParams, settings.webClientOptions?.searchParams);
  Object.assign(webClient.clientHeaders, settings.webClientOptions?.headers);
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

function transportOptions({ agent, timeout, retry }: WebClientOptions): {
  agents?: NonNullable<WebClientOptions['agent']>;
  timeoutMs: number;
  retry?: { retries: number };
} {
  const timeoutMs = typeof timeout === 'number' ? timeout : timeout?.request;
  const retries = typeof retry === 'number' ? retry : retry?.limit;
  return {
    timeoutMs: timeoutMs ?? environment.clientTimeoutMs(),
    ...(agent ? { agents: agent } : {}),
    ...(retries === undefined ? {} : { retry: { retries } }),
  };
}

/** The hosts of a web configuration as addresses; on this computer they are spoken to in clear. */
function endpointsOf({
  TIKTOK_HOST_WEB: web,
  TIKTOK_HOST_WEBCAST: webcast,
}: Partial<WebcastWebConfig>): Partial<TikTokEndpoints> {
  const address = (host: string): string =>
    `${isLoopbackHost(new URL(`http://${host}`).hostname) ? 'http' : 'https'}://${host}`;
  return {
    ...(web === undefined ? {} : { webUrl: address(web) }),
    ...(webcast === undefined ? {} : { webcastUrl: address(webcast) }),
  };
}
