/** Bytes of a process beyond those of idle connections. */
export interface BurstBytes {
  readonly peak: number;
  readonly resident: number;
  readonly heap: number;
  readonly closed: number;
  /** The whole heap in use when all connections are idle again. */
  readonly idleHeap: number;
}

export function benchConnectorBurst(options: {
  readonly proto: object;
  readonly connections?: number;
  readonly framesPerRoom?: number;
  readonly rounds?: number;
}): Promise<{
  readonly connections: number;
  readonly rounds: number;
  /** Of one burst, over all connections. */
  readonly messages: number;
  readonly rows: readonly { readonly name: string; readonly bytes: BurstBytes }[];
  /** This project's over the original's. */
  readonly ratios: { readonly peak: number; readonly resident: number };
}>;
