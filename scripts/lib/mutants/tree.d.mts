import type { Edit, Mutant } from './types.d.mts';

export function applyMutant(copy: string, mutant: Pick<Mutant, 'file' | 'edits'>): () => void;
export function mutate(text: string, mutant: { readonly edits: readonly Edit[] }): string;
