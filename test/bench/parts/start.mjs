import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../measure.mjs';

const ROUNDS = 5;
const LIMIT_SECONDS = 5;

/** `npm start` on an empty data folder, everything installed and built: until the service says that it is ready. */
export const start = {
  name: 'start',
  about: 'npm start until ready, with an embedded Postgres that is made anew',
  async run(context) {
    const times = [];
    for (let round = 0; round < (context.quick ? 1 : ROUNDS); round += 1) times.push(await coldStart(context));
    return [
      {
        title: 'cold start',
        about: `npm start on an empty data folder, embedded Postgres, until ready; ${times.length} rounds`,
        rows: [
          {
            name: 'livetap',
            figures: { 'least s': Math.min(...times), 'median s': median(times), 'most s': Math.max(...times) },
          },
        ],
        ratios: [{ name: 'until ready, median', value: median(times), unit: 's', atMost: LIMIT_SECONDS }],
      },
    ];
  },
};

async function coldStart({ root, environment }) {
  const folder = await mkdtemp(join(tmpdir(), 'livetap-start-'));
  // An embedded Postgres started by root runs as another user.
  await chmod(folder, 0o755);
  const own = Object.entries(environment).filter(([name]) => !/^(LIVETAP_|KAFKA_|DATABASE_URL|SIGN_)/.test(name));
  const env = { ...Object.fromEntries(own), LIVETAP_DATA_DIR: join(folder, 'data'), LIVETAP_HTTP_PORT: '0' };
  const started = performance.now();
  // In a group of its own: npm runs the service by a shell.
  const child = spawn('npm', ['start'], { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let said = '';
  try {
    return await new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => {
          said = (said + text).slice(-10_000);
          if (/Livetap is ready/.test(said)) resolve((performance.now() - started) / 1_000);
        });
      child.once('close', (code) => reject(new Error(`npm start ended with ${code}:\n${said}`)));
    });
  } finally {
    if (child.exitCode === null) process.kill(-child.pid, 'SIGINT');
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}
