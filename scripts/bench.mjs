// npm run bench: the bytes of frames to record values and to whole objects, against gunzip alone and tiktok-live-connector
// 2.4.0; decoders against tiktok-live-proto 0.2.3; memory of an idle connection against tiktok-live-connector 2.4.0. Same input,
// interleaved, in one run. `--json` prints JSON lines instead of tables, `--quick` measures fewer rounds. With
// LIVETAP_RECORDINGS_DIR the recorded frames are measured as well. See docs/benchmarks.md.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { benchConnectorMemory } from '../test/bench/connector-memory.mjs';
import { benchDecode } from '../test/bench/decode-bench.mjs';
import { realisticFrames } from '../test/bench/realistic-frames.mjs';
import { benchValues } from '../test/bench/value-bench.mjs';
import { root } from './lib/setup.mjs';

const json = process.argv.includes('--json');
const quick = process.argv.includes('--quick');
const pace = quick ? { rounds: 3, minimumMs: 20 } : {};
build();

const proto = await built('libs/connector/dist/proto/index.js');
const parts = {
  ...proto,
  ...(await built('libs/connector/dist/socket/unpack.js')),
  ...(await built('libs/connector/dist/connection/message-dispatcher.js')),
  ...(await built('apps/watcher/dist/pipeline/room-pipeline.js')),
  ...(await built('apps/watcher/dist/pipeline/normalize/generic-shaper.js')),
};
const reference = await import('tiktok-live-proto/v3');
const peer = await import('tiktok-live-connector');

const sets = [['realistic mix', realisticFrames(proto), realisticFrames(proto, { gzip: false })]];
const recordings = process.env.LIVETAP_RECORDINGS_DIR;
if (recordings) {
  const frames = recordedFrames(join(recordings, 'frames.jsonl'));
  sets.push(['recorded', frames, frames.map(unpacked)]);
} else if (!json) console.log('recorded frames: skipped: LIVETAP_RECORDINGS_DIR is not set');

if (json) report({ bench: 'machine', ...machine() });
else console.log(Object.values(machine()).join(', '));
for (const [name, frames, plainFrames] of sets) {
  const values = await benchValues({ parts, peer, frames, plainFrames, ...pace });
  show(`frames, ${name}`, values);
  const { ratio, ...decoded } = await benchDecode({ proto, reference, frames, ...pace });
  show(`decode, ${name}`, { ...decoded, ratios: { 'livetap : tiktok-live-proto': ratio } });
}
showMemory(await benchConnectorMemory({ proto, ...(quick ? { connections: 50, rounds: 1 } : {}) }));

function built(path) {
  return import(pathToFileURL(join(root, path)).href);
}

/** Brings the build up to date, in a process of its own whose output does not get between the figures. */
function build() {
  const setup = pathToFileURL(join(root, 'scripts', 'lib', 'setup.mjs')).href;
  const script = `import(${JSON.stringify(setup)}).then(({ ensureReady }) => ensureReady())`;
  const { status } = spawnSync(process.execPath, ['-e', script], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

function machine() {
  const [{ model = 'unknown processor' } = {}, ...others] = cpus();
  return { processor: model.trim(), cores: `${others.length + 1} cores`, node: `Node ${process.versions.node}` };
}

function report(line) {
  console.log(JSON.stringify(line));
}

/** Rates are medians over interleaved rounds, ratios medians of the ratios within each round. */
function show(title, { rows, ratios, frames, messages }) {
  if (json) {
    for (const { name, perSecond } of rows)
      report({ bench: title, subject: name, messagesPerSecond: Math.round(perSecond), frames, messages });
    for (const [name, ratio] of Object.entries(ratios)) report({ bench: title, name, ratio: Number(ratio.toFixed(3)) });
    return;
  }
  console.log(`\n${title}: ${messages} messages in ${frames} frames`);
  for (const { name, perSecond } of rows) {
    const rate = Math.round(perSecond).toLocaleString('en-US').padStart(10);
    console.log(`  ${name.padEnd(48)}${rate} messages/s${(1e6 / perSecond).toFixed(2).padStart(8)} µs a message`);
  }
  for (const [name, ratio] of Object.entries(ratios))
    console.log(`  ${name.padEnd(48)}${ratio.toFixed(2).padStart(10)}`);
}

function showMemory({ rows, ratio, connections, rounds }) {
  const title = 'memory of an idle connection';
  if (json) {
    for (const { name, heapBytes, outsideBytes, residentBytes } of rows) {
      const bytes = { heapBytes, outsideBytes, residentBytes };
      const rounded = Object.fromEntries(Object.entries(bytes).map(([key, value]) => [key, Math.round(value)]));
      report({ bench: title, subject: name, ...rounded, connections, rounds });
    }
    report({ bench: title, name: 'tiktok-live-connector : livetap', ratio: Number(ratio.toFixed(3)) });
    return;
  }
  const kib = (bytes) => (bytes / 1024).toFixed(1).padStart(8);
  console.log(`\n${title}: ${connections} connections in one process, ${rounds} rounds`);
  for (const { name, heapBytes, outsideBytes, residentBytes } of rows)
    console.log(
      `  ${name.padEnd(30)}${kib(heapBytes)} KiB heap${kib(outsideBytes)} KiB outside${kib(residentBytes)} KiB resident`,
    );
  console.log(`  ${'tiktok-live-connector : livetap'.padEnd(48)}${ratio.toFixed(2).padStart(10)}`);
}

function recordedFrames(file) {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => Buffer.from(JSON.parse(line).frame, 'base64'));
}

/** The same frame with a plain payload. */
function unpacked(frame) {
  const { payload, ...rest } = proto.WebcastPushFrame.decode(frame);
  return proto.WebcastPushFrame.encode({ ...rest, payload: gunzipSync(payload) }).finish();
}
