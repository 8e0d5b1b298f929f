import type { PersonRow } from './gift-history.port.js';

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

export function personOf(row: StoredNames & { readonly viewer_id: bigint }): PersonRow {
  return { id: String(row.viewer_id), ...namesOf(row) };
}
