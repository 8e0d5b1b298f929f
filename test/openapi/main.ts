import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { eventually, Simulator, temporaryFolder, Watcher } from '../system/processes.js';

/**
 * The OpenAPI document against a running service with a real Postgres: clients generated from it in two languages are
 * used, and schemathesis asks what the document allows and what it does not. The last line is `N passed, N failed`.
 */

const CACHE = resolve('.cache/openapi');
const HERE = resolve('test/openapi');
const PYTHON = join(CACHE, 'python');
const NODE = join(CACHE, 'node');
const KEY = 'key-of-the-openapi-test';
/** Pinned: a new version may know new checks, and would fail a build that changed nothing. */
const PYTHON_TOOLS = ['schemathesis==4.32.5', 'openapi-python-client==0.29.1'];
const NODE_TOOLS = ['openapi-typescript@7.13.0', 'openapi-fetch@0.17.0', 'typescript@5.9.3', '@types/node@20.19.0'];

/** Not asked: answers that never end. Its contract is tested by test/system and admin/events.spec.ts. */
const ENDLESS = '/v1/events';
/** What every answer is held to. Left out is one: that whatever fits the schema is taken. A cursor is a text, but not every text is one. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'unsupported_method',
  'allow_header_conformance',
  'use_after_free',
  'ensure_resource_availability',
  'ignored_auth',
];

interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end and keeps what it prints. */
function run(command: string, args: readonly string[], options: { cwd?: string } = {}): Promise<Outcome> {
  return new Promise((done, fail) => {
    let output = '';
    const child = spawn(command, args, {
      cwd: options.cwd ?? CACHE,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PYTHONPATH: CACHE, PYTHONDONTWRITEBYTECODE: '1' },
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    child.on('error', fail);
    child.on('close', (code) => done({ code: code ?? 1, output }));
  });
}

async function must(what: string, outcome: Promise<Outcome>): Promise<string> {
  const { code, output } = await outcome;
  if (code !== 0) throw new Error(`${what} ended with ${code}:\n${output.slice(-6_000)}`);
  return output;
}

/** Both kinds of tools, each in a folder of its own under .cache; there already after the first time. */
async function install(): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const python = async (): Promise<void> => {
    const stamp = join(PYTHON, PYTHON_TOOLS.join('+').replace(/[@=/]/g, '-'));
    if (existsSync(stamp)) return;
    await rm(PYTHON, { recursive: true, force: true });
    await must('python3 -m venv', run('python3', ['-m', 'venv', PYTHON]));
    const pip = ['install', '--quiet', '--disable-pip-version-check', ...PYTHON_TOOLS];
    await must('pip install', run(join(PYTHON, 'bin', 'pip'), pip));
    await writeFile(stamp, '');
  };
  const node = async (): Promise<void> => {
    const stamp = join(NODE, NODE_TOOLS.join('+').replace(/[@=/]/g, '-'));
    if (existsSync(stamp)) return;
    await rm(NODE, { recursive: true, force: true });
    await mkdir(NODE, { recursive: true });
    const flags = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
    await must('npm install', run('npm', ['install', '--prefix', NODE, ...flags, ...NODE_TOOLS]));
    await writeFile(stamp, '');
  };
  await Promise.all([python(), node()]);
}

/** The client that openapi-typescript and openapi-fetch give, in a program that is type-checked and run. */
async function typescript(url: string): Promise<string> {
  const folder = join(NODE, 'program');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  const compilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'dom'],
    types: ['node'],
    skipLibCheck: true,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['client.ts'] }));
  await cp(join(HERE, 'client.mts'), join(folder, 'client.ts'));
  const bin = (name: string): string => join(NODE, 'node_modules', '.bin', name);
  await must(
    'openapi-typescript',
    run(bin('openapi-typescript'), [join(CACHE, 'openapi.json'), '-o', join(folder, 'api.d.ts')]),
  );
  await must('tsc', run(bin('tsc'), [], { cwd: folder }));
  return must('the TypeScript client', run(process.execPath, ['client.js', url, KEY], { cwd: folder }));
}

