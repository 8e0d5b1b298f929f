import {
  getRandomPresets,
  getWebSocketConfigDefaults,
  mergeConfig,
  WebcastWebConfigDefaults,
  WebSocketConfigDefaults,
  type WebcastWebSocketConfig,
} from '../config/client-config.js';
import type { ClientPresets } from '../config/presets.js';
import { copyConfig, settledSocketDefaults } from '../config/settled-defaults.js';
import { isLoopbackHost, type TikTokEndpoints } from '../http/endpoints.js';
import { environment } from '../config/environment.js';
import { readWebClientOptions } from '../http/web-client-options.js';
import { WebcastHttpClient, type SignedRequest, type SignRequest } from '../http/webcast-http-client.js';
import { asText, asObject } from '../room/live-verdict.js';
import { RouteConfig } from '../routes/route-config.js';
import { eulerClientFor, SignConfig } from '../sign/sign-config.js';
import type { TikTokLiveConnectionOptions } from './connection-types.js';

/**
 * What a connection needs of its options after it was made, and the socket's defaults of that moment. Connections without
 * such options share one.
 */
export interface SocketSettings extends Pick<
  TikTokLiveConnectionOptions,
  'session' | 'wsClientOptions' | 'stallTimeoutMs' | 'socketUrlSource' | 'clock' | 'wsConfigOverrides'
> {
  readonly wsDefaults: WebcastWebSocketConfig;
}

export interface ConnectionParts {
  readonly webClient: WebcastHttpClient;
  readonly presets: ClientPresets;
  readonly socketSettings: SocketSettings;
}

/** Makes what a connection's options describe. */
export function createConnectionParts(settings: TikTokLiveConnectionOptions): ConnectionParts {
  const presets = settings.clientPresets ?? getRandomPresets();
  return { presets, webClient: createWebClient(settings, presets), socketSettings: socketSettingsOf(settings) };
}

function createWebClient(settings: TikTokLiveConnectionOptions, presets: ClientPresets): WebcastHttpClient {
  const { signApiKey, session } = settings;
  if (signApiKey !== undefined && !settings.eulerApiInstance) SignConfig.apiKey = signApiKey;
  const { transport, headers, searchParams } = readWebClientOptions({
    ...WebcastWebConfigDefaults.DEFAULT_HTTP_CLIENT_OPTIONS,
    ...settings.webConfigOverrides?.DEFAULT_HTTP_CLIENT_OPTIONS,
    ...settings.webClientOptions,
  });
  const timeoutMs = transport.timeoutMs ?? environment.clientTimeoutMs();
  const webClient = new WebcastHttpClient({
    apiClient: settings.eulerApiInstance ?? eulerClientFor({ apiKey: signApiKey, agents: transport.agents }),
    presets,
    endpoints: { ...endpointsOf(settings), ...settings.endpoints },
    signWith: signByRoute,
    ...(settings.webConfigOverrides ? { webConfig: settings.webConfigOverrides } : {}),
    ...(settings.clock ? { clock: settings.clock } : {}),
    ...transport,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    headers,
    searchParams,
  });
  if (session?.cookie) webClient.cookieJar.setSessionBundle(session.cookie);
  webClient.oAuthSessionBundle = session?.oAuthToken ?? null;
  return webClient;
}

/** The signer of connections: whatever `RouteConfig` says at the time of the call. */
async function signByRoute(webClient: WebcastHttpClient, request: SignRequest): Promise<SignedRequest> {
  const { apiClient } = webClient;
  const answer = await RouteConfig.fetchWebcastSignatureFromProvider({ webClient, apiClient, ...request });
  const response = asObject(answer['response']) ?? {};
  return {
    url: asText(response['signedUrl']) ?? request.url,
    userAgent: asText(response['userAgent']) ?? request.userAgent,
  };
}

/** Those of connections without options of that kind, by the defaults of the moment. */
const plain = new WeakMap<WebcastWebSocketConfig, SocketSettings>();

function socketSettingsOf(settings: TikTokLiveConnectionOptions): SocketSettings {
  const { session, wsClientOptions, stallTimeoutMs, socketUrlSource, clock, wsConfigOverrides } = settings;
  const wsDefaults = settledSocketDefaults();
  const own = { session, wsClientOptions, stallTimeoutMs, socketUrlSource, clock, wsConfigOverrides };
  if (Object.values(own).every((value) => value === undefined)) {
    const known = plain.get(wsDefaults) ?? { wsDefaults };
    plain.set(wsDefaults, known);
    return known;
  }
  return {
    wsDefaults,
    ...(session ? { session } : {}),
    ...(wsClientOptions ? { wsClientOptions } : {}),
    ...(stallTimeoutMs === undefined ? {} : { stallTimeoutMs }),
    ...(socketUrlSource ? { socketUrlSource } : {}),
    ...(clock ? { clock } : {}),
    // Later changes of what was given reach nobody.
    ...(wsConfigOverrides ? { wsConfigOverrides: copyConfig(wsConfigOverrides) } : {}),
  };
}

/** How sockets of a connection are asked for. */
export function wsConfigOf(
  { wsDefaults, wsConfigOverrides }: SocketSettings,
  presets: ClientPresets,
): WebcastWebSocketConfig {
  return mergeConfig(getWebSocketConfigDefaults(presets, wsDefaults), wsConfigOverrides);
}

/** Milliseconds between heartbeats: the connection's own, else the shared default. */
export function heartbeatIntervalOf({ wsConfigOverrides }: SocketSettings): number {
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
