import { isRecord, readId, type EventFacts } from './event-facts.js';
import { givesSomething } from './fold-gifts.js';
import type { SeenName, SeenViewer, SessionViewer } from './folded-batch.js';

/** What somebody can do in a session, as bits of `session_viewers.did`. */
export const DID = { joined: 1, wrote: 2, liked: 4, followed: 8, shared: 16, gave: 32 } as const;

const DID_BY_EVENT: Readonly<Record<string, number>> = {
  member: DID.joined,
  chat: DID.wrote,
  like: DID.liked,
  follow: DID.followed,
  share: DID.shared,
  gift: DID.gave,
};
/** Characters of a name that are kept; TikTok allows fewer. */
const MAX_NAME = 100;

/** The people of a batch: who did what in which session, and the names of those who gave. */
export class ViewerFold {
  readonly #viewers = new Map<string, SessionViewer>();
  readonly #names = new Map<string, SeenViewer>();

  /** Takes any event. */
  add(event: EventFacts): void {
    const did = DID_BY_EVENT[event.name];
    const user = event.data['user'];
    if (did === undefined || !isRecord(user)) return;
    const viewerId = readId(user['id']);
    if (viewerId === undefined || (did === DID.gave && !givesSomething(event))) return;
    const key = `${viewerId} ${event.sessionId}`;
    const known = this.#viewers.get(key);
    if (known === undefined) this.#viewers.set(key, { sessionId: event.sessionId, viewerId, did });
    else known.did |= did;
    if (did === DID.gave) this.name(viewerId, user, event.recordedAt);
  }

  /** Remembers the names in a `User` of the contract. */
  name(viewerId: string, user: Readonly<Record<string, unknown>>, seenAt: number): void {
    const known = this.#names.get(viewerId);
    this.#names.set(viewerId, {
      id: viewerId,
      ...named('uniqueId', newer(known?.uniqueId, user['uniqueId'], seenAt)),
      ...named('nickname', newer(known?.nickname, user['nickname'], seenAt)),
    });
  }

  folded(): { readonly viewers: readonly SessionViewer[]; readonly names: readonly SeenViewer[] } {
    return { viewers: [...this.#viewers.values()], names: [...this.#names.values()].filter(hasName) };
  }
}

function hasName({ uniqueId, nickname }: SeenViewer): boolean {
  return uniqueId !== undefined || nickname !== undefined;
}

function named<K extends string>(key: K, name: SeenName | undefined): { [key in K]?: SeenName } {
  return name === undefined ? {} : ({ [key]: name } as { [key in K]: SeenName });
}

/** The newer name; of the same moment the greater one, so that the order of events does not matter. */
function newer(known: SeenName | undefined, value: unknown, seenAt: number): SeenName | undefined {
  if (typeof value !== 'string' || value === '') return known;
  const seen = { name: value.slice(0, MAX_NAME), seenAt };
  if (known === undefined || seen.seenAt > known.seenAt) return seen;
  return seen.seenAt === known.seenAt && Buffer.compare(Buffer.from(seen.name), Buffer.from(known.name)) > 0
    ? seen
    : known;
}
