import type { Bounds } from './period.js';

/** A file that the service hands out, and the name that it gets here. */
export interface ExportFile {
  readonly path: string;
  readonly name: string;
}

export const HISTORY_FORMATS = ['csv', 'ndjson'] as const;
export const LIST_FORMATS = ['csv', 'json'] as const;
export type HistoryExport = 'sessions' | 'snapshots' | 'gifters' | 'gifts' | 'battles' | 'gaps';

/** Which part of history; all of it when nothing is said. */
export interface ExportPart extends Bounds {
  readonly streamer?: string;
  readonly session?: string;
}

/** A table of history; its name says of whom and from which days (UTC) it is. */
export function historyFile(
  what: HistoryExport,
  format: (typeof HISTORY_FORMATS)[number],
  part: ExportPart,
): ExportFile {
  const given = Object.entries(part).filter(([, value]) => value !== '');
  const query = new URLSearchParams(given as [string, string][]).toString();
  const { streamer, session, from, to } = part;
  const days = [from, to].flatMap((time) => (time === undefined ? [] : [time.slice(0, 10)]));
  return {
    path: `/v1/exports/${what}.${format}${query === '' ? '' : `?${query}`}`,
    name: fileName(['livetap', what, streamer, session, ...days], format),
  };
}

/** All streamers, as they can be added again. */
export function streamersFile(format: (typeof LIST_FORMATS)[number]): ExportFile {
  return { path: `/v1/exports/streamers.${format}`, name: fileName(['livetap', 'streamers'], format) };
}

/** Only characters that every system takes in the name of a file. */
function fileName(parts: readonly (string | undefined)[], format: string): string {
  const words = parts.filter((part) => part !== undefined && part !== '');
  return `${words.join('-').replace(/[^\w.-]+/g, '-')}.${format}`;
}
