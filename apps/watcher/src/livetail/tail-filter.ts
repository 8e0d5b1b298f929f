import { EVENT_CATALOGUE, type EventName } from '@livetap/contracts';
import type { TailEvent } from './tail-log.port.js';

export interface TailFilter {
  /** Unique id of a streamer, in any case and with or without `@`. */
  readonly streamer?: string | undefined;
  /** Event names (`chat`) or whole types (`livetap.chat.v1`); none: all. */
  readonly types?: readonly string[] | undefined;
}

/**
 * Whether an event is wanted, told by its copies of the envelope alone. Raw bytes are never part of the tail, canaries only
 * when their type is asked for.
 */
export function tailFilter({ streamer, types }: TailFilter): (event: TailEvent) => boolean {
  const subject = wantedStreamer({ streamer });
  const wanted = types === undefined || types.length === 0 ? undefined : new Set(types.map(fullType));
  return (event) =>
    event.topic !== 'raw' &&
    (event.topic !== 'canary' || wanted !== undefined) &&
    (subject === undefined || event.subject === subject) &&
    (wanted === undefined || wanted.has(event.type));
}

function fullType(name: string): string {
  return Object.hasOwn(EVENT_CATALOGUE, name) ? EVENT_CATALOGUE[name as EventName].type : name;
}

/** The subject of the only events that can pass; undefined: any. */
export function wantedStreamer({ streamer }: TailFilter): string | undefined {
  return streamer?.replace(/^@/, '').toLowerCase();
}
