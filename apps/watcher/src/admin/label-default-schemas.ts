import { z } from 'zod';
import { component, timestamp } from './schemas.js';
import { settingShape } from './setting-schemas.js';

/** The bodies and answers of /v1/label-defaults. */

const precedence = z
  .int()
  .min(0)
  .max(100)
  .describe('When several labels of a streamer give the same setting, the highest counts, then the first by name.');

const optional = {
  priority: settingShape.priority.optional(),
  proxyPool: settingShape.proxyPool.optional(),
  language: settingShape.language.optional(),
  region: settingShape.region.optional(),
  checkIntervalMs: settingShape.checkIntervalMs.optional(),
  checkIntervalMaxMs: settingShape.checkIntervalMaxMs.optional(),
  silenceMs: settingShape.silenceMs.optional(),
  socketSources: settingShape.socketSources.optional(),
};

export const newLabelDefaultsSchema = component(
  'NewLabelDefaults',
  z.strictObject({ precedence: precedence.default(0), ...optional }),
);

export const labelDefaultsSchema = component(
  'LabelDefaults',
  z.object({ label: z.string(), precedence, ...optional, createdAt: timestamp, updatedAt: timestamp }),
);
export type LabelDefaultsDto = z.output<typeof labelDefaultsSchema>;

export const labelDefaultsListSchema = component(
  'LabelDefaultsList',
  z.object({ labelDefaults: z.array(labelDefaultsSchema) }),
);
