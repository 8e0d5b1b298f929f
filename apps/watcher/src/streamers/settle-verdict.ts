import type { CheckedStreamer, LiveSourceName, LiveVerdict } from './live-checker.port.js';
import { userIdOf } from './unique-id.js';

/** What one source said. */
export interface SourceAnswer {
  readonly source: LiveSourceName;
  readonly verdict: LiveVerdict;
  /** In words, beginning with the source. */
  readonly reason: string;
  /** The room that is live, or that was asked about. */
  readonly roomId?: string;
  /** Rests on what is missing, or on an answer known to be wrong at times. */
  readonly weak?: true;
  /** ms since the epoch. */
  readonly startedAt?: number;
}

/** What the verdict is about, and why the first answer may not be enough. */
export interface VerdictQuestion {
  /** The room that we hold to be live: its end must be confirmed. */
  readonly sessionRoom?: string;
  /** A room that may be live: asked where nobody says anything by name. That it is over says nothing about another one. */
  readonly heardRoom?: string;
  /** A room that ended a short while ago, and when (ms since the epoch): a page may still show it. */
  readonly leftRoom?: { readonly id: string; readonly at: number };
  /** TikTok named this user before: "no such user" alone is not believed. */
  readonly known: boolean;
}

export type VerdictStep =
  /** Ask this source; `roomId` for those that are asked by room. */
  | { readonly ask: LiveSourceName; readonly roomId?: string }
  /** Settled. `by`: the answer whose facts count; `words`: how a disagreement or a doubt was settled. */
  | { readonly verdict: LiveVerdict; readonly by?: SourceAnswer; readonly roomId?: string; readonly words?: string };

/** Sources that are asked by name, in the order of asking. */
const BY_NAME: readonly LiveSourceName[] = ['html', 'apiLive'];
/** The sign server costs quota: asked only where the others say nothing. */
const AT_A_PRICE: readonly LiveSourceName[] = ['euler'];
/** Sources that are asked by room id. */
export const BY_ROOM: readonly LiveSourceName[] = ['checkAlive', 'roomInfo'];
/** Whose room it is, how they are called and what is on counts as well. */
const BY_UNKNOWN_ROOM: readonly LiveSourceName[] = ['roomInfo', 'checkAlive'];

/**
 * How good the evidence is when sources disagree: the room itself, with its status; the room itself, alive or not; who
 * was asked by name; an answer that is wrong at times or second-hand.
 */
const RANK: Readonly<Record<LiveSourceName, number>> = {
  roomInfo: 4,
  checkAlive: 3,
  html: 2,
  apiLive: 2,
  bulk: 1,
  euler: 1,
};
const WEAK_RANK = 1;

/** A page may show a room so long after its end, ms. */
export const LEFT_ROOM_MS = 10 * 60_000;
/** Sources give the start in whole seconds. */
const START_TOLERANCE_MS = 10_000;

/** What is known about a streamer, as a question. `now` is ms since the epoch. */
export function questionOf(streamer: CheckedStreamer, now: number): VerdictQuestion {
  const { uniqueId, state, roomId, lastLiveAt } = streamer;
  const joined = state === 'live' || state === 'paused';
  // Who is known by user id alone has no page: the last room tells at least who that is.
  const heardRoom = streamer.heardRoom ?? (userIdOf(uniqueId) === undefined ? undefined : roomId);
  const left = lastLiveAt?.getTime() ?? 0;
  return {
    known: streamer.tiktokUserId !== undefined || lastLiveAt !== undefined,
    ...(roomId !== undefined && joined ? { sessionRoom: roomId } : {}),
    ...(heardRoom !== undefined && !joined ? { heardRoom } : {}),
    ...(roomId !== undefined && !joined && now - left < LEFT_ROOM_MS ? { leftRoom: { id: roomId, at: left } } : {}),
  };
}

