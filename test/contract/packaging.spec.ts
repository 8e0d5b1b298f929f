import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tool = (path: string): string => join(root, 'node_modules', path);

interface Ran {
  readonly code: number;
  readonly output: string;
}

async function node(args: readonly string[], cwd = root): Promise<Ran> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args], { cwd });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

describe('the packed contract in an empty folder', () => {
  let folder = '';
  let tarball = '';
  let loaded: Ran = { code: -1, output: '' };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'contract-packaging-'));
    loaded = await node(['scripts/check-package.mjs', 'contracts', '--into', folder]);
    tarball = readdirSync(folder)
      .filter((name) => name.endsWith('.tgz'))
      .map((name) => join(folder, name))[0]!;
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is loaded by import and by require(), with schemas, examples and AsyncAPI', () => {
    expect(loaded.output).toMatch(/exports by require\(\) and by import, the same/);
    expect(loaded.code).toBe(0);
  });

  it('has no dependencies, and nothing in it that is not of use there', () => {
    const home = join(folder, 'node_modules/@livetap/contracts');
    const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Record<string, unknown>;
    for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies'])
      expect(manifest).not.toHaveProperty(kind);
    const packed = readdirSync(home, { recursive: true, encoding: 'utf8' });
    expect(packed).toEqual(
      expect.arrayContaining(['README.md', 'LICENSE', 'asyncapi.yaml', join('dist', 'index.d.ts')]),
    );
    expect(packed.filter((name) => /\.(map|tsbuildinfo)$|\.spec\.|^src/.test(name))).toEqual([]);
  });

  it('is clean for publint', async () => {
    const { code, output } = await node([tool('publint/src/cli.js'), tarball, '--strict']);
    expect(output).toContain('All good!');
    expect(code).toBe(0);
  });

  // ES modules alone: CommonJS loads them by require() since Node 20.19, as the first test shows.
  it('is clean for arethetypeswrong', async () => {
    const options = ['--format', 'ascii', '--profile', 'esm-only', '--exclude-entrypoints', 'asyncapi.yaml'];
    const { code, output } = await node([tool('@arethetypeswrong/cli/dist/index.js'), tarball, ...options]);
    expect(output).toMatch(/"@livetap\/contracts"\n\nnode16 \(from ESM\): 🟢 \(ESM\)\nbundler: 🟢/);
    expect(code).toBe(0);
  });

  it.each([
    ['ES modules', 'esm.mts', 'nodenext', 'nodenext'],
    ['CommonJS', 'common.cts', 'nodenext', 'nodenext'],
    ['a bundler', 'bundled.ts', 'esnext', 'bundler'],
  ])('has its types in %s: `type` tells the events apart', async (_, file, module, moduleResolution) => {
    const project = join(folder, `types-${file}`);
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, file), CONSUMER);
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2023',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: [],
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
    const { code, output } = await node([tool('typescript/bin/tsc'), '-p', project], project);
    expect(output).toBe('');
    expect(code).toBe(0);
  });
});

/** Every unused `@ts-expect-error` is an error: so types that fell back to `any` fail this program. */
const CONSUMER = `
import { EVENT_CATALOGUE, eventNameOf, type ChatData, type EventData, type LivetapEvent } from '@livetap/contracts';

export function diamonds(event: LivetapEvent): number {
  // @ts-expect-error -- not every event has diamonds
  event.data.diamonds;
  if (event.type === 'livetap.gift.v1') {
    const streak: string = event.data.streak.id;
    const place: string = event.sequence;
    // @ts-expect-error -- a gift has no comment
    event.data.comment;
    return event.data.diamonds ?? streak.length + place.length;
  }
  if (event.type === 'livetap.viewer.erased.v1') {
    // @ts-expect-error -- it belongs to no room
    const place: string = event.sequence;
    return Number(event.data.userId) + String(place).length;
  }
  // @ts-expect-error -- no such type
  if (event.type === 'livetap.nothing.v1') return 0;
  switch (event.type) {
    case 'livetap.chat.v1':
      return event.data.comment.length;
    case 'livetap.room.gap.v1':
      return event.data.durationMs;
    case 'livetap.linkLayer.v1':
      return Object.keys(event.data).length;
    default:
      return 0;
  }
}

const one = (event: LivetapEvent<'like'>): number => event.data.total;
const data = (chat: ChatData): EventData<'chat'> => chat;
// @ts-expect-error -- a constant table
EVENT_CATALOGUE.chat.type = 'x';
export { data, one, eventNameOf };
`;