/** The client that openapi-python-client makes; a part of the document that it cannot take is a failure. */
async function python(url: string): Promise<string> {
  const settings = join(CACHE, 'python-client.yml');
  // It knows no CSV: what is one is given to it as bytes.
  await writeFile(settings, 'post_hooks: []\ncontent_type_overrides:\n  text/csv: application/octet-stream\n');
  const target = join(CACHE, 'livetap_client');
  const output = await must(
    'openapi-python-client',
    run(join(PYTHON, 'bin', 'openapi-python-client'), [
      'generate',
      ...['--path', join(CACHE, 'openapi.json'), '--output-path', target],
      ...['--overwrite', '--meta', 'none', '--config', settings],
    ]),
  );
  if (/warning|unable/i.test(output)) throw new Error(`not all of the document became a client:\n${output}`);
  return must('the Python client', run(join(PYTHON, 'bin', 'python'), [join(HERE, 'client.py'), url, KEY]));
}

/** How much is asked: the edges of each parameter and body; or many examples and chains of requests as well. */
const EXTENT = {
  short: ['--phases', 'coverage'],
  long: ['--phases', 'examples,coverage,fuzzing,stateful', '--max-examples', '150'],
};

async function schemathesis(url: string, extent: keyof typeof EXTENT, rest: readonly string[]): Promise<string> {
  const { code, output } = await run(join(PYTHON, 'bin', 'schemathesis'), [
    ...['--config-file', join(HERE, 'schemathesis.toml'), 'run', `${url}/openapi.json`],
    ...['--header', `Authorization: Bearer ${KEY}`, '--exclude-path', ENDLESS, '--checks', CHECKS.join(',')],
    ...['--continue-on-failure', '--no-color', '--no-shrink', '--warnings', 'off', '--request-timeout', '30'],
    ...EXTENT[extent],
    ...rest,
  ]);
  await writeFile(join(CACHE, 'schemathesis.log'), output);
  const lines = output.split('\n').map((line) => line.slice(0, 300));
  if (code !== 0) throw new Error(`all of it: .cache/openapi/schemathesis.log\n${lines.slice(-200).join('\n')}`);
  return lines.slice(-20).join('\n');
}

/** `--long`: many examples; all else goes to schemathesis as it is (`--seed 5`). */
export async function main(args: readonly string[]): Promise<number> {
  const extent = args.includes('--long') ? 'long' : 'short';
  const rest = args.filter((arg) => arg !== '--long');
  await install();
  const simulator = await Simulator.start(['--streamers', '2', '--seed', '5', '--rate', '20']);
  const folder = await temporaryFolder();
  const watcher = await Watcher.start({
    ...simulator.settings,
    LIVETAP_DATA_DIR: folder.path,
    LIVETAP_API_KEYS: `openapi:admin:${KEY}`,
    LIVETAP_API_REQUESTS_PER_MINUTE: '0',
    LIVETAP_SECRETS_KEYS: `k:${Buffer.alloc(32, 7).toString('base64')}`,
    LIVETAP_LOG_LEVEL: 'warn',
  });
  let failed = 0;
  let passed = 0;
  const step = async (name: string, work: () => Promise<string>): Promise<void> => {
    const since = performance.now();
    const text = await work().catch((error: unknown) => {
      failed += 1;
      return `FAILED: ${name}\n${error instanceof Error ? error.message : String(error)}`;
    });
    if (!text.startsWith('FAILED: ')) passed += 1;
    console.log(`\n-- ${name} (${((performance.now() - since) / 1_000).toFixed(1)} s)\n${text.trim()}`);
  };
  try {
    const headers = { authorization: `Bearer ${KEY}` };
    const streamers = (await simulator.streamers()).map(({ uniqueId }) => ({ uniqueId, labels: ['live'] }));
    await watcher.call('/v1/streamers', { method: 'POST', headers, body: { streamers } });
    const first = streamers[0]?.uniqueId ?? '';
    await eventually('a session is in the history', async () => {
      const answer = await watcher.call(`/v1/streamers/${first}/sessions`, { headers });
      const { sessions } = (await answer.json()) as { sessions?: unknown[] };
      return sessions?.length;
    });
    const document = await watcher.call('/openapi.json');
    await writeFile(join(CACHE, 'openapi.json'), await document.text());
    await step('client in TypeScript (openapi-typescript, openapi-fetch)', () => typescript(watcher.url));
    await step('client in Python (openapi-python-client)', () => python(watcher.url));
    await step(`schemathesis, ${extent}`, () => schemathesis(watcher.url, extent, rest));
    await step('the service has no mistake of its own in its log', async () => {
      const mistakes = watcher.program.output.split('\n').filter((line) => line.includes('"level":"error"'));
      if (mistakes.length > 0) throw new Error(mistakes.slice(0, 5).join('\n'));
      return 'none';
    });
  } finally {
    await watcher.stop();
    await simulator.stop();
    await folder.remove();
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
