import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withClient } from '../setup/postgres.js';

/** A secret, under the name that a finding is reported by. */
export interface PlantedSecret {
  readonly name: string;
  readonly value: string;
}

/** Something that people may read, and where it was read. */
export interface Output {
  readonly place: string;
  /** Bytes as latin1, text as it is. */
  readonly text: string;
}

/** Every form in which a secret may stand: as it is, escaped, in hex, in base64 at each of the three places in a group. */
export function formsOf(value: string): ReadonlyMap<string, string> {
  const bytes = Buffer.from(value);
  const forms = new Map<string, string>([
    ['plain', value],
    ['utf8 as latin1', bytes.toString('latin1')],
    ['url', encodeURIComponent(value)],
    ['form', new URLSearchParams({ v: value }).toString().slice(2)],
    ['json', JSON.stringify(value).slice(1, -1)],
    ['hex', bytes.toString('hex')],
    ['HEX', bytes.toString('hex').toUpperCase()],
    ['reversed', [...value].reverse().join('')],
  ]);
  for (const before of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    const text = padded.toString('base64').replace(/=+$/, '');
    // Only the characters that the secret alone decides.
    const start = before === 0 ? 0 : before + 1;
    const end = Math.floor((padded.length * 8) / 6);
    forms.set(`base64 ${before}`, text.slice(start, end));
    forms.set(`base64url ${before}`, text.slice(start, end).replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

/** Where which secret shows up in which form; the secret itself is not in it. */
export function findSecrets(outputs: readonly Output[], secrets: readonly PlantedSecret[]): string[] {
  const found: string[] = [];
  for (const { name, value } of secrets) {
    const forms = [...formsOf(value)];
    for (const { place, text } of outputs) {
      for (const [form, needle] of forms) {
        const at = text.indexOf(needle);
        if (at < 0) continue;
        const around = text.slice(Math.max(0, at - 160), at).replaceAll(/\s+/g, ' ');
        found.push(`${name} (${form}) in ${place}, after: ${around}`);
        break;
      }
    }
  }
  return found;
}

/** All rows of all tables, as COPY would write them. */
export async function dumpDatabase(url: string): Promise<Output[]> {
  return withClient(url, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1`,
    );
    const outputs: Output[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ line: string }>(`SELECT t::text AS line FROM ${name} t`);
      outputs.push({ place: `table ${name}`, text: rows.map(({ line }) => line).join('\n') });
    }
    return outputs;
  });
}

/** All files of a folder, byte for byte. */
export async function readFolder(folder: string): Promise<Output[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (file) => ({ place: `file ${file.slice(folder.length)}`, text: await readFile(file, 'latin1') })),
  );
}
