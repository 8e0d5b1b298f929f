import type { EventName, LivetapEvent } from '@livetap/contracts';
import type { FinishedEvent } from '../../apps/watcher/src/pipeline/finished-event.js';
import { MessageShaper } from '../../apps/watcher/src/pipeline/message-shaper.js';
import { RoomPipeline, type RoomPipelineOptions } from '../../apps/watcher/src/pipeline/room-pipeline.js';

const shaper = new MessageShaper();

/** A pipeline of room 7 under epoch 3, not joined. */
export function pipeline(options: Partial<RoomPipelineOptions> = {}): RoomPipeline {
  return new RoomPipeline({
    roomId: '7',
    subject: 'host',
    sessionId: '7',
    occurrence: 1,
    epoch: 3,
    rawTopic: false,
    shaper,
    ...options,
  });
}

/** As `pipeline`, and joined at time 0 of the test. */
export function joined(options: Partial<RoomPipelineOptions> = {}): RoomPipeline {
  const room = pipeline(options);
  room.started({ streamer: { id: '1' }, joinedAt: T0, via: 'direct' });
  return room;
}

/** Time 0 of the tests. */
export const T0 = Date.parse('2026-01-31T12:00:00.000Z');

export function parse<Name extends EventName>(event: FinishedEvent | undefined): LivetapEvent<Name> {
  if (event === undefined) throw new Error('There is no such event');
  return JSON.parse(event.value.toString()) as LivetapEvent<Name>;
}

/** `type id` of each, without the prefix and the version. */
export function names(events: readonly FinishedEvent[]): string[] {
  return events.map((event) => `${event.type.slice('livetap.'.length, -'.v1'.length)} ${event.id}`);
}
