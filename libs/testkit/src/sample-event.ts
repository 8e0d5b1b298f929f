import { roomSource, type TopicSubject } from '@livetap/contracts';

/** What the journal takes and the publisher sends (structurally the watcher's FinishedEvent). */
export interface SampleEvent {
  readonly topic: TopicSubject;
  readonly key: string;
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly sequence?: string;
  readonly recordedAt: number;
  readonly value: Buffer;
  readonly raw?: {
    readonly method: string;
    readonly history: boolean;
    readonly time: string;
    readonly place?: {
      readonly sessionId: string;
      readonly sequence: string;
      readonly timeSource?: 'frame' | 'received';
    };
  };
}

const STARTED_AT = Date.UTC(2026, 0, 1);

/** The n-th chat of a room: id `n`, one millisecond after the one before, a small JSON value. For tests of transport. */
export function sampleEvent(n: number, changes: Partial<SampleEvent> = {}): SampleEvent {
  const key = changes.key ?? '7300000000000000001';
  return {
    topic: 'chat',
    key,
    id: String(n),
    type: 'livetap.chat.v1',
    source: roomSource(key),
    subject: 'streamer',
    sequence: `00000001-${String(n).padStart(12, '0')}`,
    recordedAt: STARTED_AT + n,
    value: Buffer.from(JSON.stringify({ specversion: '1.0', id: String(n), data: { comment: `comment ${n}` } })),
    ...changes,
  };
}
