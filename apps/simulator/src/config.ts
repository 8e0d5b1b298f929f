import { parseArgs } from 'node:util';
import { z } from 'zod';
import { worldSchema } from './world/world.schema.js';

const whole = (min: number, max: number): z.ZodType<number> => z.coerce.number().int().min(min).max(max);
const share = z.coerce.number().min(0).max(1);
const flag = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1'),
]);

/** Every setting: flag `--rate-limit-minute`, variable `SIMULATOR_RATE_LIMIT_MINUTE`. Flags win. */
export const configSchema = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address to listen on'),
  port: whole(0, 65_535).default(4600).describe('Port; 0 takes a free one'),
  seed: z.string().default('livetap').describe('Seed of the world'),
  streamers: whole(0, 20_000).default(50).describe('Streamers of the world; 0 starts with none'),
  rate: z.coerce.number().min(0).max(200_000).default(200).describe('Messages a second over all rooms'),
  skew: z.coerce.number().min(0).max(3).default(1).describe('How unequal the rooms are: 0 equal, 1 Zipf'),
  sameStream: flag.default(false).describe('true: all rooms say the same, made and compressed once'),
  liveAtStart: share.default(0.7).describe('Share of the streamers that are live at once'),
  horizonMs: whole(1000, 86_400_000).default(60_000).describe('Length of a typical stream, ms'),
  schedule: flag.default(true).describe('false: streams never end by themselves'),
  speed: z.coerce.number().positive().max(1000).default(1).describe('Speeds up schedule and rate'),
  durationMs: whole(1, 86_400_000).optional().describe('Nothing new is made after this time, ms'),
  viewers: whole(10, 100_000).default(3000).describe('Size of the pool of viewers'),
  prefix: z.string().default('sim').describe('Beginning of the made-up names'),
  restrictedShare: share.default(0).describe('Share of rooms for adults only'),
  replay: z.string().optional().describe('Directory with recorded messages to play'),
  replayPaceMs: whole(0, 600_000)
    .optional()
    .describe('Time between two frames of a replayed room, ms; absent: as fast as acked'),
  replayRestMs: whole(0, 600_000)
    .default(1000)
    .describe('How long a replayed streamer stays offline between two streams, ms'),
  ledgerEntries: whole(1, 100_000_000).default(2_000_000).describe('Ledger entries kept in memory'),
  ledgerDir: z.string().optional().describe('Directory for the ledger entries that memory has no room for'),
  rateLimitMinute: whole(1, 1_000_000).optional().describe('Sign server: requests a minute'),
  rateLimitHour: whole(1, 10_000_000).optional().describe('Sign server: requests an hour'),
  rateLimitDay: whole(1, 100_000_000).optional().describe('Sign server: requests a day'),
  rateLimitMinuteMs: whole(1000, 60_000)
    .default(60_000)
    .describe('Sign server: length of its minute, ms; hour and day follow, so that tests need not wait for them'),
  idleTimeoutMs: whole(1000, 3_600_000)
    .default(60_000)
    .describe('A socket that says nothing for this long is closed, ms'),
  pingIntervalMs: whole(100, 3_600_000).default(20_000).describe('Server pings, ms'),
});

export type SimulatorConfig = z.output<typeof configSchema>;

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const variable = (name: string): string => `SIMULATOR_${kebab(name).replaceAll('-', '_').toUpperCase()}`;

/** A setting that cannot be used; the message names every fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads flags and environment. @throws ConfigError naming all faults at once */
export const readConfig = (args: readonly string[], env: NodeJS.ProcessEnv): SimulatorConfig => {
  const names = Object.keys(configSchema.shape);
  let flags: Record<string, string | boolean | undefined>;
  try {
    flags = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: Object.fromEntries(names.map((name) => [kebab(name), { type: 'string' as const }])),
    }).values;
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : 'wrong flags');
  }
  const known = new Set(names.map(variable));
  const strange = Object.keys(env).filter((name) => name.startsWith('SIMULATOR_') && !known.has(name));
  const given = Object.fromEntries(
    names
      .map((name): [string, unknown] => [name, flags[kebab(name)] ?? env[variable(name)]])
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = configSchema.safeParse(given);
  const faults = [
    ...strange.map((name) => `${name}: no such setting`),
    ...(result.success
      ? []
      : result.error.issues.map(
          (issue) =>
            `--${kebab(String(issue.path[0] ?? ''))} (${variable(String(issue.path[0] ?? ''))}): ${issue.message}`,
        )),
  ];
  if (!result.success || faults.length > 0) throw new ConfigError(faults.join('\n'));
  return result.data;
};

/** The world that the settings ask for; undefined when there are to be no streamers. */
export const worldOf = (config: SimulatorConfig): z.output<typeof worldSchema> | undefined => {
  if (config.streamers === 0) return undefined;
  return worldSchema.parse({
    seed: config.seed,
    streamers: config.streamers,
    rate: config.rate,
    skew: config.skew,
    sameStream: config.sameStream,
    liveAtStart: config.liveAtStart,
    horizonMs: config.horizonMs,
    schedule: config.schedule,
    speed: config.speed,
    durationMs: config.durationMs,
    viewers: config.viewers,
    prefix: config.prefix,
    restrictedShare: config.restrictedShare,
  });
};

/** The settings as text, for `--help`. */
export const describeConfig = (): string =>
  Object.entries(configSchema.shape)
    .map(([name, schema]) => `  --${kebab(name).padEnd(20)} ${schema.description ?? ''}`)
    .join('\n');

/** The environment of this process. */
export const environment = (): NodeJS.ProcessEnv => process.env;
