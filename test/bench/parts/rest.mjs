import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, post, Program, SERVICE } from '../../outage/programs.mjs';

const STREAMERS = 200;
const REQUESTS = 400;
const AT_ONCE = 8;
/** A page of a list, as promised for history. */
const PAGE_P95_MS = 50;

/** Reads over REST from a running service with live rooms and an embedded Postgres. */
export const rest = {
  name: 'rest',
  about: 'reads over REST from a service with live rooms',
  async run(context) {
    const streamers = context.quick ? 10 : STREAMERS;
    const requests = context.quick ? 40 : REQUESTS;
    const { freePorts } = await context.built('libs/testkit/dist/index.js');
    const folder = await mkdtemp(join(tmpdir(), 'livetap-rest-'));
    await chmod(folder, 0o755);
    const programs = [];
    try {
      const { url, names } = await startService({ folder, streamers, port: (await freePorts(1))[0], programs });
      const { sessions } = await eventually('a session is in the database', async () => {
        const answer = await (await fetch(`${url}/v1/sessions`)).json();
        return answer.sessions.length > 0 ? answer : undefined;
      });
      const paths = [
        '/v1/streamers?limit=100',
        `/v1/streamers/${names[0]}`,
        '/v1/sessions?limit=100',
        `/v1/sessions/${sessions[0].id}`,
        `/v1/sessions/${sessions[0].id}/snapshots`,
        '/v1/status',
      ];
      const rows = [];
      for (const path of paths) {
        await reads(url + path, Math.ceil(requests / 4), 1);
        const alone = await reads(url + path, requests, 1);
        const together = await reads(url + path, requests, AT_ONCE);
        rows.push({
          name: path.replace(names[0], '…').replace(sessions[0].id, '…'),
          figures: {
            'p50 ms': alone.at(0.5),
            'p95 ms': alone.at(0.95),
            [`requests/s, ${AT_ONCE} at once`]: together.perSecond,
          },
        });
      }
      return [
        {
          title: 'REST reads',
          about: `a service with ${streamers} live rooms and an embedded Postgres, ${requests} requests of each kind one after the other`,
          rows,
          ratios: [
            {
              name: 'slowest p95',
              value: Math.max(...rows.map(({ figures }) => figures['p95 ms'])),
              unit: 'ms',
              atMost: PAGE_P95_MS,
            },
          ],
        },
      ];
    } finally {
      for (const program of programs.reverse()) await program.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function startService({ folder, streamers, port, programs }) {
  const world = { port: 0, streamers, rate: streamers / 4, 'live-at-start': 1, schedule: false, seed: 5 };
  const settings = Object.entries(world).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const simulator = new Program('simulator', 'apps/simulator/dist/main.js', settings, {});
  programs.push(simulator);
  const [simulatorUrl] = await simulator.printed(/http:\/\/127\.0\.0\.1:\d+/);
  const watcher = new Program('watcher', SERVICE, [], {
    LIVETAP_HTTP_PORT: String(port),
    LIVETAP_DATA_DIR: join(folder, 'data'),
    LIVETAP_TIKTOK_WEB_URL: simulatorUrl,
    LIVETAP_TIKTOK_WEBCAST_URL: simulatorUrl,
    LIVETAP_TIKTOK_SOCKET_URL: simulatorUrl.replace('http:', 'ws:'),
    SIGN_API_URL: simulatorUrl,
    LIVETAP_REQUESTS_PER_SECOND: '500',
    LIVETAP_CHECK_INTERVAL_MS: '1000',
  });
  programs.push(watcher);
  await watcher.printed(/Livetap is ready/);
  const url = `http://127.0.0.1:${port}`;
  const known = (await (await fetch(`${simulatorUrl}/_sim/streamers`)).json()).streamers;
  const names = known.map(({ uniqueId }) => uniqueId);
  await post(`${url}/v1/streamers`, { streamers: names.map((uniqueId) => ({ uniqueId })) });
  await eventually('all rooms are live', async () => {
    const figures = await (await fetch(`${url}/metrics`)).text();
    return Number(/livetap_rooms\{state="live"\} (\d+)/.exec(figures)?.[1]) >= streamers ? true : undefined;
  });
  return { url, names };
}

/** @throws Error when an answer is no success */
async function reads(url, count, atOnce) {
  const times = [];
  const started = performance.now();
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const before = performance.now();
      const answer = await fetch(url);
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  const sorted = times.sort((a, b) => a - b);
  return {
    at: (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))],
    perSecond: count / ((performance.now() - started) / 1_000),
  };
}
