/** Units and shapes that several tables of settings use. */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const MIB = 1024 * 1024;
export const GIB = 1024 * MIB;

export const HOST_AND_PORT = {
  pattern: /^[A-Za-z0-9.-]{1,253}(:\d{1,5})?$/,
  expects: 'a host name, with a port where it is not the usual one',
};
export const HOST = { pattern: /^[A-Za-z0-9.:_-]{1,253}$/, expects: 'a host name or an IP address' };
export const NOT_EMPTY = { pattern: /\S/, expects: 'a text that is not empty' };
