import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTE_ACCESS, type RouteAccess } from '../../apps/watcher/src/admin/route-access.js';
import { ROLES, type Role } from '../../apps/watcher/src/config/api-key.js';
import { withClient } from '../setup/postgres.js';
import { temporaryFolder, Watcher } from './processes.js';

/** `GET /v1/streamers/{uniqueId}` and its like, from the running service: what its router really has. */
interface Route {
  readonly method: string;
  readonly path: string;
  readonly access: RouteAccess;
}

/** Who asks: without a key, with one that is none, and with a key of each role, of the settings and of the database. */
const CALLERS = ['none', 'wrong', ...ROLES.flatMap((role) => [`settings ${role}`, `database ${role}`])];
const secrets = new Map<string, string>([['wrong', 'livetap_wrong']]);
const folders: { remove(): Promise<void>; path: string }[] = [];
let watcher: Watcher;
let routes: readonly Route[];

beforeAll(async () => {
  const folder = await temporaryFolder();
  folders.push(folder);
  for (const role of ROLES) secrets.set(`settings ${role}`, `planted-${role}`);
  watcher = await Watcher.start({
    LIVETAP_DATA_DIR: folder.path,
    // The first one is also that of the scraper.
    LIVETAP_API_KEYS: ROLES.map((role) => `${role}:${role}:planted-${role}`).join(','),
    LIVETAP_API_REQUESTS_PER_MINUTE: '0',
    LIVETAP_SECRETS_KEYS: `k:${Buffer.alloc(32, 7).toString('base64')}`,
    LIVETAP_WEBHOOKS_ALLOW_PRIVATE: 'on',
    LIVETAP_TIKTOK_WEB_URL: 'http://127.0.0.1:9',
    LIVETAP_TIKTOK_WEBCAST_URL: 'http://127.0.0.1:9',
  });
  for (const role of ROLES) {
    const made = await send('settings admin', 'POST', '/v1/keys', { name: `made-${role}`, role });
    secrets.set(`database ${role}`, String((await made.json())['secret']));
  }
  const document = (await (await watcher.call('/openapi.json')).json()) as { paths: Record<string, object> };
  routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((name) => {
      const method = name.toUpperCase();
      return { method, path, access: ROUTE_ACCESS[inTable(method, path) as keyof typeof ROUTE_ACCESS] };
    }),
  );
});
afterAll(async () => {
  await watcher.stop();
  for (const folder of folders) await folder.remove();
});

