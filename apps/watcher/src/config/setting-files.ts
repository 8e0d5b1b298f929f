import { readFileSync } from 'node:fs';
import { systemCodeOf } from '../common/system-code.js';

/** Settings whose value is the path of a file; the file's text is what counts. */
export const FILE_SETTINGS = [
  'LIVETAP_KAFKA_TLS_CA_FILE',
  'LIVETAP_KAFKA_TLS_CERT_FILE',
  'LIVETAP_KAFKA_TLS_KEY_FILE',
  'LIVETAP_KAFKA_SASL_PASSWORD_FILE',
] as const;

export type FileSetting = (typeof FILE_SETTINGS)[number];
export type SettingFiles = Readonly<Partial<Record<FileSetting, string>>>;

/** Reads a file whole, as text. @throws errors with a `code`, as node:fs does */
export type ReadFile = (path: string) => string;

export const readSettingFile: ReadFile = (path) => readFileSync(path, 'utf8');

/** Reads the files that the settings name. A fault names the setting and the reason, never the path or what is inside. */
export function readSettingFiles(
  values: Readonly<Partial<Record<FileSetting, string | undefined>>>,
  read: ReadFile,
): { readonly files: SettingFiles; readonly faults: readonly string[] } {
  const files: Partial<Record<FileSetting, string>> = {};
  const faults: string[] = [];
  for (const name of FILE_SETTINGS) {
    const path = values[name];
    if (path === undefined) continue;
    try {
      const text = read(path);
      if (text.trim() === '') faults.push(`${name} names a file that is empty.`);
      else files[name] = text;
    } catch (error) {
      faults.push(`${name} names a file that cannot be read (${systemCodeOf(error)}).`);
    }
  }
  return { files, faults };
}
