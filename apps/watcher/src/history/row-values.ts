import type { GifterRow, PersonRow } from './gift-history.port.js';

/** A time in ms since the epoch as the database takes it; undefined stays undefined. */
export function dateOf(at: number | undefined): Date | undefined {
  return at === undefined ? undefined : new Date(at);
}

/** Names of a person as they stand in a row of `viewers`, or null where it has none. */
export interface StoredNames {
  readonly unique_id: string | null;
  readonly nickname: string | null;
}

export function namesOf(row: StoredNames): Omit<PersonRow, 'id'> {
  return {
    ...(row.unique_id === null ? {} : { uniqueId: row.unique_id }),
    ...(row.nickname === null ? {} : { nickname: row.nickname }),
  };
}

/** What a person gave, and the person's names. */
export interface StoredGifter extends StoredNames {
  readonly viewer_id: bigint;
  readonly gifts: bigint;
  readonly diamonds: bigint;
  readonly first_at: Date;
  readonly last_at: Date;
}

export function gifterOf(row: StoredGifter): GifterRow {
  return {
    viewer: { id: String(row.viewer_id), ...namesOf(row) },
    gifts: Number(row.gifts),
    diamonds: Number(row.diamonds),
    firstAt: row.first_at,
    lastAt: row.last_at,
  };
}

/** The same over several sessions, and over how many. */
export interface StoredSessionsGifter extends StoredGifter {
  readonly sessions: bigint;
}

export function sessionsGifterOf(row: StoredSessionsGifter): GifterRow & { readonly sessions: number } {
  return { ...gifterOf(row), sessions: Number(row.sessions) };
}
