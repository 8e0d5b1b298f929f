// npm run demo: the service against the simulator, streamers already added. Data goes to ./data-demo.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attendedChild } from './lib/attended-child.mjs';
import { ensureReady, fail, root } from './lib/setup.mjs';

ensureReady();

const STREAMERS = process.env.LIVETAP_DEMO_STREAMERS ?? '50';

/** The simulator is a process of its own and outlives the service's drain, as TikTok would. */
const simulator = attendedChild([join(root, 'apps/simulator/dist/main.js'), '--port', '0', '--streamers', STREAMERS]);
simulator.on('exit', (code) => fail(`The simulator ended early (exit ${code ?? 'by signal'}).`));

const address = await new Promise((resolve) => {
  let text = '';
  simulator.stdout.on('data', (chunk) => {
    text += chunk;
    const match = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
    if (match) resolve(match[0]);
  });
});
simulator.stdout.resume();
simulator.stdout.unref();

const settings = {
  LIVETAP_DATA_DIR: join(root, 'data-demo'),
  LIVETAP_TIKTOK_WEB_URL: address,
  LIVETAP_TIKTOK_WEBCAST_URL: address,
  LIVETAP_TIKTOK_SOCKET_URL: address.replace('http:', 'ws:'),
  SIGN_API_URL: address,
  LIVETAP_COMMANDS: process.env.KAFKA_BROKERS ? 'on' : 'off',
  // The simulator is no site that needs sparing: notice its streams quickly.
  LIVETAP_REQUESTS_PER_SECOND: '200',
  LIVETAP_CHECK_INTERVAL_MS: '5000',
};
for (const [name, value] of Object.entries(settings)) process.env[name] ??= value;

const firstRun = !existsSync(join(process.env.LIVETAP_DATA_DIR, 'postgres'));
// Resolves only when the service ends: not waited for.
const service = import('../apps/watcher/dist/main.js');

/** Waits for the service, then adds the simulator's streamers as an operator would. */
async function addStreamers() {
  const host = process.env.LIVETAP_HTTP_HOST ?? '127.0.0.1';
  const base = `http://${host}:${process.env.LIVETAP_HTTP_PORT ?? '3000'}`;
  while (!(await isReady(base))) await new Promise((resolve) => setTimeout(resolve, 200));
  const known = await (await fetch(`${address}/_sim/streamers`)).json();
  const streamers = known.streamers.map(({ uniqueId }) => ({ uniqueId }));
  const answer = await fetch(`${base}/v1/streamers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization() },
    body: JSON.stringify({ streamers }),
  });
  if (!answer.ok) fail(`Adding the demo's streamers failed: ${answer.status} ${await answer.text()}`);
  process.stdout.write(
    `${firstRun ? 'Added' : 'Checked'} ${streamers.length} simulated streamers. See events: curl -N ${base}/v1/events\n`,
  );
}

/** Whether the demo's own service is ready: another one may have the port, and must not get streamers that do not exist. */
async function isReady(base) {
  try {
    const status = await fetch(`${base}/v1/status`, { headers: authorization() });
    const { ready, replicaId } = await status.json();
    return (
      ready === true && replicaId === readFileSync(join(process.env.LIVETAP_DATA_DIR, 'replica-id'), 'utf8').trim()
    );
  } catch {
    return false;
  }
}

function authorization() {
  const admin = (process.env.LIVETAP_API_KEYS ?? '')
    .split(',')
    .map((entry) => entry.split(':'))
    .find(([, role]) => role === 'admin');
  return admin ? { authorization: `Bearer ${admin.slice(2).join(':')}` } : {};
}

addStreamers().catch((error) => fail(`The demo could not add its streamers: ${error.message}`));
await service;
