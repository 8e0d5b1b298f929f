/** What Postgres cannot hold in text and jsonb: U+0000 and halves of surrogate pairs. TikTok's texts may have both. */
const UNSAFE_ESCAPE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

/** The text as Postgres can hold it: U+0000 left out, half characters replaced by U+FFFD. */
export function safeText(text: string): string {
  return text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\ufffd');
}

/** JSON of the value as jsonb can hold it. Serialises once unless something has to be repaired. */
export function safeJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (!UNSAFE_ESCAPE.test(text)) return text;
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'string') return safeText(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]: [string, unknown]) => [safeText(key), inner]));
  });
}
