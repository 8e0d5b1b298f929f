import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeClock, sampleEvent } from '@livetap/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { type LogFields, type Logger } from '../common/logger.port.js';
import { SecretBox } from '../common/secret-box/secret-box.js';
import { Secret } from '../common/secret.js';
import type { ApiKey } from '../config/api-key.js';
import { MemoryWebhookStorage } from '../webhooks/memory-webhook-storage.js';
import type { SendRequest, SendResult, WebhookSender } from '../webhooks/webhook-sender.port.js';
import { WebhookService } from '../webhooks/webhook-service.js';
import { WebhookVault } from '../webhooks/webhook-vault.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { memoryAudit } from '../audit/testing/memory-audit.js';
import { AccessPolicy } from './access.js';
import { testApp } from './testing/http-app.js';
import { WebhooksController } from './webhooks.controller.js';

const KEYS: readonly ApiKey[] = (['read', 'operate', 'admin'] as const).map((role) => ({
  name: role,
  role,
  key: new Secret(`key-${role}`),
}));
const URL_WITH_TOKEN = 'https://hooks.example/in/planted-path?token=planted-query';

class PlayedDestination implements WebhookSender {
  readonly calls: SendRequest[] = [];
  result: SendResult = { outcome: 'delivered', status: 202 };
  callable = true;
  send = async (request: SendRequest): Promise<SendResult> => {
    this.calls.push(request);
    return this.result;
  };
  mayCall = async (): Promise<boolean> => this.callable;
  close = (): void => undefined;
}

const running: NestFastifyApplication[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

async function start(options: { keyed?: boolean } = {}) {
  const lines: string[] = [];
  const note = (event: string, fields?: LogFields): void => void lines.push(`${event} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: note, info: note, warn: note, error: note };
  const clock = new FakeClock();
  const storage = new MemoryWebhookStorage(clock);
  const destination = new PlayedDestination();
  const keys = options.keyed === false ? [] : [{ id: 'k', key: new Secret(Buffer.alloc(32, 1).toString('base64')) }];
  const service = new WebhookService({
    storage: storage.storage,
    vault: new WebhookVault(new SecretBox(keys)),
    sender: destination,
    clock,
    allowPrivate: false,
    userAgent: 'Livetap/test',
    timeoutMs: 1_000,
    onDue: () => undefined,
  });
  const app = await testApp({
    logger,
    policy: new AccessPolicy({ apiKeys: KEYS, loopback: true, allowedHosts: [], host: '127.0.0.1' }),
    controllers: [WebhooksController],
    providers: [
      { provide: WebhookService, useValue: service },
      { provide: AuditTrail, useValue: memoryAudit(logger).trail },
    ],
  });
  running.push(app);
  const ask = async (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    route: string,
    body?: unknown,
    role: 'read' | 'operate' | 'admin' = 'admin',
  ) => {
    const answer = await app.inject({
      method,
      url: `/v1/webhooks${route}`,
      headers: {
        host: 'localhost',
        authorization: `Bearer key-${role}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    const json = answer.body === '' ? {} : (JSON.parse(answer.body) as Record<string, unknown>);
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, json };
  };
  const add = async (): Promise<string> => (await ask('POST', '', { url: URL_WITH_TOKEN })).json.id as string;
  return { app, ask, add, storage, destination, lines, clock };
}

