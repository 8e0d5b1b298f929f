import type { LocalizedText } from '@livetap/contracts';
import { enumValueName, type Text as WireText, type Text_TextPiece as WirePiece } from '@livetap/connector';

/** A value of the contract whose absent members may be written as `undefined`: JSON leaves them out. */
export type Loose<T> = T extends string | number | boolean
  ? T
  : T extends readonly (infer U)[]
    ? readonly Loose<U>[]
    : { readonly [K in keyof T]: Loose<T[K]> | (Record<never, never> extends Pick<T, K> ? undefined : never) };

/** The last millisecond that RFC 3339 can write. */
const LATEST_MS = 253_402_300_799_999;
/** Below this a time of the wire is in seconds (as milliseconds it would lie in early 1973). */
const SECONDS_LIMIT = 100_000_000_000;

/** Milliseconds since the epoch of a time that the wire gives in seconds or milliseconds; undefined when there is none. */
export function wireTimeMs(value: string | number): number | undefined {
  const number = Number(value);
  if (!(number > 0)) return undefined;
  const ms = number < SECONDS_LIMIT ? number * 1000 : number;
  return ms <= LATEST_MS ? Math.trunc(ms) : undefined;
}

/** RFC 3339 in UTC with 3 decimals. @throws RangeError when the time cannot be written (not retryable). */
export function timestamp(ms: number): string {
  if (!(ms >= 0 && ms <= LATEST_MS)) throw new RangeError(`Not a time: ${ms}`);
  return new Date(ms).toISOString();
}

/** A time of the wire as the contract writes it. */
export function wireTimestamp(value: string | number): string | undefined {
  const ms = wireTimeMs(value);
  return ms === undefined ? undefined : timestamp(ms);
}

/** A count of the wire as a number; beyond 2^53−1 the nearest number that is still exact. */
export function count(value: string | number): number {
  const number = Number(value);
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(Number.MIN_SAFE_INTEGER, Number.isNaN(number) ? 0 : number));
}

/** A price of the wire: left out unless it is positive. */
export function price(value: string | number): number | undefined {
  const number = count(value);
  return number > 0 ? number : undefined;
}

/** Leaves a number out when it is 0. */
export function nonZero(value: string | number): number | undefined {
  const number = count(value);
  return number === 0 ? undefined : number;
}

/** Leaves an id or another 64-bit integer out when it is 0. */
export function nonZeroId(value: string): string | undefined {
  return value === '0' || value === '' ? undefined : value;
}

/** Leaves a text out when it is empty. */
export function nonEmpty(value: string): string | undefined {
  return value === '' ? undefined : value;
}

/** The declared name, or `UNKNOWN_<n>`. */
export function enumName(enumType: string, value: number): string {
  return enumValueName(enumType, value) ?? `UNKNOWN_${value}`;
}

/** As `enumName`, left out when the value is the default 0. */
export function nonZeroEnum(enumType: string, value: number): string | undefined {
  return value === 0 ? undefined : enumName(enumType, value);
}

/** The wire has three types for images, which differ in the name of their list of addresses. */
export interface WireImage {
  readonly url?: readonly string[];
  readonly mUrls?: readonly string[];
  readonly imageUrl?: readonly string[];
}

/** The first https address of an image. */
export function imageUrl(image: WireImage | undefined): string | undefined {
  if (image === undefined) return undefined;
  const addresses = image.url ?? image.mUrls ?? image.imageUrl;
  return Array.isArray(addresses) ? (addresses as readonly unknown[]).find(isHttps) : undefined;
}

function isHttps(address: unknown): address is string {
  return typeof address === 'string' && address.startsWith('https://');
}

const PLACE = /\{(\d+)(?::[^{}]*)?\}/g;

/** `{key, pattern, text}`; undefined when key and pattern are empty. */
export function localizedText(text: WireText | undefined): LocalizedText | undefined {
  if (text === undefined || (text.displayType === '' && text.defaultPattern === '')) return undefined;
  const pieces = text.piecesList;
  const filled =
    pieces.length === 0
      ? text.defaultPattern
      : text.defaultPattern.replace(PLACE, (place, index: string) => {
          const piece = pieces[Number(index)];
          return piece === undefined ? place : pieceText(piece);
        });
  return { key: text.displayType, pattern: text.defaultPattern, text: filled };
}

function pieceText(piece: WirePiece): string {
  const user = piece.userValue?.user;
  if (user !== undefined) return user.nickname === '' ? user.uniqueId : user.nickname;
  if (piece.giftValue !== undefined) return piece.giftValue.nameRef?.defaultPattern ?? '';
  if (piece.patternRefValue !== undefined) return piece.patternRefValue.defaultPattern;
  return piece.stringValue;
}
