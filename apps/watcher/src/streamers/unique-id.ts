import { StreamerError } from './streamer.errors.js';

/** Names on TikTok: 2 to 24 letters, digits, underscores and dots; the last character is not a dot. */
const NAME = /^[a-z0-9_.]{1,23}[a-z0-9_]$/;
const USER_ID = /^id:([1-9][0-9]{0,19})$/;
const LINK = /^(?:https?:\/\/)?(?:[a-z0-9-]+\.)?tiktok\.com\/(.*)$/i;
const MAX_SHOWN = 60;

/**
 * Brings what people type or paste to the one form in which a streamer is stored: `@Name`, `name`, a link to a profile
 * or to its LIVE page, each in any case, become `name`; `id:<TikTok user id>` stays as it is.
 * @throws StreamerError WATCHER_INVALID_UNIQUE_ID (not retryable)
 */
export function normalizeUniqueId(input: string): string {
  const given = input.trim();
  const link = LINK.exec(given);
  if (link?.[1]?.startsWith('@') === false)
    throw invalid(given, 'a link must be to a profile, such as https://www.tiktok.com/@name');
  const path = link?.[1] ?? given;
  const name = path.replace(link === null ? /^@/ : /^@|[/?#].*$/g, '').toLowerCase();
  if (NAME.test(name) || USER_ID.test(name)) return name;
  throw invalid(given, describe(name));
}

/** The TikTok user id of an `id:<digits>` name, undefined for every other name. */
export function userIdOf(uniqueId: string): string | undefined {
  return USER_ID.exec(uniqueId)?.[1];
}

function describe(name: string): string {
  if (name === '') return 'it is empty';
  if (name.startsWith('id:')) return 'after "id:" comes the TikTok user id, 1 to 20 digits';
  if (name.length < 2 || name.length > 24) return 'a name has 2 to 24 characters';
  if (name.endsWith('.')) return 'a name does not end with a dot';
  return 'a name has only letters, digits, underscores and dots';
}

function invalid(given: string, why: string): StreamerError {
  const shown = given.length > MAX_SHOWN ? `${given.slice(0, MAX_SHOWN)}…` : given;
  return new StreamerError('WATCHER_INVALID_UNIQUE_ID', `${JSON.stringify(shown)} is not a TikTok name: ${why}.`, {
    context: { uniqueId: shown },
  });
}
