import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { markdownOf } from './report.mjs';

/**
 * Puts the figures of one part in their place in the document, between `<!-- begin <part> -->` and `<!-- end <part> -->`, and
 * says on which machine and when. Everything else stays as it is.
 * @throws Error when the document has no such place
 */
export async function writeDocument(path, part, sections, machine, now = new Date()) {
  const text = replacePart(await readFile(path, 'utf8'), part.name, chapter(sections, machine, now));
  await writeFile(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}

export function replacePart(text, name, content) {
  const begin = `<!-- begin ${name} -->`;
  const [from, to] = [text.indexOf(begin), text.indexOf(`<!-- end ${name} -->`)];
  if (from < 0 || to < from) throw new Error(`The document has no place for the part ${name}.`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

function chapter(sections, machine, now) {
  const where = `Measured ${now.toISOString().slice(0, 10)} on ${Object.values(machine).join(', ')}.`;
  return [...sections.map(markdownOf), where].join('\n');
}
