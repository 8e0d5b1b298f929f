import { InvalidUniqueIdError } from '../errors/connection-errors.js';

const PROFILE_URL = /^(?:https?:\/\/)?(?:www\.|m\.)?tiktok\.com\//i;

/**
 * The bare unique id of `name`, `@name`, or the address of the profile or live page. Letter case is kept.
 * @throws InvalidUniqueIdError for anything but a string
 */
export function validateAndNormalizeUniqueId(uniqueId: unknown): string {
  if (typeof uniqueId !== 'string')
    throw new InvalidUniqueIdError('Missing or invalid value for "uniqueId": a string with the username is needed.');
  const text = uniqueId.trim();
  const path = PROFILE_URL.test(text) ? (text.replace(PROFILE_URL, '').split(/[?#]/, 1)[0] ?? '') : text;
  return path
    .replace(/\/live\/?$/, '')
    .replace(/\/$/, '')
    .replace(/^@/, '')
    .trim();
}
