import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock, SeededRandom } from '@livetap/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { CLOCK } from '../common/clock.port.js';
import { LOGGER, SILENT_LOGGER, type LogFields, type Logger } from '../common/logger.port.js';
import { SecretBox } from '../common/secret-box/secret-box.js';
import type { SecretKey } from '../common/secret-box/secret-key.js';
import { Secret } from '../common/secret.js';
import type { ApiKey } from '../config/api-key.js';
import { BATTLE_HISTORY_READER, type BattleHistoryReader } from '../history/battle-history.port.js';
import { GAP_HISTORY_READER, type GapHistoryReader } from '../history/gap-history.port.js';
import { GIFT_HISTORY_READER, type GiftHistoryReader } from '../history/gift-history.port.js';
import { HISTORY_EXPORTER } from '../history/history-export.port.js';
import {
  HISTORY_READER,
  type HistoryReader,
  type SessionQuery,
  type SnapshotQuery,
  type SessionRow,
  type SnapshotRow,
} from '../history/history.port.js';
import { LEADERBOARD_READER, type LeaderboardReader } from '../history/leaderboard.port.js';
import { Health } from '../operations/health.js';
import { ProbesController } from '../operations/probes.controller.js';
import { ViewerErasures } from '../operations/viewer-erasures.js';
import { DatabaseError } from '../persistence/persistence.errors.js';
import { LabelDefaultService } from '../streamers/label-default-service.js';
import { MemoryLabelDefaultStore } from '../streamers/memory-label-default-store.js';
import { MemoryStreamerStore } from '../streamers/memory-streamer-store.js';
import { SettledStreamerStore } from '../streamers/settled-streamer-store.js';
import { MemoryProxyPoolStore } from '../streamers/proxies/memory-proxy-pool-store.js';
import { ProxyPoolService } from '../streamers/proxies/proxy-pool-service.js';
import { ProxyPools } from '../streamers/proxies/proxy-pools.js';
import { StreamerService } from '../streamers/streamer-service.js';
import { StreamerVault } from '../streamers/streamer-vault.js';
import type { StreamerStore } from '../streamers/streamer-store.port.js';
import { ApiKeyService } from '../access/api-key-service.js';
import { KeyRing } from '../access/key-ring.js';
import { MemoryApiKeyStore } from '../access/memory-api-key-store.js';
import { AUDIT_STORE } from '../audit/audit-store.port.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { memoryAudit } from '../audit/testing/memory-audit.js';
import { AccessController } from './access.controller.js';
import { AccessPolicy } from './access.js';
import { AuditController } from './audit.controller.js';
import { HISTORY_CONTROLLERS } from './history-controllers.js';
import { KeysController } from './keys.controller.js';
import { LabelDefaultsController } from './label-defaults.controller.js';
import type { Problem } from './problem.js';
import { ProxyPoolsController } from './proxy-pools.controller.js';
import { accessOf } from './route-access.js';
import { StreamerExportsController } from './streamer-exports.controller.js';
import { StreamerImportsController } from './streamer-imports.controller.js';
import { StreamersController } from './streamers.controller.js';
import { listen, testApp } from './testing/http-app.js';

const SESSION: SessionRow = {
  id: '77',
  roomId: '77',
  uniqueId: 'gone',
  joinedAt: new Date('2026-01-02T03:04:05.678Z'),
  peakViewers: 1,
  averageViewers: 0.5,
  uniqueViewers: 3,
  uniqueChatters: 2,
  uniqueGifters: 1,
  newFollowers: 1,
  likes: 2,
  chats: 3,
  joins: 4,
  follows: 5,
  shares: 6,
  gifts: 7,
  diamonds: 8,
  gaps: 0,
  gapMs: 0,
  events: 9,
  updatedAt: new Date('2026-01-02T03:05:05.678Z'),
};
const SNAPSHOT: SnapshotRow = {
  sessionId: '77',
  at: new Date('2026-01-02T03:04:00.000Z'),
  likes: 2,
  chats: 3,
  joins: 4,
  follows: 5,
  shares: 6,
  gifts: 7,
  diamonds: 8,
  events: 9,
  final: true,
};

/** History of one session of a streamer that is not monitored any more. */
class OneSession implements HistoryReader {
  /** What was asked for last. */
  asked: unknown;

  async sessions(query: SessionQuery): Promise<{ items: SessionRow[] }> {
    this.asked = query;
    return { items: [SESSION] };
  }
  async sessionsOf(uniqueId: string, query: SessionQuery): Promise<{ items: SessionRow[]; nextCursor?: string }> {
    this.asked = query;
    return uniqueId === 'gone' ? { items: [SESSION], nextCursor: 'next' } : { items: [] };
  }
  async session(id: string): Promise<SessionRow | undefined> {
    return id === '77' ? SESSION : undefined;
  }
  async snapshots(sessionId: string, query: SnapshotQuery): Promise<{ items: SnapshotRow[] }> {
    this.asked = query;
    return { items: sessionId === '77' ? [SNAPSHOT] : [] };
  }
}

const GIFTER = {
  viewer: { id: '5', uniqueId: 'ada' },
  gifts: 7,
  diamonds: 8,
  firstAt: new Date('2026-01-02T03:04:06.000Z'),
  lastAt: new Date('2026-01-02T03:04:07.000Z'),
};

/** What one person gave in that session. */
class OneGift implements GiftHistoryReader {
  async gifters(sessionId: string): ReturnType<GiftHistoryReader['gifters']> {
    return { items: sessionId === '77' ? [GIFTER] : [] };
  }
  async gifts(sessionId: string): ReturnType<GiftHistoryReader['gifts']> {
    return { items: sessionId === '77' ? [{ gift: { id: '5655', name: 'Rose' }, count: 7, diamonds: 8 }] : [] };
  }
  async giftersOf(uniqueId: string): ReturnType<GiftHistoryReader['giftersOf']> {
    return uniqueId === 'gone' ? { items: [{ ...GIFTER, sessions: 3 }], nextCursor: 'next' } : { items: [] };
  }
}

/** One streamer and one gifter, whatever is asked for. */
class OneBoard implements LeaderboardReader {
  /** What was asked for last. */
  asked: unknown;

  async streamers(...asked: Parameters<LeaderboardReader['streamers']>): ReturnType<LeaderboardReader['streamers']> {
    this.asked = asked;
    const figures = { diamonds: 8, gifts: 7, likes: 2, chats: 3, shares: 6, newFollowers: 1, peakViewers: 1 };
    return { items: [{ uniqueId: 'gone', sessions: 1, ...figures }], nextCursor: 'next' };
  }
  async gifters(...asked: Parameters<LeaderboardReader['gifters']>): ReturnType<LeaderboardReader['gifters']> {
    this.asked = asked;
    return { items: [{ ...GIFTER, sessions: 1 }] };
  }
}

/** One battle of that session. */
class OneBattle implements BattleHistoryReader {
  async battles(sessionId: string): ReturnType<BattleHistoryReader['battles']> {
    const at = new Date('2026-01-02T03:04:05.000Z');
    const scores = [{ at, score: 12 }];
    const contributors = [{ viewer: { id: '5', nickname: 'Ada' }, score: 12 }];
    const side = { kind: 'host', id: '1', score: 12, result: 'RESULT_WIN', won: true, scores, contributors } as const;
    const battle = { id: '99', firstSeenAt: at, endedAt: at, cutShort: false, sides: [side] };
    return { items: sessionId === '77' ? [battle] : [] };
  }
}

/** One gap of that session. */
class OneGap implements GapHistoryReader {
  /** What was asked for last. */
  asked: unknown;

  async gaps(...[sessionId, page]: Parameters<GapHistoryReader['gaps']>): ReturnType<GapHistoryReader['gaps']> {
    this.asked = page;
    const [from, to] = [new Date('2026-01-02T03:04:05.000Z'), new Date('2026-01-02T03:04:06.500Z')];
    const gap = { id: 'room.gap-1-1', from, to, durationMs: 1_500, reason: 'stalled' };
    return sessionId === '77' ? { items: [gap], nextCursor: 'next' } : { items: [] };
  }
}

