import type { MadeSchemas } from './made-schemas.mjs';

/** `chat/1.0` → text of the schema, for the newest revision of each event and of the envelope. */
export function renderSchemas(rules: object, made: MadeSchemas): Map<string, string>;
