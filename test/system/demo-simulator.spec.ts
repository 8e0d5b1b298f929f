import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually } from './processes.js';

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** What the demo does: the simulator beside it. Passes on what that says first. */
const DEMO = `
  import { attendedChild } from ${JSON.stringify(path('scripts/lib/attended-child.mjs'))};
  const child = attendedChild([${JSON.stringify(path('apps/simulator/dist/main.js'))}, '--port', '0', '--streamers', '1']);
  child.stdout.once('data', (line) => process.stdout.write(line));
  setInterval(() => undefined, 60_000);
  process.once('SIGTERM', () => process.exit(0));
`;

it.each(['SIGKILL', 'SIGTERM'] as const)('the simulator of a demo that ends by %s ends as well', async (signal) => {
  const demo = spawn(process.execPath, ['--input-type=module', '--eval', DEMO], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => demo.once('exit', resolve));
  const line = await new Promise<Buffer>((resolve) => demo.stdout.once('data', resolve));
  const { url } = JSON.parse(line.toString()) as { readonly url: string };
  expect((await fetch(`${url}/_sim/health`)).status).toBe(200);
  demo.kill(signal);
  await ended;
  // Asked at its port, not by its number: nobody may collect a process that lost its parent.
  await eventually('the simulator is gone', () =>
    fetch(`${url}/_sim/health`).then(
      () => undefined,
      () => true as const,
    ),
  );
});
