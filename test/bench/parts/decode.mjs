import * as reference from 'tiktok-live-proto/v3';
import { benchDecode } from '../decode-bench.mjs';
import { rates } from './values.mjs';

/** Whole messages from unpacked batches, against the peer's generated decoders. */
export const decode = {
  name: 'decode',
  about: 'unpacked batches to whole messages',
  async run(context) {
    const proto = await context.proto();
    const sections = [];
    for (const { name, frames } of await context.frameSets()) {
      const result = await benchDecode({ proto, reference, frames, ...context.pace });
      sections.push({
        title: `decode, ${name}`,
        about: `${result.messages} messages in ${result.frames} frames`,
        rows: rates(result.rows),
        ratios: [{ name: 'livetap : tiktok-live-proto', value: result.ratio }],
      });
    }
    return sections;
  },
};
