import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const library = join(root, 'libs/connector');
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

describe('the packed library in an empty folder', () => {
  let folder = '';
  let tarball = '';
  let loaded: Ran = { code: -1, output: '' };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'connector-packaging-'));
    loaded = await node(['scripts/check-package.mjs', '--into', folder]);
    tarball = readdirSync(folder)
      .filter((name) => name.endsWith('.tgz'))
      .map((name) => join(folder, name))[0]!;
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('exports the same by require() and by import, with its declared dependencies alone, without a warning', () => {
    expect(loaded.output).toMatch(/exports by require\(\) and by import, the same/);
    expect(loaded.code).toBe(0);
  });

  it('has nothing in it that is not of use there', () => {
    const packed = readdirSync(join(folder, 'node_modules/@livetap/connector'), { recursive: true, encoding: 'utf8' });
    expect(packed).toEqual(
      expect.arrayContaining([
        'README.md',
        'LICENSE',
        'package.json',
        join('docs', 'events.md'),
        join('dist', 'THIRD-PARTY-LICENSES.txt'),
      ]),
    );
    const odd = packed.filter((name) => /\.(map|tsbuildinfo)$|\.spec\.|test-support|^src/.test(name));
    expect(odd).toEqual([]);
    const orphans = packed.filter(
      (name) =>
        name.endsWith('.d.ts') && !existsSync(join(library, name.replace('dist', 'src').replace('.d.ts', '.ts'))),
    );
    expect(orphans).toEqual([]);
  });

  it('is clean for publint', async () => {
    const { code, output } = await node([tool('publint/src/cli.js'), tarball, '--strict']);
    expect(output).toContain('All good!');
    expect(code).toBe(0);
  });

  it('is clean for arethetypeswrong', async () => {
    const { code, output } = await node([tool('@arethetypeswrong/cli/dist/index.js'), tarball, '--format', 'ascii']);
    expect(output).toContain('No problems found');
    expect(code).toBe(0);
  });

  // Declarations of packages are checked as well: nothing in them may need what users do not have.
  it.each([
    ['ES modules', 'esm.mts', 'nodenext', 'nodenext'],
    ['CommonJS', 'common.cts', 'nodenext', 'nodenext'],
    ['a bundler', 'bundled.ts', 'esnext', 'bundler'],
  ])('has its types in %s', async (_, file, module, moduleResolution) => {
    const project = join(folder, `types-${file}`);
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, file), CONSUMER);
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          module,
          moduleResolution,
          target: 'es2023',
          strict: true,
          noEmit: true,
          skipLibCheck: false,
          esModuleInterop: true,
          types: [],
        },
        files: [file],
      }),
    );
    const { code, output } = await node([tool('typescript/bin/tsc'), '-p', project], project);
    expect(output).toBe('');
    expect(code).toBe(0);
  });
});

/** Every unused `@ts-expect-error` is an error: so types that fell back to `any` fail this program. */
const CONSUMER = `
import { TikTokLiveConnection, WebcastEvent, ControlEvent, SignAPIError, WebcastChatMessage, type TikTokLiveConnectionState, type TikTokWsClient } from '@livetap/connector';

export async function main(): Promise<string> {
  const connection = new TikTokLiveConnection('somebody', { fetchRoomInfoOnConnect: false, wsClientOptions: { handshakeTimeout: 1 } });
  connection.on(WebcastEvent.CHAT, (data: WebcastChatMessage) => {
    const comment: string = data.comment;
    // @ts-expect-error -- a text
    const wrong: number = data.comment;
    return [comment, wrong];
  });
  connection.on('gift', (data) => data.repeatCount.toFixed());
  connection.on(ControlEvent.WEBSOCKET_CONNECTED, (client: TikTokWsClient) => client.readyState.toFixed());
  // @ts-expect-error -- no such field
  connection.on('gift', (data) => data.nothing);
  // @ts-expect-error -- no such option
  new TikTokLiveConnection('somebody', { nothing: 1 });
  // @ts-expect-error -- no such call
  void connection.apiClient.nothing;
  // @ts-expect-error -- no such property
  void connection.wsClient?.nothing;
  const state: TikTokLiveConnectionState = await connection.connect();
  const limits = await connection.apiClient.webcast.getRateLimits();
  const bytes: Uint8Array = WebcastChatMessage.encode({ comment: 'hello' }).finish();
  return state.roomId + String(limits.status) + String(bytes.length) + String(SignAPIError.name);
}
`;

interface Bundle {
  readonly bytes: number;
  readonly packages: readonly string[];
  /** Files of the library of which something is left in the bundle. */
  readonly files: readonly string[];
}

async function bundleOf(name: string): Promise<Bundle> {
  const { metafile } = await build({
    stdin: { contents: `export { ${name} } from '${join(library, 'dist/index.js')}';`, resolveDir: root },
    absWorkingDir: library,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    metafile: true,
    write: false,
  });
  const output = Object.values(metafile.outputs)[0]!;
  return {
    bytes: output.bytes,
    packages: [...new Set(output.imports.map(({ path }) => path))].sort(),
    files: Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  };
}

describe('a bundle of one export', () => {
  const sizes: string[] = [];
  const bundled = async (name: string): Promise<Bundle> => {
    const bundle = await bundleOf(name);
    sizes.push(`${name}: ${bundle.bytes} bytes, packages: ${bundle.packages.join(', ') || 'none'}`);
    return bundle;
  };
  afterAll(() => console.log(sizes.join('\n')));

  it('of the names of the events holds nothing else', async () => {
    const { files, packages, bytes } = await bundled('WebcastEvent');
    expect(files.filter((file) => file.startsWith('dist/'))).toEqual(['dist/events/webcast-event.js']);
    expect(packages).toEqual([]);
    expect(bytes).toBeLessThan(8_000);
  });

  it('of one decoder leaves out clients and all messages that are not part of it', async () => {
    const [one, all] = [await bundled('WebcastChatMessage'), await bundled('codecForMethod')];
    expect(one.packages).toEqual(['protobufjs/minimal.js']);
    expect(one.files).not.toContain('dist/proto/generated/gift.js');
    expect(one.files).not.toContain('dist/proto/generated/tables.js');
    expect(one.bytes).toBeLessThan(all.bytes / 4);
  });

  it('of a check whether somebody is live leaves out sockets, decoders and cookies', async () => {
    const { files, packages } = await bundled('checkLive');
    expect(packages).not.toEqual(expect.arrayContaining(['ws']));
    expect(packages).not.toEqual(expect.arrayContaining(['protobufjs/minimal.js']));
    expect(files.filter((file) => file.includes('generated'))).toEqual([]);
  });

  it('of a function has no more than that', async () => {
    expect((await bundled('generateUniqId')).bytes).toBeLessThan(1_000);
  });
});

describe('the declared dependencies', () => {
  const { dependencies } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };

  it('are each explained in the README', () => {
    const readme = readFileSync(join(library, 'README.md'), 'utf8');
    const listed = [...readme.matchAll(/^\| `([^`]+)`\s*\| dependency/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(Object.keys(dependencies).sort());
  });
});
