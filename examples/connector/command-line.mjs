// node <example>.mjs <name> [--endpoint http://127.0.0.1:4600] [other flags]
import { parseArgs } from 'node:util';
import { buildEulerClient } from '@livetap/connector';

/**
 * Name of the streamer, options for the connection and the other flags. Without `--endpoint` the options are empty; with
 * it TikTok and the sign server are what answers there, for example the simulator (`npm run build`, then
 * `node apps/simulator/dist/main.js`).
 */
export function commandLine(flags = {}) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { endpoint: { type: 'string' }, ...flags },
  });
  const [name] = positionals;
  const { endpoint, ...others } = values;
  if (name === undefined) {
    console.error('Say whose live it is: node <example>.mjs <name>');
    process.exit(64);
  }
  const options =
    endpoint === undefined
      ? {}
      : {
          endpoints: { webUrl: endpoint, webcastUrl: endpoint, socketUrl: endpoint },
          eulerApiInstance: buildEulerClient({ basePath: endpoint }),
        };
  return { name, options, flags: others };
}
