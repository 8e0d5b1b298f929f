import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { WebSocketConfigDefaults } from '../config/client-config.js';
import { Locations, UserAgents } from '../config/presets.js';

const query = (entries: Iterable<readonly [string, string]>): string =>
  new URLSearchParams([...entries].map(([name, value]): [string, string] => [name, value])).toString();

/** What addresses of sockets are made of, so that a packed one is little more than what it has of its own. */
const COMMON = Buffer.from(
  [
    query([
      ['internal_ext', 'fetch_time:1720000000000|start_time:0|ack_ids:,,|flag:0|seq:1|next_cursor:|wss_info:0-0-0-0'],
      ['cursor', 't-1720000000000_r-1_d-1_u-1_fh-7300000000000000000'],
    ]),
    query(UserAgents.map((userAgent) => ['User-Agent', userAgent])),
    query(Locations.map(({ tz_name }) => ['tz_name', tz_name])),
    `wss://webcast-ws.tiktok.com/webcast/im/ws_proxy/ws_reuse_supplement/?${query(Object.entries(WebSocketConfigDefaults.DEFAULT_WS_CLIENT_PARAMS))}`,
    query([
      ['compress', 'gzip'],
      ['room_id', '7300000000000000000'],
    ]),
  ].join('&'),
  'latin1',
);
/** A window of 8 KiB holds what is common and the address; more would only cost time. */
const SETTINGS = { dictionary: COMMON, windowBits: 13, memLevel: 5, level: 9 };

/**
 * An address that is kept for as long as its socket is open, for hours, and is hardly ever read: a kilobyte in plain, a
 * quarter of that packed. It also keeps the signature in it out of whatever prints the object that holds it.
 */
export class PackedAddress {
  private readonly packed: string;

  /** @param url an address as the URL standard writes it: ASCII */
  constructor(url: string) {
    this.packed = deflateRawSync(Buffer.from(url, 'latin1'), SETTINGS).toString('latin1');
  }

  toString(): string {
    return inflateRawSync(Buffer.from(this.packed, 'latin1'), SETTINGS).toString('latin1');
  }
}
