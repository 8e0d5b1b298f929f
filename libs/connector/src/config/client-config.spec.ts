import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  getRandomPresets,
  getWebConfig,
  getWebSocketConfigDefaults,
  mergeConfig,
  VERSION,
  WebcastWebConfigDefaults,
} from './client-config.js';
import { DEFAULT_PRESETS, Devices, generateDeviceId, Locations, Screens, userAgentToDevicePreset } from './presets.js';

afterEach(() => vi.unstubAllEnvs());

describe('presets', () => {
  it('are drawn at random, and parts of them are fixed where the environment says so', () => {
    expect(getRandomPresets(() => 0.999)).toEqual({ device: Devices[8], location: Locations[8], screen: Screens[9] });
    const different = new Set(Array.from({ length: 200 }, () => JSON.stringify(getRandomPresets())));
    expect(different.size).toBeGreaterThan(20);
    vi.stubEnv('RANDOMIZE_TIKTOK_DEVICE', 'true');
    vi.stubEnv('RANDOMIZE_TIKTOK_LOCATION', 'false');
    expect(getRandomPresets(() => 0.999)).toEqual({
      device: Devices[8],
      location: DEFAULT_PRESETS.location,
      screen: Screens[9],
    });
    vi.stubEnv('RANDOMIZE_TIKTOK_DEVICE', 'false');
    vi.stubEnv('RANDOMIZE_TIKTOK_SCREEN', 'false');
    expect(getRandomPresets(() => 0.999)).toEqual(DEFAULT_PRESETS);
  });

  it('read a User-Agent as the page does', () => {
    expect(userAgentToDevicePreset('Mozilla/5.0 (Macintosh; x) y')).toEqual({
      browser_name: 'Mozilla',
      browser_version: '5.0 (Macintosh; x) y',
      browser_platform: 'MacIntel',
      os: 'mac',
      user_agent: 'Mozilla/5.0 (Macintosh; x) y',
    });
    expect(userAgentToDevicePreset('Other')).toMatchObject({ browser_platform: 'Win32', os: 'windows' });
  });

  it('make device ids of 19 digits', () => {
    for (const random of [() => 0, () => 0.9999, Math.random])
      expect(generateDeviceId(random)).toMatch(/^[1-9]\d{18}$/);
  });
});

describe('configuration', () => {
  it('is the caller’s own copy', () => {
    const config = getWebConfig(DEFAULT_PRESETS);
    config.DEFAULT_HTTP_CLIENT_PARAMS['aid'] = 'changed';
    expect(getWebConfig(DEFAULT_PRESETS).DEFAULT_HTTP_CLIENT_PARAMS['aid']).toBe('1988');
    expect(Object.keys(config.DEFAULT_HTTP_CLIENT_PARAMS)).toHaveLength(28);
  });

  it('starts from the shared defaults, read when a connection is made; presets come after them', () => {
    const { DEFAULT_HTTP_CLIENT_PARAMS: params } = WebcastWebConfigDefaults;
    const before = { ...params };
    try {
      Object.assign(params, { from_page: 'changed', app_language: 'xx' });
      expect(getWebConfig(DEFAULT_PRESETS).DEFAULT_HTTP_CLIENT_PARAMS).toMatchObject({
        from_page: 'changed',
        app_language: 'en',
      });
    } finally {
      Object.assign(params, before);
    }
  });

  it('replaces headers whatever the case of their names', () => {
    const merged = mergeConfig(getWebConfig(DEFAULT_PRESETS), {
      DEFAULT_HTTP_CLIENT_HEADERS: { 'user-agent': 'mine', 'X-New': 'new' },
    });
    expect(merged.DEFAULT_HTTP_CLIENT_HEADERS).toMatchObject({ 'User-Agent': 'mine', 'X-New': 'new' });
    expect(merged.DEFAULT_HTTP_CLIENT_HEADERS).not.toHaveProperty('user-agent');
  });

  it('merges maps key by key and leaves out what is undefined', () => {
    const config = getWebSocketConfigDefaults(DEFAULT_PRESETS);
    const merged = mergeConfig(config, {
      DEFAULT_WS_CLIENT_PARAMS: { app_language: 'fr' },
      DEFAULT_WS_PING_INTERVAL: 5,
    });
    expect(merged.DEFAULT_WS_CLIENT_PARAMS).toEqual({ ...config.DEFAULT_WS_CLIENT_PARAMS, app_language: 'fr' });
    expect(merged.DEFAULT_WS_PING_INTERVAL).toBe(5);
  });

  it('names the version of the package', () => {
    const text = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
    expect(VERSION).toBe((JSON.parse(text) as { version: string }).version);
  });
});
