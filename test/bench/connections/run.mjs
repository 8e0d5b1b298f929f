import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Child } from '../child-program.mjs';
import { realisticFrames } from '../realistic-frames.mjs';
import { ALL_EVENTS, FEW_EVENTS } from './subjects.mjs';

const SERVER = fileURLToPath(new URL('../pipelines/frame-server.mjs', import.meta.url));
const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));

const METHODS = new Map([
  ['WebcastChatMessage', 'chat'],
  ['WebcastGiftMessage', 'gift'],
  ['WebcastLikeMessage', 'like'],
  ['WebcastMemberMessage', 'member'],
  ['WebcastRoomUserSeqMessage', 'roomUser'],
]);

/**
 * One library in a process of its own, its connections open, each in a room of a server in another process.
 * `heard`: the events that it listens to. `first`: so many connections are opened before memory is looked at.
 */
export class OpenConnections {
  #server;
  #child;
  #frames;
  #sent = 0;
  #options;

  /** @param options `{ subject, connections, heard, first, framesPerRoom, proto, collect }`; framesPerRoom in all stretches together */
  constructor(options) {
    this.#options = options;
    this.#server = new Child(SERVER, [String(options.framesPerRoom)]);
    // As frame-server.mjs makes them.
    this.#frames = realisticFrames(options.proto, { frames: options.framesPerRoom, seed: 7 });
  }

  /** Resolves with the memory after the first connections and after all of them. */
  async open() {
    const { subject, connections, heard, first = 1, collect = true } = this.#options;
    const { port } = await this.#server.says('port');
    this.#child = new Child(CHILD, [JSON.stringify({ subject, port, connections, heard, first })], {
      execArgv: collect ? ['--expose-gc'] : [],
      env: { ...process.env, SIGN_API_URL: `http://127.0.0.1:${port}` },
    });
    return (await this.#child.says('opened')).opened;
  }

  /**
   * Sends so many frames to every room, as fast as they are read or so many messages a second over all rooms. Resolves when
   * every event that was listened to has come: with their number, seconds, and processor time of the library's process.
   */
  async send(framesPerRoom, perSecond) {
    const { connections, heard } = this.#options;
    const frames = this.#frames.slice(this.#sent, this.#sent + framesPerRoom);
    this.#sent += framesPerRoom;
    const expected = connections * frames.reduce((sum, frame) => sum + this.#eventsOf(frame, heard), 0);
    // The clock starts before the first frame.
    this.#child.tell({ expect: expected });
    this.#server.tell({ framesPerRoom, perSecond });
    const [{ sending }, { counted }] = await Promise.all([this.#server.says('sending'), this.#child.says('counted')]);
    if (counted.events !== expected) throw new Error(`${counted.events} events came, ${expected} were sent`);
    return { ...counted, messages: sending };
  }

  /** The memory as it is now. */
  async memory() {
    this.#child.tell({ measure: true });
    return (await this.#child.says('measured')).measured;
  }

  /** Closes all connections; resolves with the memory after that. */
  async close() {
    this.#child.tell({ close: true });
    return (await this.#child.says('closed')).closed;
  }

  async end() {
    await Promise.all([this.#child?.end(), this.#server.end()]);
  }

  #eventsOf(frame, heard) {
    const { WebcastPushFrame, readBatch } = this.#options.proto;
    const { messages } = readBatch(gunzipSync(WebcastPushFrame.decode(frame).payload));
    return messages.filter(({ method }) => heard.includes(METHODS.get(method))).length;
  }
}

/** Runs something with connections that are open, and ends their process whatever happens. */
export async function withConnections(options, use) {
  const connections = new OpenConnections(options);
  try {
    return await use(connections, await connections.open());
  } finally {
    await connections.end();
  }
}

export { ALL_EVENTS, FEW_EVENTS };
