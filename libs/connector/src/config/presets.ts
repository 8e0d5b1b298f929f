import { randomDigits } from '../common/random.js';

/** A browser that the connector can look like. Names are those of TikTok's parameters. */
export interface DevicePreset {
  readonly browser_version: string;
  readonly browser_name: string;
  readonly browser_platform: string;
  readonly user_agent: string;
  readonly os: string;
}

export interface LocationPreset {
  readonly lang: string;
  readonly lang_country: string;
  readonly country: string;
  readonly tz_name: string;
}

export interface ScreenPreset {
  readonly screen_width: number;
  readonly screen_height: number;
}

export interface ClientPresets {
  readonly device: DevicePreset;
  readonly location: LocationPreset;
  readonly screen: ScreenPreset;
}

const MAC = 'Macintosh; Intel Mac OS X 10_15_7';
const WINDOWS = 'Windows NT 10.0; Win64; x64';
const chrome = (system: string, version: number, suffix = ''): string =>
  `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36${suffix}`;

export const UserAgents: readonly string[] = [
  chrome(WINDOWS, 126),
  chrome(WINDOWS, 128),
  chrome(WINDOWS, 129),
  chrome(WINDOWS, 130),
  chrome(MAC, 128),
  chrome(MAC, 129, ' Edg/128.0.0.0'),
  chrome(MAC, 130),
  chrome(MAC, 131),
  chrome(WINDOWS, 130, ' Edg/130.0.0.0'),
];

/** Splits a User-Agent into the parts that TikTok's own page reports (`navigator.appCodeName`, `.appVersion`, `.platform`). */
export function userAgentToDevicePreset(userAgent: string): DevicePreset {
  const slash = userAgent.indexOf('/');
  const mac = userAgent.includes('Macintosh');
  return {
    browser_name: slash === -1 ? userAgent : userAgent.slice(0, slash),
    browser_version: slash === -1 ? '' : userAgent.slice(slash + 1),
    browser_platform: mac ? 'MacIntel' : 'Win32',
    user_agent: userAgent,
    os: mac ? 'mac' : 'windows',
  };
}

export const Devices: readonly DevicePreset[] = UserAgents.map(userAgentToDevicePreset);

const location = (lang: string, country: string, tz_name: string): LocationPreset => ({
  lang,
  lang_country: `${lang}-${country}`,
  country,
  tz_name,
});

export const Locations: readonly LocationPreset[] = [
  location('en', 'DE', 'Europe/Berlin'),
  location('en', 'GB', 'Europe/London'),
  location('en', 'US', 'America/New_York'),
  location('en', 'CA', 'America/Toronto'),
  location('en', 'AU', 'Australia/Sydney'),
  location('de', 'DE', 'Europe/Berlin'),
  location('fr', 'FR', 'Europe/Paris'),
  location('es', 'ES', 'Europe/Madrid'),
  location('ja', 'JP', 'Asia/Tokyo'),
];

const screen = (screen_width: number, screen_height: number): ScreenPreset => ({ screen_width, screen_height });

export const Screens: readonly ScreenPreset[] = [
  screen(1920, 1080),
  screen(1366, 768),
  screen(1440, 900),
  screen(1536, 864),
  screen(1600, 900),
  screen(1680, 1050),
  screen(1920, 1200),
  screen(2560, 1440),
  screen(2560, 1600),
  screen(3840, 2160),
];

/** What every connection looks like unless told otherwise. */
export const DEFAULT_PRESETS: ClientPresets = {
  device: Devices[5] as DevicePreset,
  location: Locations[0] as LocationPreset,
  screen: Screens[0] as ScreenPreset,
};

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T;
}

export const getRandomDevicePreset = (random: () => number = Math.random): DevicePreset => pick(Devices, random);
export const getRandomLocationPreset = (random: () => number = Math.random): LocationPreset => pick(Locations, random);
export const getRandomScreenPreset = (random: () => number = Math.random): ScreenPreset => pick(Screens, random);

/** A device id as TikTok's page makes them: 19 digits, the first not zero. */
export function generateDeviceId(random: () => number = Math.random): string {
  return randomDigits(19, random);
}
