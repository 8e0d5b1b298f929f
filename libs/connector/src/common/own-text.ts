/**
 * The same text in memory of its own. A piece of a larger text (a header, an answer) keeps the whole of it alive, and one
 * that was put together keeps its pieces.
 */
export function ownText(text: string): string {
  const copy = Buffer.from(text, 'latin1').toString('latin1');
  // Texts beyond Latin-1 would need twice the room; they stay as they are.
  return copy === text ? copy : text;
}
