import { useEffect, useRef, useState } from 'preact/hooks';
import { wordsOf } from '../api/api-problem.js';
import type { ExportFile } from '../data/exports.js';
import { useApi } from '../data/use-api.js';
import { bytes } from '../format.js';
import { Icon } from './icon.js';
import { saveFile } from './save-file.js';
import { useSay } from './use-action.js';

/** What is there sooner needs no words about its progress. */
const SOON_MS = 400;

interface Properties<Format extends string> {
  /** What the files hold, as in “Download the sessions”. */
  what: string;
  formats: readonly Format[];
  /** Asked when a file is wanted: what relates to the present relates to that moment. */
  fileOf: (format: Format) => ExportFile;
}

/** One button for each format of a file; while one is fetched, how much of it is there and a button that gives it up. */
export function Downloads<Format extends string>({ what, formats, fileOf }: Properties<Format>) {
  const api = useApi();
  const say = useSay();
  const group = useRef<HTMLDivElement>(null);
  const running = useRef<AbortController | undefined>(undefined);
  const [received, setReceived] = useState(0);
  const [slow, setSlow] = useState(false);
  useEffect(() => () => running.current?.abort(), []);

  const fetchFile = async (format: Format): Promise<void> => {
    if (running.current !== undefined) return;
    const stop = new AbortController();
    running.current = stop;
    setReceived(0);
    const timer = setTimeout(() => setSlow(true), SOON_MS);
    const { path, name } = fileOf(format);
    try {
      saveFile(await api.download(path, stop.signal, setReceived), name);
      say(`Downloaded ${name}.`);
    } catch (error) {
      if (!stop.signal.aborted) say(`Not downloaded. ${wordsOf(error)}`, 'bad');
    } finally {
      clearTimeout(timer);
      running.current = undefined;
      setSlow(false);
    }
  };
  const giveUp = (): void => {
    running.current?.abort();
    group.current?.querySelector('button')?.focus();
  };

  return (
    <div ref={group} class="downloads" role="group" aria-label={`Download ${what}`}>
      <Icon name="download" size={16} />
      {formats.map((format) => (
        <button
          key={format}
          type="button"
          class="small"
          aria-label={`${format.toUpperCase()}: download ${what}`}
          title={`Download ${what} as ${format.toUpperCase()}`}
          onClick={() => void fetchFile(format)}
        >
          {format.toUpperCase()}
        </button>
      ))}
      {slow && (
        <>
          <span class="note">{bytes(received)}</span>
          <button type="button" class="small" aria-label={`Stop the download of ${what}`} onClick={giveUp}>
            Stop
          </button>
        </>
      )}
    </div>
  );
}
