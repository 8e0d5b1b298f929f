import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { readTopics, testClient } from '@livetap/testkit';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { ConnectProxy } from '../connector/support/proxies.js';
import { startTestPostgres, withClient } from '../setup/postgres.js';
import { produceCommands } from './commands-client.js';
import { eventually, Simulator, temporaryFolder, Watcher } from './processes.js';
import { QuotingUpstream } from './quoting-upstream.js';
import { dumpDatabase, findSecrets, formsOf, readFolder, type Output, type PlantedSecret } from './secret-scan.js';
import { WebhookReceiver } from './webhook-receiver.js';

const brokers = inject('kafkaBrokers');
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

/** With characters that every encoding changes. */
const plant = (name: string): string => `planted+${name}/${randomBytes(9).toString('base64url')}=`;
/** For places that take words only. */
const plantWord = (name: string): string => `planted-${name}-${randomBytes(9).toString('hex')}`;

/** A proxy that does not know our login and says it back. */
async function denyingProxy(): Promise<{ readonly host: string; readonly asked: () => number }> {
  let asked = 0;
  const server: HttpServer = createServer((_request, response) => void response.writeHead(405).end());
  server.on('connect', (request, socket: Socket) => {
    asked += 1;
    const login = request.headers['proxy-authorization'] ?? '';
    socket.on('error', () => socket.destroy());
    socket.end(`HTTP/1.1 407 Who is ${login}\r\nx-login: ${login}\r\ncontent-length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(async () => server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

/** Everything that the live tail sends until `stop`. */
function followTail(url: string, key: string): { readonly stop: () => Promise<string> } {
  const end = new AbortController();
  let text = '';
  const reading = (async () => {
    const answer = await fetch(`${url}/v1/events`, {
      headers: { authorization: `Bearer ${key}` },
      signal: end.signal,
    });
    for await (const chunk of answer.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
  })().catch(() => undefined);
  return {
    stop: async () => {
      end.abort();
      await reading;
      return text;
    },
  };
}

describe('planted secrets', () => {
  it('the scan finds a secret in every form', () => {
    const value = plant('control');
    for (const before of ['', 'x', 'xy']) {
      const whole = Buffer.from(`${before}${value}tail`);
      for (const text of [whole.toString(), whole.toString('base64'), whole.toString('hex'), encodeURIComponent(value)])
        expect(findSecrets([{ place: 'here', text: `...${text}...` }], [{ name: 'control', value }])).toHaveLength(1);
    }
    expect(formsOf(value).size).toBeGreaterThan(10);
  });

  it('are in no log, metric, answer, event, topic, file or table, whatever goes wrong', async () => {
    const simulator = await Simulator.start(['--streamers', '0']);
    cleanUps.push(() => simulator.stop());
    const upstream = await new QuotingUpstream(simulator.url).start();
    cleanUps.push(() => upstream.stop());
    const names = ['plain', 'login', 'proxied', 'pooled', 'denied', 'nobody', 'signed', 'bylabel'];
    for (const uniqueId of names) await simulator.post('/_sim/streamers', { uniqueId, rate: 5, live: true });

    const keys = { read: plantWord('read-key'), operate: plantWord('operate-key'), admin: plantWord('admin-key') };
    const signKey = plant('sign-key');
    const secretKey = randomBytes(32).toString('base64');
    const password = plantWord('database');
    const session = { sessionId: plantWord('session'), ttTargetIdc: plantWord('idc') };
    const proxyPassword = plant('proxy');
    const deniedPassword = plant('denied');
    const poolPassword = plant('pool');
    const hookToken = plantWord('hook');
    const wrong = plantWord('wrong-place');
    const secrets: PlantedSecret[] = [
      ...Object.entries(keys).map(([role, value]) => ({ name: `API key ${role}`, value })),
      ...Object.entries({ signKey, secretKey, password, ...session, proxyPassword, deniedPassword, poolPassword }).map(
        ([name, value]) => ({ name, value }),
      ),
      { name: 'token in the address of a webhook', value: hookToken },
      { name: 'secret in a wrong place', value: wrong },
    ];

    const postgres = await startTestPostgres();
    cleanUps.push(() => postgres.stop());
    const adminUrl = await postgres.createDatabase();
    const role = `planted_${randomBytes(4).toString('hex')}`;
    await withClient(adminUrl, async (client) => {
      await client.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
      await client.query(`GRANT ALL ON DATABASE ${new URL(adminUrl).pathname.slice(1)} TO ${role}`);
      await client.query(`GRANT ALL ON SCHEMA public TO ${role}`);
    });
    cleanUps.push(() =>
      withClient(adminUrl, async (client) => {
        await client.query(`DROP OWNED BY ${role} CASCADE`);
        await client.query(`DROP ROLE ${role}`);
      }),
    );
    const databaseUrl = new URL(adminUrl);
    databaseUrl.username = role;
    databaseUrl.password = password;

    const good = await new ConnectProxy().start();
    cleanUps.push(() => good.close());
    const denying = await denyingProxy();
    const proxyAt = (host: string, secret: string): string => `http://user:${encodeURIComponent(secret)}@${host}`;
    const folder = await temporaryFolder();
    cleanUps.push(() => folder.remove());
    const prefix = `planted.${randomUUID().slice(0, 8)}`;
    const dataDir = join(folder.path, 'data');
    const settings: Record<string, string> = {
      ...simulator.settings,
      LIVETAP_TIKTOK_WEB_URL: upstream.url,
      LIVETAP_TIKTOK_WEBCAST_URL: upstream.url,
      LIVETAP_TIKTOK_SOCKET_URL: upstream.url.replace('http', 'ws'),
      SIGN_API_URL: upstream.url,
      SIGN_API_KEY: signKey,
      LIVETAP_API_KEYS: Object.entries(keys)
        .map(([name, key]) => `${name}:${name}:${key}`)
        .join(','),
      LIVETAP_DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl.href,
      LIVETAP_SECRETS_KEYS: `k1:${secretKey}`,
      LIVETAP_WEBHOOKS_ALLOW_PRIVATE: 'on',
      LIVETAP_LOG_LEVEL: 'debug',
      ...(brokers.length === 0
        ? {}
        : {
            KAFKA_BROKERS: brokers.join(','),
            LIVETAP_TOPIC_PREFIX: prefix,
            LIVETAP_TOPIC_PARTITIONS: '1',
            LIVETAP_RAW_TOPIC: 'on',
            LIVETAP_COMMANDS: 'on',
          }),
    };

    const outputs: Output[] = [];
    const programs: Watcher[] = [];
    const start = async (more: Record<string, string> = {}): Promise<Watcher> => {
      const watcher = await Watcher.start({ ...settings, ...more });
      programs.push(watcher);
      cleanUps.push(() => watcher.stop());
      return watcher;
    };
    let watcher = await start();
    /** Every answer is searched, but for the one that hands a new secret out. */
    const ask = async (method: string, route: string, body?: unknown, key = keys.admin): Promise<string> => {
      const headers = { authorization: `Bearer ${key}` };
      const answer = await watcher.call(route, { method, headers, ...(body === undefined ? {} : { body }) });
      const text = `${answer.status} ${JSON.stringify(Object.fromEntries(answer.headers))} ${await answer.text()}`;
      outputs.push({ place: `${method} ${route.slice(0, 40)}`, text });
      return text;
    };
    const tail = followTail(watcher.url, keys.read);

    // Everything planted where it belongs.
    const receiver = new WebhookReceiver();
    await receiver.up();
    cleanUps.push(() => receiver.down());
    receiver.answer = ({ path, body }, reply) => {
      const failing = path.startsWith('/failing');
      reply
        .writeHead(failing ? 500 : 204, failing ? { 'x-quoted': path } : {})
        .end(failing ? `${path} ${body.toString()}` : '');
    };
    for (const path of ['/fine', '/failing']) {
      const made = await watcher.call('/v1/webhooks', {
        method: 'POST',
        headers: { authorization: `Bearer ${keys.admin}` },
        body: { url: `${receiver.url}${path}?token=${hookToken}`, types: ['live.started'] },
      });
      const { id, secret } = (await made.json()) as { id: string; secret: string };
      secrets.push({ name: `signing secret of ${path}`, value: secret.slice('whsec_'.length) });
      // Only admins may see the address: `read` gets the host.
      await ask('GET', `/v1/webhooks/${id}`, undefined, keys.read);
      await ask('POST', `/v1/webhooks/${id}/test`);
      await ask('GET', `/v1/webhooks/${id}/deliveries`, undefined, keys.read);
    }
    const poolUrls = [
      proxyAt(`localhost:${good.port}`, poolPassword),
      proxyAt(denying.host, poolPassword),
      proxyAt('127.0.0.1:1', poolPassword),
    ];
    await ask('POST', '/v1/proxy-pools', { name: 'mixed', proxies: poolUrls });
    await ask('POST', '/v1/proxy-pools', { name: 'broken', proxies: poolUrls.slice(1) });
    await ask('PUT', '/v1/label-defaults/broken', { proxyPool: 'broken' });
    const added: Record<string, object> = {
      login: {},
      proxied: { proxyUrl: proxyAt(`localhost:${good.port}`, proxyPassword) },
      denied: { proxyUrl: proxyAt(denying.host, deniedPassword) },
      nobody: { proxyUrl: `socks5://user:${encodeURIComponent(deniedPassword)}@127.0.0.1:1` },
      pooled: { proxyPool: 'mixed' },
      bylabel: { labels: ['broken'] },
    };
    upstream.refuses = ({ path, headers }) =>
      // The login is refused at the first attempt; the sign server and the direct way refuse one streamer each for a while.
      path.includes('/ws_reuse_supplement') && (headers.cookie?.includes(session.sessionId) ?? false);
    for (const uniqueId of names) {
      await ask('POST', '/v1/streamers', { uniqueId, paused: uniqueId === 'login', ...added[uniqueId] });
    }
    await ask('PUT', '/v1/streamers/login/session', session);
    await ask('PATCH', '/v1/streamers/login', { paused: false });
    const isLive = async (name: string): Promise<boolean> =>
      (await ask('GET', `/v1/streamers/${name}`, undefined, keys.read)).includes('"state":"live","reason"');
    await eventually('rooms are live by every way that works', async () => {
      const states = await Promise.all(['plain', 'proxied', 'pooled'].map(isLive));
      return states.every(Boolean) ? true : undefined;
    });
    await eventually('the login was refused', async () =>
      upstream.brought.some((brought) => upstream.refuses(brought)) ? true : undefined,
    );
    // The direct way is closed for all: the sign server is asked, and refuses, then gives an address.
    const quoting = new Set(['/webcast/fetch']);
    upstream.refuses = ({ path }) => path.includes('/ws_reuse_supplement') || quoting.has(path);
    for (const uniqueId of ['plain', 'signed', 'login'])
      await simulator.post('/_sim/faults', { kind: 'cut', uniqueId, when: 'now' });
    const signs = (): number => upstream.brought.filter(({ path }) => path === '/webcast/fetch').length;
    await eventually('the sign server refused', async () => (signs() > 0 ? true : undefined));
    await ask('GET', '/v1/streamers?limit=50');
    quoting.clear();
    await eventually('a signed socket', async () =>
      upstream.brought.some(({ path, headers }) => path.includes('/push/v2') && headers.upgrade !== undefined)
        ? true
        : undefined,
    );
    upstream.refuses = ({ path }) => path.startsWith('/@') || path.startsWith('/api-live');
    await simulator.post('/_sim/streamers/proxied/end');

    // Everything planted where it does not belong.
    const misplaced: readonly (readonly [string, string, unknown?])[] = [
      ['POST', '/v1/streamers', { uniqueId: 'x1', proxyUrl: `ftp://user:${wrong}@host` }],
      ['POST', '/v1/streamers', { uniqueId: 'x1', proxyUrl: wrong }],
      ['POST', '/v1/streamers', { uniqueId: `http://user:${wrong}@host` }],
      ['POST', '/v1/streamers', { streamers: [{ uniqueId: 'x1', proxyUrl: wrong, session: wrong }] }],
      ['POST', '/v1/streamers', { uniqueId: 'x2', proxyUrl: `http://u:${wrong}@h`, proxyPool: 'mixed' }],
      ['PATCH', '/v1/streamers/plain', { priority: wrong, sessionId: wrong }],
      ['PUT', '/v1/streamers/plain/session', { sessionId: `${wrong}; a=b`, ttTargetIdc: wrong }],
      ['PUT', '/v1/streamers/nobody-there/session', { sessionId: wrong, ttTargetIdc: wrong }],
      ['POST', '/v1/webhooks', { url: `http://user:${wrong}@host/${wrong}`, types: [wrong] }],
      ['POST', '/v1/proxy-pools', { name: 'mixed', proxies: [`http://u:${wrong}@h`] }],
      ['POST', '/v1/proxy-pools', { name: 'twice', proxies: [`http://u:${wrong}@h`, `http://u:${wrong}@h`] }],
      ['POST', '/v1/proxy-pools/mixed/proxies', { proxies: [`gopher://u:${wrong}@h`] }],
      ['DELETE', '/v1/proxy-pools/mixed'],
      ['GET', `/v1/streamers?key=${wrong}&state=${wrong}`],
      ['GET', `/v1/nothing?token=${wrong}`],
      ['GET', `/v1/events?cookie=${wrong}`],
    ];
    for (const [method, route, body] of misplaced) await ask(method, route, body);
    for (const key of [wrong, `${keys.admin}x`]) await ask('GET', '/v1/streamers', undefined, key);
    await ask('POST', '/v1/webhooks', { url: wrong }, keys.read);
    const malformed = await fetch(`${watcher.url}/v1/streamers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.admin}`, cookie: `a=${wrong}` },
      body: `{"uniqueId":"x1","proxyUrl":"http://user:${wrong}`,
    });
    outputs.push({ place: 'malformed', text: await malformed.text() });
    if (brokers.length > 0) {
      await produceCommands(brokers, prefix, [
        { id: randomUUID(), command: 'update', uniqueId: 'plain' },
        { id: randomUUID(), command: 'add', uniqueId: 'plain' },
        { id: randomUUID(), command: 'pause', uniqueId: 'nobody-there' },
      ]);
    }
    await eventually('the proxies that do not work were tried', async () => (denying.asked() > 1 ? true : undefined));
    for (const route of [
      '/v1/streamers?limit=50',
      '/v1/proxy-pools',
      '/v1/label-defaults',
      '/v1/status',
      '/metrics',
      '/readyz',
      '/livez',
      '/openapi.json',
      '/v1/streamers/plain/sessions',
    ])
      await ask('GET', route, undefined, keys.read);
    outputs.push({ place: 'live tail', text: await tail.stop() });
    expect(await watcher.stop()).toBe(0);

    expect(upstream.brought.some(({ headers }) => headers['x-api-key'] === signKey)).toBe(true);
    // Searched at the end as well; here it says at once what was stored or said openly.
    const stored = await dumpDatabase(adminUrl);
    expect(findSecrets([...outputs, ...stored], secrets)).toEqual([]);

    // Without the key, what is sealed stays closed, and nothing goes out another way.
    upstream.refuses = () => false;
    upstream.brought.length = 0;
    watcher = await start({ LIVETAP_SECRETS_KEYS: '' });
    await eventually('the refusal is shown', async () =>
      (await ask('GET', '/v1/streamers/denied')).includes('cannot be decrypted') ? true : undefined,
    );
    await ask('PUT', '/v1/streamers/plain/session', session);
    await ask('PATCH', '/v1/streamers/plain', { proxyUrl: proxyAt('127.0.0.1:1', wrong) });
    await ask('GET', '/v1/proxy-pools');
    await ask('GET', '/v1/webhooks', undefined, keys.admin);
    expect(await watcher.stop()).toBe(0);
    const reached = upstream.brought.map(({ path, query }) => `${path} ${query.get('uniqueId') ?? ''}`).join('\n');
    for (const closed of ['denied', 'nobody', 'bylabel', 'proxied', 'pooled', 'login'])
      expect(reached).not.toContain(closed);

    for (const [index, { program }] of programs.entries())
      outputs.push({ place: `output of process ${index + 1}`, text: program.output });
    outputs.push(...(await dumpDatabase(adminUrl)), ...(await readFolder(dataDir)));
    if (brokers.length > 0) {
      const admin = testClient(brokers).admin();
      await admin.connect();
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
      await admin.disconnect();
      for (const { topic, key, value, headers } of await readTopics(brokers, topics))
        outputs.push({
          place: `topic ${topic}`,
          text: `${key} ${JSON.stringify(headers)} ${value?.toString('latin1')}`,
        });
    }

    // What was planted was really used: the secrets reached those whom they are for.
    const seen = programs.length > 1 ? [...outputs] : [];
    expect(seen.length).toBeGreaterThan(50);
    expect(good.tunnels.map(({ login }) => login)).toEqual(
      expect.arrayContaining([`user:${proxyPassword}`, `user:${poolPassword}`]),
    );
    expect(receiver.calls.some(({ path }) => path.includes(hookToken))).toBe(true);
    const given = [...upstream.given].filter((value) => value.length > 12);
    expect(given.length).toBeGreaterThan(3);
    const all = [...secrets, ...given.map((value, index) => ({ name: `cookie or signature ${index}`, value }))];
    const found = findSecrets(outputs, all);
    expect(found).toEqual([]);
    const bytes = outputs.reduce((sum, { text }) => sum + text.length, 0);
    console.log(
      `${all.length} secrets in ${formsOf('x').size} forms, searched in ${outputs.length} outputs, ${bytes} characters: ${found.length} hits`,
    );
  }, 180_000);
});
