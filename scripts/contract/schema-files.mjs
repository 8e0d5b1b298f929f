// The folder of the schemas: libs/contracts/schemas/<event>/<version>.json, and published.json beside them.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './load-contract.mjs';

export const SCHEMA_FOLDER = join(ROOT, 'libs/contracts/schemas');
const PUBLISHED = 'published.json';

/** Every schema in the folder: `chat/1.0` → text. */
export function readSchemaFiles(folder = SCHEMA_FOLDER) {
  const files = new Map();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    for (const file of readdirSync(join(folder, entry.name))) {
      files.set(`${entry.name}/${file.replace(/\.json$/, '')}`, readFileSync(join(folder, entry.name, file), 'utf8'));
    }
  }
  return files;
}

/** The published versions: `chat/1.0` → SHA-256 of the file, hexadecimal. */
export function readPublished(folder = SCHEMA_FOLDER) {
  const path = join(folder, PUBLISHED);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

export function writePublished(published, folder = SCHEMA_FOLDER) {
  writeFileSync(join(folder, PUBLISHED), `${JSON.stringify(published, null, 2)}\n`);
}

export function writeSchemaFile(version, text, folder = SCHEMA_FOLDER) {
  const path = join(folder, `${version}.json`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
