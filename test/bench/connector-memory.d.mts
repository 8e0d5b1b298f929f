export interface ConnectorMemoryRow {
  readonly name: string;
  readonly heapBytes: number;
  readonly outsideBytes: number;
  readonly residentBytes: number;
}

export function benchConnectorMemory(options: {
  readonly proto: object;
  readonly connections?: number;
  readonly rounds?: number;
}): Promise<{
  readonly connections: number;
  readonly rounds: number;
  readonly rows: readonly ConnectorMemoryRow[];
  /** Heap and memory outside of it: the original's over this project's. */
  readonly ratio: number;
}>;
