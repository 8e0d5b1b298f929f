import type { Judgement, Mutant, Outcome } from './types.d.mts';

export function outcome(mutant: Mutant, judged: Judgement, seconds: number): Outcome;
export function summary(
  mutants: readonly Mutant[],
  results: readonly Outcome[],
): { readonly text: string; readonly json: object; readonly good: boolean };
