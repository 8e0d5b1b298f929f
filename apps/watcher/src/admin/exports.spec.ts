import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOGGER, SILENT_LOGGER } from '../common/logger.port.js';
import {
  HISTORY_EXPORTER,
  type ExportRequest,
  type ExportRow,
  type HistoryExporter,
} from '../history/history-export.port.js';
import { HISTORY_READER } from '../history/history.port.js';
import { DatabaseError } from '../persistence/persistence.errors.js';
import { StreamerService } from '../streamers/streamer-service.js';
import { ExportsController, MAX_EXPORTS } from './exports.controller.js';
import { hangUp, idleStreamers, listen, testApp } from './testing/http-app.js';

type Pages = () => AsyncGenerator<readonly ExportRow[], void, undefined>;

/** Hands out the pages that a test gives it. */
class ScriptedExporter implements HistoryExporter {
  readonly requests: ExportRequest[] = [];
  pulled = 0;
  open = 0;
  script: Pages = async function* () {
    yield [{ id: '1', name: '=1+1' }];
    yield [{ id: '2', name: null }];
  };

  columns(): readonly string[] {
    return ['id', 'name'];
  }

  async *pages(request: ExportRequest): AsyncGenerator<readonly ExportRow[], void, undefined> {
    this.requests.push(request);
    this.open += 1;
    try {
      for await (const page of this.script()) {
        this.pulled += 1;
        yield page;
      }
    } finally {
      this.open -= 1;
    }
  }
}

let app: NestFastifyApplication;
let exporter: ScriptedExporter;
let url: string;

beforeEach(async () => {
  exporter = new ScriptedExporter();
  const streamers = idleStreamers();
  await streamers.add({ uniqueId: 'anna' });
  const history = {
    session: async (id: string) => (id === '77' ? { id } : undefined),
    sessionsOf: async (name: string) => ({ items: name === 'gone' ? [{}] : [] }),
  };
  app = await testApp({
    controllers: [ExportsController],
    providers: [
      { provide: HISTORY_EXPORTER, useValue: exporter },
      { provide: HISTORY_READER, useValue: history },
      { provide: StreamerService, useValue: streamers },
      { provide: LOGGER, useValue: SILENT_LOGGER },
    ],
  });
  url = `${await listen(app)}/v1/exports`;
});

afterEach(() => hangUp(app));

/** Pages of about 64 KiB without an end. */
const endless: Pages = async function* () {
  const row = { id: '1', name: 'x'.repeat(64 * 1024) };
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    yield [row];
  }
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('GET /v1/exports', () => {
  it('is a file with a heading, safe for spreadsheets', async () => {
    const answer = await fetch(
      `${url}/gifters.csv?streamer=Anna&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00%2B01:00`,
    );
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="livetap-gifters.csv"',
      'cache-control': 'no-store',
    });
    expect(await answer.text()).toBe(`id,name\r\n1,'=1+1\r\n2,\r\n`);
    expect(exporter.requests).toEqual([
      {
        what: 'gifters',
        streamer: 'anna',
        from: new Date('2026-01-01T00:00:00Z'),
        to: new Date('2026-01-01T23:00:00Z'),
      },
    ]);
  });

  it('is a heading alone when there is nothing', async () => {
    exporter.script = async function* () {
      yield* [];
    };
    expect(await (await fetch(`${url}/sessions.csv?streamer=gone`)).text()).toBe('id,name\r\n');
    expect(await (await fetch(`${url}/sessions.ndjson`)).text()).toBe('');
  });

  it('is NDJSON by its name, and events may be of some types', async () => {
    const answer = await fetch(`${url}/events.ndjson?session=77&type=chat,live.started`);
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(await answer.text()).toBe('{"id":"1","name":"=1+1"}\n{"id":"2"}\n');
    expect(exporter.requests).toEqual([{ what: 'events', session: '77', types: ['chat', 'live.started'] }]);
  });

  it('says what is wrong before it begins', async () => {
    const codeOf = async (rest: string): Promise<unknown[]> => {
      const answer = await fetch(`${url}/${rest}`);
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    expect(await codeOf('gifters.xls')).toEqual([404, 'WATCHER_ROUTE_NOT_FOUND']);
    expect(await codeOf('gifters')).toEqual([404, 'WATCHER_ROUTE_NOT_FOUND']);
    expect(await codeOf('constructor.csv')).toEqual([404, 'WATCHER_ROUTE_NOT_FOUND']);
    expect(await codeOf('gifters.csv?session=78')).toEqual([404, 'WATCHER_SESSION_NOT_FOUND']);
    expect(await codeOf('gifters.csv?streamer=nobody')).toEqual([404, 'WATCHER_STREAMER_NOT_FOUND']);
    expect(await codeOf('gifters.csv?from=yesterday')).toEqual([400, 'WATCHER_REQUEST_INVALID']);
    expect(await codeOf('gifters.csv?type=chat')).toEqual([400, 'WATCHER_REQUEST_INVALID']);
    expect(await codeOf('events.csv?type=chats')).toEqual([400, 'WATCHER_REQUEST_INVALID']);
    expect(exporter.requests).toEqual([]);
    exporter.script = async function* () {
      yield* [];
      throw new DatabaseError('WATCHER_DATABASE_UNREACHABLE', 'away', { retryable: true });
    };
    expect(await codeOf('gifters.csv')).toEqual([503, 'WATCHER_DATABASE_UNREACHABLE']);
    // A browser would keep the problem as if it were the file.
    expect((await fetch(`${url}/gifters.csv`)).headers.get('content-disposition')).toBeNull();
  });

  it('is cut off, not ended, when the database goes away in the middle', async () => {
    exporter.script = async function* () {
      yield [{ id: '1', name: 'a' }];
      throw new DatabaseError('WATCHER_DATABASE_UNREACHABLE', 'away', { retryable: true });
    };
    const answer = await fetch(`${url}/gifters.csv`);
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
    await until(() => exporter.open === 0);
  });

  it('reads on only as its client does, and stops when the client leaves', async () => {
    exporter.script = endless;
    const answer = await fetch(`${url}/gifters.csv`);
    const reader = answer.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
    for (let bytes = 0; bytes < 1_000_000;) bytes += (await reader?.read())?.value?.length ?? 0;
    await reader?.cancel();
    await until(() => exporter.open === 0);
    // What the sockets of both ends hold, and no more.
    expect(exporter.pulled).toBeLessThan(1_000);
  });

  it('runs a few at a time', async () => {
    exporter.script = endless;
    const left = new AbortController();
    for (let n = 0; n < MAX_EXPORTS; n += 1) await fetch(`${url}/gifters.csv`, { signal: left.signal });
    const refused = await fetch(`${url}/gifters.csv`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused.json()).toMatchObject({ code: 'WATCHER_TOO_MANY_EXPORTS' });
    left.abort();
    await until(() => exporter.open === 0);
    const again = await fetch(`${url}/gifters.csv`);
    expect(again.status).toBe(200);
    await again.body?.cancel();
  });

  it('HEAD reads nothing', async () => {
    const answer = await fetch(`${url}/gifters.csv`, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(exporter.requests).toEqual([]);
  });
});
