/** What is known about a streamer's live. `unknown` is the answer to every doubt: offline is only said when TikTok says it. */
export type LiveVerdict = 'live' | 'paused' | 'offline' | 'restricted' | 'notFound' | 'unknown';

/**
 * Who is asked. `html` (live page), `apiLive` (web API) and `euler` (sign server) are asked by name and speak of the
 * streamer; `checkAlive` and `roomInfo` are asked by room id and speak of that room alone: a streamer whose old room is
 * over may be live in another one.
 */
export type LiveSource = 'html' | 'apiLive' | 'euler' | 'checkAlive' | 'roomInfo';

export interface LiveCheck {
  readonly verdict: LiveVerdict;
  /** In words, for operators: which source said what. Free of secrets. */
  readonly reason: string;
  /** The source whose answer this is; absent when none had one. */
  readonly source?: LiveSource;
  /** The verdict rests on what is missing, or on an answer known to be wrong at times: another source should agree. */
  readonly weak?: true;
  /** The source did not let us ask (403, 429, a page where JSON was expected, a page without its state). */
  readonly blocked?: true;
  readonly roomId?: string;
  readonly user?: LiveUser;
  readonly title?: string;
  /** Start of the stream, milliseconds since the epoch. */
  readonly startedAt?: number;
  /** Somebody asked to wait this long before the next request, in milliseconds. */
  readonly retryAfterMs?: number;
}

export interface LiveUser {
  readonly id?: string;
  readonly uniqueId?: string;
  readonly nickname?: string;
  readonly avatarUrl?: string;
}

/** TikTok's own numbers for the state of a room. */
export const ROOM_STATUS_LIVE = 2;
export const ROOM_STATUS_PAUSED = 3;
export const ROOM_STATUS_ENDED = 4;

/** `statusCode` of the web API for a user that does not exist. */
export const USER_NOT_FOUND = 19881007;
/** `status_code` of the webcast API for a room that needs an adult's login. */
export const AGE_RESTRICTED = 4003110;

/** Below this a time is in seconds, above in milliseconds. */
const MILLISECONDS_FROM = 1e11;

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** Strings as they are, numbers as decimal text; empty text and anything else is undefined. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

export function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A room id as text; `"0"` and everything that is not a decimal number is undefined. */
export function asRoomId(value: unknown): string | undefined {
  const text = asText(value);
  return text !== undefined && /^[1-9]\d{0,18}$/.test(text) ? text : undefined;
}

function imageUrl(value: unknown): string | undefined {
  const text = asText(value);
  if (text !== undefined) return text.startsWith('https://') ? text : undefined;
  const list = asObject(value)?.['url_list'];
  return Array.isArray(list) ? list.map(asText).find((url) => url?.startsWith('https://')) : undefined;
}

function liveUser(user: JsonObject): LiveUser {
  const id = asText(user['id']) ?? asText(user['id_str']);
  const uniqueId = asText(user['uniqueId']) ?? asText(user['display_id']);
  const nickname = asText(user['nickname']);
  const avatarUrl =
    imageUrl(user['avatarLarger']) ??
    imageUrl(user['avatarMedium']) ??
    imageUrl(user['avatarThumb']) ??
    imageUrl(user['avatar_thumb']);
  return {
    ...(id !== undefined && id !== '0' ? { id } : {}),
    ...(uniqueId !== undefined ? { uniqueId } : {}),
    ...(nickname !== undefined ? { nickname } : {}),
    ...(avatarUrl !== undefined ? { avatarUrl } : {}),
  };
}

function milliseconds(value: unknown): number | undefined {
  const time = asNumber(value);
  if (time === undefined || time <= 0) return undefined;
  return time < MILLISECONDS_FROM ? time * 1000 : time;
}

function verdictOf(statuses: readonly number[], roomId: string | undefined): LiveVerdict {
  if (statuses.includes(ROOM_STATUS_LIVE)) return roomId === undefined ? 'unknown' : 'live';
  if (statuses.includes(ROOM_STATUS_PAUSED)) return roomId === undefined ? 'unknown' : 'paused';
  if (statuses.length > 0 && statuses.every((status) => status === ROOM_STATUS_ENDED)) return 'offline';
  return 'unknown';
}

