import type { Foundation } from './foundation.js';

export interface AnnounceOptions {
  readonly foundation: Foundation;
  readonly port: number;
  /** Takes one line for people. */
  readonly out: (line: string) => void;
}

const LOOK_MS = 100;
/** A broker that is there is connected long before. */
const PATIENCE_MS = 5_000;

/** Tells people the address of the page when the service is ready; when that takes long, says what is missing meanwhile. */
export async function announce({ foundation, port, out }: AnnounceOptions): Promise<void> {
  const { clock, health, starting, config, logger } = foundation;
  const address = addressOf(config.http.host, port);
  const since = clock.monotonic();
  let said = false;
  while (!starting.aborted) {
    const { ready, reasons } = health.readiness();
    if (ready) {
      logger.info('service.ready', { port });
      out(`Livetap is ready: ${address}`);
      return;
    }
    if (!said && clock.monotonic() - since > PATIENCE_MS) {
      said = true;
      out(`Livetap is running, not ready yet (${reasons.map(({ message }) => message).join(' ')}): ${address}`);
    }
    await new Promise<void>((resolve) => void clock.setTimeout(resolve, LOOK_MS));
  }
}

/** How a browser on this machine reaches the service. */
export function addressOf(host: string, port: number): string {
  const anywhere = host === '0.0.0.0' || host === '::';
  const name = anywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}/`;
}
