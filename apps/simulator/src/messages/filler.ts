import type { Random } from '../common/random.js';
import { codecForType } from '../wire/proto.js';
import type { FieldDescriptor } from '../wire/proto.js';
import { sentences } from '../world/words.js';

const MAX_DEPTH = 2;
const FILL_SHARE = 0.6;

const scalar = (random: Random, field: FieldDescriptor): unknown => {
  switch (field.type) {
    case 'string':
      return /url|schema|icon|image/i.test(field.name)
        ? `https://p16-webcast.tiktokcdn.com/webcast-va/${random.text(8)}.png`
        : sentences(random);
    case 'bytes':
      return Uint8Array.from({ length: random.int(1, 8) }, () => random.int(0, 255));
    case 'bool':
      return true;
    case 'float':
    case 'double':
      return random.int(1, 100) / 4;
    case 'int64':
    case 'uint64':
    case 'sint64': {
      const text = /id$/i.test(field.name) ? `7${random.digits(18)}` : String(random.int(1, 1_000_000));
      return field.asNumber ? random.int(1, 1_000_000) : text;
    }
    default:
      return random.int(1, 1000);
  }
};

const key = (random: Random, type: string): string =>
  type === 'string' ? random.text(6) : String(random.int(1, 1000));

/**
 * Fills a message of any type with values that fit its fields, two levels deep: for the methods that are too rare to be worth a
 * hand-made shape. `keep` names fields to leave alone.
 */
export const fill = (
  random: Random,
  typeName: string,
  keep: ReadonlySet<string> = new Set(),
  depth = 0,
): Record<string, unknown> => {
  const codec = codecForType(typeName);
  const body: Record<string, unknown> = {};
  if (codec === undefined) return body;
  for (const field of codec.fields) {
    if (keep.has(field.name) || !random.chance(FILL_SHARE)) continue;
    // Members of a oneof exclude each other: one is enough, and none is right as well.
    if (field.optional && field.kind === 'message') continue;
    const value =
      field.kind === 'scalar'
        ? scalar(random, field)
        : field.kind === 'enum'
          ? random.int(1, 3)
          : depth < MAX_DEPTH
            ? fill(random, field.type, new Set(), depth + 1)
            : undefined;
    if (value === undefined) continue;
    if (field.mapKey !== undefined) body[field.name] = { [key(random, field.mapKey)]: value };
    else body[field.name] = field.repeated ? [value] : value;
  }
  return body;
};
