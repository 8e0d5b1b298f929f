import { SESSION_COOKIE_NAMES, TARGET_IDC_COOKIE_NAME } from '../http/cookie-jar.js';
import { mergeHeaders } from '../http/header-map.js';
import { environment } from './environment.js';
import {
  DEFAULT_PRESETS,
  generateDeviceId,
  getRandomDevicePreset,
  getRandomLocationPreset,
  getRandomScreenPreset,
  type ClientPresets,
} from './presets.js';

/** Who we say we are to the sign server. */
export const LIBRARY_IDENTITY = 'ttlive-node';
export const VERSION = '0.1.0';

const DEFAULT_ORIGIN = 'https://www.tiktok.com';

/** How the HTTP client speaks to TikTok. */
export interface WebcastWebConfig {
  TIKTOK_HOST_WEB: string;
  TIKTOK_HOST_WEBCAST: string;
  TIKTOK_HTTP_ORIGIN: string;
  DEFAULT_HTTP_CLIENT_OPTIONS: Record<string, unknown>;
  DEFAULT_HTTP_CLIENT_HEADERS: Record<string, string>;
  DEFAULT_HTTP_CLIENT_PARAMS: Record<string, string>;
  SESSION_COOKIE_NAMES: string[];
  TARGET_IDC_COOKIE_NAME: string;
}

/** How the socket is asked for. */
export interface WebcastWebSocketConfig {
  TIKTOK_HOST_WS: string;
  DEFAULT_WS_CLIENT_PARAMS: Record<string, string>;
  DEFAULT_WS_CLIENT_PARAMS_APPEND_PARAMETER: string;
  DEFAULT_WS_CLIENT_HEADERS: Record<string, string>;
  /** Milliseconds between heartbeats. */
  DEFAULT_WS_PING_INTERVAL: number;
}

/**
 * Presets for a new connection: drawn at random. The variables RANDOMIZE_TIKTOK_DEVICE, …_LOCATION and …_SCREEN fix a
 * part of them to its default when they are `false`.
 */
export function getRandomPresets(random: () => number = Math.random): ClientPresets {
  return {
    device: environment.randomizeDevice() ? getRandomDevicePreset(random) : DEFAULT_PRESETS.device,
    location: environment.randomizeLocation() ? getRandomLocationPreset(random) : DEFAULT_PRESETS.location,
    screen: environment.randomizeScreen() ? getRandomScreenPreset(random) : DEFAULT_PRESETS.screen,
  };
}

/** What of the headers and parameters of HTTP requests follows from the presets. */
function webPresetValues(
  { device, location, screen }: ClientPresets,
  deviceId: string,
): {
  headers: Record<string, string>;
  params: Record<string, string>;
} {
  return {
    headers: { 'User-Agent': device.user_agent },
    params: {
      app_language: location.lang,
      browser_language: location.lang_country,
      browser_name: device.browser_name,
      browser_platform: device.browser_platform,
      browser_version: device.browser_version,
      screen_height: String(screen.screen_height),
      screen_width: String(screen.screen_width),
      tz_name: location.tz_name,
      os: device.os,
      priority_region: location.country,
      region: location.country,
      webcast_language: location.lang,
      device_id: deviceId,
    },
  };
}

function socketPresetParams({ device, location, screen }: ClientPresets): Record<string, string> {
  return {
    app_language: location.lang,
    browser_platform: device.browser_platform,
    browser_language: location.lang_country,
    browser_name: device.browser_name,
    browser_version: device.browser_version,
    tz_name: location.tz_name,
    webcast_language: location.lang,
    screen_height: String(screen.screen_height),
    screen_width: String(screen.screen_width),
    last_rtt: String(100 + Math.random() * 100),
    'User-Agent': device.user_agent,
  };
}

/**
 * How every connection speaks to TikTok unless told otherwise. One mutable object: changes count for connections made
 * afterwards, but for what their presets say (User-Agent, languages, browser, screen, region, device id).
 */
