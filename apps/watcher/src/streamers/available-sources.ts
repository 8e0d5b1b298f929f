import type { SocketSource } from '../rooms/sources/socket-source.js';
import type { PlainSettingsChange } from './streamer-settings.js';
import { StreamerError } from './streamer.errors.js';

/** Ways that need no setting of the service. */
export const ALWAYS_THERE: readonly SocketSource[] = ['direct', 'euler'];

/** Settings name only ways that this fleet has. @throws StreamerError WATCHER_SOCKET_SOURCE_UNAVAILABLE */
export function checkSources({ socketSources }: PlainSettingsChange, available: readonly SocketSource[]): void {
  const missing = socketSources?.find((source) => !available.includes(source));
  if (missing === undefined) return;
  const message = `The way "${missing}" needs an address in LIVETAP_FIXED_SOCKET_URL.`;
  throw new StreamerError('WATCHER_SOCKET_SOURCE_UNAVAILABLE', message);
}