/**
 * The next step towards a verdict: whom to ask, or the verdict. Pure; `able` says who can be asked at all (configured,
 * and not paused). Sources are asked as long as an answer can change the verdict, each once:
 *
 * | said first, by name         | but                                 | asked in addition, until one speaks      |
 * |-----------------------------|-------------------------------------|------------------------------------------|
 * | live, paused                |                                     | nobody                                   |
 * | live, paused                | that room ended minutes ago         | the room; then the other by name         |
 * | offline                     |                                     | nobody                                   |
 * | offline, notFound           | a session is open                   | its room; then the other by name         |
 * | offline, notFound, weakly   |                                     | the other by name                        |
 * | restricted                  |                                     | the other by name; the room of a session |
 * | nothing                     |                                     | the other by name; the sign server       |
 * | nothing, by nobody          | a session is open                   | its room, before the sign server         |
 * | nothing, by nobody          | a room was heard of                 | that room, before the sign server        |
 * | offline, and another: live  |                                     | the room that is said to be live         |
 *
 * Better evidence wins (`RANK`), of equal evidence none: `unknown`. `unknown` is never taken for offline, "no such user" of
 * a user who is known only from two, and a room speaks for itself alone.
 */
export function nextStep(
  question: VerdictQuestion,
  answers: readonly SourceAnswer[],
  able: (source: LiveSourceName) => boolean,
): VerdictStep {
  const canAsk = (source: LiveSourceName): boolean =>
    able(source) && !answers.some((answer) => answer.source === source);
  const ask = (sources: readonly LiveSourceName[], roomId?: string): VerdictStep | undefined => {
    const source = sources.find(canAsk);
    return source && { ask: source, ...(roomId === undefined ? {} : { roomId }) };
  };
  const named = answers.filter(({ source }) => !BY_ROOM.includes(source));
  const first = named.find(({ verdict }) => isLive(verdict) || isOver(verdict));
  if (first === undefined) return withoutStatement(question, answers, ask);

  // The room in question: the one that somebody says is live, else that of the session.
  const room = named.find(({ verdict }) => isLive(verdict))?.roomId ?? question.sessionRoom;
  const spoken = answers.filter((answer) => answer !== first && speaks(answer, room));
  const doubt = doubtOf(question, first);
  if (doubt !== undefined && spoken.length === 0) {
    const gone = first.verdict === 'notFound' && (question.known || question.sessionRoom !== undefined);
    const next =
      (room !== undefined && doubt.byRoom ? ask(BY_ROOM, room) : undefined) ??
      ask(gone ? [...BY_NAME, ...AT_A_PRICE] : BY_NAME);
    return next ?? unconfirmed(first, gone, answers);
  }
  return settle(question, [first, ...spoken], ask);
}

/** Nobody could confirm or deny it. */
function unconfirmed(first: SourceAnswer, gone: boolean, answers: readonly SourceAnswer[]): VerdictStep {
  const restricted = answers.find(({ verdict }) => verdict === 'restricted');
  if (first.weak === true && restricted !== undefined) return { verdict: 'restricted', by: restricted };
  return { verdict: gone ? 'unknown' : first.verdict, by: first, ...roomOf(first), words: 'nobody else could tell' };
}

/** Nobody who was asked by name said anything about a live so far. */
function withoutStatement(
  question: VerdictQuestion,
  answers: readonly SourceAnswer[],
  ask: (sources: readonly LiveSourceName[], roomId?: string) => VerdictStep | undefined,
): VerdictStep {
  const restricted = answers.find(({ verdict }) => verdict === 'restricted');
  const { sessionRoom, heardRoom } = question;
  const room = sessionRoom ?? heardRoom;
  const byRoom = answers.find((answer) => BY_ROOM.includes(answer.source) && speaks(answer, room));
  const otherRoomPossible = byRoom !== undefined && sessionRoom === undefined && isOver(byRoom.verdict);
  if (byRoom !== undefined && !otherRoomPossible)
    return { verdict: byRoom.verdict, by: byRoom, ...roomOf(byRoom), words: 'the room itself was asked' };
  const askRoom = room === undefined || otherRoomPossible ? undefined : room;
  const next =
    ask(BY_NAME) ??
    (askRoom === undefined ? undefined : ask(sessionRoom === undefined ? BY_UNKNOWN_ROOM : BY_ROOM, askRoom)) ??
    (restricted === undefined ? ask(AT_A_PRICE) : undefined);
  if (next !== undefined) return next;
  if (otherRoomPossible)
    return { verdict: 'unknown', by: byRoom, words: 'whether there is another room, nobody could tell' };
  return restricted === undefined ? { verdict: 'unknown' } : { verdict: 'restricted', by: restricted };
}

