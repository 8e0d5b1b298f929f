import { useEffect, useState } from 'preact/hooks';

/** Where on the page one is: the part of the address behind `#`. The service serves one document for all of them. */
export interface Place {
  /** Decoded parts of the path: `#/streamers/some.name` → `['streamers', 'some.name']`; none for the overview. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decoded),
    query: new URLSearchParams(query),
  };
}

/** A part that is not well-formed counts as it stands. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a place; parts of the path may hold any character. */
export function placeTo(path: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  const text = given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
  return `#/${path.map(encodeURIComponent).join('/')}${text}`;
}

export const toStreamer = (uniqueId: string): string => placeTo(['streamers', uniqueId]);
export const toHistory = (uniqueId: string): string => placeTo(['history', uniqueId]);
export const toSession = (id: string): string => placeTo(['sessions', id]);

export function usePlace(): Place {
  const [place, setPlace] = useState(() => parsePlace(location.hash));
  useEffect(() => {
    const changed = (): void => setPlace(parsePlace(location.hash));
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return place;
}

/** Changes what the address says about the view without adding to the history of the browser. */
export function replacePlace(to: string): void {
  history.replaceState(null, '', to);
  dispatchEvent(new HashChangeEvent('hashchange'));
}
