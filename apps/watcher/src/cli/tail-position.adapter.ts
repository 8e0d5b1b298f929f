import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Clock, TimerHandle } from '../common/clock.port.js';
import { CliError } from './cli.errors.js';

/** A place in a stream that is kept in a file, so that the next run goes on from there. */
export interface TailPosition {
  /** Where to begin; undefined: from now on. */
  readonly last: string | undefined;
  /** Written a second later, and at the end. */
  save(id: string): void;
  /** What was saved last is in the file when this has resolved. */
  close(): Promise<void>;
}

const WRITE_AFTER_MS = 1_000;
/** What a place looks like: opaque, one word. */
const PLACE = /^[\x21-\x7e]{1,500}$/;

/** A file that is not there yet is made. @throws CliError WATCHER_CLI_INPUT_INVALID */
export async function tailPosition(path: string, clock: Clock): Promise<TailPosition> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new CliError('WATCHER_CLI_INPUT_INVALID', `${path} cannot be read (${error.code ?? 'unknown reason'}).`);
  });
  const last = text.trim() === '' ? undefined : text.trim();
  if (last !== undefined && !PLACE.test(last))
    throw new CliError('WATCHER_CLI_INPUT_INVALID', `${path} holds no place in a stream of events.`);
  return new PositionFile(path, clock, last);
}

class PositionFile implements TailPosition {
  #newest: string | undefined;
  #timer: TimerHandle | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly clock: Clock,
    readonly last: string | undefined,
  ) {}

  save(id: string): void {
    this.#newest = id;
    this.#timer ??= this.clock.setTimeout(() => {
      this.#timer = undefined;
      void this.#write().catch(() => undefined);
    }, WRITE_AFTER_MS);
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#write().catch((error: NodeJS.ErrnoException) => {
      const reason = error.code ?? 'unknown reason';
      throw new CliError('WATCHER_CLI_INPUT_INVALID', `The place cannot be written to ${this.path} (${reason}).`);
    });
  }

  /** One at a time, and whole or not at all. */
  #write(): Promise<void> {
    const id = this.#newest;
    if (id === undefined) return this.#writing;
    this.#newest = undefined;
    const write = async (): Promise<void> => {
      await writeFile(`${this.path}.next`, `${id}\n`);
      await rename(`${this.path}.next`, this.path);
    };
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}
