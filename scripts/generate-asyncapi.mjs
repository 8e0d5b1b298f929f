// Writes libs/contracts/asyncapi.yaml: the AsyncAPI 3 document of topics and events, from the catalogues of the contract,
// its schemas and its examples.
//   node scripts/generate-asyncapi.mjs            writes the file
//   node scripts/generate-asyncapi.mjs --check    fails when it differs from what would be written
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { asyncApiDocument } from './contract/asyncapi.mjs';
import { readExamples } from './contract/example-files.mjs';
import { loadContract, ROOT } from './contract/load-contract.mjs';

const target = join(ROOT, 'libs/contracts/asyncapi.yaml');
const document = asyncApiDocument(await loadContract(), readExamples());
const text = `# Made by scripts/generate-asyncapi.mjs. Do not edit.\n${stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })}`;

if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
  console.error('libs/contracts/asyncapi.yaml is not what the contract says. Run node scripts/generate-asyncapi.mjs');
  process.exit(1);
}
const { channels, components } = document;
console.log(
  `asyncapi.yaml: ${Object.keys(channels).length} channels, ${Object.keys(components.messages).length} messages`,
);
