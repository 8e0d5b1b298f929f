import type { Streamer } from './streamer.js';

/** How requests and sockets for a streamer go out, and what they look like. Holds secrets. */
export interface StreamerAccess {
  readonly proxyUrl?: string;
  readonly language?: string;
  readonly region?: string;
}

/** The part of a streamer's settings that says how it is reached. */
export function accessOf({ proxyUrl, language, region }: Streamer): StreamerAccess {
  return {
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(language === undefined ? {} : { language }),
    ...(region === undefined ? {} : { region }),
  };
}
