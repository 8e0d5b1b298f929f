import { describe, expect, it } from 'vitest';
import { ConfigError, configSchema, describeConfig, readConfig, worldOf } from './config.js';

describe('settings', () => {
  it('has a default for everything', () => {
    expect(readConfig([], {})).toMatchObject({ host: '127.0.0.1', port: 4600, streamers: 50, schedule: true });
  });

  it('takes flags before variables', () => {
    const config = readConfig(['--port', '0', '--live-at-start', '0.5'], {
      SIMULATOR_PORT: '1234',
      SIMULATOR_SCHEDULE: 'false',
      SIMULATOR_RATE_LIMIT_MINUTE: '10',
      OTHER: 'x',
    });
    expect(config).toMatchObject({ port: 0, liveAtStart: 0.5, schedule: false, rateLimitMinute: 10 });
  });

  it('names every fault at once, never a value', () => {
    const attempt = (): unknown => readConfig(['--port', '99999', '--rate', 'secret-text'], { SIMULATOR_SEDE: 'typo' });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(/SIMULATOR_SEDE: no such setting\n--port \(SIMULATOR_PORT\).*\n--rate \(SIMULATOR_RATE\)/);
    expect(attempt).not.toThrow('secret-text');
    expect(() => readConfig(['--prot', '1'], {})).toThrow(ConfigError);
  });

  it('makes a world of the settings, or none', () => {
    expect(worldOf(readConfig(['--streamers', '7', '--duration-ms', '5000'], {}))).toMatchObject({
      streamers: 7,
      durationMs: 5000,
      seed: 'livetap',
    });
    expect(worldOf(readConfig(['--streamers', '0'], {}))).toBeUndefined();
  });

  it('describes every setting', () => {
    expect(describeConfig().split('\n')).toHaveLength(Object.keys(configSchema.shape).length);
    expect(Object.values(configSchema.shape).every((schema) => (schema.description ?? '') !== '')).toBe(true);
  });
});
