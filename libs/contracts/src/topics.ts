/** Last part of a topic name: `<prefix>.<subject>`. `raw` exists only where the operator asks for it. */
export type TopicSubject =
  | 'chat'
  | 'gift'
  | 'like'
  | 'member'
  | 'social'
  | 'room'
  | 'battle'
  | 'rank'
  | 'commerce'
  | 'moderation'
  | 'lifecycle'
  | 'unknown'
  | 'canary'
  | 'raw';

/** `subject`: one topic for each subject. `single`: one topic for all of a room's events, in their total order. */
export type TopicStrategy = 'subject' | 'single';

/** Figures of one topic: what it is created with where the operator's settings say nothing else. */
export interface TopicDescription {
  readonly subject: TopicSubject;
  readonly partitions: number;
  readonly cleanupPolicy: 'delete' | 'compact';
  /** How long records are kept, milliseconds. */
  readonly retentionMs: number;
  readonly description: string;
}

export const DEFAULT_TOPIC_PREFIX = 'tiktok.live';

/** Subject of the one topic of the `single` strategy. */
export const SINGLE_TOPIC = 'events';

/** Enough that a streamer with millions of viewers shares a partition with few others. */
export const DEFAULT_PARTITIONS = 12;

/** Replicas that a cluster should hold of each topic. Without a setting of its own the service takes the brokers' default. */
export const RECOMMENDED_REPLICAS = 3;

/**
 * Largest batch that a topic must take, bytes: Kafka's own default. The largest event is 900,000 bytes; one above a topic's
 * limit is published as `unknown`, with its beginning.
 */
export const MAX_MESSAGE_BYTES = 1_048_588;

const DAY_MS = 86_400_000;

/** Retention must exceed the longest database outage that is to be survived: history is folded from the topics. */
const RETENTION_MS = 7 * DAY_MS;

const topic = (subject: TopicSubject, description: string, retentionMs = RETENTION_MS): TopicDescription => ({
  subject,
  partitions: DEFAULT_PARTITIONS,
  cleanupPolicy: 'delete',
  retentionMs,
  description,
});

/**
 * Every topic of the contract: the one place where the figures of a topic stand. The service creates topics from it (its
 * settings may override a figure), and `asyncapi.yaml` is generated from it.
 */
export const TOPIC_CATALOGUE: readonly TopicDescription[] = [
  topic('chat', 'Comments, emotes and questions of viewers.'),
  topic('gift', 'Gifts, completed gift streaks, treasure boxes and what concerns the gift panel.'),
  topic('like', 'Likes.'),
  topic('member', 'Viewers who enter the room.'),
  topic('social', 'Follows, shares, subscriptions, super fans.'),
  topic('room', 'Viewer counts, captions, goals, polls, pins, banners and notices of a room.'),
  topic('battle', 'Battles, guests and everything else that links rooms.'),
  topic('rank', 'Rankings of the streamer.'),
  topic('commerce', 'Shopping, partnerships and promotions.'),
  topic('moderation', 'Deleted messages, access control and reviews by the platform.'),
  topic('lifecycle', 'Start and end of streams, pauses, gaps in what was seen, erased viewers.'),
  topic('unknown', 'Messages and frames that could not be decoded, with their bytes.'),
  topic('canary', 'A sign of life of each replica.', DAY_MS),
  topic('raw', 'The bytes of every wire message (optional).', DAY_MS),
];

/**
 * Name of the topic that carries a subject. With `single` the events of rooms share one topic; the canary and the raw
 * bytes, which are not part of a room's order, keep their own.
 */
export function topicName(prefix: string, subject: TopicSubject, strategy: TopicStrategy): string {
  const own = strategy === 'subject' || subject === 'canary' || subject === 'raw';
  return `${prefix}.${own ? subject : SINGLE_TOPIC}`;
}
