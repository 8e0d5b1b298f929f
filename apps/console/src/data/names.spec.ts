import { describe, expect, it } from 'vitest';
import { pastedNames, typedLabels } from './names.js';

describe('pastedNames', () => {
  it('reads names from lines, commas, CSV with a title, and links, each once', () => {
    const text = 'uniqueId\n"first.one",@Second\nhttps://www.tiktok.com/@first.one/live?x=1;third\t second\n\n';
    expect(pastedNames(text)).toEqual({ names: ['first.one', '@Second', 'third'], repeated: 2 });
  });

  it('leaves wrong names to the service', () => {
    expect(pastedNames('gone!wrong').names).toEqual(['gone!wrong']);
    expect(pastedNames(' \n ').names).toEqual([]);
  });
});

describe('typedLabels', () => {
  it('separates by commas and keeps spaces within', () => {
    expect(typedLabels(' vip, west coast ,vip,,')).toEqual(['vip', 'west coast']);
  });
});
