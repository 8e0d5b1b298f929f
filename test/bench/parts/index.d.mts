import type { Section } from '../report.mjs';

export interface BenchPart {
  readonly name: string;
  readonly about: string;
  run(context: object): Promise<readonly Section[]>;
}

export const PARTS: readonly BenchPart[];
