import { describe, expect, it } from 'vitest';
import { StreamerError } from './streamer.errors.js';
import { normalizeUniqueId, userIdOf } from './unique-id.js';

describe('names of streamers', () => {
  it.each([
    ['anna', 'anna'],
    ['@Anna', 'anna'],
    ['  @ANNA.b_1  ', 'anna.b_1'],
    ['https://www.tiktok.com/@Anna', 'anna'],
    ['https://www.tiktok.com/@anna/live?lang=en', 'anna'],
    ['http://m.tiktok.com/@anna#x', 'anna'],
    ['tiktok.com/@anna/', 'anna'],
    ['live', 'live'],
    ['ab', 'ab'],
    ['abcdefghijklmnopqrstuvwx', 'abcdefghijklmnopqrstuvwx'],
    ['..a', '..a'],
    ['id:6901234567890123456', 'id:6901234567890123456'],
    ['ID:12', 'id:12'],
  ])('%j is %j', (given, name) => {
    expect(normalizeUniqueId(given)).toBe(name);
  });

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['@', 'empty'],
    ['a', '2 to 24'],
    ['abcdefghijklmnopqrstuvwxy', '2 to 24'],
    ['anna.', 'dot'],
    ['an na', 'letters'],
    ['änna', 'letters'],
    ['anna/live', 'letters'],
    ['id:', 'digits'],
    ['id:0', 'digits'],
    ['id:123456789012345678901', 'digits'],
    ['id:12x', 'digits'],
    ['https://vm.tiktok.com/ZM123/', 'profile'],
    ['https://example.com/@anna', '2 to 24'],
    ['x'.repeat(10_000), '2 to 24'],
  ])('%j is refused: %s', (given, why) => {
    const attempt = (): string => normalizeUniqueId(given);
    expect(attempt).toThrow(StreamerError);
    expect(attempt).toThrow(why);
    try {
      attempt();
    } catch (error) {
      expect(error).toMatchObject({ code: 'WATCHER_INVALID_UNIQUE_ID', retryable: false });
      expect((error as Error).message.length).toBeLessThan(200);
    }
  });

  it('stay what they are when they are normal already', () => {
    for (const given of ['@Anna', 'ID:12', 'https://www.tiktok.com/@x.y']) {
      const name = normalizeUniqueId(given);
      expect(normalizeUniqueId(name)).toBe(name);
    }
  });

  it('with a user id give it away, others do not', () => {
    expect(userIdOf('id:42')).toBe('42');
    expect(userIdOf('anna')).toBeUndefined();
  });
});
