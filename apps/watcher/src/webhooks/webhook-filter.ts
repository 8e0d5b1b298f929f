import { EVENT_CATALOGUE, type EventName } from '@livetap/contracts';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { ANY_TYPE, type WebhookFilter } from './webhook.js';

/** The copies of an event's envelope that a filter looks at. */
export type FilteredEvent = Pick<FinishedEvent, 'topic' | 'type' | 'subject'>;

/**
 * Whether a webhook wants an event, without parsing it. `labels`: those of the event's streamer, asked for only when
 * everything else holds. Raw records are never wanted, canaries only by their type.
 */
export function wants(filter: WebhookFilter, event: FilteredEvent, labels: () => readonly string[]): boolean {
  if (event.topic === 'raw') return false;
  const byType = filter.types.includes(event.type) || (event.topic !== 'canary' && filter.types.includes(ANY_TYPE));
  if (!byType) return false;
  if (filter.streamers.length > 0 && !filter.streamers.includes(event.subject)) return false;
  return filter.labels.length === 0 || labels().some((label) => filter.labels.includes(label));
}

/** The whole type of an event name (`live.started`) or of itself, `*` as it is; undefined when the contract has none such. */
export function eventType(nameOrType: string): string | undefined {
  if (nameOrType === ANY_TYPE) return ANY_TYPE;
  if (Object.hasOwn(EVENT_CATALOGUE, nameOrType)) return EVENT_CATALOGUE[nameOrType as EventName].type;
  return Object.values(EVENT_CATALOGUE).find(({ type }) => type === nameOrType)?.type;
}
