import {
  DEFAULT_PRESETS,
  Locations,
  type ClientPresets,
  type LocationPreset,
  type WebcastWebSocketConfig,
} from '@livetap/connector';
import type { StreamerAccess } from './streamer-access.js';

type Wanted = Pick<StreamerAccess, 'language' | 'region'>;

/** What a client looks like that speaks this language from this country. */
export interface ClientLocale {
  readonly presets: ClientPresets;
  readonly acceptLanguage: string;
  /** The same as parameters of a signed socket. */
  readonly socketParams: Partial<WebcastWebSocketConfig>;
}

/** Undefined when nothing is wanted: the connector's own look. */
export function localeOf({ language, region }: Wanted): ClientLocale | undefined {
  if (language === undefined && region === undefined) return undefined;
  const standard = DEFAULT_PRESETS.location;
  const country = region ?? standard.country;
  const lang = language ?? standard.lang;
  const location: LocationPreset = { lang, lang_country: `${lang}-${country}`, country, tz_name: timeZoneOf(country) };
  return {
    presets: { ...DEFAULT_PRESETS, location },
    acceptLanguage: `${location.lang_country},${lang};q=0.9`,
    socketParams: {
      DEFAULT_WS_CLIENT_PARAMS: {
        app_language: lang,
        webcast_language: lang,
        browser_language: location.lang_country,
        tz_name: location.tz_name,
      },
    },
  };
}

/** The zone that the connector knows for the country, else the first that the time zone database names. */
function timeZoneOf(country: string): string {
  const known = Locations.find((location) => location.country === country)?.tz_name;
  return known ?? zonesOf(country)[0] ?? DEFAULT_PRESETS.location.tz_name;
}

/** Not in TypeScript's library yet: a property in older engines, a method in newer ones. */
function zonesOf(country: string): readonly string[] {
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    readonly timeZones?: readonly string[];
    getTimeZones?(): readonly string[] | undefined;
  };
  return locale.getTimeZones?.() ?? locale.timeZones ?? [];
}
