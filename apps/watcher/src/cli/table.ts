import stringWidth from 'string-width';

/** A line that a person reads: columns of text, as wide as what stands in them. */
export function table(head: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => oneLine(String(cell ?? ''))));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => stringWidth(row[column] ?? ''))));
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, column) => pad(cell, widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

/**
 * What others wrote, fit for a terminal: without control characters (they could move the cursor or change its colours) and line
 * breaks.
 */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}

/** `2026-01-31 12:00:00Z`; empty when there is none. */
export function shortTime(at: string | undefined): string {
  return at === undefined ? '' : `${at.slice(0, 19).replace('T', ' ')}Z`;
}
