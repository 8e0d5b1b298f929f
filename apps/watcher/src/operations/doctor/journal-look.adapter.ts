import { FileJournalDisk } from '../../journal/file-journal-disk.adapter.js';
import { inspectJournal, type JournalInspection } from '../../journal/inspect-journal.js';
import { JournalError } from '../../journal/journal.errors.js';
import { storedJournal } from '../../journal/stored-journal.adapter.js';

/** A running service deletes segments that everybody has passed: then the next look finds another list. */
const ATTEMPTS = 5;

/** The journal of a data folder, undefined when there is none, or what is wrong with it. Changes nothing. */
export async function lookAtJournal(
  dataDir: string,
): Promise<JournalInspection | { readonly damage: string } | undefined> {
  const directory = await storedJournal(dataDir);
  if (directory === undefined) return undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inspectJournal(FileJournalDisk.reading(directory));
    } catch (error) {
      if (error instanceof JournalError) return { damage: error.message };
      const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!gone || attempt === ATTEMPTS) throw error;
    }
  }
}
