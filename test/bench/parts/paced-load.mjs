import { benchPacedLoad } from '../paced-load.mjs';

/** Processor time of the library at a steady rate. */
export const pacedLoad = {
  name: 'paced-load',
  about: 'processor time of the library at 10,000 messages a second over 50 sockets',
  async run(context) {
    const size = context.quick ? { connections: 10, perSecond: 2_000, seconds: 1, rounds: 1 } : {};
    const { rows, ratios, connections, rounds, messages } = await benchPacedLoad({
      proto: await context.proto(),
      ...size,
    });
    const wanted = context.quick ? {} : { atMost: 0.333 };
    return [
      {
        title: 'paced load',
        about: `socket to events, ${messages} messages at a steady rate over ${connections} sockets, medians of ${rounds} rounds; every event came`,
        rows: rows.map(({ name, perSecond, microsPerMessage, kernelMicrosPerMessage, share }) => ({
          name,
          figures: {
            'messages/s': perSecond,
            'µs CPU/message': microsPerMessage,
            'of them in the kernel': kernelMicrosPerMessage,
            '% of a core': 100 * share,
          },
        })),
        ratios: [
          { name: 'processor time, every event, livetap : tiktok-live-connector', value: ratios.all, ...wanted },
          { name: 'processor time, chat and gifts, livetap : tiktok-live-connector', value: ratios.few, ...wanted },
        ],
      },
    ];
  },
};