const inTable = (method: string, path: string): string => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`;

type Answer = Omit<Response, 'json'> & { json(): Promise<Record<string, unknown>> };

async function send(caller: string, method: string, route: string, body?: unknown): Promise<Answer> {
  const secret = secrets.get(caller);
  const headers = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
  if (typeof body === 'string')
    return (await fetch(`${watcher.url}${route}`, {
      method,
      headers: { ...headers, 'content-type': 'text/csv' },
      body,
    })) as Answer;
  return (await watcher.call(route, { method, headers, ...(body === undefined ? {} : { body }) })) as Answer;
}

describe('authorisation, role by route', () => {
  it('has one rule for every route that the service has, and no rule for one that it has not', () => {
    const ofTheDocument = routes.map(({ method, path }) => inTable(method, path));
    const ofThePages = Object.keys(ROUTE_ACCESS).filter((route) => / \/(docs|openapi\.json)/.test(route));
    expect([...ofTheDocument, ...ofThePages].sort()).toEqual(Object.keys(ROUTE_ACCESS).sort());
    expect(routes.filter(({ access }) => access === undefined)).toEqual([]);
  });

  it('lets each key do what its role may, on every route, and nothing else', async () => {
    const wrong: string[] = [];
    let asked = 0;
    for (const { method, path, access } of routes) {
      // Things that are not there: what is allowed is answered alike, however often, and changes nothing.
      const route = path.replace(/\{\w+\}/g, 'none').replace(/(label-defaults\/)none/, '$1unused-label');
      const json = method === 'GET' || method === 'DELETE' ? undefined : { no: 'such field' };
      const body = path.startsWith('/v1/imports/') ? 'no,such,field' : json;
      const statusFor = async (caller: string): Promise<number> => {
        asked += 1;
        const answer = await send(caller, method, route, body);
        await answer.body?.cancel();
        return answer.status;
      };
      const allowed = await statusFor('settings admin');
      if ([401, 403, 405, 415, 429].includes(allowed) || (allowed >= 500 && path !== '/readyz'))
        wrong.push(`${method} ${path} for an admin: ${allowed}`);
      for (const caller of CALLERS) {
        const expected = expectedStatus(caller, access, allowed);
        const status = await statusFor(caller);
        if (status !== expected) wrong.push(`${method} ${path} for ${caller}: ${status}, not ${expected}`);
      }
    }
    console.log(`${routes.length} routes, ${CALLERS.length} callers, ${asked} requests`);
    expect(wrong).toEqual([]);
    expect(routes.length).toBeGreaterThan(45);
  });

  it('asks for the role admin to purge, on a route that operate may use', async () => {
    const purge = async (caller: string): Promise<number> =>
      (await send(caller, 'DELETE', '/v1/streamers/none?purge=true')).status;
    const seen = Object.fromEntries(
      await Promise.all(CALLERS.map(async (caller) => [caller, await purge(caller)] as const)),
    );
    expect(seen).toEqual(
      Object.fromEntries(
        CALLERS.map((caller) => [caller, caller.endsWith('admin') ? 404 : /none|wrong/.test(caller) ? 401 : 403]),
      ),
    );
  });

  it('holds for HEAD as for GET, and for addresses that are none', async () => {
    for (const { path, access } of routes.filter(({ method }) => method === 'GET')) {
      const status = (await send('none', 'HEAD', path.replace(/\{\w+\}/g, 'none'))).status;
      expect([path, status === 401]).toEqual([path, access !== 'open']);
    }
    expect((await send('none', 'GET', '/v1/nothing')).status).toBe(404);
  });
});

function expectedStatus(caller: string, access: RouteAccess, allowed: number): number {
  if (access === 'open') return allowed;
  if (caller === 'none' || caller === 'wrong') return 401;
  const role = caller.split(' ')[1] as Role;
  return ROLES.indexOf(role) >= ROLES.indexOf(access) ? allowed : 403;
}

describe('the audit log', () => {
  /** One change that succeeds by each route that changes anything; a new route without one fails the test. */
  const ids: Record<string, string> = {};
  const changes: readonly (readonly [route: string, path: () => string, body?: () => unknown])[] = [
    ['POST /v1/streamers', () => '/v1/streamers', () => ({ uniqueId: 'anna', paused: true })],
    ['POST /v1/imports/streamers.csv', () => '/v1/imports/streamers.csv', () => 'uniqueId,paused\r\nbert,true\r\n'],
    ['PATCH /v1/streamers/:uniqueId', () => '/v1/streamers/anna', () => ({ proxyUrl: 'http://u:planted-proxy@p:1' })],
    [
      'PUT /v1/streamers/:uniqueId/session',
      () => '/v1/streamers/anna/session',
      () => ({ sessionId: 'planted-session', ttTargetIdc: 'planted-idc' }),
    ],
    ['DELETE /v1/streamers/:uniqueId/session', () => '/v1/streamers/anna/session'],
    ['PUT /v1/label-defaults/:label', () => '/v1/label-defaults/vip', () => ({ priority: 70 })],
    ['DELETE /v1/label-defaults/:label', () => '/v1/label-defaults/vip'],
    ['POST /v1/proxy-pools', () => '/v1/proxy-pools', () => ({ name: 'eu' })],
    ['PATCH /v1/proxy-pools/:name', () => '/v1/proxy-pools/eu', () => ({ description: 'x' })],
    [
      'POST /v1/proxy-pools/:name/proxies',
      () => '/v1/proxy-pools/eu/proxies',
      () => ({ proxies: ['http://u:planted-pool@p:1'] }),
    ],
    ['DELETE /v1/proxy-pools/:name/proxies/:id', () => `/v1/proxy-pools/eu/proxies/${ids['proxy']}`],
    ['DELETE /v1/proxy-pools/:name', () => '/v1/proxy-pools/eu'],
    ['POST /v1/webhooks', () => '/v1/webhooks', () => ({ url: 'http://127.0.0.1:9/planted-hook' })],
    ['PATCH /v1/webhooks/:id', () => `/v1/webhooks/${ids['webhook']}`, () => ({ enabled: false })],
    ['POST /v1/webhooks/:id/test', () => `/v1/webhooks/${ids['webhook']}/test`, () => ({})],
    ['POST /v1/webhooks/:id/secret', () => `/v1/webhooks/${ids['webhook']}/secret`, () => ({})],
    [
      'POST /v1/webhooks/:id/deliveries/:deliveryId/redeliver',
      () => `/v1/webhooks/${ids['webhook']}/deliveries/${ids['delivery']}/redeliver`,
      () => ({}),
    ],
    [
      'POST /v1/webhooks/:id/dead-letters/redeliver',
      () => `/v1/webhooks/${ids['webhook']}/dead-letters/redeliver`,
      () => ({}),
    ],
    ['DELETE /v1/webhooks/:id', () => `/v1/webhooks/${ids['webhook']}`],
    ['DELETE /v1/viewers/:userId', () => '/v1/viewers/4711004711?optOut=true'],
    ['DELETE /v1/viewers/:userId/opt-out', () => '/v1/viewers/4711004711/opt-out'],
    ['POST /v1/keys', () => '/v1/keys', () => ({ name: 'audited', role: 'read' })],
    ['PATCH /v1/keys/:id', () => `/v1/keys/${ids['key']}`, () => ({ role: 'operate' })],
    ['POST /v1/keys/:id/rotate', () => `/v1/keys/${ids['key']}/rotate`, () => ({})],
    ['DELETE /v1/keys/:id', () => `/v1/keys/${ids['key']}`],
    ['DELETE /v1/streamers/:uniqueId', () => '/v1/streamers/anna'],
  ];

  const entries = async (): Promise<readonly { actor: string; action: string; target?: string }[]> =>
    (await (await send('settings admin', 'GET', '/v1/audit?limit=200')).json())['entries'] as never;

  it('has an entry for every change by every route, with who, what and whom, and no secret', async () => {
    const changing = routes.filter(({ method }) => method !== 'GET').map(({ method, path }) => inTable(method, path));
    expect(changes.map(([route]) => route).sort()).toEqual([...changing].sort());
    for (const [route, path, body] of changes) {
      const before = (await entries()).length;
      const answer = await send('settings admin', route.split(' ')[0] ?? '', path(), body?.());
      const text = await answer.text();
      expect([route, answer.status, answer.ok ? '' : text]).toEqual([route, answer.status, '']);
      const after = await entries();
      expect([route, after.length - before]).toEqual([route, 1]);
      expect(after[0]).toMatchObject({
        actor: 'admin',
        channel: 'rest',
        action: expect.stringMatching(/^\w+\.\w+$/) as string,
      });
      expect([route, after[0]?.target === undefined]).toEqual([route, route.includes('/viewers/')]);
      await remember(route, text);
    }
    const log = await (await send('settings admin', 'GET', '/v1/audit?limit=200')).text();
    for (const hidden of ['planted', '4711004711', ...[...secrets.values()].filter((secret) => secret !== 'planted')])
      expect(log).not.toContain(hidden);
    expect(watcher.program.output).not.toContain('planted');
    expect(watcher.program.output).not.toContain('4711004711');
  });

  /** What later changes need of what an answer made. */
  async function remember(route: string, text: string): Promise<void> {
    if (text === '') return;
    const made = JSON.parse(text) as { id?: string; proxies?: { id: string }[] };
    if (route === 'POST /v1/proxy-pools/:name/proxies') ids['proxy'] = made.proxies?.[0]?.id ?? '';
    if (route === 'POST /v1/keys') ids['key'] = made.id ?? '';
    if (route !== 'POST /v1/webhooks') return;
    ids['webhook'] = made.id ?? '';
    const url = await readFile(join(folders[0]?.path ?? '', 'postgres', 'url'), 'utf8');
    ids['delivery'] = await withClient(url.trim(), async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `INSERT INTO webhook_deliveries
           (webhook_id, source, event_id, event_type, event_key, subject, body, status, dead_reason, finished_at, expires_at)
         VALUES ($1, '/tiktok/rooms/1', '1', 'livetap.chat.v1', '1', 'anna', '{}', 'dead', 'expired', now(), now())
         RETURNING id::text`,
        [ids['webhook']],
      );
      return rows[0]?.id ?? '';
    });
  }
});
