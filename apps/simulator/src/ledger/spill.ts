import { closeSync, createReadStream, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LedgerBlock } from './columns.js';
import type { LedgerEntry } from './entry.js';

/** Keeps the ledger entries that memory has no room for, one JSON object a line, one file a block. */
export class LedgerSpill {
  private readonly files: string[] = [];

  /** Creates the directory; files of an earlier run in it are overwritten. */
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true });
  }

  /** Writes a whole block before it returns: 65,536 lines, some 100 ms, every 65,536 messages. */
  write(block: LedgerBlock): void {
    const file = join(this.directory, `ledger-${String(this.files.length + 1).padStart(6, '0')}.ndjson`);
    const handle = openSync(file, 'w');
    try {
      const lines: string[] = [];
      for (let index = 0; index < block.length; index += 1) {
        lines.push(JSON.stringify(block.entry(index)));
        if (lines.length === 8192 || index === block.length - 1) {
          writeSync(handle, `${lines.join('\n')}\n`);
          lines.length = 0;
        }
      }
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    this.files.push(file);
  }

  /** The entries in order of sending. */
  async *read(): AsyncGenerator<LedgerEntry> {
    for (const file of [...this.files]) {
      const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
      for await (const line of lines) if (line !== '') yield JSON.parse(line) as LedgerEntry;
    }
  }

  /** Deletes the files of this run. */
  clear(): void {
    for (const file of this.files.splice(0)) rmSync(file, { force: true });
  }
}
