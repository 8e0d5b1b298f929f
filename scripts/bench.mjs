// npm run bench: messages/s of this project's decoders and of tiktok-live-proto 0.2.3 on the same frames, and memory of an
// idle connection of this project's library and of tiktok-live-connector 2.4.0 on the same server. `--json` prints JSON
// lines instead of tables, `--quick` measures fewer rounds. With LIVETAP_RECORDINGS_DIR the recorded frames are measured as well.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { benchConnectorMemory } from '../test/bench/connector-memory.mjs';
import { benchDecode } from '../test/bench/decode-bench.mjs';
import { realisticFrames } from '../test/bench/realistic-frames.mjs';
import { root } from './lib/setup.mjs';

const json = process.argv.includes('--json');
const quick = process.argv.includes('--quick');
build();

const proto = await import(pathToFileURL(join(root, 'libs', 'connector', 'dist', 'proto', 'index.js')).href);
const reference = await import('tiktok-live-proto/v3');

const sets = [['realistic mix', realisticFrames(proto)]];
const recordings = process.env.LIVETAP_RECORDINGS_DIR;
if (recordings) sets.push(['recorded', recordedFrames(join(recordings, 'frames.jsonl'))]);
else if (!json) console.log('recorded frames: skipped: LIVETAP_RECORDINGS_DIR is not set');

for (const [name, frames] of sets) {
  const result = benchDecode({ proto, reference, frames, ...(quick ? { rounds: 3, minimumMs: 20 } : {}) });
  if (json) print(name, result);
  else table(name, result);
}

const memory = await benchConnectorMemory({ proto, ...(quick ? { connections: 50, rounds: 1 } : {}) });
if (json) printMemory(memory);
else memoryTable(memory);

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

function printMemory({ rows, ratio, connections, rounds }) {
  for (const { name, heapBytes, outsideBytes, residentBytes } of rows) {
    console.log(
      JSON.stringify({
        bench: 'connector-memory',
        subject: name,
        heapBytes: Math.round(heapBytes),
        outsideBytes: Math.round(outsideBytes),
        residentBytes: Math.round(residentBytes),
        connections,
        rounds,
      }),
    );
  }
  console.log(JSON.stringify({ bench: 'connector-memory', ratio: Number(ratio.toFixed(2)) }));
}

function memoryTable({ rows, ratio, connections, rounds }) {
  const kib = (bytes) => (bytes / 1024).toFixed(1).padStart(8);
  console.log(`\nmemory of an idle connection: ${connections} connections in one process, ${rounds} rounds`);
  for (const { name, heapBytes, outsideBytes, residentBytes } of rows) {
    console.log(
      `  ${name.padEnd(30)}${kib(heapBytes)} KiB heap${kib(outsideBytes)} KiB outside${kib(residentBytes)} KiB resident`,
    );
  }
  console.log(`  ratio ${ratio.toFixed(2)} (tiktok-live-connector : livetap, heap and outside), medians over rounds`);
}

function recordedFrames(file) {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => Buffer.from(JSON.parse(line).frame, 'base64'));
}
