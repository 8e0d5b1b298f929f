/**
 * The only place of this package that reads the environment. The names are part of the public surface; everything can
 * be given as an option as well, and options win.
 */
function read(name: string): string | undefined {
  // eslint-disable-next-line no-restricted-properties -- the documented variables of the library are read here alone
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}

function milliseconds<T extends number | undefined>(name: string, fallback: T): number | T {
  const value = Number(read(name) ?? Number.NaN);
  return Number.isFinite(value) && value > 0 ? value : fallback;
}

/** On unless switched off. */
const isOn = (name: string): boolean => read(name) !== 'false';

export const environment = {
  signApiUrl: (): string | undefined => read('SIGN_API_URL'),
  signApiKey: (): string | undefined => read('SIGN_API_KEY'),
  /** Undefined: each kind of request has its own. */
  clientTimeoutMs: (): number | undefined => milliseconds('TIKTOK_CLIENT_TIMEOUT', undefined),
  connectTimeoutMs: (): number => milliseconds('WS_CONNECT_TIMEOUT_MS', 20_000),
  disconnectTimeoutMs: (): number => milliseconds('WS_DISCONNECT_TIMEOUT_MS', 2_000),
  signServerMessageDisabled: (): boolean => read('SIGN_SERVER_MESSAGE_DISABLED') !== undefined,
  authenticatedSessionHost: (): string | undefined => read('WHITELIST_AUTHENTICATED_SESSION_ID_HOST'),
  randomizeDevice: (): boolean => isOn('RANDOMIZE_TIKTOK_DEVICE'),
  randomizeLocation: (): boolean => isOn('RANDOMIZE_TIKTOK_LOCATION'),
  randomizeScreen: (): boolean => isOn('RANDOMIZE_TIKTOK_SCREEN'),
};