/** Erases at once; the time is the number of the viewer. */
const ERASURES = new ViewerErasures({
  store: {
    erase: async (userId) => Number(userId),
    endOptOut: async (userId) => (userId === '5000' ? 6_000 : undefined),
    unannounced: async () => [],
    announced: async () => undefined,
  },
  journal: { append: async () => undefined },
  onAdmitted: () => undefined,
});

class ListLogger implements Logger {
  readonly lines: { event: string; fields?: LogFields }[] = [];
  debug = (): void => undefined;
  info = (event: string, fields?: LogFields): void => void this.lines.push({ event, ...(fields ? { fields } : {}) });
  warn = this.info;
  error = this.info;
}

interface SetUp {
  readonly apiKeys?: readonly ApiKey[];
  readonly loopback?: boolean;
  readonly store?: StreamerStore;
  readonly logger?: Logger;
  readonly pageFolder?: string;
  readonly secretKeys?: readonly SecretKey[];
  readonly requestsPerMinute?: number;
}

const running: NestFastifyApplication[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

async function start(options: SetUp = {}): Promise<{
  app: NestFastifyApplication;
  health: Health;
  pools: ProxyPools;
  history: OneSession;
  board: OneBoard;
  gaps: OneGap;
}> {
  const logger = options.logger ?? SILENT_LOGGER;
  const keyRing = new KeyRing({ clock: new FakeClock(), logger });
  const apiKeys = options.apiKeys ?? [];
  const policy = new AccessPolicy({
    apiKeys,
    keyRing,
    loopback: options.loopback ?? true,
    allowedHosts: [],
    host: '127.0.0.1',
  });
  const labels = new MemoryLabelDefaultStore();
  const keys = options.secretKeys ?? [{ id: 'k', key: new Secret(Buffer.alloc(32, 1).toString('base64')) }];
  const vault = new StreamerVault(new SecretBox(keys));
  const poolStore = new MemoryProxyPoolStore(async (name) => name === 'used');
  const clock = new FakeClock();
  const pools = new ProxyPools({ clock, random: new SeededRandom(1), logger, store: poolStore, vault });
  const streamers = new StreamerService({
    pools: poolStore,
    store: new SettledStreamerStore(options.store ?? new MemoryStreamerStore(undefined, vault), labels),
    vault,
    serviceSettings: { checkIntervalMs: 60_000 },
    activity: { activityOf: () => undefined },
    control: { added: () => undefined, changed: async () => undefined, removed: async () => undefined },
  });
  const health = new Health();
  const history = new OneSession();
  const board = new OneBoard();
  const gaps = new OneGap();
  const keyStore = new MemoryApiKeyStore();
  await keyRing.start(keyStore);
  const apiKeyService = new ApiKeyService({ store: keyStore, ring: keyRing, clock, settingsKeys: apiKeys });
  const audit = memoryAudit(logger);
  const { requestsPerMinute, pageFolder } = options;
  const app = await testApp({
    policy,
    logger,
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(pageFolder === undefined ? {} : { pageFolder }),
    controllers: [
      AccessController,
      KeysController,
      AuditController,
      StreamersController,
      StreamerExportsController,
      StreamerImportsController,
      LabelDefaultsController,
      ProxyPoolsController,
      ...HISTORY_CONTROLLERS,
      ProbesController,
    ],
    providers: [
      { provide: StreamerService, useValue: streamers },
      { provide: LabelDefaultService, useValue: new LabelDefaultService(labels, undefined, poolStore) },
      { provide: ProxyPoolService, useValue: new ProxyPoolService({ store: poolStore, vault, pools }) },
      { provide: HISTORY_READER, useValue: history },
      { provide: LEADERBOARD_READER, useValue: board },
      { provide: CLOCK, useValue: clock },
      { provide: GIFT_HISTORY_READER, useValue: new OneGift() },
      { provide: BATTLE_HISTORY_READER, useValue: new OneBattle() },
      { provide: GAP_HISTORY_READER, useValue: gaps },
      { provide: HISTORY_EXPORTER, useValue: undefined },
      { provide: ViewerErasures, useValue: ERASURES },
      { provide: AccessPolicy, useValue: policy },
      { provide: ApiKeyService, useValue: apiKeyService },
      { provide: LOGGER, useValue: logger },
      { provide: AUDIT_STORE, useValue: audit.store },
      { provide: AuditTrail, useValue: audit.trail },
      { provide: Health, useValue: health },
    ],
  });
  running.push(app);
  return { app, health, pools, history, board, gaps };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

async function ask(
  app: NestFastifyApplication,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT' | 'HEAD' | 'OPTIONS',
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await app.inject({
    method,
    url,
    headers: {
      host: 'localhost:3000',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const isJson = String(answer.headers['content-type']).includes('json');
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body,
    json: isJson && answer.body !== '' ? (JSON.parse(answer.body) as Record<string, unknown>) : {},
  };
}

function expectProblem(answer: Answer, status: number, code: string): Problem {
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.status).toBe(status);
  const problem = answer.json as unknown as Problem;
  expect(problem).toMatchObject({ status, code, type: expect.stringMatching(/^urn:livetap:problem:/) as string });
  expect(problem.title).not.toBe('');
  expect(problem.detail).toMatch(/\S{2,}.*[.)]$/);
  return problem;
}

describe('REST: streamers', () => {
  it('adds one: 201 with its address, then 409', async () => {
    const { app } = await start();
    const answer = await ask(app, 'POST', '/v1/streamers', {
      uniqueId: '@Some.One',
      labels: ['vip'],
      proxyUrl: 'socks5://u:planted@p:1',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe('/v1/streamers/some.one');
    expect(answer.json).toMatchObject({
      uniqueId: 'some.one',
      labels: ['vip'],
      priority: 50,
      hasProxy: true,
      paused: false,
    });
    expect(answer.text).not.toContain('planted');
    expect(answer.json).not.toHaveProperty('id');
    expectProblem(await ask(app, 'POST', '/v1/streamers', { uniqueId: 'SOME.one' }), 409, 'WATCHER_STREAMER_EXISTS');
  });

  it('adds many: 200 with a result for each, in order', async () => {
    const { app } = await start();
    await ask(app, 'POST', '/v1/streamers', { uniqueId: 'known' });
    const answer = await ask(app, 'POST', '/v1/streamers', {
      streamers: [
        { uniqueId: 'new' },
        { uniqueId: 'known' },
        { uniqueId: 'no name!' },
        { uniqueId: 'typo', prio: 1 },
        7,
      ],
    });
    expect(answer.status).toBe(200);
    const results = answer.json.results as {
      uniqueId: string;
      status: string;
      errors?: { pointer: string; detail: string }[];
    }[];
    expect(results.map(({ uniqueId, status }) => [uniqueId, status])).toEqual([
      ['new', 'created'],
      ['known', 'exists'],
      ['no name!', 'invalid'],
      ['typo', 'invalid'],
      ['', 'invalid'],
    ]);
    expect(results[3]?.errors).toEqual([
      {
        pointer: '/prio',
        detail: expect.stringMatching(/^Unknown field "prio". Allowed: uniqueId, paused, labels, priority, /) as string,
      },
    ]);
  });

  it('exports all streamers as CSV and JSON, and takes both lists back', async () => {
    const { app } = await start();
    const given = [
      { uniqueId: 'anna', paused: true, labels: ['vip', '=cmd'], priority: 70, language: 'de' },
      { uniqueId: 'bert', paused: false, labels: ['a, "b"'], socketSources: ['euler', 'direct'], silenceMs: 5_000 },
      { uniqueId: 'carl', paused: false, labels: [] },
    ];
    await ask(app, 'POST', '/v1/streamers', { streamers: given });
    await ask(app, 'PATCH', '/v1/streamers/carl', { proxyUrl: 'http://user:planted@p:1' });
    const csv = await ask(app, 'GET', '/v1/exports/streamers.csv');
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.text.split('\r\n')[0]).toBe(
      'uniqueId,paused,labels,priority,proxyPool,language,region,checkIntervalMs,checkIntervalMaxMs,silenceMs,socketSources',
    );
    const json = await ask(app, 'GET', '/v1/exports/streamers.json');
    expect(json.json).toEqual({ streamers: given });
    expect(csv.text + json.text).not.toContain('planted');
    expect((await ask(app, 'HEAD', '/v1/exports/streamers.csv')).status).toBe(200);

    const asCsv = { 'content-type': 'text/csv' };
    for (const [route, body, headers] of [
      ['/v1/imports/streamers.csv', csv.text, asCsv],
      ['/v1/streamers', json.text, {}],
    ] as const) {
      const other = (await start()).app;
      const answer = await ask(other, 'POST', route, body, headers);
      expect(answer.status).toBe(200);
      expect((answer.json.results as { status: string }[]).map(({ status }) => status)).toEqual(
        Array(3).fill('created'),
      );
      expect((await ask(other, 'GET', '/v1/exports/streamers.json')).json).toEqual({ streamers: given });
    }
    const route = '/v1/imports/streamers.csv';
    const wrong = await ask(app, 'POST', route, 'uniqueId,size\r\nx,1', asCsv);
    expect(expectProblem(wrong, 400, 'WATCHER_STREAMER_LIST_INVALID').detail).toContain('"size"');
    expectProblem(await ask(app, 'POST', route, 'uniqueId\r\n', asCsv), 400, 'WATCHER_REQUEST_INVALID');
    for (const [other, headers] of [
      [route, {}],
      ['/v1/streamers', asCsv],
    ] as const)
      expectProblem(await ask(app, 'POST', other, '{}', headers), 415, 'WATCHER_MEDIA_TYPE_UNSUPPORTED');
    expectProblem(
      await ask(app, 'PATCH', '/v1/streamers/anna', 'paused\r\ntrue', asCsv),
      415,
      'WATCHER_MEDIA_TYPE_UNSUPPORTED',
    );
    const none = (await start()).app;
    expect((await ask(none, 'GET', '/v1/exports/streamers.json')).json).toEqual({ streamers: [] });
    expect((await ask(none, 'GET', '/v1/exports/streamers.csv')).text).toMatch(/^uniqueId,\S*\r\n$/);
  });

  it('takes an order of ways of its own, and refuses what is none', async () => {
    const { app } = await start();
    await ask(app, 'POST', '/v1/streamers', { uniqueId: 'anna', socketSources: ['euler', 'direct'] });
    expect((await ask(app, 'GET', '/v1/streamers/anna')).json).toMatchObject({
      settings: { socketSources: { value: ['euler', 'direct'], from: 'streamer' } },
    });
    for (const [socketSources, code] of [
      [[], 'WATCHER_REQUEST_INVALID'],
      [['direct', 'direct'], 'WATCHER_REQUEST_INVALID'],
      [['pigeon'], 'WATCHER_REQUEST_INVALID'],
      [['fixed'], 'WATCHER_SOCKET_SOURCE_UNAVAILABLE'],
    ] as const) {
      const refused = await ask(app, 'PATCH', '/v1/streamers/anna', { socketSources });
      expect([refused.status, refused.json.code]).toEqual([400, code]);
    }
    const cleared = await ask(app, 'PATCH', '/v1/streamers/anna', { socketSources: null });
    expect(cleared.json.settings).not.toHaveProperty('socketSources');
  });

  it('refuses more entries than the limit, and an empty list', async () => {
    const { app } = await start();
    const many = Array.from({ length: 1001 }, (_, index) => ({ uniqueId: `s${index}` }));
    expectProblem(await ask(app, 'POST', '/v1/streamers', { streamers: many }), 400, 'WATCHER_REQUEST_INVALID');
    expectProblem(await ask(app, 'POST', '/v1/streamers', { streamers: [] }), 400, 'WATCHER_REQUEST_INVALID');
  });

  it('lists page by page, with filters', async () => {
    const { app } = await start();
    for (const uniqueId of ['aa', 'bb', 'cc'])
      await ask(app, 'POST', '/v1/streamers', { uniqueId, labels: [uniqueId], paused: uniqueId === 'bb' });
    const first = await ask(app, 'GET', '/v1/streamers?limit=2');
    expect((first.json.streamers as unknown[]).length).toBe(2);
    const second = await ask(
      app,
      'GET',
      `/v1/streamers?limit=2&cursor=${encodeURIComponent(String(first.json.nextCursor))}`,
    );
    expect((second.json.streamers as unknown[]).length).toBe(1);
    expect(second.json).not.toHaveProperty('nextCursor');
    const names = async (query: string): Promise<string[]> =>
      ((await ask(app, 'GET', `/v1/streamers?${query}`)).json.streamers as { uniqueId: string }[]).map(
        ({ uniqueId }) => uniqueId,
      );
    expect(await names('paused=true')).toEqual(['bb']);
    expect(await names('label=cc')).toEqual(['cc']);
    const problem = expectProblem(await ask(app, 'GET', '/v1/streamers?stat=live'), 400, 'WATCHER_REQUEST_INVALID');
    expect(problem.errors).toEqual([
      { pointer: '?stat', detail: 'Unknown parameter "stat". Allowed: limit, cursor, state, label, paused.' },
    ]);
    expectProblem(await ask(app, 'GET', '/v1/streamers?limit=0'), 400, 'WATCHER_REQUEST_INVALID');
    expectProblem(await ask(app, 'GET', '/v1/streamers?state=asleep'), 400, 'WATCHER_REQUEST_INVALID');
  });

  it('looks up in any form of the name, changes, removes', async () => {
    const { app } = await start();
    await ask(app, 'POST', '/v1/streamers', { uniqueId: 'someone' });
    expect((await ask(app, 'GET', '/v1/streamers/@SomeOne')).json.uniqueId).toBe('someone');
    const changed = await ask(app, 'PATCH', '/v1/streamers/someone', { paused: true, priority: 90 });
    expect(changed.json).toMatchObject({ paused: true, priority: 90 });
    expectProblem(await ask(app, 'PATCH', '/v1/streamers/someone', { priority: 101 }), 400, 'WATCHER_REQUEST_INVALID');
    const removed = await ask(app, 'DELETE', '/v1/streamers/someone');
    expect([removed.status, removed.text]).toEqual([204, '']);
    for (const method of ['GET', 'DELETE'] as const) {
      expectProblem(await ask(app, method, '/v1/streamers/someone'), 404, 'WATCHER_STREAMER_NOT_FOUND');
    }
    expectProblem(await ask(app, 'PATCH', '/v1/streamers/someone', {}), 404, 'WATCHER_STREAMER_NOT_FOUND');
    expectProblem(await ask(app, 'GET', '/v1/streamers/no%20name'), 400, 'WATCHER_INVALID_UNIQUE_ID');
  });

  it('shows what counts and where it comes from; defaults by label are set, replaced and removed', async () => {
    const { app } = await start();
    const settings = async (): Promise<unknown> => (await ask(app, 'GET', '/v1/streamers/someone')).json.settings;
    await ask(app, 'POST', '/v1/streamers', { uniqueId: 'someone', labels: ['vip & co'], language: 'de' });
    const service = { priority: { value: 50, from: 'service' }, checkIntervalMs: { value: 60_000, from: 'service' } };
    const language = { value: 'de', from: 'streamer' };
    expect(await settings()).toEqual({ ...service, language });
    const route = '/v1/label-defaults/vip%20%26%20co';
    expectProblem(await ask(app, 'GET', route), 404, 'WATCHER_LABEL_DEFAULTS_NOT_FOUND');
    const put = await ask(app, 'PUT', route, { precedence: 7, priority: 80, language: 'fr', checkIntervalMs: 5_000 });
    expect(put.json).toMatchObject({ label: 'vip & co', precedence: 7, priority: 80, language: 'fr' });
    expect((await ask(app, 'GET', route)).json).toEqual(put.json);
    expect((await ask(app, 'GET', '/v1/label-defaults')).json).toEqual({ labelDefaults: [put.json] });
    const ofLabel = (value: unknown): object => ({ value, from: 'label', label: 'vip & co' });
    expect(await settings()).toEqual({ priority: ofLabel(80), checkIntervalMs: ofLabel(5_000), language });
    expect((await ask(app, 'PATCH', '/v1/streamers/someone', { language: null, priority: 1 })).json).toMatchObject({
      priority: 1,
      settings: { priority: { value: 1, from: 'streamer' }, language: ofLabel('fr') },
    });
    await ask(app, 'PUT', route, { silenceMs: 30_000 });
    expect(await settings()).toMatchObject({ silenceMs: ofLabel(30_000), ...service, priority: { value: 1 } });
    expect((await ask(app, 'DELETE', route)).status).toBe(204);
    expectProblem(await ask(app, 'DELETE', route), 404, 'WATCHER_LABEL_DEFAULTS_NOT_FOUND');
    for (const wrong of [
      { priority: null },
      { precedence: 101 },
      { language: 'German' },
      { paused: true },
      { region: 'de' },
    ])
      expectProblem(await ask(app, 'PUT', route, wrong), 400, 'WATCHER_REQUEST_INVALID');
    expectProblem(await ask(app, 'PUT', `/v1/label-defaults/${'x'.repeat(65)}`, {}), 400, 'WATCHER_REQUEST_INVALID');
    for (const wrong of [{ language: 'DE' }, { region: 'Germany' }, { checkIntervalMs: 999 }, { silenceMs: 1.5 }])
      expectProblem(await ask(app, 'PATCH', '/v1/streamers/someone', wrong), 400, 'WATCHER_REQUEST_INVALID');
  });

  it('takes a login, shows only that there is one, and takes it away again; admins alone may', async () => {
    const logger = new ListLogger();
    const apiKeys = (['operate', 'admin'] as const).map((role) => ({
      name: role,
      role,
      key: new Secret(`key-${role}`),
    }));
    const { app } = await start({ logger, apiKeys });
    const by = (role: string): Record<string, string> => ({ authorization: `Bearer key-${role}` });
    await ask(app, 'POST', '/v1/streamers', { uniqueId: 'someone' }, by('admin'));
    const route = '/v1/streamers/@Someone/session';
    const session = { sessionId: 'planted-session', ttTargetIdc: 'planted-idc' };
    expectProblem(await ask(app, 'PUT', route, session, by('operate')), 403, 'WATCHER_FORBIDDEN');
    const set = await ask(app, 'PUT', route, session, by('admin'));
    expect(set.json).toMatchObject({
      uniqueId: 'someone',
      hasSession: true,
      sessionSetAt: expect.any(String) as string,
    });
    const shown = await ask(app, 'GET', '/v1/streamers/someone', undefined, by('admin'));
    expect(shown.json).toEqual(set.json);
    expect(set.text + JSON.stringify(logger.lines)).not.toMatch(/planted|v1\.k/);
    expectProblem(await ask(app, 'DELETE', route, undefined, by('operate')), 403, 'WATCHER_FORBIDDEN');
    expect((await ask(app, 'DELETE', route, undefined, by('admin'))).status).toBe(204);
    const after = (await ask(app, 'GET', '/v1/streamers/someone', undefined, by('admin'))).json;
    expect(after).toMatchObject({ hasSession: false });
    expect(after).not.toHaveProperty('sessionSetAt');
    const unknown = '/v1/streamers/nobody/session';
    expectProblem(await ask(app, 'PUT', unknown, session, by('admin')), 404, 'WATCHER_STREAMER_NOT_FOUND');
    for (const wrong of [{ sessionId: 'planted' }, { ...session, sessionId: 'planted; a=b' }, { ...session, x: 1 }]) {
      const problem = await ask(app, 'PUT', route, wrong, by('admin'));
      expectProblem(problem, 400, 'WATCHER_REQUEST_INVALID');
      expect(problem.text).not.toContain('planted');
    }
  });

  it('without a key for secrets refuses logins and proxies with a password, and says what to do', async () => {
    const { app } = await start({ secretKeys: [] });
    const proxyUrl = 'http://user:planted@proxy:1';
    await ask(app, 'POST', '/v1/streamers', { uniqueId: 'someone', proxyUrl: 'http://proxy:1' });
    const session = { sessionId: 'planted', ttTargetIdc: 'x' };
    const refused = [
      await ask(app, 'POST', '/v1/streamers', { uniqueId: 'other', proxyUrl }),
      await ask(app, 'PATCH', '/v1/streamers/someone', { proxyUrl }),
      await ask(app, 'PUT', '/v1/streamers/someone/session', session),
    ];
    for (const answer of refused) {
      expect(expectProblem(answer, 503, 'WATCHER_SECRETS_NO_KEY').detail).toContain('LIVETAP_SECRETS_KEYS');
      expect(answer.text).not.toContain('planted');
    }
    const many = await ask(app, 'POST', '/v1/streamers', {
      streamers: [{ uniqueId: 'a1', proxyUrl }, { uniqueId: 'b1' }],
    });
    expect(many.json.results).toMatchObject([
      { status: 'invalid', errors: [{ pointer: '/proxyUrl' }] },
      { status: 'created' },
    ]);
    expectProblem(await ask(app, 'GET', '/v1/streamers/other'), 404, 'WATCHER_STREAMER_NOT_FOUND');
  });

  it('keeps proxy pools: shows hosts, health and no login; streamers and labels name them', async () => {
    const { app, pools } = await start();
    const proxies = ['http://user:planted@proxy1:3128', 'socks5://proxy2:1080'];
    const made = await ask(app, 'POST', '/v1/proxy-pools', { name: 'eu', description: 'Europe', proxies });
    expect([made.status, made.headers.location]).toEqual([201, '/v1/proxy-pools/eu']);
    expect(made.json).toMatchObject({
      name: 'eu',
      healthy: 2,
      proxies: [
        { address: 'http://***@proxy1:3128', health: { state: 'healthy', failures: 0 } },
        { address: 'socks5://proxy2:1080' },
      ],
    });
    expect(made.text).not.toMatch(/planted|v1\.k/);
    pools.report('http://user:planted@proxy1:3128/', 'denied');
    const shown = await ask(app, 'GET', '/v1/proxy-pools/eu');
    expect(shown.json).toMatchObject({
      healthy: 1,
      proxies: [{ health: { state: 'resting', lastFailure: 'denied', retryAt: expect.any(String) as string } }, {}],
    });
    expect((await ask(app, 'GET', '/v1/proxy-pools')).json).toEqual({ proxyPools: [shown.json] });
    expectProblem(await ask(app, 'POST', '/v1/proxy-pools', { name: 'eu' }), 409, 'WATCHER_PROXY_POOL_EXISTS');
    const more = await ask(app, 'POST', '/v1/proxy-pools/eu/proxies', { proxies: ['https://u:planted@proxy3'] });
    expect((more.json.proxies as unknown[]).length).toBe(3);
    expectProblem(await ask(app, 'POST', '/v1/proxy-pools/eu/proxies', { proxies }), 409, 'WATCHER_PROXY_DUPLICATE');
    const id = (more.json.proxies as { id: string }[])[2]!.id;
    expect((await ask(app, 'DELETE', `/v1/proxy-pools/eu/proxies/${id}`)).status).toBe(204);
    expectProblem(await ask(app, 'DELETE', `/v1/proxy-pools/eu/proxies/${id}`), 404, 'WATCHER_PROXY_NOT_FOUND');
    expect((await ask(app, 'PATCH', '/v1/proxy-pools/eu', { description: 'x' })).json.description).toBe('x');
    for (const wrong of [
      { name: 'E U' },
      { name: 'us', proxies: ['ftp://u:planted@x'] },
      { name: 'us', proxies: ['planted'] },
    ]) {
      const problem = await ask(app, 'POST', '/v1/proxy-pools', wrong);
      expectProblem(problem, 400, 'WATCHER_REQUEST_INVALID');
      expect(problem.text).not.toContain('planted');
    }

    const named = await ask(app, 'POST', '/v1/streamers', { uniqueId: 'someone', proxyPool: 'eu' });
    expect(named.json).toMatchObject({ hasProxy: true, settings: { proxyPool: { value: 'eu', from: 'streamer' } } });
    for (const [body, code] of [
      [{ proxyPool: 'none' }, 'WATCHER_PROXY_POOL_UNKNOWN'],
      [{ proxyPool: 'eu', proxyUrl: 'http://p:1' }, 'WATCHER_PROXY_AMBIGUOUS'],
    ] as const)
      expectProblem(await ask(app, 'PATCH', '/v1/streamers/someone', body), 400, code);
    expectProblem(
      await ask(app, 'PUT', '/v1/label-defaults/vip', { proxyPool: 'none' }),
      400,
      'WATCHER_PROXY_POOL_UNKNOWN',
    );
    // One way out: a proxy takes the place of the pool, also of the pool of a label, and the other way round.
    await ask(app, 'PUT', '/v1/label-defaults/vip', { proxyPool: 'eu' });
    const own = await ask(app, 'PATCH', '/v1/streamers/someone', { proxyUrl: 'http://p:1', labels: ['vip'] });
    expect(own.json).toMatchObject({ hasProxy: true });
    expect(own.json.settings).not.toHaveProperty('proxyPool');
    const freed = await ask(app, 'PATCH', '/v1/streamers/someone', { proxyUrl: null });
    expect(freed.json).toMatchObject({ settings: { proxyPool: { value: 'eu', from: 'label', label: 'vip' } } });
    const back = await ask(app, 'PATCH', '/v1/streamers/someone', { proxyPool: 'eu' });
    expect(back.json).toMatchObject({ settings: { proxyPool: { from: 'streamer' } } });

    await ask(app, 'POST', '/v1/proxy-pools', { name: 'used' });
    expectProblem(await ask(app, 'DELETE', '/v1/proxy-pools/used'), 409, 'WATCHER_PROXY_POOL_USED');
    expect((await ask(app, 'DELETE', '/v1/proxy-pools/eu')).status).toBe(204);
    expectProblem(await ask(app, 'GET', '/v1/proxy-pools/eu'), 404, 'WATCHER_PROXY_POOL_NOT_FOUND');
  });

  it('answers 503 with a time to come back when the database is away, and nothing about it', async () => {
    const store = new MemoryStreamerStore();
    store.list = () =>
      Promise.reject(new DatabaseError('WATCHER_DATABASE_UNREACHABLE', 'planted-host', { retryable: true }));
    const { app } = await start({ store });
    const answer = await ask(app, 'GET', '/v1/streamers');
    expectProblem(answer, 503, 'WATCHER_DATABASE_UNREACHABLE');
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.text).not.toContain('planted');
  });

  it('logs a mistake of its own and keeps it to itself', async () => {
    const logger = new ListLogger();
    const store = new MemoryStreamerStore();
    store.list = () => Promise.reject(new TypeError('planted detail'));
    const { app } = await start({ store, logger });
    const answer = await ask(app, 'GET', '/v1/streamers');
    expectProblem(answer, 500, 'WATCHER_INTERNAL');
    expect(answer.text).not.toContain('planted');
    expect(logger.lines.map(({ event }) => event)).toContain('http.failed');
  });
});

describe('REST: history', () => {
  it('shows sessions and snapshots, also of a streamer that was removed', async () => {
    const { app } = await start();
    const sessions = await ask(app, 'GET', '/v1/streamers/Gone/sessions?limit=10');
    expect(sessions.json).toMatchObject({
      sessions: [{ id: '77', joinedAt: '2026-01-02T03:04:05.678Z', likes: 2 }],
      nextCursor: 'next',
    });
    expect((await ask(app, 'GET', '/v1/sessions/77')).json).toMatchObject({ id: '77', diamonds: 8 });
    expect((await ask(app, 'GET', '/v1/sessions/77/snapshots')).json).toMatchObject({
      snapshots: [{ sessionId: '77', final: true }],
    });
  });

  it('shows who gave what, in a session and to a streamer in all, and battles', async () => {
    const { app } = await start();
    const gifter = { viewer: { id: '5', uniqueId: 'ada' }, diamonds: 8, lastAt: '2026-01-02T03:04:07.000Z' };
    expect((await ask(app, 'GET', '/v1/sessions/77/gifters?limit=2')).json).toMatchObject({ gifters: [gifter] });
    expect((await ask(app, 'GET', '/v1/sessions/77/gifts')).json).toEqual({
      gifts: [{ gift: { id: '5655', name: 'Rose' }, count: 7, diamonds: 8 }],
    });
    expect((await ask(app, 'GET', '/v1/streamers/Gone/gifters')).json).toMatchObject({
      gifters: [{ ...gifter, sessions: 3 }],
      nextCursor: 'next',
    });
    const at = '2026-01-02T03:04:05.000Z';
    expect((await ask(app, 'GET', '/v1/sessions/77/battles?limit=50')).json).toMatchObject({
      battles: [
        { id: '99', endedAt: at, sides: [{ id: '1', won: true, scores: [{ at, score: 12 }], contributors: [{}] }] },
      ],
    });
    expectProblem(await ask(app, 'GET', '/v1/sessions/77/battles?limit=51'), 400, 'WATCHER_REQUEST_INVALID');
    for (const list of ['gifters', 'gifts', 'battles', 'gaps']) {
      expectProblem(await ask(app, 'GET', `/v1/sessions/78/${list}`), 404, 'WATCHER_SESSION_NOT_FOUND');
    }
    expectProblem(await ask(app, 'GET', '/v1/streamers/nobody/gifters'), 404, 'WATCHER_STREAMER_NOT_FOUND');
    await ask(app, 'POST', '/v1/streamers', { uniqueId: 'fresh' });
    expect((await ask(app, 'GET', '/v1/streamers/fresh/gifters')).json).toEqual({ gifters: [] });
  });

  it('shows which intervals of a session were not seen and why', async () => {
    const { app, gaps } = await start();
    const from = '2026-01-02T03:04:05.000Z';
    expect((await ask(app, 'GET', '/v1/sessions/77/gaps?limit=2&cursor=abc')).json).toEqual({
      gaps: [{ id: 'room.gap-1-1', from, to: '2026-01-02T03:04:06.500Z', durationMs: 1_500, reason: 'stalled' }],
      nextCursor: 'next',
    });
    expect(gaps.asked).toEqual({ limit: 2, cursor: 'abc' });
    for (const wrong of ['limit=201', 'limit=0', 'from=now'])
      expectProblem(await ask(app, 'GET', `/v1/sessions/77/gaps?${wrong}`), 400, 'WATCHER_REQUEST_INVALID');
  });

  it('takes a period, an order and a resolution', async () => {
    const { app, history, board } = await start();
    const from = '2026-01-01T01:00:00+01:00';
    const range = `from=${encodeURIComponent(from)}&to=2026-01-02T00:00:00Z`;
    const dates = { from: new Date(from), to: new Date('2026-01-02T00:00:00Z') };
    expect((await ask(app, 'GET', `/v1/sessions?${range}&live=true&sort=diamonds&limit=2`)).json).toMatchObject({
      sessions: [{ id: '77' }],
    });
    expect(history.asked).toEqual({ ...dates, live: true, sort: 'diamonds', limit: 2 });
    await ask(app, 'GET', `/v1/streamers/gone/sessions?${range}`);
    expect(history.asked).toEqual({ ...dates, sort: 'joinedAt', limit: 50 });
    await ask(app, 'GET', `/v1/sessions/77/snapshots?${range}&resolution=300`);
    expect(history.asked).toEqual({ ...dates, resolutionSeconds: 300, limit: 50 });

    const streamers = await ask(app, 'GET', `/v1/leaderboards/streamers?${range}&by=likes`);
    expect(streamers.json).toMatchObject({
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-02T00:00:00.000Z',
      streamers: [{ uniqueId: 'gone', likes: 2 }],
      nextCursor: 'next',
    });
    expect(board.asked).toEqual([dates, 'likes', { limit: 50 }]);
    const gifters = await ask(app, 'GET', '/v1/leaderboards/gifters?streamer=@Gone&to=2026-01-31T00:00:00Z');
    expect(gifters.json).toMatchObject({ from: '2026-01-01T00:00:00.000Z', gifters: [{ viewer: { id: '5' } }] });
    expect(board.asked).toMatchObject([{}, 'gone', { limit: 50 }]);
    // 30 days up to now by default; the clock of the tests stands at the first of January.
    expect((await ask(app, 'GET', '/v1/leaderboards/gifters')).json).toMatchObject({
      from: '2025-12-02T00:00:00.000Z',
      to: '2026-01-01T00:00:00.000Z',
    });
    for (const wrong of [
      'sessions?from=today',
      'sessions?sort=name',
      'sessions?live=yes',
      'leaderboards/streamers?by=x',
    ])
      expectProblem(await ask(app, 'GET', `/v1/${wrong}`), 400, 'WATCHER_REQUEST_INVALID');
    expectProblem(await ask(app, 'GET', '/v1/sessions/77/snapshots?resolution=0'), 400, 'WATCHER_REQUEST_INVALID');
  });

  it('tells an unknown streamer from one without sessions, and an unknown session from an empty one', async () => {
    const { app } = await start();
    await ask(app, 'POST', '/v1/streamers', { uniqueId: 'fresh' });
    expect((await ask(app, 'GET', '/v1/streamers/fresh/sessions')).json).toEqual({ sessions: [] });
    expectProblem(await ask(app, 'GET', '/v1/streamers/nobody/sessions'), 404, 'WATCHER_STREAMER_NOT_FOUND');
    expectProblem(await ask(app, 'GET', '/v1/sessions/78'), 404, 'WATCHER_SESSION_NOT_FOUND');
    expectProblem(await ask(app, 'GET', '/v1/sessions/78/snapshots'), 404, 'WATCHER_SESSION_NOT_FOUND');
  });
});

describe('REST: requests that are wrong', () => {
  it.each([
    ['{"uniqueId":', 400, 'WATCHER_REQUEST_MALFORMED'],
    ['', 400, 'WATCHER_REQUEST_MALFORMED'],
    ['[]', 400, 'WATCHER_REQUEST_INVALID'],
    ['null', 400, 'WATCHER_REQUEST_INVALID'],
    ['{}', 400, 'WATCHER_REQUEST_INVALID'],
    ['{"uniqueId":5}', 400, 'WATCHER_REQUEST_INVALID'],
    ['{"uniqueId":"someone","__proto__":{"x":1}}', 400, 'WATCHER_REQUEST_MALFORMED'],
    ['{"uniqueId":"someone","uniqeId":1}', 400, 'WATCHER_REQUEST_INVALID'],
    ['{"uniqueId":"not a name"}', 400, 'WATCHER_INVALID_UNIQUE_ID'],
    ['{"uniqueId":"someone","proxyUrl":"ftp://x"}', 400, 'WATCHER_REQUEST_INVALID'],
  ])('body %s: %i %s', async (body, status, code) => {
    const { app } = await start();
    expectProblem(await ask(app, 'POST', '/v1/streamers', body), status, code);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml'])(
    'body of type %s: 415',
    async (type) => {
      const { app } = await start();
      const answer = await ask(app, 'POST', '/v1/streamers', '{"uniqueId":"someone"}', { 'content-type': type });
      expectProblem(answer, 415, 'WATCHER_MEDIA_TYPE_UNSUPPORTED');
    },
  );

  it('body of 5 MB: a 413 that a client can read, over a real connection', async () => {
    const { app } = await start();
    const url = await listen(app);
    const body = JSON.stringify({ uniqueId: 'x'.repeat(5_000_000) });
    const answer = await fetch(`${url}/v1/streamers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: 'WATCHER_BODY_TOO_LARGE', status: 413 });
    // Without a length, and sent slowly: the limit holds as well.
    const chunked = await new Promise<number>((resolve, reject) => {
      const sending = httpRequest(
        `${url}/v1/streamers`,
        { method: 'POST', headers: { 'content-type': 'application/json' } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      sending.on('error', reject);
      for (let part = 0; part < 50; part += 1) sending.write('x'.repeat(100_000));
      sending.end();
    });
    expect(chunked).toBe(413);
    await new Promise((resolve) => app.getHttpServer().close(resolve));
  });

  it('unknown address, wrong method, bad escape, long name', async () => {
    const { app } = await start();
    expectProblem(await ask(app, 'GET', '/v2/streamers'), 404, 'WATCHER_ROUTE_NOT_FOUND');
    const wrong = await ask(app, 'PUT', '/v1/streamers/someone');
    expectProblem(wrong, 405, 'WATCHER_METHOD_NOT_ALLOWED');
    expect(wrong.headers.allow).toBe('DELETE, GET, HEAD, PATCH');
    expectProblem(await ask(app, 'DELETE', '/readyz'), 405, 'WATCHER_METHOD_NOT_ALLOWED');
    expectProblem(await ask(app, 'GET', '/v1/streamers/%zz'), 400, 'WATCHER_REQUEST_INVALID');
    expectProblem(await ask(app, 'GET', `/v1/streamers/${'x'.repeat(2_000)}`), 414, 'WATCHER_URI_TOO_LONG');
  });

  it('reads nothing for a method that is none there', async () => {
    const { app } = await start();
    for (const [method, url] of [
      ['PUT', '/v1/streamers'],
      ['DELETE', '/readyz'],
    ] as const) {
      const answer = await ask(app, method, url, '{broken', { 'content-type': 'text/plain' });
      expectProblem(answer, 405, 'WATCHER_METHOD_NOT_ALLOWED');
    }
    expectProblem(await ask(app, 'POST', '/v1/nothing', '{broken'), 404, 'WATCHER_ROUTE_NOT_FOUND');
  });

  it('answers no other site: no CORS, no preflight', async () => {
    const { app } = await start();
    const answer = await ask(app, 'OPTIONS', '/v1/streamers', undefined, {
      origin: 'http://evil.example',
      'access-control-request-method': 'POST',
    });
    expectProblem(answer, 405, 'WATCHER_METHOD_NOT_ALLOWED');
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('REST: access', () => {
  const apiKeys: ApiKey[] = (['read', 'operate', 'admin'] as const).map((role) => ({
    name: role,
    role,
    key: new Secret(`k-${role}`),
  }));
  const bearer = (role: string): Record<string, string> => ({ authorization: `Bearer k-${role}` });

  it('refuses another host name on loopback, for every address but the probes', async () => {
    const { app } = await start();
    for (const url of ['/v1/streamers', '/', '/docs', '/nothing']) {
      expectProblem(await ask(app, 'GET', url, undefined, { host: 'evil.example:3000' }), 403, 'WATCHER_HOST_REFUSED');
    }
    expect((await ask(app, 'GET', '/livez', undefined, { host: '10.0.0.1:3000' })).status).toBe(200);
  });

  it('asks for a key before it reads a body', async () => {
    const { app } = await start({ apiKeys });
    const answer = await ask(app, 'POST', '/v1/streamers', '{broken');
    expectProblem(answer, 401, 'WATCHER_UNAUTHORIZED');
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it('erases a viewer for an admin, and does not write down whom', async () => {
    const logger = new ListLogger();
    const { app } = await start({ apiKeys, loopback: false, logger });
    expectProblem(await ask(app, 'DELETE', '/v1/viewers/5000', undefined, bearer('operate')), 403, 'WATCHER_FORBIDDEN');
    const erased = await ask(app, 'DELETE', '/v1/viewers/5000?optOut=true', undefined, bearer('admin'));
    expect([erased.status, erased.json]).toEqual([200, { erasedAt: '1970-01-01T00:00:05.000Z', optOut: true }]);
    expect(JSON.stringify(logger.lines.filter(({ event }) => event === 'viewer.erased'))).not.toContain('5000');
    const url = '/v1/viewers/5000/opt-out';
    expectProblem(await ask(app, 'DELETE', url, undefined, bearer('operate')), 403, 'WATCHER_FORBIDDEN');
    const ended = await ask(app, 'DELETE', url, undefined, bearer('admin'));
    expect([ended.status, ended.json]).toEqual([200, { since: '1970-01-01T00:00:06.000Z' }]);
    expect(JSON.stringify(logger.lines.filter(({ event }) => event.startsWith('viewer.')))).not.toContain('5000');
    expectProblem(
      await ask(app, 'DELETE', '/v1/viewers/6000/opt-out', undefined, bearer('admin')),
      404,
      'WATCHER_OPT_OUT_NOT_FOUND',
    );
    for (const wrong of ['0', 'anna', '9223372036854775808']) {
      expectProblem(
        await ask(app, 'DELETE', `/v1/viewers/${wrong}`, undefined, bearer('admin')),
        400,
        'WATCHER_REQUEST_INVALID',
      );
    }
  });

  it('goes by the role of the key', async () => {
    const { app } = await start({ apiKeys, loopback: false });
    expect((await ask(app, 'GET', '/v1/streamers', undefined, bearer('read'))).status).toBe(200);
    expectProblem(
      await ask(app, 'POST', '/v1/streamers', { uniqueId: 'someone' }, bearer('read')),
      403,
      'WATCHER_FORBIDDEN',
    );
    expect((await ask(app, 'POST', '/v1/streamers', { uniqueId: 'someone' }, bearer('operate'))).status).toBe(201);
    expectProblem(
      await ask(app, 'DELETE', '/v1/streamers/someone?purge=true', undefined, bearer('operate')),
      403,
      'WATCHER_FORBIDDEN',
    );
    expect((await ask(app, 'GET', '/v1/streamers/someone', undefined, bearer('operate'))).status).toBe(200);
    expect((await ask(app, 'DELETE', '/v1/streamers/someone?purge=true', undefined, bearer('admin'))).status).toBe(204);
    expectProblem(
      await ask(app, 'GET', '/v1/streamers', undefined, { authorization: 'Bearer k-nobody' }),
      401,
      'WATCHER_UNAUTHORIZED',
    );
  });

  it('keeps probes, page and documents open, for they hold nothing', async () => {
    const { app, health } = await start({ apiKeys, loopback: false });
    health.markStarted();
    for (const url of ['/livez', '/readyz', '/docs', '/openapi.json']) {
      expect([url, (await ask(app, 'GET', url)).status]).toEqual([url, 200]);
    }
  });

  it('says in the log who changed what', async () => {
    const logger = new ListLogger();
    const { app } = await start({ apiKeys, logger });
    await ask(app, 'POST', '/v1/streamers', { uniqueId: 'someone' }, bearer('operate'));
    expect(logger.lines).toContainEqual({
      event: 'streamer.added',
      fields: { target: 'streamers/someone', by: 'operate', channel: 'rest' },
    });
  });
});

describe('REST: keys and the audit log', () => {
  const apiKeys: ApiKey[] = [{ name: 'ops', role: 'admin', key: new Secret('k-ops') }];
  const ops = { authorization: 'Bearer k-ops' };

  it('makes, lists, changes, rotates and revokes keys; a secret is shown once', async () => {
    const logger = new ListLogger();
    const { app } = await start({ apiKeys, loopback: false, logger });
    const made = await ask(app, 'POST', '/v1/keys', { name: 'page', role: 'read', requestsPerMinute: 60 }, ops);
    const { id, secret } = made.json as { id: string; secret: string };
    expect([made.status, made.headers.location, made.headers['cache-control']]).toEqual([
      201,
      `/v1/keys/${id}`,
      'no-store',
    ]);
    expect(made.json).toMatchObject({ name: 'page', role: 'read', createdBy: 'ops', prefix: secret.slice(0, 14) });
    const page = { authorization: `Bearer ${secret}` };
    expect((await ask(app, 'GET', '/v1/access', undefined, page)).json).toEqual({
      name: 'page',
      role: 'read',
      source: 'database',
      keyRequired: true,
    });
    expectProblem(await ask(app, 'GET', '/v1/keys', undefined, page), 403, 'WATCHER_FORBIDDEN');
    const { secret: _, ...shown } = made.json;
    expect((await ask(app, 'GET', `/v1/keys/${id}`, undefined, ops)).json).toEqual(shown);
    expect((await ask(app, 'GET', '/v1/keys', undefined, ops)).json).toEqual({
      keys: [shown],
      settingsKeys: [{ name: 'ops', role: 'admin' }],
    });
    expectProblem(await ask(app, 'POST', '/v1/keys', { name: 'page', role: 'read' }, ops), 409, 'WATCHER_KEY_EXISTS');
    const changed = await ask(app, 'PATCH', `/v1/keys/${id}`, { role: 'operate', requestsPerMinute: null }, ops);
    expect(changed.json).toMatchObject({ role: 'operate' });
    expect(changed.json).not.toHaveProperty('requestsPerMinute');
    expect((await ask(app, 'POST', '/v1/streamers', { uniqueId: 'anna' }, page)).status).toBe(201);
    const rotated = await ask(app, 'POST', `/v1/keys/${id}/rotate`, { previousValidForSeconds: 0 }, ops);
    expectProblem(await ask(app, 'GET', '/v1/streamers', undefined, page), 401, 'WATCHER_UNAUTHORIZED');
    const again = { authorization: `Bearer ${String(rotated.json.secret)}` };
    expect((await ask(app, 'GET', '/v1/streamers', undefined, again)).status).toBe(200);
    expect((await ask(app, 'DELETE', `/v1/keys/${id}`, undefined, ops)).status).toBe(204);
    expectProblem(await ask(app, 'GET', '/v1/streamers', undefined, again), 401, 'WATCHER_UNAUTHORIZED');
    expectProblem(await ask(app, 'DELETE', `/v1/keys/${id}`, undefined, ops), 404, 'WATCHER_KEY_NOT_FOUND');

    const log = await ask(app, 'GET', '/v1/audit', undefined, ops);
    const target = `keys/${id}`;
    expect(log.json.entries).toMatchObject([
      { actor: 'ops', action: 'key.revoked', target, details: { name: 'page', role: 'operate' } },
      { actor: 'ops', action: 'key.rotated', target },
      { actor: 'page', action: 'streamer.added', target: 'streamers/anna', channel: 'rest', details: {} },
      { actor: 'ops', action: 'key.changed', target, details: { fields: ['role', 'requestsPerMinute'] } },
      { actor: 'ops', action: 'key.created', target, details: { name: 'page', role: 'read' } },
    ]);
    const said = log.text + JSON.stringify(logger.lines);
    for (const hidden of [secret, String(rotated.json.secret), 'k-ops']) expect(said).not.toContain(hidden);
  });

  it('refuses keys that make no sense', async () => {
    const { app } = await start({ apiKeys, loopback: false });
    for (const wrong of [
      { name: 'page' },
      { name: 'page', role: 'root' },
      { name: 'a page', role: 'read' },
      { name: 'page', role: 'read', requestsPerMinute: -1 },
      { name: 'page', role: 'read', expiresAt: 'tomorrow' },
      { name: 'page', role: 'read', secret: 'mine' },
    ])
      expectProblem(await ask(app, 'POST', '/v1/keys', wrong, ops), 400, 'WATCHER_REQUEST_INVALID');
  });

  it('lists changes page by page, by who, what, whom and when', async () => {
    const { app } = await start();
    const names = ['aa', 'bb', 'cc'];
    for (const uniqueId of names) await ask(app, 'POST', '/v1/streamers', { uniqueId });
    await ask(app, 'POST', '/v1/streamers', {
      streamers: [{ uniqueId: 'dd' }, { uniqueId: 'ee' }, { uniqueId: 'aa' }],
    });
    await ask(app, 'DELETE', '/v1/streamers/aa');
    await ask(app, 'DELETE', '/v1/streamers/bb?purge=true');
    const list = async (
      query: string,
    ): Promise<{ entries: { action: string; target?: string }[]; nextCursor?: string }> =>
      (await ask(app, 'GET', `/v1/audit?${query}`)).json as never;
    const targets = async (query: string) => (await list(query)).entries.map(({ target }) => target);
    expect(await targets('limit=3')).toEqual([undefined, 'streamers/aa', 'streamers/ee']);
    const { nextCursor = '' } = await list('limit=3');
    expect(await targets(`limit=2&cursor=${nextCursor}`)).toEqual(['streamers/dd', 'streamers/cc']);
    expect(await targets('action=streamer.removed')).toEqual([undefined, 'streamers/aa']);
    expect(await targets('target=streamers/aa')).toEqual(['streamers/aa', 'streamers/aa']);
    expect(await targets('actor=nobody')).toEqual([]);
    expect(await targets('actor=local&from=2100-01-01T00:00:00Z')).toEqual([]);
    expect(await targets('actor=local&to=2000-01-01T00:00:00%2B01:00')).toEqual([]);
    expectProblem(await ask(app, 'GET', '/v1/audit?cursor=x'), 400, 'WATCHER_CURSOR_INVALID');
    expectProblem(await ask(app, 'GET', '/v1/audit?from=yesterday'), 400, 'WATCHER_REQUEST_INVALID');
  });

  it('counts the requests of each key: 429 with a time to come back, and nobody else is held up', async () => {
    const keys: ApiKey[] = [...apiKeys, { name: 'other', role: 'read', key: new Secret('k-other') }];
    const { app } = await start({ apiKeys: keys, requestsPerMinute: 3 });
    const get = (headers: Record<string, string>) => ask(app, 'GET', '/v1/streamers', undefined, headers);
    const fast = (await ask(app, 'POST', '/v1/keys', { name: 'fast', role: 'read', requestsPerMinute: 0 }, ops)).json;
    const slow = (await ask(app, 'POST', '/v1/keys', { name: 'slow', role: 'read', requestsPerMinute: 1 }, ops)).json;
    expect((await get(ops)).status).toBe(200);
    const refused = await get(ops);
    const problem = expectProblem(refused, 429, 'WATCHER_TOO_MANY_REQUESTS');
    expect(problem.detail).toContain('"ops" may make 3 requests a minute');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await get({ authorization: 'Bearer k-other' })).status).toBe(200);
    const statuses = async (secret: unknown): Promise<number[]> => {
      const seen: number[] = [];
      for (let n = 0; n < 5; n += 1) seen.push((await get({ authorization: `Bearer ${String(secret)}` })).status);
      return seen;
    };
    expect(await statuses(fast.secret)).toEqual([200, 200, 200, 200, 200]);
    expect(await statuses(slow.secret)).toEqual([200, 429, 429, 429, 429]);
    // Probes are open; they never count.
    for (let n = 0; n < 5; n += 1) expect((await ask(app, 'GET', '/livez')).status).toBe(200);
  });

  it('has no limit where no key is needed', async () => {
    const { app } = await start({ requestsPerMinute: 1 });
    for (let n = 0; n < 3; n += 1) expect((await ask(app, 'GET', '/v1/streamers')).status).toBe(200);
  });
});

describe('probes, page and documents', () => {
  it('is alive always and ready when it does its work', async () => {
    const { app, health } = await start();
    expect((await ask(app, 'GET', '/livez')).json).toEqual({ status: 'ok' });
    const before = await ask(app, 'GET', '/readyz');
    expect([before.status, before.json.reasons]).toEqual([
      503,
      [{ code: 'SERVICE_STARTING', message: 'The service is starting.' }],
    ]);
    health.markStarted();
    expect((await ask(app, 'GET', '/readyz')).json).toEqual({ status: 'ok', checks: {}, reasons: [] });
  });

  it('says what to do when the page is not built', async () => {
    const { app } = await start();
    const problem = expectProblem(await ask(app, 'GET', '/'), 503, 'WATCHER_PAGE_NOT_BUILT');
    expect(problem.detail).toContain('npm run build');
  });

  it('serves the page when it is there, and nothing beside its files', async () => {
    const { writeFileSync, mkdirSync } = await import('node:fs');
    const folder = mkdtempSync(join(tmpdir(), 'livetap-page-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Livetap</title>');
    writeFileSync(join(folder, 'assets', 'index-abc.js'), 'export {}');
    try {
      const { app } = await start({ pageFolder: folder });
      const page = await ask(app, 'GET', '/');
      expect([page.status, page.headers['cache-control']]).toEqual([200, 'no-cache']);
      expect(page.headers['content-security-policy']).toContain("script-src 'self'");
      const asset = await ask(app, 'GET', '/assets/index-abc.js');
      expect([asset.status, asset.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
      expectProblem(await ask(app, 'GET', '/assets/other.js'), 404, 'WATCHER_ROUTE_NOT_FOUND');
      expectProblem(await ask(app, 'GET', '/..%2f..%2fetc/passwd'), 404, 'WATCHER_ROUTE_NOT_FOUND');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('serves the API reference without anything inline or foreign', async () => {
    const { app } = await start();
    const page = await ask(app, 'GET', '/docs');
    expect(page.headers['content-security-policy']).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';manifest-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    expect(page.text).not.toMatch(/<style|<script>|https?:/);
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    for (const link of links) expect([link, (await ask(app, 'GET', link)).status]).toEqual([link, 200]);
    expectProblem(await ask(app, 'GET', '/docs/assets/package.json'), 404, 'WATCHER_ROUTE_NOT_FOUND');
  });

  it('describes every route, every answer and every problem', async () => {
    const { app } = await start();
    const { json } = await ask(app, 'GET', '/openapi.json');
    const document = json as unknown as OpenApi;
    expect(document.openapi).toBe('3.1.0');
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(references.filter((name) => !(name in document.components.schemas))).toEqual([]);
    expect(Object.keys(document.paths).sort()).toEqual([
      '/livez',
      '/readyz',
      '/v1/access',
      '/v1/audit',
      '/v1/exports/streamers.csv',
      '/v1/exports/streamers.json',
      '/v1/exports/{file}',
      '/v1/imports/streamers.csv',
      '/v1/keys',
      '/v1/keys/{id}',
      '/v1/keys/{id}/rotate',
      '/v1/label-defaults',
      '/v1/label-defaults/{label}',
      '/v1/leaderboards/gifters',
      '/v1/leaderboards/streamers',
      '/v1/proxy-pools',
      '/v1/proxy-pools/{name}',
      '/v1/proxy-pools/{name}/proxies',
      '/v1/proxy-pools/{name}/proxies/{id}',
      '/v1/sessions',
      '/v1/sessions/{id}',
      '/v1/sessions/{id}/battles',
      '/v1/sessions/{id}/gaps',
      '/v1/sessions/{id}/gifters',
      '/v1/sessions/{id}/gifts',
      '/v1/sessions/{id}/snapshots',
      '/v1/streamers',
      '/v1/streamers/{uniqueId}',
      '/v1/streamers/{uniqueId}/gifters',
      '/v1/streamers/{uniqueId}/session',
      '/v1/streamers/{uniqueId}/sessions',
      '/v1/viewers/{userId}',
      '/v1/viewers/{userId}/opt-out',
    ]);
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const codes = Object.keys(operation.responses);
        expect([path, method, operation.summary]).not.toContain(undefined);
        expect(codes.some((code) => code.startsWith('2'))).toBe(true);
        expect(codes).toContain('500');
        if (path.startsWith('/v1/')) {
          expect(codes).toEqual(expect.arrayContaining(['401', '403', '414', '429', '503']));
          const role = accessOf(method.toUpperCase(), path.replace(/\{(\w+)\}/g, ':$1'));
          expect([path, method, operation.security]).toEqual([path, method, [{ key: [role] }]]);
        }
        const isFile = path.startsWith('/v1/exports/');
        if (path.startsWith('/v1/') && method === 'get') expect([path, codes.includes('304')]).toEqual([path, !isFile]);
        if (method === 'post' || method === 'patch')
          expect(codes).toEqual(expect.arrayContaining(['400', '413', '415']));
      }
    }
  });
});

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<
    string,
    Record<string, { summary?: string; security?: unknown; responses: Record<string, unknown> }>
  >;
  readonly components: { readonly schemas: Record<string, unknown> };
}