export type WebcastWebConfigDefaults = WebcastWebConfig;
export const WebcastWebConfigDefaults: WebcastWebConfig = {
  TIKTOK_HOST_WEB: 'www.tiktok.com',
  TIKTOK_HOST_WEBCAST: 'webcast.tiktok.com',
  TIKTOK_HTTP_ORIGIN: 'https://www.tiktok.com',
  DEFAULT_HTTP_CLIENT_OPTIONS: {},
  DEFAULT_HTTP_CLIENT_HEADERS: {
    Connection: 'keep-alive',
    'Cache-Control': 'max-age=0',
    'User-Agent': '',
    Accept: 'text/html,application/json,application/protobuf',
    Referer: 'https://www.tiktok.com/',
    Origin: 'https://www.tiktok.com',
    'Accept-Language': 'en-US,en;q=0.9',
    'Accept-Encoding': 'gzip, deflate',
    'Sec-Fetch-Site': 'same-site',
    'Sec-Fetch-Mode': 'cors',
    'Sec-Fetch-Dest': 'empty',
    'Sec-Fetch-Ua-Mobile': '?0',
    Cookie: 'tt-target-idc=useast1a',
    ...webPresetValues(DEFAULT_PRESETS, '').headers,
  },
  DEFAULT_HTTP_CLIENT_PARAMS: {
    aid: '1988',
    app_language: '',
    app_name: 'tiktok_web',
    browser_language: '',
    browser_name: '',
    browser_online: 'true',
    browser_platform: '',
    browser_version: '',
    cookie_enabled: 'true',
    device_platform: 'web_pc',
    focus_state: 'true',
    from_page: 'user',
    history_len: '10',
    is_fullscreen: 'false',
    is_page_visible: 'true',
    screen_height: '',
    screen_width: '',
    tz_name: '',
    referer: 'https://www.tiktok.com/',
    root_referer: 'https://www.tiktok.com/',
    channel: 'tiktok_web',
    data_collection_enabled: 'true',
    os: '',
    priority_region: '',
    region: '',
    user_is_login: 'true',
    webcast_language: '',
    device_id: '',
    ...webPresetValues(DEFAULT_PRESETS, generateDeviceId()).params,
  },
  SESSION_COOKIE_NAMES: [...SESSION_COOKIE_NAMES],
  TARGET_IDC_COOKIE_NAME,
};

/** As {@link WebcastWebConfigDefaults}, for the socket. */
export const WebSocketConfigDefaults: WebcastWebSocketConfig = {
  TIKTOK_HOST_WS: 'webcast-ws.tiktok.com',
  DEFAULT_WS_CLIENT_PARAMS: {
    version_code: '180800',
    aid: '1988',
    app_language: '',
    app_name: 'tiktok_web',
    browser_platform: '',
    browser_language: '',
    browser_name: '',
    browser_version: '',
    browser_online: 'true',
    cookie_enabled: 'true',
    tz_name: '',
    device_platform: 'web',
    identity: 'audience',
    live_id: '12',
    webcast_language: '',
    ws_direct: '0',
    sup_ws_ds_opt: '1',
    update_version_code: '2.0.0',
    did_rule: '3',
    screen_height: '',
    screen_width: '',
    heartbeat_duration: '0',
    resp_content_type: 'protobuf',
    history_comment_count: '6',
    client_enter: '1',
    last_rtt: '',
    'User-Agent': '',
    ...socketPresetParams(DEFAULT_PRESETS),
  },
  DEFAULT_WS_CLIENT_PARAMS_APPEND_PARAMETER: '&version_code=270000',
  DEFAULT_WS_CLIENT_HEADERS: { 'User-Agent': DEFAULT_PRESETS.device.user_agent },
  DEFAULT_WS_PING_INTERVAL: 10_000,
};

