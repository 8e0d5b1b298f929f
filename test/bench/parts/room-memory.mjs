import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOMS = 5_000;

/** What live rooms cost in the service, measured by `npm run scale`; the quick form shows only that it can be measured. */
export const roomMemory = {
  name: 'room-memory',
  about: 'memory of a live room in the service (npm run scale)',
  async run(context) {
    const settings = context.quick
      ? ['--rooms', 50, '--rate', 12, '--minutes', 0.1, '--no-kafka', '--json']
      : ['--rooms', ROOMS, '--rate', 250, '--minutes', 1, '--json'];
    const result = JSON.parse(await output(join(context.root, 'test', 'scale', 'scale.mjs'), settings.map(String)));
    return [
      {
        title: 'memory of a room',
        about: `${result.rooms} live rooms in one process of the service, ${Math.round(result.messagesPerSecond)} messages/s${context.quick ? ', journal only' : ''}`,
        rows: [
          {
            name: 'livetap',
            figures: {
              'KiB resident a room': result.kibPerRoom,
              'MiB resident in all': result.residentMib,
              'MiB of heap in use': result.heapMib,
              cores: result.cores,
            },
          },
        ],
        ratios: context.quick
          ? []
          : [{ name: 'resident, 5,000 rooms', value: result.residentMib, unit: 'MiB', atMost: 1_024 }],
      },
    ];
  },
};

function output(script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(text.trim().split('\n').at(-1));
      else reject(new Error(`${script} ended with ${code}`));
    });
  });
}
