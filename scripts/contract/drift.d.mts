import type { PublishedSchemas, SchemaFiles } from './compat-gate.mjs';

/** The versions that must be written, and a sentence for each published one whose sources changed. */
export function driftOf(
  wanted: SchemaFiles,
  files: SchemaFiles,
  published: PublishedSchemas,
): { readonly changed: string[]; readonly problems: string[] };