/**
 * A fresh web configuration for these presets, with a device id of its own. Owned by the caller.
 * @param defaults what the presets are laid over; default: the shared defaults as they are now
 */
export function getWebConfig(
  presets: ClientPresets,
  defaults: WebcastWebConfig = WebcastWebConfigDefaults,
  deviceId = generateDeviceId(),
): WebcastWebConfig {
  const { headers, params } = webPresetValues(presets, deviceId);
  return {
    ...defaults,
    DEFAULT_HTTP_CLIENT_OPTIONS: { ...defaults.DEFAULT_HTTP_CLIENT_OPTIONS },
    DEFAULT_HTTP_CLIENT_HEADERS: { ...defaults.DEFAULT_HTTP_CLIENT_HEADERS, ...headers },
    DEFAULT_HTTP_CLIENT_PARAMS: { ...defaults.DEFAULT_HTTP_CLIENT_PARAMS, ...params },
    SESSION_COOKIE_NAMES: [...defaults.SESSION_COOKIE_NAMES],
  };
}

/**
 * A fresh socket configuration for these presets. Owned by the caller.
 * @param defaults as for {@link getWebConfig}
 */
export function getWebSocketConfigDefaults(
  presets: ClientPresets,
  defaults: WebcastWebSocketConfig = WebSocketConfigDefaults,
): WebcastWebSocketConfig {
  return {
    ...defaults,
    DEFAULT_WS_CLIENT_PARAMS: { ...defaults.DEFAULT_WS_CLIENT_PARAMS, ...socketPresetParams(presets) },
    DEFAULT_WS_CLIENT_HEADERS: {
      ...defaults.DEFAULT_WS_CLIENT_HEADERS,
      'User-Agent': presets.device.user_agent,
    },
  };
}

/** What a connection changes of a configuration: of maps only the keys that it names. */
export type WebConfigOverrides = Partial<WebcastWebConfig>;
export type WebSocketConfigOverrides = Partial<WebcastWebSocketConfig>;

const isMap = (item: unknown): item is object => typeof item === 'object' && item !== null && !Array.isArray(item);

/** Lays `overrides` over a configuration; maps are merged key by key, so that a partial map changes only its own keys. */
export function mergeConfig<T extends object>(config: T, overrides: Partial<T> = {}): T {
  const merged = { ...config };
  for (const [key, value] of Object.entries(overrides) as [keyof T, unknown][]) {
    if (value === undefined) continue;
    const current = merged[key];
    if (!isMap(current) || !isMap(value)) merged[key] = value as T[keyof T];
    else
      merged[key] = (
        String(key).endsWith('_HEADERS')
          ? mergeHeaders(current as Record<string, string>, value as Record<string, unknown>)
          : { ...current, ...value }
      ) as T[keyof T];
  }
  return merged;
}

/**
 * The web configuration of one connection: defaults for its presets, overlaid by its own overrides. Another
 * TIKTOK_HTTP_ORIGIN is also what headers and parameters name, unless they are overridden themselves.
 */
export function resolveWebConfig(
  presets: ClientPresets,
  overrides?: Partial<WebcastWebConfig>,
  base: WebcastWebConfig = getWebConfig(presets),
): WebcastWebConfig {
  const config = mergeConfig(base, overrides);
  const { TIKTOK_HTTP_ORIGIN: origin } = config;
  const replace = (map: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(map).map(([name, value]) => [
        name,
        value === DEFAULT_ORIGIN ? origin : value === `${DEFAULT_ORIGIN}/` ? `${origin}/` : value,
      ]),
    );
  if (origin === DEFAULT_ORIGIN) return config;
  return {
    ...config,
    DEFAULT_HTTP_CLIENT_HEADERS: replace(config.DEFAULT_HTTP_CLIENT_HEADERS),
    DEFAULT_HTTP_CLIENT_PARAMS: replace(config.DEFAULT_HTTP_CLIENT_PARAMS),
  };
}
