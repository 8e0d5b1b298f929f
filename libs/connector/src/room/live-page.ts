import { asObject, type JsonObject } from './live-verdict.js';

/** Longest embedded state that is parsed, in characters. */
const MAX_STATE_LENGTH = 8 * 1024 * 1024;

/** The script element that holds the page's state, whatever other attributes it has. Group 1 is its content. */
export const SIGI_STATE_PATTERN =
  /<script\b[^>]*?\bid=["']?(?:SIGI_STATE|sigi-persisted-data)["']?[^>]*>([\s\S]*?)<\/script>/;

/** The older page form assigns the state to a variable, and others behind it. */
const ASSIGNED_STATE = /^\s*window\[['"]SIGI_STATE['"]\]\s*=\s*/;
const NEXT_ASSIGNMENT = /;\s*window\[['"]SIGI_RETRY['"]\]/;

function stateText(content: string): string {
  const start = ASSIGNED_STATE.exec(content);
  if (!start) return content;
  const rest = content.slice(start[0].length);
  const end = NEXT_ASSIGNMENT.exec(rest);
  return (end ? rest.slice(0, end.index) : rest).replace(/;\s*$/, '');
}

export type LivePage =
  | { readonly kind: 'found'; readonly liveRoomUserInfo: JsonObject }
  | { readonly kind: 'noState' | 'badState' | 'noRoom' };

/** Takes the streamer's room out of the HTML of the live page. Never throws. */
export function readLivePage(
  html: string,
  parse: (text: string) => unknown,
  pattern: RegExp = SIGI_STATE_PATTERN,
): LivePage {
  const content = pattern.exec(html)?.[1];
  const text = content === undefined ? undefined : stateText(content);
  if (text === undefined || text.length > MAX_STATE_LENGTH) return { kind: 'noState' };
  let state: unknown;
  try {
    state = parse(text);
  } catch {
    return { kind: 'badState' };
  }
  const info = asObject(asObject(asObject(state)?.['LiveRoom'])?.['liveRoomUserInfo']);
  return info ? { kind: 'found', liveRoomUserInfo: info } : { kind: 'noRoom' };
}
