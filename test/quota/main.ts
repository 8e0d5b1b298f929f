import { parseArgs } from 'node:util';
import { startKafka } from '@livetap/testkit';
import { runQuota, type QuotaPhase } from './quota-run.js';

const USAGE = `npm run quota -- [--streamers 500] [--per-minute 60] [--minute-ms 60000] [--replicas 2]

Streamers go live at once while the direct way is open, then as many others while it is closed. Says what the sign server
granted and refused, and how long it took until every room had a socket.`;

/** Time that a window may last longer for the service than for the server: whole seconds in its headers, and looks that are spread. */
const SLACK_MS = 4_000;
/** To notice that streamers are live, and for the last sockets. */
const START_MS = 30_000;

/** `npm run quota`. Returns the exit code: 0 when the quota was kept and used. */
export async function main(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { streamers: text, 'per-minute': text, 'minute-ms': text, replicas: text, help: { type: 'boolean' } },
  });
  const streamers = Number(values.streamers ?? 500);
  const perMinute = Number(values['per-minute'] ?? 60);
  const minuteMs = Number(values['minute-ms'] ?? 60_000);
  const replicas = Number(values.replicas ?? 2);
  if (values.help === true || ![streamers, perMinute, minuteMs, replicas].every((value) => value > 0)) {
    console.log(USAGE);
    return values.help === true ? 0 : 2;
  }
  const kafka = await startKafka();
  if ('skipped' in kafka) throw new Error(`no broker: ${kafka.skipped}`);
  try {
    console.log(`${streamers} streamers, ${replicas} replicas, ${perMinute} requests in each ${minuteMs / 1_000} s`);
    const report = await runQuota({
      streamers,
      perMinute,
      minuteMs,
      replicas,
      brokers: kafka.brokers,
      say: console.log,
    });
    const { open, closed } = report;
    print('direct way open', streamers, open);
    print('direct way closed', streamers, closed);
    const allowed = ((Math.ceil(streamers / perMinute) - 1) * (minuteMs + SLACK_MS) + START_MS) / 1_000;
    const faults = [
      open.granted > 0 ? 'signatures were spent although the direct way was open' : '',
      closed.refused > 0 ? 'the sign server refused requests' : '',
      Math.max(...closed.windows) > perMinute ? 'more than the quota in a window' : '',
      closed.waited < (streamers - perMinute) / 2 ? 'rooms that waited were not in the queue' : '',
      closed.granted !== streamers ? 'not one signature for each room' : '',
      closed.seconds > allowed ? `it took longer than the quota allows (${allowed} s)` : '',
      ...report.leaks.map((place) => `the key of the sign server is in the ${place}`),
    ].filter((fault) => fault !== '');
    console.log(faults.length === 0 ? 'all as promised' : `NOT as promised: ${faults.join('; ')}`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await kafka.dispose();
  }
}

function print(name: string, streamers: number, phase: QuotaPhase): void {
  const { connected, seconds, granted, refused, windows, sockets, waited } = phase;
  console.log(
    `${name}: ${connected} of ${streamers} rooms connected in ${seconds.toFixed(1)} s (by replica ${sockets.join(' + ')}); ` +
      `signatures granted ${granted}, refused ${refused}, by window [${windows.join(' ')}]; at most ${waited} rooms waited`,
  );
}
