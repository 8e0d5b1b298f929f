import { describe, expect, it } from 'vitest';
import { parseDuration, parseMoment, parseSize } from './arguments.js';

const NOW = Date.parse('2026-01-31T12:00:00.000Z');

describe('arguments', () => {
  it.each([
    ['90s', 90_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['250ms', 250],
  ])('%s is a time', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    ['500000', 500_000],
    ['100MB', 100_000_000],
    ['64KiB', 65_536],
    ['1gib', 1_073_741_824],
    ['2k', 2_000],
  ])('%s is a size', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    ['2026-01-31T11:00:00Z', NOW - 3_600_000],
    ['2026-01-31T13:00:00.500+01:00', NOW + 500],
    ['2026-01-31', Date.parse('2026-01-31T00:00:00Z')],
    ['2h', NOW - 7_200_000],
  ])('%s is a moment', (text, at) => {
    expect(parseMoment(text, NOW)).toBe(at);
  });

  it.each(['', '0s', '-5m', '5', 'soon', '10 m'])('%j is no time', (text) => {
    expect(() => parseDuration(text)).toThrow('It must be a time');
  });

  it.each(['', '0', '-5', 'MB', '5TB', '1e9'])('%j is no size', (text) => {
    expect(() => parseSize(text)).toThrow('It must be a size');
  });

  it.each(['', 'yesterday', '2026-01-31 12:00', '2026-01-31T25:00:00Z', '2026-13-01'])('%j is no moment', (text) => {
    expect(() => parseMoment(text, NOW)).toThrow('It must be a moment');
  });
});
