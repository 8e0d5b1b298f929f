import { SESSION_COOKIE_NAMES, TARGET_IDC_COOKIE_NAME } from '../http/cookie-jar.js';
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

/** Presets for a new connection: the default ones, or random ones where the environment asks for them. */
export function getRandomPresets(random: () => number = Math.random): ClientPresets {
  return {
    device: environment.randomizeDevice() ? getRandomDevicePreset(random) : DEFAULT_PRESETS.device,
    location: environment.randomizeLocation() ? getRandomLocationPreset(random) : DEFAULT_PRESETS.location,
    screen: environment.randomizeScreen() ? getRandomScreenPreset(random) : DEFAULT_PRESETS.screen,
  };
}

/** A fresh web configuration for these presets, with a device id of its own. Owned by the caller. */
export function getWebConfig({ device, location, screen }: ClientPresets): WebcastWebConfig {
  return {
    TIKTOK_HOST_WEB: 'www.tiktok.com',
    TIKTOK_HOST_WEBCAST: 'webcast.tiktok.com',
    TIKTOK_HTTP_ORIGIN: 'https://www.tiktok.com',
    DEFAULT_HTTP_CLIENT_OPTIONS: {},
    DEFAULT_HTTP_CLIENT_HEADERS: {
      Connection: 'keep-alive',
      'Cache-Control': 'max-age=0',
      'User-Agent': device.user_agent,
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
    },
    DEFAULT_HTTP_CLIENT_PARAMS: {
      aid: '1988',
      app_language: location.lang,
      app_name: 'tiktok_web',
      browser_language: location.lang_country,
      browser_name: device.browser_name,
      browser_online: 'true',
      browser_platform: device.browser_platform,
      browser_version: device.browser_version,
      cookie_enabled: 'true',
      device_platform: 'web_pc',
      focus_state: 'true',
      from_page: 'user',
      history_len: '10',
      is_fullscreen: 'false',
      is_page_visible: 'true',
      screen_height: String(screen.screen_height),
      screen_width: String(screen.screen_width),
      tz_name: location.tz_name,
      referer: 'https://www.tiktok.com/',
      root_referer: 'https://www.tiktok.com/',
      channel: 'tiktok_web',
      data_collection_enabled: 'true',
      os: device.os,
      priority_region: location.country,
      region: location.country,
      user_is_login: 'true',
      webcast_language: location.lang,
      device_id: generateDeviceId(),
    },
    SESSION_COOKIE_NAMES: [...SESSION_COOKIE_NAMES],
    TARGET_IDC_COOKIE_NAME,
  };
}

/** A fresh socket configuration for these presets. Owned by the caller. */
export function getWebSocketConfigDefaults({ device, location, screen }: ClientPresets): WebcastWebSocketConfig {
  return {
    TIKTOK_HOST_WS: 'webcast-ws.tiktok.com',
    DEFAULT_WS_CLIENT_PARAMS: {
      version_code: '180800',
      aid: '1988',
      app_language: location.lang,
      app_name: 'tiktok_web',
      browser_platform: device.browser_platform,
      browser_language: location.lang_country,
      browser_name: device.browser_name,
      browser_version: device.browser_version,
      browser_online: 'true',
      cookie_enabled: 'true',
      tz_name: location.tz_name,
      device_platform: 'web',
      identity: 'audience',
      live_id: '12',
      webcast_language: location.lang,
      ws_direct: '0',
      sup_ws_ds_opt: '1',
      update_version_code: '2.0.0',
      did_rule: '3',
      screen_height: String(screen.screen_height),
      screen_width: String(screen.screen_width),
      heartbeat_duration: '0',
      resp_content_type: 'protobuf',
      history_comment_count: '6',
      client_enter: '1',
      last_rtt: String(100 + Math.random() * 100),
      'User-Agent': device.user_agent,
    },
    DEFAULT_WS_CLIENT_PARAMS_APPEND_PARAMETER: '&version_code=270000',
    DEFAULT_WS_CLIENT_HEADERS: { 'User-Agent': device.user_agent },
    DEFAULT_WS_PING_INTERVAL: 10_000,
  };
}

/** The two configurations for the default presets, for callers that look values up. */
export const WebcastWebConfigDefaults: WebcastWebConfig = getWebConfig(DEFAULT_PRESETS);
export const WebSocketConfigDefaults: WebcastWebSocketConfig = getWebSocketConfigDefaults(DEFAULT_PRESETS);

/** Lays `overrides` over a configuration; maps are merged key by key, so that a partial map changes only its own keys. */
export function mergeConfig<T extends object>(config: T, overrides: Partial<T> = {}): T {
  const merged = { ...config };
  for (const [key, value] of Object.entries(overrides) as [keyof T, T[keyof T] | undefined][]) {
    if (value === undefined) continue;
    const current = merged[key];
    const isMap = (item: unknown): item is object => typeof item === 'object' && item !== null && !Array.isArray(item);
    merged[key] = isMap(current) && isMap(value) ? { ...current, ...value } : value;
  }
  return merged;
}
