import { Readable } from 'node:stream';
import { fastify, type FastifyInstance } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { tagEntities } from './entity-tags.js';

let app: FastifyInstance;
let answer: object;

beforeEach(() => {
  answer = { streamers: [] };
  app = fastify();
  tagEntities(app);
  app.route({ method: ['GET', 'POST'], url: '/answer', handler: () => answer });
  app.get('/secret', (_request, reply) => reply.header('cache-control', 'no-store').send(answer));
  app.get('/missing', (_request, reply) => reply.code(404).send(answer));
  app.get('/text', () => 'text');
  app.get('/rows', (_request, reply) => reply.type('application/json').send(Readable.from(['[]'])));
});

async function tagOf(url = '/answer'): Promise<string> {
  return String((await app.inject({ url })).headers['etag']);
}

describe('entity tags', () => {
  it('are equal as long as the answer is, and clients ask again each time', async () => {
    const { headers } = await app.inject({ url: '/answer' });
    expect(headers['etag']).toMatch(/^W\/".+"$/);
    expect(headers['cache-control']).toBe('private, no-cache');
    expect(await tagOf()).toBe(headers['etag']);
    answer = { streamers: ['some.one'] };
    expect(await tagOf()).not.toBe(headers['etag']);
  });

  it.each([
    ['the same tag', (tag: string) => tag],
    ['the tag without its mark of weakness', (tag: string) => tag.slice(2)],
    ['one of several', (tag: string) => `"other", ${tag}`],
    ['any', () => '*'],
  ])('answers 304 without a body for %s', async (_what, ask) => {
    const tag = await tagOf();
    const got = await app.inject({ url: '/answer', headers: { 'if-none-match': ask(tag) } });
    expect([got.statusCode, got.body, got.headers['etag']]).toEqual([304, '', tag]);
    expect(got.headers['content-type']).toBeUndefined();
  });

  it('answers in full what has changed', async () => {
    const tag = await tagOf();
    answer = { streamers: ['some.one'] };
    const got = await app.inject({ url: '/answer', headers: { 'if-none-match': tag } });
    expect([got.statusCode, got.json()]).toEqual([200, answer]);
  });

  it.each([
    ['a change', { method: 'POST', url: '/answer' }],
    ['what must not be kept', { method: 'GET', url: '/secret' }],
    ['a failure', { method: 'GET', url: '/missing' }],
    ['text', { method: 'GET', url: '/text' }],
    ['rows as they come', { method: 'GET', url: '/rows' }],
  ] as const)('have no place at %s', async (_what, request) => {
    const got = await app.inject({ ...request, headers: { 'if-none-match': '*' } });
    expect(got.statusCode).not.toBe(304);
    expect(got.headers['etag']).toBeUndefined();
  });
});
