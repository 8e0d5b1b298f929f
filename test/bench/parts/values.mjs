import * as peer from 'tiktok-live-connector';
import { benchValues } from '../value-bench.mjs';

/** Bytes of frames to record values and to whole objects, against gunzip alone and the peer's own way. */
export const values = {
  name: 'values',
  about: 'frames to record values and to objects of the library',
  async run(context) {
    const parts = await context.modules();
    const sections = [];
    for (const { name, frames, plainFrames } of await context.frameSets()) {
      const result = await benchValues({ parts, peer, frames, plainFrames, ...context.pace });
      sections.push({
        title: `frames, ${name}`,
        about: `${result.messages} messages in ${result.frames} frames`,
        rows: rates(result.rows),
        ratios: Object.entries(result.ratios).map(([ratio, value]) => ({
          name: ratio,
          value,
          // Recorded frames are a few hundred of all kinds: what is wanted is wanted of a busy room.
          ...(name === 'recorded' ? {} : WANTED[ratio]),
        })),
      });
    }
    return sections;
  },
};

const WANTED = {
  'frame to value : gunzip alone': { atLeast: 0.75 },
  'frame to value : peer': { atLeast: 4 },
  'frame to value : peer and JSON': { atLeast: 8 },
  'plain frame to value : byte scan': { atLeast: 0.6 },
  'library, every event : peer': { atLeast: 2 },
  'library, chat and gifts : peer': { atLeast: 5 },
};

export function rates(rows) {
  return rows.map(({ name, perSecond }) => ({
    name,
    figures: { 'messages/s': perSecond, 'µs/message': 1e6 / perSecond },
  }));
}
