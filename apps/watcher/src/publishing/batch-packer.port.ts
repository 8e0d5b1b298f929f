export type BatchCompression = 'gzip' | 'none';

/** What makes a batch the same one when it is sent again. */
export interface ProducerNumbers {
  /** Given by the brokers, one for each producer. */
  readonly id: bigint;
  readonly epoch: number;
}

/** One batch for one partition, of which the records are written but neither compressed nor sealed. */
export interface PlainBatch {
  /** Where its records are: `[from, to)` of the bytes of all batches. */
  readonly from: number;
  readonly to: number;
  /** Records in it, at least 1. */
  readonly count: number;
  /** Times of its first record and of its newest one, ms since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Number of the first record within the partition, counted by the producer. */
  readonly firstSequence: number;
}

export interface PackJob {
  /** The records of all batches, one after the other. Not to be changed before the answer. */
  readonly plain: Uint8Array;
  readonly batches: readonly PlainBatch[];
  readonly producer: ProducerNumbers;
  readonly compression: BatchCompression;
}

/** Makes whole record batches of records that are written: compresses them and puts the header before them. */
export interface BatchPacker {
  /**
   * The batches of the job, in its order; to be used before the next call. One call at a time.
   * @throws PublishError WATCHER_KAFKA_NOT_ACKNOWLEDGED when what packs has failed (retryable)
   */
  pack(job: PackJob): Promise<readonly Buffer[]>;
  /** Ends what `pack` needs; a job that is under way fails. */
  close(): Promise<void>;
}
