// Whether the catalogue of mutants still fits the code and its tests. Cheap: nothing is run.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectOf } from './run-tests.mjs';
import { mutate } from './tree.mjs';

/** What is wrong, one sentence each; empty when all is well. */
export function checkCatalogue(root, catalogue) {
  const read = reader(root);
  const problems = [];
  const ids = new Set();
  for (const mutant of catalogue) {
    const say = (text) => problems.push(`${mutant.id}: ${text}`);
    if (ids.has(mutant.id)) say('the id is taken');
    ids.add(mutant.id);
    checkEdits(mutant, read(mutant.file), say);
    checkKillers(mutant, read, say);
  }
  return problems;
}

function checkEdits(mutant, text, say) {
  if (text === undefined) {
    say(`there is no ${mutant.file}`);
    return;
  }
  try {
    if (mutate(text, mutant) === text) say('it changes nothing');
  } catch (error) {
    say(`${mutant.file}: ${error.message}`);
  }
}

function checkKillers(mutant, read, say) {
  if (mutant.killers.length === 0) say('no test is named');
  if (new Set(mutant.killers.map(({ file }) => projectOf(file))).size > 1) say('its tests are of two projects');
  for (const { file, test, writtenIn = file } of mutant.killers) {
    const text = read(file) && read(writtenIn);
    if (text === undefined) say(`there is no ${file}`);
    // Quotes in a name may be escaped in the source.
    else if (test !== undefined && !text.replaceAll('\\', '').includes(test)) say(`${writtenIn} has no test "${test}"`);
    if (test === undefined && mutant.survives === undefined) say(`the test in ${file} that kills it must be named`);
  }
}

function reader(root) {
  const texts = new Map();
  return (path) => {
    if (!texts.has(path))
      texts.set(path, existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined);
    return texts.get(path);
  };
}