/** Why the first statement is not enough, and who else is asked; undefined: it is. */
function doubtOf(question: VerdictQuestion, first: SourceAnswer): { readonly byRoom: boolean } | undefined {
  if (isLive(first.verdict)) {
    const { leftRoom } = question;
    if (leftRoom === undefined || leftRoom.id !== first.roomId) return undefined;
    const anew = first.startedAt !== undefined && first.startedAt > leftRoom.at - START_TOLERANCE_MS;
    return anew ? undefined : { byRoom: true };
  }
  if (question.sessionRoom !== undefined) return { byRoom: true };
  return first.weak === true ? { byRoom: false } : undefined;
}

/** All that was said, by the best evidence; equal evidence for both is settled by the room, or not at all. */
function settle(
  question: VerdictQuestion,
  said: readonly SourceAnswer[],
  ask: (sources: readonly LiveSourceName[], roomId?: string) => VerdictStep | undefined,
): VerdictStep {
  const live = best(said.filter(({ verdict }) => isLive(verdict)));
  const over = best(said.filter(({ verdict }) => isOver(verdict)));
  if (live !== undefined && over !== undefined) {
    if (rank(live) === rank(over)) {
      const room = live.roomId ?? question.sessionRoom;
      const next = room === undefined ? undefined : ask(BY_ROOM, room);
      return (
        next ?? { verdict: 'unknown', by: live, ...roomOf(live), words: 'they disagree, and nobody can settle it' }
      );
    }
    const [better, other] = rank(live) > rank(over) ? [live, over] : [over, live];
    const words = `${better.source} is better evidence than ${other.source}`;
    return { ...verdictOf(said, isLive(better.verdict)), words };
  }
  return { ...verdictOf(said, live !== undefined), ...(said.length > 1 ? { words: 'they agree' } : {}) };
}

/** The verdict of those on the side that won; its facts come from whoever knows most: the first one asked by name. */
function verdictOf(
  said: readonly SourceAnswer[],
  live: boolean,
): { readonly verdict: LiveVerdict; readonly by?: SourceAnswer; readonly roomId?: string } {
  const side = said.filter(({ verdict }) => (live ? isLive(verdict) : isOver(verdict)));
  const [by] = side;
  if (by === undefined) return { verdict: 'unknown' };
  // Whether a live room is paused, check_alive does not say; whether a user exists, no room does.
  const telling = live
    ? (best(side.filter(({ source }) => source !== 'checkAlive')) ?? by)
    : (side.find(({ source, verdict }) => verdict === 'offline' && !BY_ROOM.includes(source)) ?? by);
  return { verdict: telling.verdict, by, ...roomOf(by) };
}

/** Says something about the streamer; one that was asked about a room, when it is the room in question. */
function speaks(answer: SourceAnswer, room: string | undefined): boolean {
  if (!isLive(answer.verdict) && !isOver(answer.verdict)) return false;
  return !BY_ROOM.includes(answer.source) || answer.roomId === room;
}

function best(answers: readonly SourceAnswer[]): SourceAnswer | undefined {
  return answers.reduce<SourceAnswer | undefined>(
    (found, answer) => (found === undefined || rank(answer) > rank(found) ? answer : found),
    undefined,
  );
}

const rank = (answer: SourceAnswer): number => (answer.weak === true ? WEAK_RANK : RANK[answer.source]);
const isLive = (verdict: LiveVerdict): boolean => verdict === 'live' || verdict === 'paused';
const isOver = (verdict: LiveVerdict): boolean => verdict === 'offline' || verdict === 'notFound';
const roomOf = ({ roomId }: SourceAnswer): { readonly roomId?: string } => (roomId === undefined ? {} : { roomId });
