import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const STOP_TIMEOUT_MS = 20_000;
const JAVA_FLAGS = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
];
/** Half the time to start, and a broker that needs several times the processor under load. */
const QUICK_START = '-XX:TieredStopAtLevel=1';

/**
 * Runs the server ($2 …) with its output in a file ($1), says its pid, and kills it when this process ends in whatever way
 * (its end of the pipe closes). Ends when the server ends.
 */
const WATCHED =
  'log="$1"; shift; exec 3<&0; "$@" </dev/null >>"$log" 2>&1 & server=$!; echo "$server"; (cat <&3; kill -9 "$server") >/dev/null 2>&1 & exec 1>&-; wait "$server"';

export interface JavaKafkaSettings {
  /** With wildcard, as `java -cp` takes it. */
  readonly classPath: string;
  /** Of this node alone: properties, data and log. Made when it is missing. */
  readonly directory: string;
  readonly clusterId: string;
  /** See `KafkaOptions`. Default false. */
  readonly optimised?: boolean;
  /** Becomes `server.properties`; the folder `data` below `directory` is the place for `log.dirs`. */
  readonly properties: Readonly<Record<string, string | number>>;
  /** Further arguments of the format command, such as `--add-scram`. */
  readonly formatArguments?: readonly string[];
}

/** One Kafka node as a Java process. Data survives `stop` and `kill`. */
export class JavaKafkaProcess {
  readonly #settings: JavaKafkaSettings;
  readonly #log: string;
  #running: { readonly shell: ChildProcess; readonly pid: number; readonly ended: Promise<void> } | undefined;
  #gone: string | undefined;

  private constructor(settings: JavaKafkaSettings) {
    this.#settings = settings;
    this.#log = join(settings.directory, 'server.log');
  }

  /** Writes the properties and formats the data folder, when that was not done before. Does not start it. */
  static async create(settings: JavaKafkaSettings): Promise<JavaKafkaProcess> {
    const { directory, properties } = settings;
    await mkdir(directory, { recursive: true });
    const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(join(directory, 'server.properties'), lines.join(''));
    const server = new JavaKafkaProcess(settings);
    const formatted = await access(join(directory, 'data', 'meta.properties')).then(
      () => true,
      () => false,
    );
    if (!formatted) await server.#format();
    return server;
  }

  async #format(): Promise<void> {
    await promisify(execFile)('java', [
      ...this.#java('kafka.tools.StorageTool'),
      'format',
      '-t',
      this.#settings.clusterId,
      '-c',
      join(this.#settings.directory, 'server.properties'),
      ...(this.#settings.formatArguments ?? []),
    ]);
  }

  #java(main: string): string[] {
    const flags = this.#settings.optimised === true ? JAVA_FLAGS : [...JAVA_FLAGS, QUICK_START];
    return [...flags, '-cp', this.#settings.classPath, main];
  }

  /** Why the process is no more, while it is not running after a start; for those who wait until it is ready. */
  get gone(): string | undefined {
    return this.#gone;
  }

  /** Starts the process; whether it is ready is for the caller to find out. @throws when it runs already */
  async launch(): Promise<void> {
    if (this.#running !== undefined) throw new Error('Kafka runs already.');
    const properties = join(this.#settings.directory, 'server.properties');
    const command = ['-c', WATCHED, 'sh', this.#log, 'java', ...this.#java('kafka.Kafka'), properties];
    const shell = spawn('sh', command, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#gone = undefined;
    const ended = new Promise<void>((resolve) => {
      const end = (how: string): void => {
        this.#gone = how;
        shell.stdin.destroy();
        resolve();
      };
      shell.once('error', (error) => end(error.message));
      shell.once('exit', (code) => end(`exit code ${code ?? 'none'}`));
    });
    const pid = Number(
      await new Promise<Buffer | string>((resolve) => {
        shell.stdout.once('data', resolve);
        void ended.then(() => resolve(''));
      }),
    );
    this.#running = { shell, pid, ended };
    // Servers of a forgotten test must not keep the test process alive.
    shell.unref();
  }

  /** Ends the process in order; SIGKILL when that takes too long. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    signal(running.pid, 'SIGTERM');
    const late = setTimeout(() => signal(running.pid, 'SIGKILL'), STOP_TIMEOUT_MS);
    await running.ended;
    clearTimeout(late);
    this.#running = undefined;
  }

  async kill(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    // Who waits for its end lives until then.
    running.shell.ref();
    signal(running.pid, 'SIGKILL');
    await running.ended;
    this.#running = undefined;
  }

  /** Kills it and throws, with the end of its log. */
  async fail(cause: unknown): Promise<never> {
    const log = await readFile(this.#log, 'utf8').catch(() => '');
    await this.kill();
    throw new Error(`Kafka did not start. The end of its log:\n${log.slice(-2000)}`, { cause });
  }

  /** Removes what it left on disk. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#settings.directory, { recursive: true, force: true });
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  if (!(pid > 0)) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    // It ended by itself this moment.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
