// Published schemas never change, and a revision only adds optional fields.
//   node scripts/check-compat.mjs --check                fails when a published schema changed, a revision breaks the one
//                                                        before it, or a schema is not recorded in published.json
//   node scripts/check-compat.mjs --record               records new revisions in published.json: from then on they are
//                                                        frozen
//   node scripts/check-compat.mjs --check --schemas DIR  checks another folder
import { checkCompatibility, recorded } from './contract/compat-gate.mjs';
import { loadContract } from './contract/load-contract.mjs';
import { ENVELOPE, versionOf } from './contract/render-schemas.mjs';
import { readPublished, readSchemaFiles, SCHEMA_FOLDER, writePublished } from './contract/schema-files.mjs';

const asked = process.argv.indexOf('--schemas');
const folder = asked < 0 ? SCHEMA_FOLDER : process.argv[asked + 1];
const { EVENT_CATALOGUE, ENVELOPE_SCHEMA } = await loadContract();
const newest = new Map([[ENVELOPE, versionOf(ENVELOPE_SCHEMA)]]);
for (const { name, dataschema } of Object.values(EVENT_CATALOGUE)) newest.set(name, versionOf(dataschema));

const files = readSchemaFiles(folder);
const before = readPublished(folder);
const record = process.argv.includes('--record');
const published = record ? recorded(files, before) : before;
const problems = checkCompatibility({ files, published, newest });
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
if (record) writePublished(published, folder);
const added = Object.keys(published).length - Object.keys(before).length;
console.log(
  record
    ? `${added} schemas recorded as published, ${files.size} in all`
    : `${files.size} published schemas of ${newest.size} names: unchanged, and each revision only adds`,
);
