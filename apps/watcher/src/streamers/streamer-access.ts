import type { SocketSource } from '../rooms/sources/socket-source.js';
import type { Streamer } from './streamer.js';

/** How requests and sockets for a streamer go out, and what they look like. Holds secrets. */
export interface StreamerAccess {
  readonly proxyUrl?: string;
  readonly language?: string;
  readonly region?: string;
  /** Ways to a socket address, in this order; absent: as the settings say. */
  readonly socketSources?: readonly SocketSource[];
}

/** The part of a streamer's settings that says how it is reached. */
export function accessOf({ proxyUrl, language, region, socketSources }: Streamer): StreamerAccess {
  return {
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(language === undefined ? {} : { language }),
    ...(region === undefined ? {} : { region }),
    ...(socketSources === undefined ? {} : { socketSources }),
  };
}
