// Writes libs/contracts/schemas/<event>/1.<revision>.json: the JSON Schema of the data of each event, and one of the
// envelope. Shapes of their own come from the interfaces in libs/contracts/src, the others from the generic rule over
// proto/webcast. A published revision never changes: when its sources do, this fails and says what to do.
//   node scripts/generate-schemas.mjs            writes what is not published yet
//   node scripts/generate-schemas.mjs --check    fails when a committed file differs
import { loadRules } from './contract/load-contract.mjs';
import { MadeSchemas } from './contract/made-schemas.mjs';
import { renderSchemas } from './contract/render-schemas.mjs';
import { readSchemaFiles, readPublished, writeSchemaFile } from './contract/schema-files.mjs';
import { driftOf } from './contract/drift.mjs';

const wanted = renderSchemas(await loadRules(), new MadeSchemas());
const { changed, problems } = driftOf(wanted, readSchemaFiles(), readPublished());
const check = process.argv.includes('--check');
if (check && changed.length > 0) {
  problems.push(`Not written yet: ${changed.join(', ')}. Run node scripts/generate-schemas.mjs`);
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
if (!check) for (const version of changed) writeSchemaFile(version, wanted.get(version));
console.log(`${wanted.size} schemas ${check ? 'are up to date' : `up to date, ${changed.length} of them written`}`);
