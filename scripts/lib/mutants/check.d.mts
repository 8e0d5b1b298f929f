import type { Mutant } from './types.d.mts';

export function checkCatalogue(root: string, catalogue: readonly Mutant[]): string[];
