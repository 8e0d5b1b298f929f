import {
  type CanaryData,
  EVENT_CATALOGUE,
  replicaSource,
  viewerSource,
  type ViewerErasedData,
} from '@livetap/contracts';
import type { FinishedEvent } from './finished-event.js';
import { timestamp } from './normalize/values.js';

export interface CanaryParts {
  readonly replicaId: string;
  /** When this process began, milliseconds since the epoch: tells its canaries from those of an earlier one. */
  readonly processStartedAt: number;
  /** Counts the canaries of this process from 1. */
  readonly n: number;
  /** Now, milliseconds since the epoch. */
  readonly at: number;
}

/** A sign of life of a replica; its key is the replica's id. */
export function canary({ replicaId, processStartedAt, n, at }: CanaryParts): FinishedEvent {
  const data: CanaryData = { replicaId, n };
  const id = `canary-${processStartedAt}-${n}`;
  return roomless('canary', { id, source: replicaSource(replicaId), key: replicaId, at, data });
}

/** A viewer was erased. `at`: when, milliseconds since the epoch; the same erasure has the same id. */
export function viewerErased(erasure: { readonly userId: string; readonly at: number }): FinishedEvent {
  const data: ViewerErasedData = { userId: erasure.userId, erasedAt: timestamp(erasure.at) };
  const id = `viewer.erased-${erasure.at}`;
  return roomless('viewer.erased', {
    id,
    source: viewerSource(erasure.userId),
    key: erasure.userId,
    at: erasure.at,
    data,
  });
}

/** An event outside of the rooms: no streamer, no session, no place in an order. */
function roomless(
  name: 'canary' | 'viewer.erased',
  parts: {
    readonly id: string;
    readonly source: string;
    readonly key: string;
    readonly at: number;
    readonly data: object;
  },
): FinishedEvent {
  const { type, topic, dataschema } = EVENT_CATALOGUE[name];
  const { id, source, key, at, data } = parts;
  const time = timestamp(at);
  const event = {
    specversion: '1.0',
    id,
    source,
    type,
    datacontenttype: 'application/json',
    dataschema,
    time,
    recordedtime: time,
    data,
  };
  return { topic, key, id, type, source, subject: '', recordedAt: at, value: Buffer.from(JSON.stringify(event)) };
}
