import { describe, expect, it } from 'vitest';
import { parsePlace, placeTo } from './router.js';

describe('places on the page', () => {
  it('goes there and back with any characters', () => {
    const place = parsePlace(placeTo(['history', 'a/b ü?'], { compare: '1,2', none: '' }));
    expect(place.path).toEqual(['history', 'a/b ü?']);
    expect([...place.query]).toEqual([['compare', '1,2']]);
  });

  it('takes what is not well-formed as it stands', () => {
    expect(parsePlace('').path).toEqual([]);
    expect(parsePlace('#/streamers/%E0%A4%A').path).toEqual(['streamers', '%E0%A4%A']);
  });
});
