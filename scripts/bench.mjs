// npm run bench: messages/s of this project's decoders and of tiktok-live-proto 0.2.3 on the same frames. `--json` prints
// JSON lines instead of a table. With LIVETAP_RECORDINGS_DIR the recorded frames are measured as well.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { benchDecode } from '../test/bench/decode-bench.mjs';
import { realisticFrames } from '../test/bench/realistic-frames.mjs';
import { root } from './lib/setup.mjs';

const json = process.argv.includes('--json');
build();

const proto = await import(pathToFileURL(join(root, 'libs', 'connector', 'dist', 'proto', 'index.js')).href);
const reference = await import('tiktok-live-proto/v3');

const sets = [['realistic mix', realisticFrames(proto)]];
const recordings = process.env.LIVETAP_RECORDINGS_DIR;
if (recordings) sets.push(['recorded', recordedFrames(join(recordings, 'frames.jsonl'))]);
else if (!json) console.log('recorded frames: skipped: LIVETAP_RECORDINGS_DIR is not set');

for (const [name, frames] of sets) {
  const result = benchDecode({ proto, reference, frames });
  if (json) print(name, result);
  else table(name, result);
}

/** Brings the library's build up to date, in a process of its own whose output does not get between the figures. */
function build() {
  const setup = pathToFileURL(join(root, 'scripts', 'lib', 'setup.mjs')).href;
  const script = `import(${JSON.stringify(setup)}).then(({ checkNode, ensureDependencies, run }) => {
    checkNode();
    ensureDependencies();
    run(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'libs/connector']);
  })`;
  const { status } = spawnSync(process.execPath, ['-e', script], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

function print(name, { rows, ratio, frames, messages, bytes }) {
  for (const row of rows) {
    console.log(
      JSON.stringify({
        bench: 'decode',
        set: name,
        subject: row.name,
        messagesPerSecond: Math.round(row.perSecond),
        frames,
        messages,
        bytes,
      }),
    );
  }
  console.log(JSON.stringify({ bench: 'decode', set: name, ratio: Number(ratio.toFixed(2)) }));
}

function table(name, { rows, ratio, frames, messages, bytes }) {
  console.log(
    `\ndecode, ${name}: ${messages} messages in ${frames} frames, ${Math.round(bytes / messages)} bytes a message`,
  );
  for (const row of rows) {
    const rate = Math.round(row.perSecond).toLocaleString('en-US').padStart(12);
    console.log(
      `  ${row.name.padEnd(26)}${rate} messages/s  ${(1e6 / row.perSecond).toFixed(2).padStart(8)} µs a message`,
    );
  }
  console.log(`  ratio ${ratio.toFixed(2)} (livetap : tiktok-live-proto), medians over interleaved rounds`);
}

function recordedFrames(file) {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => Buffer.from(JSON.parse(line).frame, 'base64'));
}
