// The folder of the examples: libs/contracts/examples/<event>.json.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './load-contract.mjs';

export const EXAMPLE_FOLDER = join(ROOT, 'libs/contracts/examples');

/** Event name → whole event. */
export function readExamples() {
  return new Map(
    readdirSync(EXAMPLE_FOLDER).map((file) => [
      file.replace(/\.json$/, ''),
      JSON.parse(readFileSync(join(EXAMPLE_FOLDER, file), 'utf8')),
    ]),
  );
}
