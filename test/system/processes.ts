import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '@livetap/testkit';
import type { MessageFacts } from '../../apps/simulator/src/ledger/entry.js';
import { SERVICE_FLAGS } from '../../scripts/lib/service-flags.mjs';
import { EquationWatch } from './metrics-equation.js';

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** Waits until `probe` gives something; asks again and again until the deadline, then fails with `what`. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  deadlineMs = 60_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      if (error instanceof EndedEarly) throw error;
      last = error;
    }
    if (Date.now() > end) throw new Error(`not in time: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A program of this repository, built, in a process of its own, with everything it printed. */
export class Program {
  private text = '';
  private readonly ended: Promise<number | NodeJS.Signals>;
  private exit: number | NodeJS.Signals | undefined;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.text += chunk;
      });
    }
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        this.exit = code ?? signal ?? 0;
        resolve(this.exit);
      });
    });
  }

  /** `flags`: of Node itself. */
  static start(
    name: string,
    script: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    flags: readonly string[] = [],
  ): Program {
    // Nothing of the caller's own settings may leak into the process under test.
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(
        ([key]) => !/^(LIVETAP_|KAFKA_|DATABASE_URL|SIGN_|VITEST|NODE_OPTIONS)/.test(key),
      ),
    );
    const child = spawn(process.execPath, [...flags, path(script), ...args], {
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Program(name, child);
  }

  get output(): string {
    return this.text;
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  /** Waits for a text that the program prints; fails at once when it ends before. */
  async printed(pattern: RegExp, deadlineMs = 60_000): Promise<RegExpExecArray> {
    return eventually(
      `${this.name} prints ${String(pattern)}`,
      async () => {
        const match = pattern.exec(this.text);
        if (match !== null) return match;
        if (this.exit !== undefined) {
          // Ends the wait: no further output can come.
          throw new EndedEarly(`${this.name} ended with ${this.exit}:\n${this.text.slice(-4000)}`);
        }
        return undefined;
      },
      deadlineMs,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.text.slice(-4000)}`, { cause: error });
    });
  }

  /** Exit code, or the signal that ended the process. */
  async exited(): Promise<number | NodeJS.Signals> {
    return this.ended;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    if (this.exit === undefined) this.child.kill(signal);
    return this.ended;
  }
}

class EndedEarly extends Error {}

/** A folder that is removed after the test. Open to traverse: an embedded Postgres started by root runs as another user. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'livetap-system-'));
  await chmod(folder, 0o755);
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface SimulatedStreamer {
  readonly uniqueId: string;
  readonly status: string;
  readonly roomId: string;
  /** Open at this moment. */
  readonly sockets: number;
}

export interface RoomLedger {
  readonly room: string;
  readonly live: number;
  readonly messages: number;
  readonly byMethod: Readonly<Record<string, number>>;
  readonly chats: number;
  readonly joins: number;
  readonly follows: number;
  readonly shares: number;
  readonly likeMax: number;
  readonly viewersPeak: number;
  readonly giftCount: number;
  readonly diamonds: number;
}

export interface LedgerLine {
  /** When it was handed to the socket, ms since the epoch. */
  readonly at: number;
  readonly room: string;
  readonly live: number;
  readonly msgId: string;
  readonly method: string;
  readonly first: boolean;
  readonly damaged: boolean;
  readonly facts?: MessageFacts;
}

/** The simulator, with its control API. */
export class Simulator {
  private constructor(
    private readonly program: Program,
    readonly url: string,
  ) {}

  static async start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Simulator> {
    const program = Program.start('simulator', 'apps/simulator/dist/main.js', ['--port', '0', ...args], env);
    const [url] = await program.printed(/http:\/\/127\.0\.0\.1:\d+/);
    return new Simulator(program, url);
  }

  /** The watcher's settings that lead to this simulator. */
  get settings(): Record<string, string> {
    return {
      LIVETAP_TIKTOK_WEB_URL: this.url,
      LIVETAP_TIKTOK_WEBCAST_URL: this.url,
      LIVETAP_TIKTOK_SOCKET_URL: this.url.replace('http:', 'ws:'),
      SIGN_API_URL: this.url,
      LIVETAP_REQUESTS_PER_SECOND: '500',
      LIVETAP_CHECK_INTERVAL_MS: '1000',
    };
  }

