import { FakeClock } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { RestClient } from './rest-client.js';
import { type GivenAccess, serverAccess } from './server-access.js';

const KEY = 'planted-key-of-an-operator';

function read(given: GivenAccess, environment: Record<string, string> = {}): { url: string; key: string | undefined } {
  const { url, key } = serverAccess(given, environment, (path) => {
    if (path === '/key') return `${KEY}\n`;
    throw Object.assign(new Error(`cannot read ${path}`), { code: 'ENOENT' });
  });
  return { url, key: key?.reveal() };
}

describe('how a server is reached', () => {
  it.each<[string, GivenAccess, Record<string, string>, ReturnType<typeof read>]>([
    ['this machine', {}, {}, { url: 'http://127.0.0.1:3000', key: undefined }],
    ['the port of the service', {}, { LIVETAP_HTTP_PORT: '8080' }, { url: 'http://127.0.0.1:8080', key: undefined }],
    ['the environment', {}, { LIVETAP_URL: 'https://l/', LIVETAP_API_KEY: 'k' }, { url: 'https://l', key: 'k' }],
    ['a file', {}, { LIVETAP_API_KEY_FILE: '/key' }, { url: 'http://127.0.0.1:3000', key: KEY }],
    [
      'options before the environment, whose file is not even read',
      { url: 'http://h:1', key: 'o' },
      { LIVETAP_URL: 'x', LIVETAP_API_KEY_FILE: '/none' },
      { url: 'http://h:1', key: 'o' },
    ],
  ])('%s', (_name, given, environment, expected) => {
    expect(read(given, environment)).toEqual(expected);
  });

  it.each<[string, GivenAccess, Record<string, string>]>([
    ['--url', { url: `http://u:${KEY}@h` }, {}],
    ['--url', { url: 'ftp://h' }, {}],
    ['LIVETAP_URL', {}, { LIVETAP_URL: 'h:3000 ' }],
    ['--key', { key: `${KEY} and more` }, {}],
    ['LIVETAP_API_KEY', {}, { LIVETAP_API_KEY: `${KEY}\n${KEY}` }],
    ['--key-file', { keyFile: '/none' }, {}],
  ])('%s is named when it is wrong, never its value', (name, given, environment) => {
    let message = '';
    try {
      read(given, environment);
    } catch (error) {
      expect(error).toMatchObject({ code: 'WATCHER_CLI_ACCESS_INVALID' });
      message = (error as Error).message;
    }
    expect(message).toContain(name);
    expect(message).not.toContain(KEY);
  });
});

describe('what a server answers', () => {
  const asked: Request[] = [];
  const clock = new FakeClock();
  function client(answer: () => Response | Error): RestClient {
    const fetch = ((input: string, init: RequestInit) => {
      asked.push(new Request(input, { ...init, redirect: 'follow' }));
      const given = answer();
      return given instanceof Error ? Promise.reject(given) : Promise.resolve(given);
    }) as typeof globalThis.fetch;
    const { key } = serverAccess({ key: KEY }, {}, () => '');
    return new RestClient({
      url: 'http://l',
      key,
      fetch,
      clock,
      signal: new AbortController().signal,
    });
  }
  const problem = (status: number, detail = 'Why.'): Response =>
    Response.json({ detail, code: 'WATCHER_X', errors: [{ pointer: '/a', detail: 'is b' }] }, { status });

  it('the key goes along, and pages follow one another', async () => {
    const pages = [{ things: [1, 2], nextCursor: 'c' }, { things: [3] }];
    const found: number[] = [];
    for await (const thing of client(() => Response.json(pages.shift())).pages<number>('/v1/t', 'things', {
      limit: '2',
    }))
      found.push(thing);
    expect(found).toEqual([1, 2, 3]);
    expect(asked.map(({ url }) => url)).toEqual(['http://l/v1/t?limit=2', 'http://l/v1/t?limit=2&cursor=c']);
    expect(asked[0]?.headers.get('authorization')).toBe(`Bearer ${KEY}`);
  });

  it('too many requests of a key: it waits as long as it is told, and asks again', async () => {
    const answers = [new Response(null, { status: 429, headers: { 'retry-after': '7' } }), Response.json({ a: 1 })];
    const before = clock.monotonic();
    const answer = client(() => answers.shift() ?? new Error('once too often')).get('/v1/x');
    while (answers.length > 0) await clock.advance(1_000);
    expect(await answer).toEqual({ a: 1 });
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(7_000);
  });

  it.each<[string, () => Response | Error, string]>([
    ['a key that is not known', () => problem(401), 'WATCHER_CLI_KEY_REFUSED'],
    ['a role that does not reach', () => problem(403), 'WATCHER_CLI_KEY_REFUSED'],
    ['nothing of that name', () => problem(404), 'WATCHER_CLI_NOT_FOUND'],
    ['a request that is wrong', () => problem(400), 'WATCHER_CLI_REQUEST_REFUSED'],
    ['too many requests', () => problem(429), 'WATCHER_CLI_SERVER_BUSY'],
    ['a database that is away', () => problem(503), 'WATCHER_CLI_SERVER_BUSY'],
    ['a mistake of the server', () => problem(500), 'WATCHER_CLI_SERVER_FAILED'],
    ['somebody else', () => new Response('<html>', { status: 502 }), 'WATCHER_CLI_SERVER_FAILED'],
    [
      'nobody',
      () => new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
      'WATCHER_CLI_SERVER_UNREACHABLE',
    ],
  ])('%s is said in words without the key', async (_name, answer, code) => {
    const failure = await client(answer)
      .get('/v1/x')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    const { message } = failure as Error;
    expect(message).not.toContain(KEY);
    if (code === 'WATCHER_CLI_REQUEST_REFUSED') expect(message).toContain('/a: is b');
    if (code === 'WATCHER_CLI_SERVER_UNREACHABLE') expect(message).toContain('ECONNREFUSED');
  });
});