/** The verdict of a `{user, liveRoom}` pair, as the live page and the web API both deliver it. */
export function verdictOfUserAndRoom(source: LiveSource, pair: JsonObject): LiveCheck {
  const user = asObject(pair['user']);
  const liveRoom = asObject(pair['liveRoom']);
  if (!user) return { verdict: 'unknown', reason: `${source}: no user in the answer`, source };
  const roomId = asRoomId(user['roomId']) ?? asRoomId(liveRoom?.['roomId']);
  const statuses = [liveRoom?.['status'], user['status']].map(asNumber).filter((status) => status !== undefined);
  const known = statuses.filter((status) => status !== 0);
  // Nothing but the missing room says so: some pages leave it out.
  const roomless = known.length === 0 && roomId === undefined && hasIdentity(user);
  const verdict = roomless ? 'offline' : verdictOf(known, roomId);
  const title = asText(liveRoom?.['title']);
  const startedAt = milliseconds(liveRoom?.['startTime']);
  const words = `status ${statuses.length > 0 ? statuses.join('/') : 'absent'}, ${roomId === undefined ? 'no room id' : 'room id present'}`;
  return {
    verdict,
    reason: `${source}: ${words}`,
    source,
    ...(roomless ? { weak: true } : {}),
    ...(roomId !== undefined ? { roomId } : {}),
    user: liveUser(user),
    ...(title !== undefined ? { title } : {}),
    ...(startedAt !== undefined ? { startedAt } : {}),
  };
}

/** Someone who exists and never had a room is not live; an empty object says nothing. */
function hasIdentity(user: JsonObject): boolean {
  return asText(user['uniqueId']) !== undefined && 'roomId' in user;
}

/**
 * True for the bodies that TikTok sends instead of a room that only adults may see. An empty `prompts` is none: rooms
 * that are over or never were are answered with it as well.
 */
export function isAgeRestricted(body: JsonObject): boolean {
  if (asNumber(body['status_code']) === AGE_RESTRICTED || asNumber(body['statusCode']) === AGE_RESTRICTED) return true;
  return asText(asObject(body['data'])?.['prompts']) !== undefined;
}

/** The verdict of a room info answer (`{data: {status, …}, status_code}`). */
export function verdictOfRoomInfo(body: unknown): LiveCheck {
  const source = 'roomInfo';
  const object = asObject(body);
  if (!object) return { verdict: 'unknown', reason: 'room info: no object in the answer', source };
  if (isAgeRestricted(object)) return { verdict: 'restricted', reason: 'room info: age restricted', source };
  const data = asObject(object['data']);
  const status = asNumber(data?.['status']);
  if (!data || status === undefined)
    return { verdict: 'unknown', reason: 'room info: no status in the answer', source };
  const roomId = asRoomId(data['id_str']) ?? asRoomId(data['id']);
  const owner = asObject(data['owner']);
  const title = asText(data['title']);
  const startedAt = milliseconds(data['create_time']);
  return {
    // Here the room was asked for by its id, so its status alone decides.
    verdict: verdictOf([status], roomId ?? 'asked'),
    reason: `room info: status ${status}`,
    source,
    ...(roomId !== undefined ? { roomId } : {}),
    ...(owner ? { user: liveUser(owner) } : {}),
    ...(title !== undefined ? { title } : {}),
    ...(startedAt !== undefined ? { startedAt } : {}),
  };
}

/**
 * The verdict of an answer of check_alive (`{data: [{alive, room_id_str}], status_code}`) about one room: `live` (paused
 * or not: it does not say) or `offline`.
 */
export function verdictOfCheckAlive(body: unknown, roomId: string): LiveCheck {
  const source = 'checkAlive';
  const unknown = (words: string): LiveCheck => ({ verdict: 'unknown', reason: `checkAlive: ${words}`, source });
  const object = asObject(body);
  const statusCode = asNumber(object?.['status_code']) ?? 0;
  if (statusCode !== 0) return unknown(`status code ${statusCode}`);
  const rooms = object?.['data'];
  if (!Array.isArray(rooms)) return unknown('no rooms in the answer');
  const alive = rooms.map(asObject).find((room) => idOfRoom(room) === roomId)?.['alive'];
  if (typeof alive !== 'boolean') return unknown('the room is not in the answer');
  return {
    verdict: alive ? 'live' : 'offline',
    reason: `checkAlive: the room is ${alive ? 'alive' : 'over'}`,
    source,
    roomId,
  };
}

function idOfRoom(room: JsonObject | undefined): string | undefined {
  return asRoomId(room?.['room_id_str']) ?? asRoomId(room?.['room_id']);
}
