export interface Pipeline {
  readonly name: string;
  readonly child: string;
  readonly topics: string;
  readonly peer?: string;
  /** Of Node. */
  readonly flags?: readonly string[];
}

export const LIVETAP: Pipeline;
export const PEERS: readonly Pipeline[];
/** Frames that every room gets before anything is measured. */
export const WARM_UP_FRAMES: number;

export interface PipelineResult {
  readonly messages: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Processor time of one message in all processes, µs. */
  readonly processorMicros: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  /** From the receipt of a frame until its events are on the disk; 0 where nothing is kept. */
  readonly durableP50Ms: number;
  readonly durableP99Ms: number;
  readonly loopDelayP99Ms: number;
  readonly residentBytes: number;
}

export function runPipeline(
  pipeline: Pipeline,
  options: {
    readonly brokers: readonly string[];
    readonly rooms?: number;
    readonly framesPerRoom?: number;
    readonly processes?: number;
    readonly perSecond?: number;
  },
): Promise<PipelineResult>;
