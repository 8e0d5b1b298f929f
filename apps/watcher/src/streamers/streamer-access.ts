import type { Streamer } from './streamer.js';

/** How requests and sockets for a streamer go out, and what they look like. Secrets in it are sealed. */
export type StreamerAccess = Partial<
  Pick<Streamer, 'id' | 'proxyUrl' | 'proxyPool' | 'sealedSession' | 'language' | 'region' | 'socketSources'>
>;

/** The part of a streamer's settings that says how it is reached. */
export function accessOf(streamer: Streamer): StreamerAccess {
  const { id, proxyUrl, proxyPool, sealedSession, language, region, socketSources } = streamer;
  return {
    id,
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(proxyPool === undefined ? {} : { proxyPool }),
    ...(sealedSession === undefined ? {} : { sealedSession }),
    ...(language === undefined ? {} : { language }),
    ...(region === undefined ? {} : { region }),
    ...(socketSources === undefined ? {} : { socketSources }),
  };
}

/**
 * A streamer cannot be reached the way that was set for it, so not at all: it must not show our own address or come without
 * its login. The message is for people and holds no secret.
 */
export class AccessRefusedError extends Error {
  override readonly name = 'AccessRefusedError';

  constructor(
    message: string,
    /** When to try again, ms; absent: not before somebody changes something. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}
