import { NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { ACCESS_ERROR_CODES } from '../access/access.errors.js';
import { SECRET_BOX_ERROR_CODES } from '../common/secret-box/secret-box.errors.js';
import { WatcherError } from '../common/watcher.error.js';
import { PERSISTENCE_ERROR_CODES } from '../persistence/persistence.errors.js';
import { STREAMER_ERROR_CODES } from '../streamers/streamer.errors.js';
import { WEBHOOK_ERROR_CODES } from '../webhooks/webhook.errors.js';
import { ADMIN_ERROR_CODES, AdminError } from './admin.errors.js';
import { PROBLEM_CODES, problemFor } from './problem.js';

describe('problemFor', () => {
  it.each([
    ['WATCHER_INVALID_UNIQUE_ID', 400],
    ['WATCHER_CURSOR_INVALID', 400],
    ['WATCHER_STREAMER_NOT_FOUND', 404],
    ['WATCHER_STREAMER_EXISTS', 409],
    ['WATCHER_DATABASE_UNREACHABLE', 503],
    ['WATCHER_JOURNAL_CORRUPT', 500],
  ])('answers %s with %i', (code, status) => {
    const { problem } = problemFor(new WatcherError(code, 'A sentence.'), '/v1/x');
    expect(problem).toMatchObject({ status, instance: '/v1/x' });
    expect(problem.type).toMatch(/^urn:livetap:problem:[a-z-]+$/);
    expect(problem.detail).toMatch(/\.$/);
  });

  it('has an answer for every code that a request can meet, and for no other', () => {
    const requests = [
      ...ADMIN_ERROR_CODES,
      ...STREAMER_ERROR_CODES,
      ...SECRET_BOX_ERROR_CODES,
      ...WEBHOOK_ERROR_CODES,
      ...ACCESS_ERROR_CODES,
    ] as readonly string[];
    const known = [...requests, ...PERSISTENCE_ERROR_CODES];
    expect(PROBLEM_CODES.filter((code) => !known.includes(code))).toEqual([]);
    const requestCodes = requests.filter((code) => code !== 'WATCHER_INTERNAL');
    expect(requestCodes.filter((code) => !PROBLEM_CODES.includes(code))).toEqual([]);
  });

  it('says nothing about the cause of a mistake of its own', () => {
    const answer = problemFor(new Error('secret cause'), undefined);
    expect(answer).toMatchObject({ unexpected: true, problem: { status: 500, code: 'WATCHER_INTERNAL' } });
    expect(JSON.stringify(answer)).not.toContain('secret cause');
    const own = problemFor(new WatcherError('WATCHER_SCHEMA_CHANGED', 'secret cause'), undefined);
    expect(JSON.stringify(own)).not.toContain('secret cause');
  });

  it('carries the faults and the headers of the error', () => {
    const error = new AdminError('WATCHER_METHOD_NOT_ALLOWED', 'No.', {
      headers: { allow: 'GET' },
      faults: [{ pointer: '/a', detail: 'Wrong.' }],
    });
    const { problem, headers } = problemFor(error, undefined);
    expect(headers).toEqual({ allow: 'GET' });
    expect(problem.errors).toEqual([{ pointer: '/a', detail: 'Wrong.' }]);
  });

  it('tells a client without a key how to send one, and when to ask again', () => {
    expect(problemFor(new AdminError('WATCHER_UNAUTHORIZED', 'No.'), undefined).headers['www-authenticate']).toMatch(
      /^Bearer/,
    );
    expect(problemFor(new WatcherError('WATCHER_DATABASE_UNREACHABLE', 'No.'), undefined).headers['retry-after']).toBe(
      '5',
    );
  });

  it('words what the framework refuses', () => {
    expect(problemFor(new NotFoundException(), '/x').problem).toMatchObject({
      status: 404,
      code: 'WATCHER_ROUTE_NOT_FOUND',
    });
    const odd = Object.assign(new Error('quoted input'), { statusCode: 417, code: 'FST_ODD' });
    expect(problemFor(odd, '/x').problem).toMatchObject({
      status: 417,
      detail: expect.stringContaining('FST_ODD') as string,
    });
    expect(problemFor(odd, '/x').problem.detail).not.toContain('quoted input');
  });
});
