import { describe, expect, it } from 'vitest';
import { boardQuery } from './board-query.js';

const NOW = Date.parse('2026-11-26T10:00:00.000Z');
const read = (query: string) => Object.fromEntries(new URLSearchParams(query));

describe('boardQuery', () => {
  it('names both ends of the period, so that every page is about the same one', () => {
    const query = boardQuery({ name: 'day', from: '', to: '' }, NOW, { by: 'likes', cursor: 'c1' });
    expect(read(query)).toEqual({
      limit: '50',
      from: '2026-11-25T10:00:00.000Z',
      to: '2026-11-26T10:00:00.000Z',
      by: 'likes',
      cursor: 'c1',
    });
  });

  it('begins with the first record where no first day is given, and leaves out what is empty', () => {
    const query = boardQuery({ name: 'own', from: '', to: '' }, NOW, { streamer: '', cursor: undefined });
    expect(read(query)).toEqual({
      limit: '50',
      from: '2000-01-01T00:00:00.000Z',
      to: '2026-11-26T10:00:00.000Z',
    });
  });
});
