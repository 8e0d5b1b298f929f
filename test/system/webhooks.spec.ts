import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestPostgres, withClient } from '../setup/postgres.js';
import { eventually, Simulator, temporaryFolder, Watcher } from './processes.js';
import { isGenuine, WebhookReceiver, type ReceivedCall } from './webhook-receiver.js';

const ROOMS = 5;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

interface Created {
  readonly id: string;
  readonly secret: string;
}
interface Event {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
}

const eventOf = ({ body }: ReceivedCall): Event => JSON.parse(body.toString()) as Event;
const typesAt = (receiver: WebhookReceiver, path: string): string[] =>
  receiver.calls
    .filter((call) => call.path.startsWith(path))
    .map((call) => eventOf(call).type)
    .sort();
const times = (count: number, type: string): string[] => Array<string>(count).fill(type);

async function receiver(): Promise<WebhookReceiver> {
  const made = new WebhookReceiver();
  await made.up();
  cleanUps.push(() => made.down());
  return made;
}

describe('webhooks', () => {
  it('live.started, room.gap and live.ended arrive signed, exactly once each; after a kill and an outage, too; no secret is seen', async () => {
    const simulator = await Simulator.start(['--streamers', '0']);
    cleanUps.push(() => simulator.stop());
    const names = Array.from({ length: ROOMS }, (_, n) => `hook_${n}`);
    for (const uniqueId of names) await simulator.post('/_sim/streamers', { uniqueId, rate: 5, live: true });
    const postgres = await startTestPostgres();
    cleanUps.push(() => postgres.stop());
    const databaseUrl = await postgres.createDatabase();
    const folder = await temporaryFolder();
    cleanUps.push(() => folder.remove());
    const settings = {
      ...simulator.settings,
      LIVETAP_DATA_DIR: folder.path,
      DATABASE_URL: databaseUrl,
      LIVETAP_WEBHOOKS_ALLOW_PRIVATE: 'on',
      LIVETAP_WEBHOOKS_TIMEOUT_MS: '1000',
      LIVETAP_SECRETS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      LIVETAP_LOG_LEVEL: 'debug',
    };
    const watchers: Watcher[] = [];
    const start = async (): Promise<Watcher> => {
      const watcher = await Watcher.start(settings);
      watchers.push(watcher);
      cleanUps.push(() => watcher.stop());
      return watcher;
    };
    let watcher = await start();
    const destination = await receiver();
    const add = (path: string, changes: object = {}): Promise<Created> =>
      watcher.json<Created>('/v1/webhooks', {
        method: 'POST',
        body: { url: `${destination.url}${path}?token=planted-token`, ...changes },
      });
    const lifecycle = await add('/lifecycle');
    const oneRoom = await add('/one', { types: ['live.started'], streamers: ['hook_0'] });
    const gone = await add('/gone', { types: ['live.started'] });
    const slow = await add('/slow', { types: ['live.started'], streamers: ['hook_1'] });
    destination.answer = ({ path }, reply) => {
      // Never answers: the time-out ends the call.
      if (!path.startsWith('/slow')) reply.writeHead(path.startsWith('/gone') ? 410 : 204).end();
    };

    // Every kind of event once for each room.
    await watcher.add(names);
    await eventually('every start arrived', async () =>
      typesAt(destination, '/lifecycle').length >= ROOMS ? true : undefined,
    );
    for (const uniqueId of names) await simulator.post('/_sim/faults', { kind: 'cut', uniqueId, when: 'acked' });
    await eventually('every gap arrived', async () =>
      typesAt(destination, '/lifecycle').length >= 2 * ROOMS ? true : undefined,
    );

    // While it is away the last outcome will be another one.
    const tried = async (): Promise<{ lastOutcome?: string; attempts: number; status: string }[]> =>
      (
        await watcher.json<{ deliveries: { lastOutcome?: string; attempts: number; status: string }[] }>(
          `/v1/webhooks/${slow.id}/deliveries`,
        )
      ).deliveries;
    await eventually('the one that never answers was given up for now', async () =>
      (await tried())[0]?.lastOutcome === 'timeout' ? true : undefined,
    );

    // The destination is away; the process ends by force with deliveries in the queue, and another one sends them.
    await destination.down();
    for (const uniqueId of names) await simulator.post(`/_sim/streamers/${uniqueId}/end`);
    const waiting = async (): Promise<number> =>
      withClient(databaseUrl, async (client) => {
        const { rows } = await client.query<{ count: string }>(
          `SELECT count(*) FROM webhook_deliveries WHERE status = 'pending' AND event_type = 'livetap.live.ended.v1'`,
        );
        return Number(rows[0]?.count);
      });
    await eventually('every end waits', async () => ((await waiting()) === ROOMS ? true : undefined));
    expect(await watcher.stop('SIGKILL')).toBe('SIGKILL');
    await destination.up();
    watcher = await start();
    await eventually('every end arrived', async () =>
      typesAt(destination, '/lifecycle').length >= 3 * ROOMS ? true : undefined,
    );

    expect(typesAt(destination, '/lifecycle')).toEqual([
      ...times(ROOMS, 'livetap.live.ended.v1'),
      ...times(ROOMS, 'livetap.live.started.v1'),
      ...times(ROOMS, 'livetap.room.gap.v1'),
    ]);
    const calls = destination.calls.filter(({ path }) => path.startsWith('/lifecycle'));
    expect(new Set(calls.map(({ id }) => id)).size).toBe(3 * ROOMS);
    expect(new Set(calls.map((call) => `${eventOf(call).source} ${eventOf(call).id}`)).size).toBe(3 * ROOMS);
    expect(calls.every((call) => isGenuine(call, lifecycle.secret))).toBe(true);
    expect(calls.some((call) => isGenuine(call, oneRoom.secret))).toBe(false);
    expect(typesAt(destination, '/one')).toEqual(['livetap.live.started.v1']);
    expect(
      destination.calls.filter(({ path }) => path.startsWith('/one')).map((call) => eventOf(call).subject),
    ).toEqual(['hook_0']);

    // 410 switched one off after its first calls; the slow one is tried again and again and holds nobody up.
    expect(await watcher.json(`/v1/webhooks/${gone.id}`)).toMatchObject({ enabled: false, disabledReason: 'gone' });
    expect(await tried()).toMatchObject([{ status: 'pending' }]);

    // A test call, a rotation, and one event again, by hand.
    const rotated = await watcher.json<Created>(`/v1/webhooks/${lifecycle.id}/secret`, { method: 'POST', body: {} });
    expect(await watcher.json(`/v1/webhooks/${lifecycle.id}/test`, { method: 'POST' })).toMatchObject({
      delivered: true,
      status: 204,
    });
    const sample = destination.calls.find(({ headers }) => headers['livetap-test'] === 'true');
    expect(sample && isGenuine(sample, rotated.secret) && isGenuine(sample, lifecycle.secret)).toBe(true);
    // An answer is written down after it came, in a batch with others.
    const log = await eventually('every outcome is in the log', async () => {
      const all = await watcher.json<{ deliveries: { id: string; messageId: string; status: string }[] }>(
        `/v1/webhooks/${lifecycle.id}/deliveries`,
      );
      return all.deliveries.some(({ status }) => status === 'pending') ? undefined : all;
    });
    expect(log.deliveries.map(({ status }) => status)).toEqual(times(3 * ROOMS, 'delivered'));
    const [newest] = log.deliveries;
    await watcher.json(`/v1/webhooks/${lifecycle.id}/deliveries/${newest?.id ?? ''}/redeliver`, { method: 'POST' });
    await eventually('it came again', async () =>
      destination.calls.filter(({ id }) => id === newest?.messageId).length === 2 ? true : undefined,
    );
    expect(await watcher.metric('livetap_webhook_deliveries_total')).toBeGreaterThan(ROOMS);

    const metrics = await (await watcher.call('/metrics')).text();
    const shown = [
      metrics,
      await (await watcher.call('/v1/status')).text(),
      JSON.stringify(await watcher.json(`/v1/webhooks/${lifecycle.id}/deliveries`)),
    ];
    const dump = await withClient(databaseUrl, async (client) => {
      const { rows } = await client.query('SELECT * FROM webhooks');
      return JSON.stringify(rows);
    });
    expect(await watcher.stop()).toBe(0);
    const secrets = [lifecycle, oneRoom, gone, slow, rotated].map(({ secret }) => secret);
    const everything = [...watchers.map(({ program }) => program.output), ...shown, dump].join('\n');
    for (const secret of [...secrets, 'planted-token', settings.LIVETAP_SECRETS_KEYS.slice(3)]) {
      expect(everything.includes(secret)).toBe(false);
    }
    console.log(`${calls.length} lifecycle events, each signed and delivered once over a kill and an outage`);
  }, 240_000);
});
