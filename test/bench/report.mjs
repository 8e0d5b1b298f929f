// How the benchmark says what it measured. A part gives sections; each can be printed, written as JSON lines and as Markdown.

/** A figure as people read it: three digits that matter, thousands apart. */
export function figure(value) {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** What is wanted of a figure, in words; empty when nothing is. */
export function wantedOf({ atLeast, atMost }) {
  if (atLeast !== undefined) return `≥ ${atLeast}`;
  return atMost === undefined ? '' : `≤ ${atMost}`;
}

/** True, false, or undefined when nothing is wanted. */
export function reached({ value, atLeast, atMost }) {
  if (atLeast !== undefined) return value >= atLeast;
  return atMost === undefined ? undefined : value <= atMost;
}

function columnsOf({ rows }) {
  return [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
}

function cell(value) {
  return value === undefined ? '' : figure(value);
}

/** A table for a terminal. */
export function textOf(section) {
  const columns = columnsOf(section);
  const { title, about, rows, ratios = [], notes = [] } = section;
  const width = Math.max(48, ...[...rows, ...ratios].map(({ name }) => name.length + 2));
  const widths = columns.map((column) => Math.max(12, column.length + 2));
  const lines = ['', `${title}: ${about}`];
  if (rows.length > 0)
    lines.push(`  ${''.padEnd(width)}${columns.map((column, at) => column.padStart(widths[at])).join('')}`);
  for (const { name, figures } of rows)
    lines.push(
      `  ${name.padEnd(width)}${columns.map((column, at) => cell(figures[column]).padStart(widths[at])).join('')}`,
    );
  for (const ratio of ratios) {
    const met = reached(ratio);
    const verdict = met === undefined ? '' : `  ${wantedOf(ratio)}${met ? '' : ': MISSED'}`;
    lines.push(`  ${ratio.name.padEnd(width)}${`${figure(ratio.value)}${unitOf(ratio)}`.padStart(12)}${verdict}`);
  }
  for (const note of notes) lines.push(`  ${note}`);
  return lines.join('\n');
}

/** One object for each row and each ratio, to be written as a line of JSON. */
export function jsonLinesOf({ title, about, rows, ratios = [] }) {
  return [
    ...rows.map(({ name, figures }) => ({ bench: title, about, subject: name, figures: rounded(figures) })),
    ...ratios.map((ratio) => ({ bench: title, ...ratio, value: round(ratio.value), reached: reached(ratio) })),
  ];
}

/** A chapter of docs/benchmarks.md. */
export function markdownOf(section) {
  const columns = columnsOf(section);
  const { title, about, rows, ratios = [], notes = [] } = section;
  const lines = [`### ${title[0].toUpperCase()}${title.slice(1)}`, '', `${about}.`, ''];
  const table = (head, body) => {
    lines.push(row(head), row(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...body.map(row), '');
  };
  if (rows.length > 0)
    table(
      ['', ...columns],
      rows.map(({ name, figures }) => [name, ...columns.map((column) => cell(figures[column]))]),
    );
  if (ratios.length > 0)
    table(
      ['compared', 'measured', 'wanted'],
      ratios.map((ratio) => [ratio.name, `${figure(ratio.value)}${unitOf(ratio)}`, wantedCell(ratio)]),
    );
  for (const note of notes) lines.push(note, '');
  return lines.join('\n');
}

function wantedCell(ratio) {
  return reached(ratio) === false ? `${wantedOf(ratio)}: **missed**` : wantedOf(ratio);
}

function row(cells) {
  return `| ${cells.join(' | ')} |`;
}

function unitOf({ unit }) {
  return unit === undefined ? '' : ` ${unit}`;
}

function rounded(figures) {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, round(value)]));
}

function round(value) {
  return Number(value.toPrecision(6));
}
