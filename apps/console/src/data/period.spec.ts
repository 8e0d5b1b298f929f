import { describe, expect, it } from 'vitest';
import { boundsOf, dayOf, ownRange, periodFault, PERIODS, PERIODS_OR_ANY, readPeriod, writePeriod } from './period.js';

const NOW = Date.parse('2026-11-26T10:20:30.000Z');
const own = (from: string, to: string) => ({ name: 'own', from, to }) as const;

describe('the period of a list', () => {
  it('ends now, unless days are given: then the last one counts whole, in the time zone of the browser', () => {
    expect(boundsOf({ name: 'day', from: '', to: '' }, NOW)).toEqual({
      from: '2026-11-25T10:20:30.000Z',
      to: '2026-11-26T10:20:30.000Z',
    });
    expect(boundsOf({ name: 'month', from: '', to: '' }, NOW).from).toBe('2026-10-27T10:20:30.000Z');
    expect(boundsOf({ name: 'any', from: '2026-11-01', to: '' }, NOW)).toEqual({});
    expect(boundsOf(own('2026-11-01', '2026-12-31'), NOW)).toEqual({
      from: new Date(2026, 10, 1).toISOString(),
      to: new Date(2027, 0, 1).toISOString(),
    });
    expect(boundsOf(own('', '2026-02-28'), NOW)).toEqual({ to: new Date(2026, 2, 1).toISOString() });
  });

  it('says why a range cannot be asked for', () => {
    expect(periodFault(own('2026-11-02', '2026-11-01'))).toBe('The last day is before the first one.');
    expect(periodFault(own('2026-02-30', ''))).toBe('2026-02-30 is no day.');
    expect(periodFault(own('0026-02-03', ''))).toBe('0026-02-03 is no day.');
    expect(periodFault(own('2026-11-01', '2026-11-01'))).toBeUndefined();
    expect(periodFault(own('', ''))).toBeUndefined();
    expect(periodFault({ name: 'week', from: 'x', to: 'y' })).toBeUndefined();
  });

  it('goes into the address and comes back', () => {
    const query = (choice: Parameters<typeof writePeriod>[0]) => new URLSearchParams(writePeriod(choice, 'month'));
    expect(readPeriod(query(own('2026-11-01', '')), PERIODS, 'month')).toEqual(own('2026-11-01', ''));
    expect(readPeriod(query({ name: 'week', from: '2026-11-01', to: '' }), PERIODS, 'month')).toEqual({
      name: 'week',
      from: '',
      to: '',
    });
    expect(query({ name: 'month', from: '', to: '' }).get('period')).toBe('');
    expect(readPeriod(new URLSearchParams('period=toString'), PERIODS_OR_ANY, 'any').name).toBe('any');
  });

  it('becomes an own range of the same days', () => {
    expect(ownRange({ name: 'week', from: '', to: '' }, NOW)).toEqual(own(dayOf(NOW - 7 * 86_400_000), dayOf(NOW)));
    expect(ownRange({ name: 'any', from: '', to: '' }, NOW)).toEqual(own('', dayOf(NOW)));
    expect(ownRange(own('2026-01-01', ''), NOW)).toEqual(own('2026-01-01', ''));
  });
});