describe('REST: webhooks', () => {
  it('adds one: 201, its secret once, the three lifecycle types by default', async () => {
    const { ask, lines } = await start();
    const answer = await ask('POST', '', {
      url: URL_WITH_TOKEN,
      streamers: ['@Anna'],
      labels: ['vip'],
      description: 'x',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers.location).toBe(`/v1/webhooks/${String(answer.json.id)}`);
    expect(answer.json).toMatchObject({
      id: expect.stringMatching(/^wh_/) as string,
      url: URL_WITH_TOKEN,
      origin: 'https://hooks.example',
      types: ['livetap.live.started.v1', 'livetap.live.ended.v1', 'livetap.room.gap.v1'],
      streamers: ['anna'],
      labels: ['vip'],
      enabled: true,
      secret: expect.stringMatching(/^whsec_/) as string,
    });
    const again = await ask('GET', `/${String(answer.json.id)}`);
    expect(again.json).not.toHaveProperty('secret');
    const secret = String(answer.json.secret);
    expect([again.text, ...lines].join('\n')).not.toContain(secret);
    expect(lines.join('\n')).not.toContain('planted');
  });

  it('shows the whole address to admins only, and lets only them change anything', async () => {
    const { ask, add } = await start();
    const id = await add();
    for (const role of ['read', 'operate'] as const) {
      for (const route of ['', `/${id}`]) {
        const answer = await ask('GET', route, undefined, role);
        expect(answer.status).toBe(200);
        expect(answer.text).toContain('https://hooks.example');
        expect(answer.text).not.toContain('planted');
      }
      const changes = [
        await ask('POST', '', { url: URL_WITH_TOKEN }, role),
        await ask('PATCH', `/${id}`, { enabled: false }, role),
        await ask('DELETE', `/${id}`, undefined, role),
        await ask('POST', `/${id}/test`, undefined, role),
        await ask('POST', `/${id}/secret`, {}, role),
        await ask('POST', `/${id}/deliveries/1/redeliver`, undefined, role),
        await ask('POST', `/${id}/dead-letters/redeliver`, undefined, role),
      ];
      expect(changes.map(({ status }) => status)).toEqual(Array(7).fill(403));
    }
  });

  it('changes, lists and removes', async () => {
    const { ask, add } = await start();
    const id = await add();
    const other = await add();
    const changed = await ask('PATCH', `/${id}`, { types: ['gift', 'livetap.gift.v1', '*'], enabled: false });
    expect(changed.json).toMatchObject({ types: ['livetap.gift.v1', '*'], enabled: false, disabledReason: 'operator' });
    expect((await ask('PATCH', `/${id}`, { enabled: true })).json).not.toHaveProperty('disabledReason');
    const page = await ask('GET', '?limit=1');
    expect(page.json).toMatchObject({ webhooks: [{ id }], nextCursor: expect.any(String) as string });
    const rest = await ask('GET', `?limit=1&cursor=${String(page.json.nextCursor)}`);
    expect(rest.json).toMatchObject({ webhooks: [{ id: other }] });
    expect((await ask('DELETE', `/${id}`)).status).toBe(204);
    const gone = await ask('GET', `/${id}`);
    expect(gone).toMatchObject({ status: 404, json: { code: 'WATCHER_WEBHOOK_NOT_FOUND' } });
  });

  it.each<[string, unknown, number, RegExp]>([
    ['no address', {}, 400, /url/],
    ['http', { url: 'http://planted.example' }, 400, /https/],
    ['loopback', { url: 'https://127.0.0.1/planted' }, 400, /loopback/],
    ['metadata', { url: 'https://169.254.169.254/planted' }, 400, /reserved/],
    ['credentials', { url: 'https://planted:planted@a.example' }, 400, /user name/],
    ['an unknown type', { url: URL_WITH_TOKEN, types: ['nothing'] }, 400, /types/],
    ['no type at all', { url: URL_WITH_TOKEN, types: [] }, 400, /types/],
    ['no streamer', { url: URL_WITH_TOKEN, streamers: ['no name!'] }, 400, /streamers/],
    ['an unknown field', { url: URL_WITH_TOKEN, secret: 'planted' }, 400, /secret/],
  ])('refuses %s and says why, without quoting it', async (_name, body, status, words) => {
    const { ask } = await start();
    const answer = await ask('POST', '', body);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(words);
    expect(answer.text).not.toContain('planted');
  });

  it('refuses a name that leads to an internal address', async () => {
    const { ask, destination, add } = await start();
    const id = await add();
    destination.callable = false;
    for (const answer of [
      await ask('POST', '', { url: URL_WITH_TOKEN }),
      await ask('PATCH', `/${id}`, { url: 'https://other.example/' }),
    ]) {
      expect(answer).toMatchObject({ status: 400, json: { code: 'WATCHER_WEBHOOK_ADDRESS_REFUSED' } });
    }
  });

  it('without a key for secrets says what to set', async () => {
    const { ask } = await start({ keyed: false });
    const answer = await ask('POST', '', { url: URL_WITH_TOKEN });
    expect(answer).toMatchObject({ status: 503, json: { code: 'WATCHER_SECRETS_NO_KEY' } });
    expect(answer.text).toContain('LIVETAP_SECRETS_KEYS');
  });

  it('sends a test call and says what the destination said', async () => {
    const { ask, add, destination } = await start();
    const id = await add();
    await ask('PATCH', `/${id}`, { enabled: false });
    const fine = await ask('POST', `/${id}/test`);
    expect(fine.json).toMatchObject({ delivered: true, outcome: 'delivered', status: 202 });
    const [call] = destination.calls;
    expect(call?.headers).toMatchObject({ 'livetap-test': 'true', 'webhook-id': fine.json.messageId });
    expect(JSON.parse(call?.body.toString() ?? '')).toMatchObject({
      type: 'livetap.live.started.v1',
      dataschema: 'urn:livetap:schema:live.started:1.0',
      subject: 'livetap.test',
      data: { streamer: { id: '1' }, via: 'fixed' },
    });
    destination.result = { outcome: 'unreachable', detail: 'ECONNREFUSED' };
    expect((await ask('POST', `/${id}/test`)).json).toMatchObject({
      delivered: false,
      outcome: 'unreachable',
      detail: 'ECONNREFUSED',
    });
  });

  it('changes the secret; both sign for a while', async () => {
    const { ask, add, destination } = await start();
    const id = await add();
    const rotated = await ask('POST', `/${id}/secret`, { previousValidForSeconds: 60 });
    expect(rotated.json).toMatchObject({
      secret: expect.stringMatching(/^whsec_/) as string,
      previousSecretValidUntil: '2026-01-01T00:01:00.000Z',
    });
    expect(rotated.headers['cache-control']).toBe('no-store');
    await ask('POST', `/${id}/test`);
    expect(destination.calls[0]?.headers['webhook-signature']?.split(' ')).toHaveLength(2);
    expect((await ask('POST', `/${id}/secret`)).status).toBe(200);
    expect((await ask('POST', '/wh_nobody/secret', {})).status).toBe(404);
  });

  it('shows what became of events, and sends them again', async () => {
    const { ask, add, storage } = await start();
    const id = await add();
    const wanted = [1, 2, 3].map((n) => ({ webhookId: id, event: sampleEvent(n) }));
    await storage.enqueue(wanted, { journalId: 'j', offset: 3 }, { maxPending: 9, maxAgeMs: 1e6 });
    for (const { id: deliveryId, eventId } of await storage.claim({
      limit: 9,
      perWebhook: 9,
      claimMs: 1,
      except: [],
    })) {
      const verdict =
        eventId === '1' ? ({ kind: 'delivered' } as const) : ({ kind: 'dead', reason: 'refused', holdMs: 0 } as const);
      const outcome = eventId === '1' ? 'delivered' : 'refused';
      await storage.report({ deliveryId, webhookId: id, outcome, status: 500, durationMs: 3, verdict });
    }
    const page = await ask('GET', `/${id}/deliveries?limit=2`, undefined, 'read');
    const [newest] = page.json.deliveries as { id: string }[];
    expect(newest).toMatchObject({
      eventId: '3',
      status: 'dead',
      deadReason: 'refused',
      lastStatus: 500,
      messageId: expect.stringMatching(/^msg_/) as string,
    });
    expect(newest).not.toHaveProperty('dueAt');
    expect(page.json.nextCursor).toEqual(expect.any(String));
    const dead = await ask('GET', `/${id}/deliveries?status=dead`);
    expect(dead.json.deliveries).toHaveLength(2);
    const again = await ask('POST', `/${id}/deliveries/${newest?.id ?? ''}/redeliver`);
    expect(again.json).toMatchObject({ status: 'pending', attempts: 0, dueAt: expect.any(String) as string });
    expect((await ask('POST', `/${id}/dead-letters/redeliver`)).json).toEqual({ redelivered: 1 });
    expect(await ask('POST', `/${id}/deliveries/424242/redeliver`)).toMatchObject({
      status: 404,
      json: { code: 'WATCHER_WEBHOOK_DELIVERY_NOT_FOUND' },
    });
    expect((await ask('GET', '/wh_nobody/deliveries')).status).toBe(404);
  });

  it('is in the OpenAPI document with its schemas', async () => {
    const { app } = await start();
    const answer = await app.inject({ method: 'GET', url: '/openapi.json', headers: { host: 'localhost' } });
    const document = JSON.parse(answer.body) as {
      paths: Record<string, unknown>;
      components: { schemas: Record<string, unknown> };
    };
    expect(Object.keys(document.paths).filter((path) => path.startsWith('/v1/webhooks'))).toHaveLength(7);
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Webhook', 'NewWebhook', 'WebhookDelivery', 'WebhookTest']),
    );
  });
});
