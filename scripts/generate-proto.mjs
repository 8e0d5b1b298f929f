#!/usr/bin/env node
/**
 * Writes libs/connector/src/proto/generated/ from proto/webcast/*.proto: interfaces, enums, and a reader and a writer for
 * each message. `--check` writes nothing and exits 1 when the committed files differ from what would be written.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderAll } from './generate-proto/render.mjs';
import { loadSchema } from './generate-proto/schema.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'proto', 'webcast');
const target = join(root, 'libs', 'connector', 'src', 'proto', 'generated');

const wanted = renderAll(loadSchema(source));
if (process.argv.includes('--check')) {
  const drift = driftOf(wanted);
  for (const line of drift) console.error(line);
  if (drift.length > 0) {
    console.error('The generated code differs from proto/webcast. Run: node scripts/generate-proto.mjs');
    process.exitCode = 1;
  }
} else {
  mkdirSync(target, { recursive: true });
  for (const name of present()) if (!wanted.has(name)) rmSync(join(target, name));
  for (const [name, text] of wanted) writeFileSync(join(target, name), text);
}

function present() {
  try {
    return readdirSync(target).filter((name) => name.endsWith('.ts'));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function driftOf(files) {
  const there = new Set(present());
  const lines = [];
  for (const [name, text] of files) {
    if (!there.delete(name)) lines.push(`missing: ${name}`);
    else if (readFileSync(join(target, name), 'utf8') !== text) lines.push(`differs: ${name}`);
  }
  for (const name of there) lines.push(`not generated any more: ${name}`);
  return lines;
}
