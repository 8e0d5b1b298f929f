import { describe, expect, it } from 'vitest';
import { ApiProblem } from './api-problem.js';
import { Api } from './api.js';

/** What a tab keeps, with a key in it. */
function tabWith(key: string) {
  const values = new Map([['livetap.key', key]]);
  return {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => void values.set(name, value),
    removeItem: (name: string) => void values.delete(name),
  };
}

/** A file that comes in pieces; it stays open, is cut off, or ends after them. Like a browser's it ends when it is given up. */
function fileOf(pieces: readonly string[], after: 'open' | 'cut' | 'end') {
  return async (_path: unknown, init?: RequestInit): Promise<Response> => {
    const left = [...pieces];
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason));
      },
      pull: (controller) => {
        const piece = left.shift();
        if (piece !== undefined) controller.enqueue(new TextEncoder().encode(piece));
        else if (after === 'end') controller.close();
        else if (after === 'cut') controller.error(new TypeError('network error'));
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/csv' } });
  };
}
const never = (): AbortSignal => new AbortController().signal;

describe('downloads', () => {
  it('carry the key, tell how much is there, and end with the whole file', async () => {
    const sent: unknown[] = [];
    const api = new Api(tabWith('k-1'), (path, init) => {
      sent.push([path, init?.headers]);
      return fileOf(['uniqueId\r\n', 'some.name\r\n'], 'end')(path, init);
    });
    const seen: number[] = [];
    const file = await api.download('/v1/exports/streamers.csv', never(), (bytes) => seen.push(bytes));
    expect(await file.text()).toBe('uniqueId\r\nsome.name\r\n');
    expect(file.type).toBe('text/csv');
    expect(seen).toEqual([10, 21]);
    expect(sent).toEqual([['/v1/exports/streamers.csv', { authorization: 'Bearer k-1' }]]);
  });

  it('fail in the words of the service, and ask for another key when this one is refused', async () => {
    const answers = [
      new Response(JSON.stringify({ detail: '4 exports are running already; wait for one.' }), { status: 503 }),
      new Response(JSON.stringify({ detail: 'This key is not known.' }), { status: 401 }),
    ];
    const api = new Api(tabWith('k-1'), async () => answers.shift() ?? Response.error());
    await expect(api.download('/v1/exports/gifters.csv', never(), () => undefined)).rejects.toThrow('wait for one');
    expect(api.needsKey).toBe(false);
    await expect(api.download('/v1/exports/gifters.csv', never(), () => undefined)).rejects.toThrow('not known');
    expect(api.needsKey).toBe(true);
  });

  it('keep nothing of a file that is cut off, and end when they are given up', async () => {
    const cut = new Api(tabWith(''), fileOf(['half of it'], 'cut')).download('/x.csv', never(), () => undefined);
    const problem: unknown = await cut.catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ApiProblem);
    expect(String(problem)).toContain('cut off before its end');

    const stop = new AbortController();
    const open = new Api(tabWith(''), fileOf(['the beginning'], 'open'));
    const given: unknown = await open
      .download('/x.csv', stop.signal, () => stop.abort())
      .catch((error: unknown) => error);
    expect(given).toMatchObject({ name: 'AbortError' });
  });
});
