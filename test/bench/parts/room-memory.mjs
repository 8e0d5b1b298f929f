import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** What a live room costs in the service, measured by `npm run scale` with fewer rooms and less time. */
export const roomMemory = {
  name: 'room-memory',
  about: 'memory of a live room in the service (a short npm run scale)',
  async run(context) {
    const [rooms, minutes] = context.quick ? [50, 0.1] : [1_000, 0.5];
    const settings = ['--rooms', rooms, '--rate', rooms / 4, '--minutes', minutes, '--no-kafka', '--json'];
    const result = JSON.parse(await output(join(context.root, 'test', 'scale', 'scale.mjs'), settings.map(String)));
    return [
      {
        title: 'memory of a room',
        about: `${result.rooms} live rooms in one process of the service, ${Math.round(result.messagesPerSecond)} messages/s, journal only`,
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
        ratios: [
          { name: '5,000 rooms, by what one costs here', value: fiveThousand(result), unit: 'MiB', atMost: 1_024 },
        ],
      },
    ];
  },
};

/** What the process takes without rooms stays as it is. */
function fiveThousand({ residentMib, kibPerRoom, rooms }) {
  return residentMib + ((5_000 - rooms) * kibPerRoom) / 1_024;
}

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
