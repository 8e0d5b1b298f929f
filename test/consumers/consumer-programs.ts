import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = join(ROOT, 'examples', 'consumers');
/** Everything that is built or downloaded for the consumers; nothing of it goes into the tree. */
const BUILT = join(ROOT, '.cache', 'consumers');
/** The first build downloads compilers' plugins and libraries. */
const BUILD_TIMEOUT_MS = 600_000;

/** One of the example consumers. */
export interface ConsumerProgram {
  readonly language: 'nestjs' | 'python' | 'java' | 'go';
  /** Commands that must succeed for it to be built and run, each by the name of what is missing when it fails. */
  readonly tools: Readonly<Record<string, readonly [program: string, ...args: string[]]>>;
  /** Builds below `into`, from the sources in `from`. */
  build(from: string, into: string): Promise<void>;
  /** What starts it once it is built. */
  command(from: string, into: string): readonly [program: string, ...args: string[]];
}

const tool = async (program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) => {
  await promisify(execFile)(program, [...args], {
    cwd,
    env: { ...process.env, ...env },
    timeout: BUILD_TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
};

export const CONSUMER_PROGRAMS: readonly ConsumerProgram[] = [
  {
    language: 'nestjs',
    tools: {},
    build: (from, into) =>
      tool(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', from, '--outDir', into], ROOT),
    command: (_from, into) => [process.execPath, join(into, 'main.js')],
  },
  {
    language: 'python',
    tools: { 'python3 with venv': ['python3', '-c', 'import ensurepip, venv'] },
    build: async (from, into) => {
      await tool('python3', ['-m', 'venv', into], from);
      await tool(join(into, 'bin/pip'), ['install', '--quiet', '--requirement', 'requirements.txt'], from);
    },
    command: (from, into) => [join(into, 'bin/python'), '-B', join(from, 'gift_totals.py')],
  },
  {
    language: 'java',
    tools: { java: ['java', '-version'], javac: ['javac', '-version'], mvn: ['mvn', '-version'] },
    build: (from, into) => tool('mvn', ['-B', '-q', 'package', `-DbuildDirectory=${into}`], from),
    command: (_from, into) => ['java', '-jar', join(into, 'gift-totals.jar')],
  },
  {
    language: 'go',
    tools: { go: ['go', 'version'] },
    build: async (from, into) => {
      // An older Go fetches the one that go.mod asks for.
      const env = { CGO_ENABLED: '0', GOTOOLCHAIN: 'auto' };
      await tool('go', ['vet', '.'], from, env);
      await tool('go', ['build', '-o', join(into, 'gift-totals'), '.'], from, env);
    },
    command: (_from, into) => [join(into, 'gift-totals')],
  },
];

/** Why a consumer cannot be run here; undefined when it can. */
export function unavailable({ tools }: ConsumerProgram): string | undefined {
  const missing = Object.entries(tools).filter(([, [program, ...args]]) => spawnSync(program, args).status !== 0);
  return missing.length === 0 ? undefined : `skipped: no ${missing.map(([name]) => name).join(', no ')}`;
}

/**
 * Builds a consumer unless its sources are those of the last build.
 * @returns what starts it
 * @throws the tool's own error, with what it printed
 */
export async function buildConsumer(program: ConsumerProgram): Promise<readonly [string, ...string[]]> {
  const from = join(SOURCES, program.language);
  const into = join(BUILT, program.language);
  const stamp = join(BUILT, `${program.language}.stamp`);
  const wanted = await fingerprint(from);
  const built = await readFile(stamp, 'utf8').catch(() => '');
  if (built !== wanted) {
    await rm(stamp, { force: true });
    await rm(into, { recursive: true, force: true });
    await mkdir(into, { recursive: true });
    await program.build(from, into);
    await writeFile(stamp, wanted);
  }
  return program.command(from, into);
}

async function fingerprint(folder: string): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  // What a user built there by hand is no source.
  const own = (path: string): boolean => !/(^|[/\\])(dist|target|node_modules|\.venv|__pycache__)([/\\]|$)/.test(path);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.filter((path) => own(path.slice(folder.length))).sort()) {
    hash
      .update(file)
      .update('\0')
      .update(await readFile(file));
  }
  return hash.digest('hex');
}
