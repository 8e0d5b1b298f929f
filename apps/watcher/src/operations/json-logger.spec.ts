import { describe, expect, it } from 'vitest';
import { Redactor } from '../common/redactor.js';
import { Secret } from '../common/secret.js';
import { WatcherError } from '../common/watcher.error.js';
import { JsonLogger, type LogLevel } from './json-logger.js';

function capture(
  level: LogLevel = 'debug',
  secrets: readonly Secret[] = [],
): { logger: JsonLogger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  return {
    logger: new JsonLogger({ level, redactor: new Redactor(secrets), base: { replica: 'r1' }, destination }),
    lines,
  };
}

describe('JsonLogger', () => {
  it('writes one JSON line with level, time, event and fields', () => {
    const { logger, lines } = capture();
    logger.info('room.connected', { roomId: '7', count: 3 });
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        replica: 'r1',
        event: 'room.connected',
        roomId: '7',
        count: 3,
      },
    ]);
  });

  it('leaves out what is below the level', () => {
    const { logger, lines } = capture('warn');
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');
    expect(lines.map(({ event }) => event)).toEqual(['c', 'd']);
  });

  it('shows code, context and cause of an error', () => {
    const { logger, lines } = capture();
    const error = new WatcherError('WATCHER_X', 'It failed.', {
      retryable: true,
      context: { roomId: '7' },
      cause: new TypeError('why'),
    });
    logger.error('failed', { error });
    expect(lines[0]?.error).toMatchObject({
      code: 'WATCHER_X',
      message: 'It failed.',
      retryable: true,
      context: { roomId: '7' },
      cause: { name: 'TypeError', message: 'why' },
    });
  });

  it('covers planted secrets wherever they show up', () => {
    const { logger, lines } = capture('debug', [new Secret('planted-known')]);
    logger.info('x', {
      key: new Secret('planted-typed'),
      apiKey: 'planted-named',
      headers: { Cookie: 'ttwid=planted-cookie', authorization: 'Bearer planted-bearer' },
      proxyUrl: 'http://planted:planted@proxy',
      text: 'said planted-known aloud',
      error: new Error('GET wss://user:planted@host/path?sign=planted&x=planted failed: planted-known'),
      list: ['postgresql://u:planted@db/livetap'],
    });
    const text = JSON.stringify(lines);
    expect(text).not.toContain('planted');
    expect(text).toContain('wss://host/path?…');
    expect(text).toContain('postgresql://db/livetap');
  });

  it('survives what cannot be written as JSON', () => {
    const { logger, lines } = capture();
    const loop: Record<string, unknown> = { big: 10n, bytes: Buffer.alloc(5), at: new Date(0) };
    loop.self = loop;
    logger.info('odd', { loop });
    expect(lines[0]?.loop).toMatchObject({ big: '10', bytes: '[5 bytes]', at: '1970-01-01T00:00:00.000Z' });
  });
});
