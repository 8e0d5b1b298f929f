export interface PacedLoadRow {
  readonly name: string;
  /** Messages a second that came. */
  readonly perSecond: number;
  /** Processor time, microseconds. */
  readonly microsPerMessage: number;
  /** Of these, what the kernel took. */
  readonly kernelMicrosPerMessage: number;
  /** Of one core. */
  readonly share: number;
}

export function benchPacedLoad(options: {
  readonly proto: object;
  readonly connections?: number;
  readonly perSecond?: number;
  readonly seconds?: number;
  readonly rounds?: number;
}): Promise<{
  readonly connections: number;
  readonly rounds: number;
  /** Of one run, over all connections. */
  readonly messages: number;
  readonly rows: readonly PacedLoadRow[];
  /** Processor time of a message, this project's over the original's: with listeners for every event, and for chat and gifts. */
  readonly ratios: { readonly all: number; readonly few: number };
}>;
