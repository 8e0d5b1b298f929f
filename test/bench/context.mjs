import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { realisticFrames } from './realistic-frames.mjs';

/**
 * What every part of the benchmark is given: the built project at `root`, its frames, and how long to measure.
 * `quick`: a look whether it runs, not a measurement. `note`: says something that is no figure.
 */
export class BenchContext {
  #frameSets;
  #kafka;
  #peak;

  constructor({ root, quick = false, note = () => undefined, environment = process.env }) {
    this.root = root;
    this.quick = quick;
    this.note = note;
    this.environment = environment;
    /** For measurements within this process, see `measure`. */
    this.pace = quick ? { rounds: 3, minimumMs: 20 } : {};
  }

  /** A built module by its path in the repository. */
  built(path) {
    return import(pathToFileURL(join(this.root, path)).href);
  }

  proto() {
    return this.built('libs/connector/dist/proto/index.js');
  }

  /** What a path from frames to values or objects is made of. */
  async modules() {
    return {
      ...(await this.proto()),
      ...(await this.built('libs/connector/dist/socket/unpack.js')),
      ...(await this.built('libs/connector/dist/connection/message-dispatcher.js')),
      ...(await this.built('apps/watcher/dist/pipeline/room-pipeline.js')),
      ...(await this.built('apps/watcher/dist/pipeline/message-shaper.js')),
    };
  }

  /** Addresses of a real Kafka, the same for all parts; undefined where none can be had. */
  async brokers() {
    this.#kafka ??= this.#startKafka();
    const kafka = await this.#kafka;
    return 'skipped' in kafka ? undefined : kafka.brokers;
  }

  async #startKafka() {
    const { startKafka } = await this.built('libs/testkit/dist/index.js');
    const kafka = await startKafka({ environment: this.environment, optimised: true });
    if ('skipped' in kafka) this.note(`what needs Kafka: skipped: ${kafka.skipped}`);
    return kafka;
  }

  /** Messages a second that this service publishes at most, found by `measure` once for all parts. */
  peak(measure) {
    this.#peak ??= measure();
    return this.#peak;
  }

  /** Ends what was started. */
  async close() {
    const kafka = await this.#kafka;
    if (kafka !== undefined && !('skipped' in kafka)) await kafka.dispose();
  }

  /** Frames with a name, packed as they come and plain; the recorded ones where LIVETAP_RECORDINGS_DIR names them. */
  async frameSets() {
    this.#frameSets ??= this.#readFrameSets();
    return this.#frameSets;
  }

  async #readFrameSets() {
    const proto = await this.proto();
    const sets = [
      {
        name: 'realistic mix',
        frames: realisticFrames(proto),
        plainFrames: realisticFrames(proto, { gzip: false }),
      },
    ];
    const recordings = this.environment.LIVETAP_RECORDINGS_DIR;
    if (!recordings) {
      this.note('recorded frames: skipped: LIVETAP_RECORDINGS_DIR is not set');
      return sets;
    }
    const lines = readFileSync(join(recordings, 'frames.jsonl'), 'utf8').trim().split('\n');
    const frames = lines.map((line) => Buffer.from(JSON.parse(line).frame, 'base64'));
    return [...sets, { name: 'recorded', frames, plainFrames: frames.map((frame) => plainFrame(proto, frame)) }];
  }
}

/** The same frame with a plain payload. */
function plainFrame(proto, frame) {
  const { payload, ...rest } = proto.WebcastPushFrame.decode(frame);
  return proto.WebcastPushFrame.encode({ ...rest, payload: gunzipSync(payload) }).finish();
}

export function machine() {
  const [{ model = 'unknown processor' } = {}, ...others] = cpus();
  return { processor: model.trim(), cores: `${others.length + 1} cores`, node: `Node ${process.versions.node}` };
}
