// A listener that is slower than the socket: nothing piles up in the library, the other side has to wait.
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LoopbackServer, serverFrame } from '../../libs/connector/test-support/loopback.js';
import { ProtoMessageFetchResult, WebcastChatMessage } from '../../libs/connector/src/proto/index.js';

const CHILD = fileURLToPath(new URL('./overload-child.mjs', import.meta.url));
const MESSAGES_PER_FRAME = 10;
const FRAMES = 500;
const MESSAGES = FRAMES * MESSAGES_PER_FRAME;
/** All in all some 20 MB: what is in a message besides its number. */
const FILLING = 'x'.repeat(4_000);
/** What may be in use beyond a connection that waits: the pieces of the network that are being read, and their frames. */
const MOST_BYTES = 8 * 1024 * 1024;

interface Seen {
  readonly messages: number;
  readonly disorder: number;
  readonly errors: number;
  readonly lost: number;
  readonly mostKept: number;
  readonly pauses: number;
  readonly grownBytes: number;
}

let server: LoopbackServer;
let child: ChildProcess | undefined;

beforeEach(async () => {
  server = await new LoopbackServer().start();
  server.answers.set('/webcast/fetch', (_request, response) => {
    const batch = { cursor: 'c', internalExt: 'i', pushServer: `${server.wsUrl}/push/` };
    response.writeHead(200, { 'x-set-tt-cookie': 'ttwid=1' }).end(ProtoMessageFetchResult.encode(batch).finish());
  });
});
afterEach(async () => {
  if (child?.exitCode === null) {
    const gone = new Promise((resolve) => child?.once('exit', resolve));
    child.kill();
    await gone;
  }
  child = undefined;
  await server.close();
});

async function start(way: 'at once' | 'later'): Promise<void> {
  const settings = { url: server.url, way, workMs: 0.2, sampleEvery: 500 };
  child = fork(CHILD, [JSON.stringify(settings)], {
    execArgv: ['--expose-gc'],
    env: { ...process.env, SIGN_API_URL: server.url },
  });
  await answer<{ ready: true }>();
}

function answer<T>(): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error('the process of the library ended'));
    child?.once('exit', onExit);
    child?.once('message', (message) => {
      child?.off('exit', onExit);
      resolve(message as T);
    });
  });
}

/** Sends numbered messages without waiting for anybody; the last one says that it is. */
function flood(first: number, frames: number): void {
  for (let frame = 0; frame < frames; frame += 1) {
    const messages = Array.from({ length: MESSAGES_PER_FRAME }, (_, at) => {
      const number = first + frame * MESSAGES_PER_FRAME + at;
      const isLast = number === first + frames * MESSAGES_PER_FRAME - 1;
      const comment = `${number} ${isLast ? 'last' : 'more'} ${FILLING}`;
      const payload = WebcastChatMessage.encode({ comment }).finish();
      return { method: 'WebcastChatMessage', msgId: String(number + 1), payload };
    });
    server.sockets[0]?.send(serverFrame({ messages }));
  }
}

describe('a listener that is slower than the socket', () => {
  it.each(['at once', 'later'] as const)(
    'working %s: memory is bounded, the order is kept, and it recovers by itself',
    async (way) => {
      await start(way);
      const done = answer<Seen>();
      flood(0, FRAMES);
      // Far more than the network holds was sent at once; what the reader does not take stays here.
      expect(server.sockets[0]?.bufferedAmount).toBeGreaterThan(MOST_BYTES);
      const seen = await done;
      console.log(
        `working ${way}: ${MESSAGES} messages, ${(seen.grownBytes / 1024 / 1024).toFixed(1)} MiB more in use, ` +
          `kept at most ${seen.mostKept}, paused ${seen.pauses} times`,
      );
      expect(seen).toMatchObject({ messages: MESSAGES, disorder: 0, errors: 0, lost: 0 });
      expect(seen.grownBytes).toBeLessThan(MOST_BYTES);
      if (way === 'later') {
        expect(seen.pauses).toBeGreaterThan(0);
        // One piece of the network may hold some frames more.
        expect(seen.mostKept).toBeLessThan(1_000);
      }
      const after = answer<Seen>();
      flood(MESSAGES, 1);
      expect(await after).toMatchObject({ messages: MESSAGES + MESSAGES_PER_FRAME, disorder: 0, errors: 0, lost: 0 });
      expect(server.upgrades).toHaveLength(1);
    },
  );
});
