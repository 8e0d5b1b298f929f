import { benchConnectorBurst } from '../connector-burst.mjs';

const MIB = 1024 * 1024;

/** Memory that a burst of frames to idle connections of the library takes, and what stays of it. */
export const connectorBurst = {
  name: 'connector-burst',
  about: 'memory after a burst of frames to idle connections of the library',
  async run(context) {
    const size = context.quick ? { connections: 50, framesPerRoom: 2, rounds: 1 } : {};
    const found = await benchConnectorBurst({ proto: await context.proto(), ...size });
    const { rows, ratios, connections, rounds, messages } = found;
    const wanted = context.quick ? {} : { atMost: 0.125 };
    return [
      {
        title: 'memory after a burst',
        about: `${messages} messages at once to ${connections} idle connections in one process, medians of ${rounds} rounds; beyond the memory of the idle connections`,
        rows: rows.map(({ name, bytes }) => ({
          name,
          figures: {
            'MiB peak': bytes.peak / MIB,
            'MiB stay resident': bytes.resident / MIB,
            'MiB stay in heap': bytes.heap / MIB,
            'MiB heap once closed': bytes.closed / MIB,
          },
        })),
        ratios: [
          { name: 'peak, livetap : tiktok-live-connector', value: ratios.peak, ...wanted },
          { name: 'stays resident, livetap : tiktok-live-connector', value: ratios.resident, ...wanted },
        ],
      },
    ];
  },
};
