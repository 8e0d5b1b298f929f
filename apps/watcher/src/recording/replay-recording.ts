import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { MessageShaper } from '../pipeline/message-shaper.js';
import { EventDigest } from './event-digest.js';
import type { RecordingEnd, RecordingEntry, RecordingStart } from './recording.js';
import { RecordingError } from './recording.errors.js';
import { RoomReplay } from './room-replay.js';

/** What came of a replay. */
export interface ReplaySummary {
  readonly start: RecordingStart;
  /** undefined: the recording was not closed in order. */
  readonly end: RecordingEnd | undefined;
  readonly inputs: number;
  readonly frames: number;
  readonly messages: number;
  readonly events: number;
  readonly byType: Readonly<Record<string, number>>;
  /** SHA-256 of the events, one a line; hex. */
  readonly sha256: string;
  /** Whether these are the events that were made while it was recorded; undefined when the recording does not say. */
  readonly asRecorded: boolean | undefined;
}

/** Takes events in order; the next ones come when it has resolved. */
export type EventSink = (events: readonly FinishedEvent[]) => Promise<void>;

/**
 * Sends a recording through the pipeline again.
 * @throws RecordingError WATCHER_RECORDING_EMPTY when nothing was recorded, and what the entries and the sink throw; the
 * events before a damaged place have reached the sink by then
 */
export async function replayRecording(
  entries: AsyncIterable<RecordingEntry>,
  shaper: MessageShaper,
  sink: EventSink,
): Promise<ReplaySummary> {
  const digest = new EventDigest();
  const byType = new Map<string, number>();
  let start: RecordingStart | undefined;
  let end: RecordingEnd | undefined;
  let room: RoomReplay | undefined;
  let inputs = 0;
  let frames = 0;
  let messages = 0;
  for await (const entry of entries) {
    if (entry.kind === 'start') {
      start = entry.start;
      room = new RoomReplay(start, shaper);
    } else if (entry.kind === 'end') {
      end = entry.end;
    } else {
      inputs += 1;
      if (entry.input.kind === 'frame') {
        frames += 1;
        messages += entry.input.frame.messages.length;
      } else if (entry.input.kind === 'rejected') frames += 1;
      const events = room?.apply(entry.input) ?? [];
      digest.add(events);
      for (const { type } of events) byType.set(type, (byType.get(type) ?? 0) + 1);
      if (events.length > 0) await sink(events);
    }
  }
  if (start === undefined) throw new RecordingError('WATCHER_RECORDING_EMPTY', 'The recording holds nothing.');
  const { events, sha256 } = digest;
  return {
    start,
    end,
    inputs,
    frames,
    messages,
    events,
    byType: Object.fromEntries([...byType].sort(([left], [right]) => (left < right ? -1 : 1))),
    sha256,
    asRecorded: end === undefined ? undefined : end.sha256 === sha256,
  };
}
