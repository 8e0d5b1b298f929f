import { z } from 'zod';

export const SETTING_GROUPS = [
  'HTTP',
  'Storage',
  'Kafka',
  'TikTok',
  'Rooms and history',
  'Webhooks',
  'Operation',
] as const;
export type SettingGroup = (typeof SETTING_GROUPS)[number];

/** What the generated reference says about a setting, kept with its rule. */
export interface SettingMeta {
  readonly group: SettingGroup;
  /** One sentence for the reference. */
  readonly description: string;
  /** What a right value looks like, to follow "must be". */
  readonly expects: string;
  /** Shown in the reference instead of the value, for settings whose default says little. */
  readonly defaultText?: string;
  readonly secret?: boolean;
  /** A harmless sample for `.env.example`. */
  readonly example?: string;
}

/** A rule from the text of an environment variable to a value, with its meta data. */
export type Setting<T> = z.ZodType<T, string | undefined> & { readonly setting: SettingMeta };

function define<T>(schema: z.ZodType<T, string | undefined>, setting: SettingMeta): Setting<T> {
  return Object.assign(schema, { setting });
}

const fails = (meta: Pick<SettingMeta, 'expects'>): { error: () => string } => ({
  error: () => `must be ${meta.expects}`,
});

type Meta<T> = Omit<SettingMeta, 'expects'> & { readonly default: T };
type OptionalMeta = Omit<SettingMeta, 'expects'>;

/** A whole number within a range, both ends included. */
export function integer(range: { min: number; max: number }, meta: Meta<number>): Setting<number> {
  const expects = `a whole number from ${range.min} to ${range.max}`;
  const { default: fallback, ...rest } = meta;
  const schema = z
    .string(fails({ expects }))
    .regex(/^-?\d{1,16}$/, fails({ expects }))
    .transform(Number)
    .pipe(z.number(fails({ expects })).min(range.min, fails({ expects })).max(range.max, fails({ expects })))
    .default(fallback);
  return define(schema, { ...rest, expects, defaultText: rest.defaultText ?? String(fallback) });
}

/** A whole number that may be left out. */
export function optionalInteger(range: { min: number; max: number }, meta: OptionalMeta): Setting<number | undefined> {
  const expects = `a whole number from ${range.min} to ${range.max}`;
  const schema = z
    .string(fails({ expects }))
    .regex(/^-?\d{1,16}$/, fails({ expects }))
    .transform(Number)
    .pipe(z.number(fails({ expects })).min(range.min, fails({ expects })).max(range.max, fails({ expects })))
    .optional();
  return define(schema, { ...meta, expects });
}

/** A number, also a fraction, within a range. */
export function decimal(range: { min: number; max: number }, meta: Meta<number>): Setting<number> {
  const expects = `a number from ${range.min} to ${range.max}`;
  const { default: fallback, ...rest } = meta;
  const schema = z
    .string(fails({ expects }))
    .regex(/^\d{1,9}(\.\d{1,9})?$/, fails({ expects }))
    .transform(Number)
    .pipe(z.number(fails({ expects })).min(range.min, fails({ expects })).max(range.max, fails({ expects })))
    .default(fallback);
  return define(schema, { ...rest, expects, defaultText: String(fallback) });
}

const ON = ['on', 'true', '1', 'yes'];
const OFF = ['off', 'false', '0', 'no'];

/** A switch: on or off. */
export function flag(meta: Meta<boolean>): Setting<boolean> {
  const expects = '"on" or "off"';
  const { default: fallback, ...rest } = meta;
  const schema = z
    .string(fails({ expects }))
    .transform((text) => text.toLowerCase())
    .refine((text) => ON.includes(text) || OFF.includes(text), fails({ expects }))
    .transform((text) => ON.includes(text))
    .default(fallback);
  return define(schema, { ...rest, expects, defaultText: fallback ? 'on' : 'off' });
}

/** One word of a list. */
export function oneOf<const W extends readonly [string, ...string[]]>(
  words: W,
  meta: Meta<W[number]>,
): Setting<W[number]> {
  const expects = `one of ${words.map((word) => `"${word}"`).join(', ')}`;
  const { default: fallback, ...rest } = meta;
  const schema = z
    .enum(words as readonly string[] as [W[number], ...W[number][]], fails({ expects }))
    .default(fallback as never);
  return define(schema as unknown as z.ZodType<W[number], string | undefined>, {
    ...rest,
    expects,
    defaultText: fallback,
  });
}

