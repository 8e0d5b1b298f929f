import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/**
 * The environment of the process, completed by the file `.env` of the working folder if there is one (what the process
 * was given wins). The only place that reads `process.env`.
 */
export function readEnvironment(workingDir: string = process.cwd()): Readonly<Record<string, string | undefined>> {
  const file = join(workingDir, '.env');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  return { ...fromFile, ...process.env };
}
