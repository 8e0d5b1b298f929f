import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The journal's directory in a data folder; undefined when there is none: a command makes no new one. */
export async function storedJournal(dataDir: string): Promise<string | undefined> {
  const directory = join(dataDir, 'journal');
  const found = await stat(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  return found?.isDirectory() === true ? directory : undefined;
}
