import { EVENT_CATALOGUE } from '@livetap/contracts';
import type { FinishedEvent } from '../pipeline/finished-event.js';

export interface CanaryParts {
  readonly replicaId: string;
  /** When this process began, ms since the epoch: tells its canaries from those of an earlier one. */
  readonly processStartedAt: number;
  /** Counts the canaries of this process from 1. */
  readonly n: number;
  /** ms since the epoch. */
  readonly at: number;
}

/** A sign of life of a replica. It belongs to no room: it has neither subject nor sequence, its key is the replica's id. */
export function canaryEvent({ replicaId, processStartedAt, n, at }: CanaryParts): FinishedEvent {
  const { type, topic, dataschema } = EVENT_CATALOGUE.canary;
  const id = `canary-${processStartedAt}-${n}`;
  const source = `/livetap/replicas/${replicaId}`;
  const time = new Date(at).toISOString();
  const envelope = {
    specversion: '1.0',
    id,
    source,
    type,
    datacontenttype: 'application/json',
    dataschema,
    time,
    recordedtime: time,
    data: { replicaId, n },
  };
  return {
    topic,
    key: replicaId,
    id,
    type,
    source,
    subject: '',
    recordedAt: at,
    value: Buffer.from(JSON.stringify(envelope)),
  };
}
