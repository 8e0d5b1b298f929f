import { access, open, rename, rm } from 'node:fs/promises';
import { systemCodeOf } from '../common/system-code.js';
import { writePiece } from './cli-context.js';
import { CliError } from './cli.errors.js';

/** Where an export goes. */
export interface ExportOutput {
  /** The next bytes when it has resolved. */
  write(bytes: Uint8Array): Promise<void>;
  /** Everything came. */
  whole(): Promise<void>;
  /** The end will not come. Never fails. */
  broken(): Promise<void>;
}

/** To a stream; waits while its reader is slow. */
export function exportStream(stream: NodeJS.WritableStream): ExportOutput {
  return {
    write: (bytes) => writePiece(stream, bytes),
    whole: () => Promise.resolve(),
    broken: () => Promise.resolve(),
  };
}

/**
 * To a file that has its name only when it is whole; until then it is called `<path>.part`.
 * @throws CliError WATCHER_CLI_OUTPUT_REFUSED
 */
export async function exportFile(path: string, replace: boolean): Promise<ExportOutput> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists && !replace) throw refused(`The file ${path} exists already; choose another name or --force.`);
  const draft = `${path}.part`;
  const handle = await open(draft, 'w').catch((cause: unknown) => {
    throw refused(`The file ${draft} cannot be written (${systemCodeOf(cause)}).`, cause);
  });
  return {
    write: (bytes) =>
      handle.writeFile(bytes).catch((cause: unknown) => {
        throw refused(`The file ${draft} cannot be written (${systemCodeOf(cause)}).`, cause);
      }),
    whole: async () => {
      await handle.sync();
      await handle.close();
      await rename(draft, path);
    },
    broken: async () => {
      await handle.close().catch(() => undefined);
      await rm(draft, { force: true }).catch(() => undefined);
    },
  };
}

function refused(message: string, cause?: unknown): CliError {
  return new CliError('WATCHER_CLI_OUTPUT_REFUSED', message, { cause });
}
