import { readFileSync } from 'node:fs';
import type { BuildInfo } from './foundation.js';

/** Version from the package beside this application, commit from the file that the container image carries. */
export function readBuildInfo(): BuildInfo {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return { version: manifest.version, commit: readCommit() };
}

function readCommit(): string {
  try {
    return readFileSync(new URL('../../COMMIT', import.meta.url), 'utf8').trim();
  } catch {
    // Not an image: a checkout has no such file.
    return 'unknown';
  }
}
