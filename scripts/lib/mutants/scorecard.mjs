// The results of a run in words.
import { described } from './judge.mjs';

/** `expected`: killed, or a survivor that the catalogue explains. */
export function outcome(mutant, judged, seconds) {
  const expected = judged.verdict === (mutant.survives === undefined ? 'killed' : 'survived');
  return { id: mutant.id, promise: mutant.promise, ...judged, expected, seconds };
}

/** One line for a mutant that was run. */
export function line(mutant, result) {
  const mark = result.expected ? ' ' : '!';
  const by = result.by === undefined ? (result.detail ?? '') : described(result.by);
  return `${mark} ${result.verdict.padEnd(8)} ${`${result.seconds.toFixed(1)} s`.padStart(8)}  ${mutant.id}\n      ${mutant.promise}${by === '' ? '' : `\n      ${by}`}`;
}

/** The end of a run: survivors with their explanations, what went wrong, the count. */
export function summary(mutants, results) {
  const count = (verdict) => results.filter((result) => result.verdict === verdict).length;
  const good = results.every((result) => result.expected);
  const survivors = mutants.filter((_, index) => results[index].verdict === 'survived');
  const text = [
    '',
    ...survivors.map(
      ({ id, survives }) =>
        `survived: ${id}\n  ${survives ?? 'NOT EXPLAINED: write the test that kills it, or say in the catalogue why none can.'}`,
    ),
    ...results.filter(({ verdict }) => verdict === 'invalid').map(({ id, detail }) => `invalid: ${id}\n  ${detail}`),
    ...mutants
      .filter(({ survives }, index) => survives !== undefined && results[index].verdict === 'killed')
      .map(({ id }) => `killed: ${id}\n  The catalogue explains why it survives; it does not.`),
    `${results.length} mutants: ${count('killed')} killed, ${count('survived')} survived, ${count('invalid')} invalid`,
    '',
  ].join('\n');
  const json = {
    mutants: results.length,
    killed: count('killed'),
    survived: count('survived'),
    invalid: count('invalid'),
  };
  return { text, json, good };
}

/** docs/mutants.md, as a run that went as the catalogue says proves it. */
export async function document(catalogue) {
  const killed = catalogue.filter(({ survives }) => survives === undefined);
  const survivors = catalogue.filter(({ survives }) => survives !== undefined);
  const areas = [...new Set(catalogue.map(({ area }) => area))];
  const text = [
    '<!-- Written by `npm run mutants -- --write`; do not edit. -->',
    '',
    '# The tests, tested',
    '',
    'Each mutant is one small deliberate fault in the code that keeps a promise of delivery (`test/mutants/`).',
    '`npm run mutants` puts them one at a time into a copy of the tree and runs the test that has to notice. A mutant counts',
    'as killed only when an assertion of that test fails; one that does not load, or fails in another way, counts for',
    'nothing and fails the run, and so does a survivor without an explanation.',
    '',
    `**${catalogue.length} mutants: ${killed.length} killed, ${survivors.length} survived (explained at the end).**`,
    '',
    ...areas.flatMap((area) => [
      `## ${area}`,
      '',
      '| Mutant | Promise that it breaks | Killed by |',
      '| --- | --- | --- |',
      ...catalogue
        .filter((mutant) => mutant.area === area)
        .map((mutant) => `| \`${mutant.id}\` | ${cell(mutant.promise)} | ${cell(killerOf(mutant))} |`),
      '',
    ]),
    ...(survivors.length === 0 ? [] : ['## Survivors', '']),
    ...survivors.flatMap((mutant) => [`**\`${mutant.id}\`** ${mutant.promise} ${mutant.survives}`, '']),
  ].join('\n');
  // Not at the top: what is only run must not need it before the set-up.
  const { format } = await import('prettier');
  return format(text, { parser: 'markdown', printWidth: 120 });
}

function killerOf({ killers, survives }) {
  if (survives !== undefined) return 'survives, see below';
  return killers.map(({ file, test }) => `\`${file.slice(file.lastIndexOf('/') + 1)}\`: ${test}`).join('; ');
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}
