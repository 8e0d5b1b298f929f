import type { Tickets } from './secrets.js';
import { readCookies } from './secrets.js';

/** The unsigned way in. */
export const DIRECT_PATH = '/webcast/im/ws_proxy/ws_reuse_supplement/';
/** The signed way in. */
export const SIGNED_PATH = '/webcast/im/push/v2/';

/** Why an upgrade was not answered with 101. */
export interface Refusal {
  readonly status: number;
  /** Header `handshake-msg`. */
  readonly message: string;
  /** Header `handshake-status`. */
  readonly code: string;
}

export interface Admission {
  readonly roomId: string;
  readonly way: 'direct' | 'signed';
  readonly gzip: boolean;
}

export interface HandshakeRules {
  readonly tickets: Tickets;
  readonly now: () => number;
  readonly knowsRoom: (roomId: string) => boolean;
}

/** Parameters that every client sends; a request without them is no client of TikTok. */
const FIXED_PARAMETERS: readonly (readonly [string, string])[] = [
  ['live_id', '12'],
  ['identity', 'audience'],
  ['resp_content_type', 'protobuf'],
];

const refusal = (status: number, message: string, code = String(status)): Refusal => ({ status, message, code });

const withSlash = (path: string): string => (path.endsWith('/') ? path : `${path}/`);

/** Which way an upgrade takes; undefined for neither. */
export const wayOf = (url: URL): Admission['way'] | undefined => {
  const path = withSlash(url.pathname);
  return path === DIRECT_PATH ? 'direct' : path === SIGNED_PATH ? 'signed' : undefined;
};

/** Checks the upgrade request as TikTok's front does; the answer is the way in, or the refusal to send. */
export const admit = (url: URL, cookieHeader: string | undefined, rules: HandshakeRules): Admission | Refusal => {
  const way = wayOf(url);
  if (way === undefined) return refusal(404, 'not found');
  const query = url.searchParams;
  if (query.get('aid') !== '1988') return refusal(417, 'illegal app_id');
  const missing = FIXED_PARAMETERS.find(([name, value]) => query.get(name) !== value);
  if (missing !== undefined) return refusal(400, `illegal parameter ${missing[0]}`);
  const roomId = query.get('room_id') ?? '';
  if (!/^\d{1,20}$/.test(roomId)) return refusal(400, 'illegal parameter room_id');
  const ttwid = readCookies(cookieHeader).get('ttwid');
  if (ttwid === undefined || !rules.tickets.isTtwid(ttwid)) return refusal(415, 'DEVICE_BLOCKED');
  if (!rules.knowsRoom(roomId)) return refusal(400, 'room not found');
  const gzip = query.get('compress') === 'gzip';
  if (way === 'direct')
    return query.get('ws_direct') === '1' ? { roomId, way, gzip } : refusal(417, 'illegal secret key');
  const cursor = query.get('cursor') ?? '';
  if (cursor === '' || !rules.tickets.isWrss(query.get('wrss') ?? '', roomId, rules.now()))
    return refusal(417, 'illegal secret key');
  return { roomId, way, gzip };
};
