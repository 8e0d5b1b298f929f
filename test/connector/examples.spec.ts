import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { faultSchema, startSimulator, type Simulator } from '../../apps/simulator/src/index.js';

const examples = fileURLToPath(new URL('../../examples/connector', import.meta.url));
const NAME = 'streamer';

/** A running example: what it has printed so far, and its end. */
class Example {
  output = '';
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  private waiting: { readonly text: string; readonly resolve: () => void }[] = [];

  constructor(file: string, endpoint: string, args: readonly string[], env: Record<string, string>) {
    this.child = spawn(process.execPath, [join(examples, file), NAME, '--endpoint', endpoint, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString('utf8');
        this.waiting = this.waiting.filter(({ text, resolve }) => {
          const there = this.output.includes(text);
          if (there) resolve();
          return !there;
        });
      });
    this.ended = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
  }

  /** Resolves when the text has been printed; rejects when the program ends without it. */
  async printed(text: string): Promise<void> {
    if (this.output.includes(text)) return;
    await Promise.race([
      new Promise<void>((resolve) => this.waiting.push({ text, resolve })),
      this.ended.then((code) => {
        if (!this.output.includes(text)) throw new Error(`ended (${code}) without "${text}":\n${this.output}`);
      }),
    ]);
  }

  interrupt(): void {
    this.child.kill('SIGINT');
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  get lines(): string[] {
    return this.output.trim().split('\n');
  }
}

describe('the examples', { timeout: 60_000 }, () => {
  let simulator: Simulator;
  let room = '';
  const running: Example[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'connector-examples-'));

  beforeAll(async () => {
    simulator = await startSimulator();
    simulator.world.add({ uniqueId: NAME, rate: 0, restricted: false });
    goLive();
  });

  afterEach(() => {
    for (const example of running.splice(0)) example.kill();
    goLive();
  });

  afterAll(async () => {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function goLive(): void {
    if (simulator.world.find(NAME)?.status === 'offline') simulator.world.start(NAME);
    room = simulator.world.find(NAME)?.roomId ?? '';
  }

  function start(
    file: string,
    args: readonly string[] = [],
    { env = {}, endpoint = simulator.url }: { env?: Record<string, string>; endpoint?: string } = {},
  ): Example {
    const example = new Example(file, endpoint, args, env);
    running.push(example);
    return example;
  }

  const user = { userId: '7', uniqueId: 'anna' };
  const chat = (comment: string): void =>
    void simulator.send(room, { method: 'WebcastChatMessage', fields: { comment, user } });
  const gift = (repeatCount: number, repeatEnd: number): void =>
    void simulator.send(room, {
      method: 'WebcastGiftMessage',
      fields: {
        giftId: 5655,
        groupId: '99',
        repeatCount,
        repeatEnd,
        user,
        giftDetails: { id: '5655', giftName: 'Rose', giftType: 1, diamondCount: 1 },
      },
    });

  it('chat-and-gifts: prints chat and finished gifts, and ends with the live', async () => {
    const example = start('chat-and-gifts.mjs');
    await example.printed(`connected to room ${room}`);
    chat('hello');
    gift(1, 0);
    gift(3, 0);
    gift(3, 1);
    await example.printed('Rose');
    simulator.world.end(NAME);
    expect(await example.ended).toBe(0);
    expect(example.lines).toEqual([
      `connected to room ${room}`,
      'anna: hello',
      'anna sends 3 x Rose',
      'the live has ended',
      expect.stringMatching(/^disconnected \(\d+\)$/),
    ]);
  });

  it('gift-totals: counts nothing twice, and prints the sums on Ctrl+C', async () => {
    const example = start('gift-totals.mjs');
    await example.printed(`connected to room ${room}`);
    for (const totalLikeCount of [120, 90, 150])
      simulator.send(room, { method: 'WebcastLikeMessage', fields: { likeCount: 15, totalLikeCount, user } });
    for (const [count, end] of [
      [1, 0],
      [4, 0],
      [4, 1],
      [4, 1],
    ] as const)
      gift(count, end);
    await example.printed('anna: 4 x Rose');
    example.interrupt();
    expect(await example.ended).toBe(0);
    expect(example.lines.slice(1)).toEqual(['anna: 4 x Rose', '4 gifts, 4 diamonds, 150 likes']);
  });

  it('wait-until-live: waits while nobody is live, gives up on Ctrl+C', async () => {
    simulator.world.end(NAME);
    const example = start('wait-until-live.mjs');
    await example.printed(`waiting for ${NAME}`);
    example.interrupt();
    expect(await example.ended).toBe(0);
    expect(example.lines).toEqual([`waiting for ${NAME}`, 'given up']);
  });

  it('wait-until-live: connects as soon as somebody is live', async () => {
    const example = start('wait-until-live.mjs');
    await example.printed(`live in room ${room}`);
    simulator.send(room, { method: 'WebcastRoomUserSeqMessage', fields: { viewerCount: 12 } });
    await example.printed('12 viewers');
    simulator.world.end(NAME);
    expect(await example.ended).toBe(0);
  });

  it('proxy: nothing goes around it', async () => {
    // Only the proxy knows the way to this address: nobody listens there.
    const unreachable = simulator.url.replace('127.0.0.1', '127.0.0.9');
    const proxy = await startProxy();
    const example = start('proxy.mjs', ['--proxy', proxy.url], { endpoint: unreachable });
    await example.printed(`connected to room ${room} through the proxy`);
    chat('by proxy');
    await example.printed('anna: by proxy');
    expect(proxy.tunnels).toContain(new URL(unreachable).host);
    // The sign server names the simulator's own address for the socket: that, too, is asked of the proxy.
    expect(proxy.upgrades).toBe(1);
    simulator.world.end(NAME);
    expect(await example.ended).toBe(0);
    await proxy.close();
  });

  it('reconnect: stays with the live when the socket is cut', async () => {
    const example = start('reconnect.mjs');
    await example.printed(`connected to room ${room}`);
    chat('before');
    await example.printed('anna: before');
    simulator.fault(faultSchema.parse({ kind: 'cut', room }));
    await example.printed(`again in room ${room}`);
    chat('after');
    await example.printed('anna: after');
    simulator.world.end(NAME);
    expect(await example.ended).toBe(0);
    expect(example.lines.filter((line) => line.startsWith('anna:'))).toEqual(['anna: before', 'anna: after']);
    expect(example.output).toContain('lost (network), attempt 1');
    expect(example.lines.at(-1)).toBe('disconnected (streamEnded)');
  });

  it('session-and-message: sends, and sees its message in the chat', async () => {
    const args = ['--message', 'greetings'];
    const example = start('session-and-message.mjs', args, {
      env: { TIKTOK_SESSION_ID: 'secret', TIKTOK_TARGET_IDC: 'useast1a' },
    });
    expect(await example.ended).toBe(0);
    expect(example.lines).toEqual([`connected to room ${room}`, 'sent', 'seen in the chat']);
    expect(example.output).not.toContain('secret');
    const without = start('session-and-message.mjs', args, { env: { TIKTOK_SESSION_ID: '' } });
    expect(await without.ended).toBe(64);
  });

  it('record: keeps every message, also of unknown types', async () => {
    const file = join(folder, 'recording.jsonl');
    const example = start('record.mjs', ['--file', file]);
    await example.printed(`recording room ${room}`);
    chat('one');
    chat('two');
    simulator.send(room, { method: 'WebcastNeverHeardOfMessage', payload: Buffer.from('what').toString('base64') });
    simulator.world.end(NAME);
    expect(await example.ended).toBe(0);
    expect(example.lines).toEqual(
      expect.arrayContaining(['1 x WebcastNeverHeardOfMessage', '1 x WebcastControlMessage']),
    );
    const recorded = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { method: string; payload: string });
    const unknown = recorded.find(({ method }) => method === 'WebcastNeverHeardOfMessage');
    expect(Buffer.from(unknown?.payload ?? '', 'base64').toString('utf8')).toBe('what');
  });
});

interface Proxy {
  readonly url: string;
  /** Where its tunnels were asked to go. */
  readonly tunnels: string[];
  /** WebSocket upgrades that went through it. */
  upgrades: number;
  close(): Promise<void>;
}

/** An HTTP proxy whose tunnels all lead to this computer's first address. */
async function startProxy(): Promise<Proxy> {
  const server: Server = createServer((_request, response) => response.writeHead(405).end());
  const sockets = new Set<Duplex>();
  const proxy: Proxy = {
    url: '',
    tunnels: [],
    upgrades: 0,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  server.on('connect', (request, client, head) => {
    const target = request.url ?? '';
    proxy.tunnels.push(target);
    const upstream = connect(Number(target.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(client).add(upstream);
    client.on('data', (chunk: Buffer) => {
      if (/^upgrade: websocket/im.test(chunk.toString('latin1'))) proxy.upgrades += 1;
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(proxy, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
