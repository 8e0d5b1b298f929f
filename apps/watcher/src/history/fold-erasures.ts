import { isRecord, readId, readRecords, readUserId, type EventFacts } from './event-facts.js';

/** A number, or several joined as in the id of a gift streak. */
const NUMBERS = /^\d+(?:-\d+)*$/;

/** What is known of an erased viewer. */
export interface Erasure {
  /** What was received up to this moment is not folded for the viewer any more, ms since the epoch. */
  readonly erasedAt: number;
  /** Nor is anything that comes later. */
  readonly optedOut: boolean;
}

/** User ids of all people whom the fold would remember for these events. */
export function peopleIn(events: Iterable<EventFacts>): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { data } of events) {
    collect(data['user'], ids);
    for (const host of readRecords(data['hosts'])) collect(host['user'], ids);
    for (const side of readRecords(data['armies'])) {
      const hostId = readId(side['hostId']);
      if (hostId !== undefined) ids.add(hostId);
    }
    for (const side of [...readRecords(data['armies']), ...readRecords(data['teams'])]) {
      for (const supporter of readRecords(side['supporters'])) collect(supporter['user'], ids);
    }
  }
  return ids;
}

/**
 * Every number in an event that could be a user id, wherever it is, also within ids such as those of gift streaks: ids of
 * other things among them do no harm, and nobody is missed whatever shape an event has.
 */
export function everybodyIn(data: unknown): readonly string[] {
  const ids = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value === 'string') {
      if (!NUMBERS.test(value)) return;
      for (const part of value.split('-')) ids.add(readId(part) ?? '');
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
  };
  look(data);
  ids.delete('');
  return [...ids];
}

export function isErased(id: string, recordedAt: number, erasures: ReadonlyMap<string, Erasure>): boolean {
  const erasure = erasures.get(id);
  return erasure !== undefined && (erasure.optedOut || recordedAt <= erasure.erasedAt);
}

/** The event without the people who were erased: it counts as before, for nobody. Pure. */
export function withoutErased(event: EventFacts, erasures: ReadonlyMap<string, Erasure>): EventFacts {
  const gone = (id: unknown): boolean => typeof id === 'string' && isErased(id, event.recordedAt, erasures);
  const isGone = (user: unknown): boolean => isRecord(user) && gone(user['id']);
  const data: Record<string, unknown> = { ...event.data };
  if (isGone(data['user'])) delete data['user'];
  if (Array.isArray(data['hosts'])) data['hosts'] = readRecords(data['hosts']).filter(({ user }) => !isGone(user));
  for (const sides of ['armies', 'teams']) {
    if (!Array.isArray(data[sides])) continue;
    data[sides] = readRecords(data[sides])
      .filter(({ hostId }) => !gone(hostId))
      .map((side) => ({
        ...side,
        ...(Array.isArray(side['hostIds']) ? { hostIds: side['hostIds'].filter((id) => !gone(id)) } : {}),
        supporters: readRecords(side['supporters']).filter(({ user }) => !isGone(user)),
      }));
  }
  return { ...event, data };
}

function collect(user: unknown, ids: Set<string>): void {
  const id = readUserId(user);
  if (id !== undefined) ids.add(id);
}
