import { asObject } from '../room/live-verdict.js';
import type { RoomInfo } from './connection-types.js';

/**
 * TikTok's answer as it is, with the keys of its `data` readable on the answer itself as well (`info.owner` for
 * `info.data.owner`). The additions are not enumerable, so that copies and JSON stay TikTok's own.
 */
export function withDataGetters(info: RoomInfo): RoomInfo {
  const data = asObject(info['data']);
  for (const key of Object.keys(data ?? {})) {
    if (!(key in info))
      Object.defineProperty(info, key, { get: () => data?.[key], enumerable: false, configurable: true });
  }
  return info;
}
