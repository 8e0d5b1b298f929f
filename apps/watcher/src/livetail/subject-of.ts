const KEY = Buffer.from('"subject":"');
/** The attributes before the subject (version, id, source, type) are short. */
const NEAR_BYTES = 2_048;
const QUOTE = 0x22;

/**
 * The subject of an event, from its bytes, without parsing all of them: it stands among the first attributes of the envelope,
 * before any data. Empty when there is none.
 */
export function subjectOf(value: Buffer): string {
  const at = value.subarray(0, NEAR_BYTES).indexOf(KEY);
  if (at < 0) return '';
  const start = at + KEY.length;
  const end = value.indexOf(QUOTE, start);
  return end < 0 ? '' : value.toString('utf8', start, end);
}