  async get<T>(route: string): Promise<T> {
    const answer = await fetch(`${this.url}${route}`);
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async post<T>(route: string, body: unknown = {}): Promise<T> {
    const answer = await fetch(`${this.url}${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async streamers(): Promise<readonly SimulatedStreamer[]> {
    return (await this.get<{ streamers: SimulatedStreamer[] }>('/_sim/streamers')).streamers;
  }

  /** Sockets opened since the start, closed ones included. */
  async socketsOpened(): Promise<number> {
    return (await this.get<{ sockets: { opened: number } }>('/_sim/stats')).sockets.opened;
  }

  /** Messages delivered so far, by room id. */
  async delivered(): Promise<ReadonlyMap<string, number>> {
    const { rooms } = await this.get<{ rooms: { roomId: string; delivered: number }[] }>('/_sim/rooms');
    return new Map(rooms.map((room) => [room.roomId, room.delivered]));
  }

  /** No new messages from now on; sockets stay. */
  async quiesce(): Promise<void> {
    await this.post('/_sim/quiesce');
  }

  /** Totals of each live of each room. */
  async summary(): Promise<readonly RoomLedger[]> {
    return (await this.get<{ lives: RoomLedger[] }>('/_sim/ledger/summary')).lives;
  }

  /** Each distinct message that was sent whole on an open socket. */
  async sent(): Promise<readonly LedgerLine[]> {
    const answer = await fetch(`${this.url}/_sim/ledger`);
    const lines = (await answer.text()).split('\n').filter((line) => line !== '');
    const seen = new Set<string>();
    return lines
      .map((line) => JSON.parse(line) as LedgerLine)
      .filter((line) => {
        const key = `${line.room} ${line.msgId} ${line.method}`;
        if (line.damaged || seen.has(key)) return false;
        seen.add(key);
        return true;
      });
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }
}

/** The service, built, in its own process. */
export class Watcher {
  private constructor(
    readonly program: Program,
    readonly url: string,
    /** Every service under test is scraped all the time: its figures must add up at each scrape. */
    readonly equation: EquationWatch,
  ) {}

  /** Starts without waiting; `settings` are the environment, `script` is the service's own program unless given. */
  static async launch(
    settings: Readonly<Record<string, string>>,
    script = 'apps/watcher/dist/main.js',
  ): Promise<Watcher> {
    const port = settings['LIVETAP_HTTP_PORT'] ?? String((await freePorts(1))[0]);
    const program = Program.start('watcher', script, [], { ...settings, LIVETAP_HTTP_PORT: port }, SERVICE_FLAGS);
    const url = `http://127.0.0.1:${port}`;
    const equation = new EquationWatch(url, settings['LIVETAP_API_KEYS']);
    void program.exited().then(() => equation.stop());
    return new Watcher(program, url, equation);
  }

  static async start(settings: Readonly<Record<string, string>>): Promise<Watcher> {
    const watcher = await Watcher.launch(settings);
    await watcher.program.printed(/Livetap is ready/);
    return watcher;
  }

  async call(
    route: string,
    init: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    return fetch(`${this.url}${route}`, {
      method: init.method ?? 'GET',
      headers: { ...(init.body === undefined ? {} : { 'content-type': 'application/json' }), ...init.headers },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
  }

  async json<T>(route: string, init: { method?: string; body?: unknown } = {}): Promise<T> {
    const answer = await this.call(route, init);
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async add(uniqueIds: readonly string[]): Promise<void> {
    await this.json('/v1/streamers', {
      method: 'POST',
      body: { streamers: uniqueIds.map((uniqueId) => ({ uniqueId })) },
    });
  }

  /** Value of a metric, summed over its labels. */
  async metric(name: string): Promise<number> {
    const text = await (await this.call('/metrics')).text();
    return text
      .split('\n')
      .filter((line) => line.startsWith(name) && /^[ {]/.test(line.slice(name.length)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    const exit = await this.program.stop(signal);
    await this.equation.end();
    return exit;
  }
}
