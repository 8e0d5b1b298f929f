import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { FakeClock, SeededRandom } from '@livetap/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import { runCommandLine } from './program.js';

/** A server that answers one export. */
class Exporting {
  readonly asked: string[] = [];
  answer: () => Response = () => new Response('id\r\n1\r\n');
  readonly fetch = (async (url: string) => {
    this.asked.push(url.replace('http://127.0.0.1:3000', ''));
    return this.answer();
  }) as typeof fetch;
}

const cutOff = (): Response => {
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (sent) controller.error(new TypeError('terminated'));
      else controller.enqueue(Buffer.from('id\r\n1\r\n'));
      sent = true;
    },
  });
  return new Response(body);
};

describe('livetap export', () => {
  let server: Exporting;
  let folder: string;

  beforeEach(async () => {
    server = new Exporting();
    folder = await mkdtemp(join(tmpdir(), 'livetap-export-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const code = await runCommandLine(['export', ...args], {
      clock: new FakeClock(Date.parse('2026-01-08T00:00:00Z')),
      random: new SeededRandom(1),
      build: { version: '1.2.3' } as never,
      config: () => {
        throw new Error('an export needs no settings');
      },
      environment: () => ({}),
      fetch: server.fetch,
      progress: () => ({ shown: false, set: () => undefined, stop: () => undefined }),
      logger: () => SILENT_LOGGER,
      stdin: Readable.from([]),
      stdout,
      stderr,
      interrupted: new AbortController().signal,
    });
    stdout.end();
    stderr.end();
    return { code, stdout: await text(stdout), stderr: await text(stderr) };
  };

  it('prints what the server hands out, byte for byte', async () => {
    expect(await run('gifters')).toEqual({ code: 0, stdout: 'id\r\n1\r\n', stderr: '7 bytes of gifters.\n' });
    await run(
      'events',
      '--format',
      'ndjson',
      '--streamer',
      '@a&b',
      '--session',
      '7',
      '--from',
      '7d',
      '--type',
      'chat,gift',
    );
    await run('sessions', '--to', '2026-01-02T01:00:00+01:00', '--json');
    expect(server.asked).toEqual([
      '/v1/exports/gifters.csv',
      '/v1/exports/events.ndjson?streamer=%40a%26b&session=7&from=2026-01-01T00%3A00%3A00.000Z&type=chat%2Cgift',
      '/v1/exports/sessions.csv?to=2026-01-02T00%3A00%3A00.000Z',
    ]);
  });

  it('writes a file, and none over another unless asked to', async () => {
    const file = join(folder, 'gifters.csv');
    const written = await run('gifters', '-o', file, '--json');
    expect(written).toEqual({ code: 0, stdout: '{"table":"gifters","format":"csv","bytes":7}\n', stderr: '' });
    expect(await readFile(file, 'utf8')).toBe('id\r\n1\r\n');
    await writeFile(file, 'mine');
    expect(await run('gifters', '-o', file)).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--force') as string,
    });
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect((await run('gifters', '-o', file, '--force')).code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe('id\r\n1\r\n');
    expect((await run('gifters', '-o', join(folder, 'no', 'folder.csv'))).stderr).toMatch(
      /cannot be written \(ENOENT\)/,
    );
  });

  it('says that an export is not whole, and leaves no file that looks so', async () => {
    server.answer = cutOff;
    const { code, stderr } = await run('gifters', '-o', join(folder, 'gifters.csv'));
    expect([code, stderr]).toEqual([70, expect.stringContaining('broke off after 7 bytes')]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('says what the server says', async () => {
    const problem = { detail: 'This streamer is not monitored.', code: 'WATCHER_STREAMER_NOT_FOUND' };
    server.answer = () => new Response(JSON.stringify(problem), { status: 404 });
    const { code, stderr } = await run('gifters', '--streamer', 'nobody');
    expect([code > 0, stderr]).toEqual([true, expect.stringContaining('This streamer is not monitored.')]);
    expect((await run('everything')).code).toBe(64);
  });
});
