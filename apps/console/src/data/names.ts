/** What was pasted, as names to send: each once, in the order of its first appearance. */
export interface PastedNames {
  readonly names: readonly string[];
  readonly repeated: number;
}

/** Words of spreadsheets that are titles of columns and no names. */
const TITLES = new Set(['uniqueid', 'username', 'user', 'name', 'streamer', 'handle']);

/**
 * Takes names apart by line, comma, semicolon, tab or space, also out of quotation marks of a CSV file. Only what a name
 * may look like is changed here (case, the @ and links stay the service's business), so that its words about a wrong one fit.
 */
export function pastedNames(text: string): PastedNames {
  const found = text
    .split(/[\s,;]+/)
    .map((word) => word.replace(/^["']+|["']+$/g, ''))
    .filter((word) => word !== '' && !TITLES.has(word.toLowerCase()));
  const byKey = new Map<string, string>();
  for (const name of found) {
    const key = keyOf(name);
    if (!byKey.has(key)) byKey.set(key, name);
  }
  return { names: [...byKey.values()], repeated: found.length - byKey.size };
}

/** The same streamer, however it is written. */
function keyOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/^(https?:\/\/)?([a-z0-9-]+\.)?tiktok\.com\//, '')
    .replace(/^@/, '')
    .replace(/[/?#].*$/, '');
}

/** Labels as typed: separated by commas, each once. */
export function typedLabels(text: string): string[] {
  const labels = text.split(',').map((label) => label.trim());
  return [...new Set(labels.filter((label) => label !== ''))];
}
