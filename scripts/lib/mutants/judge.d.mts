import type { Judgement, Killer, TestRun } from './types.d.mts';

export function judge(run: TestRun, killers: readonly Killer[]): Judgement;
export function described(killer: Killer): string;
