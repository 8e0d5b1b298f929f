import { once } from 'node:events';
import type { Clock, Random } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import type { WatcherConfig } from '../config/watcher-config.js';
import type { BuildInfo } from '../operations/foundation.js';
import type { Progress } from './progress.adapter.js';

/** What a command has of the world. */
export interface CliContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly build: BuildInfo;
  /** Reads the settings of the service, when a command needs them. @throws ConfigError */
  readonly config: () => WatcherConfig;
  /** The variables of the environment, for what is no setting of the service. */
  readonly environment: () => Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** A bar on stderr for work that takes its time; shows nothing where nobody looks. */
  readonly progress: (label: string, total: number) => Progress;
  /** Writes to stderr, one JSON line each. */
  readonly logger: (config: WatcherConfig) => Logger;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Aborts when the user wants the command to end in order. */
  readonly interrupted: AbortSignal;
}

/** What a command has to say at its end: a line of JSON with `--json`, sentences without. */
export function tell(
  stream: NodeJS.WritableStream,
  json: boolean,
  result: Readonly<Record<string, unknown>>,
  sentences: readonly string[],
): void {
  stream.write(json ? `${JSON.stringify(result)}\n` : sentences.map((sentence) => `${sentence}\n`).join(''));
}

/** Resolves when the reader keeps up. */
export async function writePiece(stream: NodeJS.WritableStream, piece: string | Uint8Array): Promise<void> {
  if (!stream.write(piece)) await once(stream, 'drain');
}

/** A thing of a list or a stream with `--json`: one line. Resolves when the reader keeps up. */
export function writeLine(stream: NodeJS.WritableStream, line: string): Promise<void> {
  return writePiece(stream, `${line}\n`);
}
