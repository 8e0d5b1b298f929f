import { benchConnectorMemory } from '../connector-memory.mjs';

/** Memory of an idle connection of the library. */
export const connectorMemory = {
  name: 'connector-memory',
  about: 'memory of an idle connection of the library',
  async run(context) {
    const size = context.quick ? { connections: 50, rounds: 1 } : {};
    const { rows, ratio, connections, rounds } = await benchConnectorMemory({ proto: await context.proto(), ...size });
    return [
      {
        title: 'memory of an idle connection',
        about: `${connections} connections in one process, medians of ${rounds} rounds`,
        rows: rows.map(({ name, heapBytes, outsideBytes, residentBytes }) => ({
          name,
          figures: {
            'KiB heap': heapBytes / 1024,
            'KiB outside': outsideBytes / 1024,
            'KiB resident': residentBytes / 1024,
          },
        })),
        ratios: [
          {
            name: 'heap, livetap',
            value: rows[0].heapBytes / 1024,
            unit: 'KiB',
            ...(context.quick ? {} : { atMost: 6 }),
          },
          { name: 'heap and outside, tiktok-live-connector : livetap', value: ratio },
        ],
      },
    ];
  },
};
