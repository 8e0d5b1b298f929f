/** Messages per second of one subject: the median over the rounds. */
export interface BenchRow {
  readonly name: string;
  readonly perSecond: number;
}

export interface BenchResult {
  readonly frames: number;
  readonly messages: number;
  readonly bytes: number;
  readonly rows: readonly BenchRow[];
  /** This project's rate divided by the reference's: the median over the rounds. */
  readonly ratio: number;
}

type Proto = typeof import('../../libs/connector/src/proto/index.js');
type Decode = (batch: Uint8Array) => number;

export function decoders(proto: Proto, reference: object): { readonly livetap: Decode; readonly reference: Decode };

export function benchDecode(options: {
  readonly proto: Proto;
  readonly reference: object;
  readonly frames: readonly Uint8Array[];
  readonly rounds?: number;
  readonly minimumMs?: number;
}): Promise<BenchResult>;