/** One word of a list, or nothing. */
export function optionalOneOf<const W extends readonly [string, ...string[]]>(
  words: W,
  meta: OptionalMeta,
): Setting<W[number] | undefined> {
  const expects = `one of ${words.map((word) => `"${word}"`).join(', ')}`;
  const schema = z.enum(words as readonly string[] as [W[number], ...W[number][]], fails({ expects })).optional();
  return define(schema as unknown as z.ZodType<W[number] | undefined, string | undefined>, { ...meta, expects });
}

/** Free text of a given form. */
export function text(form: { pattern: RegExp; expects: string }, meta: Meta<string>): Setting<string> {
  const { default: fallback, ...rest } = meta;
  const schema = z.string(fails(form)).regex(form.pattern, fails(form)).default(fallback);
  return define(schema, { ...rest, expects: form.expects, defaultText: rest.defaultText ?? fallback });
}

/** Free text of a given form that may be left out. */
export function optionalText(
  form: { pattern: RegExp; expects: string },
  meta: OptionalMeta,
): Setting<string | undefined> {
  const schema = z.string(fails(form)).regex(form.pattern, fails(form)).optional();
  return define(schema, { ...meta, expects: form.expects });
}

/** A list, separated by commas; blanks around the entries are ignored. */
export function list<T>(
  form: { parse: (entry: string) => T | undefined; expects: string; unique?: (entry: T) => string },
  meta: OptionalMeta & { readonly default: string },
): Setting<readonly T[]> {
  const { default: fallback, ...rest } = meta;
  const schema = z
    .string(fails(form))
    .default(fallback)
    .transform((value, context): readonly T[] => {
      const parsed = value
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '')
        .map((entry) => form.parse(entry));
      const entries = parsed.filter((entry) => entry !== undefined);
      const distinct = form.unique ? new Set(entries.map(form.unique)).size === entries.length : true;
      if (entries.length !== parsed.length || !distinct || (entries.length === 0 && value !== '')) {
        context.addIssue({ code: 'custom', message: `must be ${form.expects}` });
        return z.NEVER;
      }
      return entries;
    });
  return define(schema as z.ZodType<readonly T[], string | undefined>, {
    ...rest,
    expects: form.expects,
    ...(fallback === '' ? {} : { defaultText: fallback }),
  });
}

/**
 * One value for all, or by name: `value`, `name=value`, several separated by commas. The key `*` holds the value for all.
 * A setting that may be left out.
 */
export function perName<T>(
  form: { names: readonly string[]; parse: (value: string) => T | undefined; expects: string },
  meta: OptionalMeta,
): Setting<ReadonlyMap<string, T> | undefined> {
  const schema = z
    .string(fails(form))
    .transform((text, context): ReadonlyMap<string, T> => {
      const values = new Map<string, T>();
      for (const entry of text.split(',')) {
        const [, name = '*', given = ''] = /^\s*(?:([a-z]+)=)?(\S+)\s*$/.exec(entry) ?? [];
        const value = form.parse(given);
        if (value === undefined || values.has(name) || (name !== '*' && !form.names.includes(name))) {
          context.addIssue({ code: 'custom', message: `must be ${form.expects}` });
          return z.NEVER;
        }
        values.set(name, value);
      }
      return values;
    })
    .optional();
  return define(schema as z.ZodType<ReadonlyMap<string, T> | undefined, string | undefined>, {
    ...meta,
    expects: form.expects,
  });
}

/** An address that may be left out; slashes at its end are dropped. */
export function optionalUrl(schemes: readonly string[], meta: OptionalMeta): Setting<string | undefined> {
  const expects = `an address that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  const schema = z
    .string(fails({ expects }))
    .refine((value) => isUrl(value, schemes), fails({ expects }))
    .transform((value) => value.replace(/\/+$/, ''))
    .optional();
  return define(schema, { ...meta, expects });
}

function isUrl(value: string, schemes: readonly string[]): boolean {
  return (
    URL.canParse(value) &&
    schemes.some((scheme) => value.toLowerCase().startsWith(`${scheme}://`)) &&
    new URL(value).host !== ''
  );
}
