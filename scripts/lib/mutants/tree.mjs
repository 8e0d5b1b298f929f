// Copies of the source tree to put mutants into. The checkout itself is only read.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Needed by tests, made by the set-up, not in git. */
const GENERATED = ['apps/watcher/src/persistence/generated'];

/**
 * A copy of the tree as it is now, uncommitted changes included, in the temporary directory of the system. Packages are
 * linked one by one, so that those of this repository are the copy's own and caches of tools stay in the copy.
 */
export function copyTree(root) {
  const copy = mkdtempSync(join(tmpdir(), 'livetap-mutants-'));
  for (const path of sourcesOf(root)) place(root, copy, path);
  for (const path of GENERATED) cpSync(join(root, path), join(copy, path), { recursive: true });
  linkPackages(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

export function removeTree(copy) {
  rmSync(copy, { recursive: true, force: true });
}

/** Puts a mutant into a copy. Returns what takes it out again. */
export function applyMutant(copy, mutant) {
  const path = join(copy, mutant.file);
  const original = readFileSync(path, 'utf8');
  writeFileSync(path, mutate(original, mutant));
  return () => writeFileSync(path, original);
}

/** The text of a file with the mutant in it. @throws Error when a text to find does not occur exactly once */
export function mutate(text, mutant) {
  let changed = text;
  for (const { find, replace } of mutant.edits) {
    const parts = changed.split(find);
    if (parts.length !== 2) throw new Error(`the text occurs ${parts.length - 1} times: ${JSON.stringify(find)}`);
    changed = parts.join(replace);
  }
  return changed;
}

function sourcesOf(root) {
  const { status, stdout, stderr } = spawnSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  if (status !== 0) throw new Error(`The files of the tree cannot be listed: ${stderr}`);
  return stdout.split('\0').filter((path) => path !== '');
}

function place(root, copy, path) {
  // Listed by git, but deleted and not committed yet.
  if (lstatSync(join(root, path), { throwIfNoEntry: false }) === undefined) return;
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  cpSync(join(root, path), join(copy, path), { verbatimSymlinks: true });
}

function linkPackages(from, to) {
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (name.startsWith('@')) linkScope(join(from, name), join(to, name));
    else if (!name.startsWith('.') || name === '.bin') symlinkSync(join(from, name), join(to, name));
  }
}

function linkScope(from, to) {
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    const source = join(from, name);
    // Packages of this repository are relative links: copied as they are, they lead into the copy.
    if (lstatSync(source).isSymbolicLink()) cpSync(source, join(to, name), { verbatimSymlinks: true });
    else symlinkSync(source, join(to, name));
  }
}
