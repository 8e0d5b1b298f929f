import { hasSameEntries, Interner } from '../common/interner.js';
import {
  WebcastWebConfigDefaults,
  WebSocketConfigDefaults,
  type WebcastWebConfig,
  type WebcastWebSocketConfig,
} from './client-config.js';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isSamePart = (a: unknown, b: unknown): boolean =>
  isObject(a) && isObject(b) ? hasSameEntries(a, b) : Object.is(a, b);
const isSameConfig = (a: object, b: object): boolean => hasSameEntries(a, b, isSamePart);
const webDefaults = new Interner<WebcastWebConfig>(isSameConfig);
const socketDefaults = new Interner<WebcastWebSocketConfig>(isSameConfig);

/** A copy whose maps and lists are copies as well. */
export function copyConfig<T extends object>(config: T): T {
  const copied = Object.entries(config).map(([key, value]: [string, unknown]) => [
    key,
    Array.isArray(value) ? [...(value as unknown[])] : isObject(value) ? { ...value } : value,
  ]);
  return Object.fromEntries(copied) as T;
}

/** The shared defaults as they are now: one object for as long as nobody changes them, and which nobody may change. */
export function settledWebDefaults(): WebcastWebConfig {
  return webDefaults.intern(copyConfig(WebcastWebConfigDefaults));
}

/** As {@link settledWebDefaults}, for the socket. */
export function settledSocketDefaults(): WebcastWebSocketConfig {
  return socketDefaults.intern(copyConfig(WebSocketConfigDefaults));
}
