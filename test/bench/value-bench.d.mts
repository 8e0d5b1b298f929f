import type { BenchRow } from './decode-bench.mjs';

/** This project's modules that are measured. */
export type BenchParts = typeof import('../../libs/connector/src/proto/index.js') &
  typeof import('../../libs/connector/src/socket/unpack.js') &
  typeof import('../../libs/connector/src/connection/message-dispatcher.js') &
  typeof import('../../apps/watcher/src/pipeline/room-pipeline.js') &
  typeof import('../../apps/watcher/src/pipeline/message-shaper.js');

export interface ValueBenchResult {
  readonly frames: number;
  readonly messages: number;
  readonly rows: readonly BenchRow[];
  /** By what is compared: the median of the ratios within each round. */
  readonly ratios: Readonly<Record<string, number>>;
}

export const SUBJECTS: Readonly<Record<string, string>>;

export interface ValueBenchInput {
  readonly parts: BenchParts;
  readonly peer: object;
  readonly frames: readonly Uint8Array[];
  /** The same messages in plain frames. */
  readonly plainFrames: readonly Uint8Array[];
}

export function benchValues(
  options: ValueBenchInput & { readonly rounds?: number; readonly minimumMs?: number },
): Promise<ValueBenchResult>;

export function valueCandidates(input: ValueBenchInput): {
  readonly messages: number;
  readonly candidates: Readonly<Record<string, () => unknown>>;
};
