import { SingleBar } from 'cli-progress';

/** How far a piece of work has come. */
export interface Progress {
  /** False where nobody looks. */
  readonly shown: boolean;
  /** Of the total that was given. */
  set(done: number): void;
  /** Takes the bar away; safe to call twice. */
  stop(): void;
}

/** A bar moves this often where the work itself does not move it, ms. */
export const BAR_MS = 250;

const SHOWS_NOTHING: Progress = { shown: false, set: () => undefined, stop: () => undefined };

/** A bar on a terminal; nothing on a stream that is none, such as a pipe or a file. */
export function progressBar(stream: NodeJS.WriteStream, label: string, total: number): Progress {
  if (!stream.isTTY) return SHOWS_NOTHING;
  const bar = new SingleBar({
    stream,
    format: `${label} [{bar}] {percentage}%  {value} of {total}  {eta_formatted} left`,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
  });
  bar.start(total, 0);
  let running = true;
  return {
    shown: true,
    set: (done) => bar.update(done),
    stop: () => {
      if (running) bar.stop();
      running = false;
    },
  };
}
