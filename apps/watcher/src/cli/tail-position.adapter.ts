import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Clock, TimerHandle } from '../common/clock.port.js';
import { systemCodeOf } from '../common/system-code.js';
import { CliError } from './cli.errors.js';

/** Where a run ended. */
export interface TailedUpTo {
  /** The server's word for it. */
  readonly place: string;
  /** What was shown behind it, by `keyOf`: the server sends it again, for a place may lie before the last few events. */
  readonly shown: readonly string[];
}

/** A place in a stream that is kept in a file, so that the next run goes on from there. */
export interface TailPosition {
  /** Where to begin; undefined: from now on. */
  readonly last: TailedUpTo | undefined;
  /** An event was dealt with, and this is the newest place. Written a second later, and at the end. */
  passed(key: string, place: string): void;
  /** What was passed last is in the file when this has resolved. */
  close(): Promise<void>;
}

const WRITE_AFTER_MS = 1_000;
/** What a place looks like: opaque, one word; with many partitions a long one. */
const PLACE = /^[\x21-\x7e]{1,8000}$/;
/** A flush of the server is smaller; of more the oldest may be shown twice. */
const MAX_SHOWN = 20_000;

/** A file that is not there yet is made. @throws CliError WATCHER_CLI_INPUT_INVALID */
export async function tailPosition(path: string, clock: Clock): Promise<TailPosition> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new CliError('WATCHER_CLI_INPUT_INVALID', `${path} cannot be read (${systemCodeOf(error)}).`);
  });
  const [place = '', ...shown] = text.split('\n').filter((line) => line.trim() !== '');
  if (place === '') return new PositionFile(path, clock, undefined);
  if (!PLACE.test(place.trim()))
    throw new CliError('WATCHER_CLI_INPUT_INVALID', `${path} holds no place in a stream of events.`);
  return new PositionFile(path, clock, { place: place.trim(), shown });
}

/** The file: the place, then a line for each event that was shown behind it. */
class PositionFile implements TailPosition {
  #place: string | undefined;
  readonly #shown = new Set<string>();
  #dirty = false;
  #timer: TimerHandle | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly clock: Clock,
    readonly last: TailedUpTo | undefined,
  ) {
    this.#place = last?.place;
    for (const key of last?.shown ?? []) this.#shown.add(key);
  }

  passed(key: string, place: string): void {
    if (place !== this.#place) this.#shown.clear();
    this.#place = place;
    this.#shown.add(key);
    for (const oldest of this.#shown) {
      if (this.#shown.size <= MAX_SHOWN) break;
      this.#shown.delete(oldest);
    }
    this.#dirty = true;
    this.#timer ??= this.clock.setTimeout(() => {
      this.#timer = undefined;
      void this.#write().catch(() => undefined);
    }, WRITE_AFTER_MS);
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#write().catch((error: unknown) => {
      const reason = systemCodeOf(error);
      throw new CliError('WATCHER_CLI_INPUT_INVALID', `The place cannot be written to ${this.path} (${reason}).`);
    });
  }

  /** One at a time, and whole or not at all. */
  #write(): Promise<void> {
    if (!this.#dirty || this.#place === undefined) return this.#writing;
    this.#dirty = false;
    const text = `${[this.#place, ...this.#shown].join('\n')}\n`;
    const write = async (): Promise<void> => {
      await writeFile(`${this.path}.next`, text);
      await rename(`${this.path}.next`, this.path);
    };
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}
