export type JsonSchema = { readonly [keyword: string]: unknown };

/** All changes but those of words, as sentences. */
export function differences(older: JsonSchema, newer: JsonSchema): string[];
/** The changes that a revision must not make, as sentences; empty when `newer` may follow `older`. */
export function breakingChanges(older: JsonSchema, newer: JsonSchema): string[];
/** Places where a schema closes a set. */
export function closedSets(schema: JsonSchema, at?: string): string[];
