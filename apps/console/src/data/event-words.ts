import type { Envelope } from '../api/types.js';
import { counted, duration, shortType, whole } from '../format.js';

export const EVENT_KINDS = {
  chat: 'Chat',
  gift: 'Gifts',
  like: 'Likes',
  people: 'People',
  battle: 'Battles',
  life: 'Room',
  other: 'Other',
} as const;
export type EventKind = keyof typeof EVENT_KINDS;

/** One readable line for an event. */
export interface EventLine {
  readonly kind: EventKind;
  /** Who did it, empty when nobody. */
  readonly who: string;
  readonly what: string;
  /** Worth to stand out: much was given, or something was missed. */
  readonly weight?: 'good' | 'bad';
}

type Data = Record<string, unknown>;
const BIG_GIFT_DIAMONDS = 1_000;

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const number = (value: unknown): number => Number(value ?? 0) || 0;
const object = (value: unknown): Data => (typeof value === 'object' && value !== null ? (value as Data) : {});

function personOf(value: unknown): string {
  const person = object(value);
  return text(person['nickname']) || text(person['uniqueId']);
}

function giftWords(data: Data, count: unknown): string {
  const gift = object(data['gift']);
  const name = text(gift['name']) || `gift ${text(gift['id'])}`;
  const to = personOf(data['to']);
  return `${name} ×${whole(Math.max(1, number(count)))}${to === '' ? '' : ` for ${to}`}`;
}

const givenWords = (data: Data): Pick<EventLine, 'what' | 'weight'> => {
  const diamonds = number(data['diamonds']);
  return {
    what: `${giftWords(data, data['count'])}, ${counted(diamonds, 'diamond')}`,
    ...(diamonds >= BIG_GIFT_DIAMONDS ? { weight: 'good' as const } : {}),
  };
};

const LINES: Readonly<Record<string, (data: Data) => Omit<EventLine, 'who'>>> = {
  chat: (data) => ({ kind: 'chat', what: text(data['comment']) }),
  emote: () => ({ kind: 'chat', what: 'sent an emote' }),
  questionNew: (data) => ({ kind: 'chat', what: `asks: ${text(object(data['question'])['text'])}` }),
  gift: (data) => ({ kind: 'gift', what: giftWords(data, data['repeatCount']) }),
  'gift.completed': (data) => ({ kind: 'gift', ...givenWords(data) }),
  envelope: (data) => ({ kind: 'gift', what: `sent a box of ${counted(number(data['diamonds']), 'diamond')}` }),
  like: (data) => ({
    kind: 'like',
    what: `${counted(number(data['count']), 'like')}, ${whole(number(data['total']))} in all`,
  }),
  member: () => ({ kind: 'people', what: 'joined' }),
  follow: () => ({ kind: 'people', what: 'followed' }),
  share: () => ({ kind: 'people', what: 'shared the LIVE' }),
  subNotify: () => ({ kind: 'people', what: 'subscribed' }),
  superFan: () => ({ kind: 'people', what: 'became a Super Fan' }),
  roomUser: (data) => ({ kind: 'life', what: counted(number(data['viewers']), 'viewer') }),
  linkMicBattle: (data) => ({ kind: 'battle', what: battleWords(data) }),
  linkMicArmies: (data) => ({ kind: 'battle', what: scoreWords(data) }),
  'live.started': (data) => ({ kind: 'life', what: `went live: ${text(data['title']) || 'no title'}`, weight: 'good' }),
  'live.ended': (data) => ({ kind: 'life', what: `LIVE over (${text(data['reason'])})` }),
  'live.left': (data) => ({ kind: 'life', what: `no longer watched (${text(data['reason'])})` }),
  'room.gap': (data) => ({
    kind: 'life',
    what: `gap of ${duration(number(data['durationMs']))} (${text(data['reason'])})`,
    weight: 'bad',
  }),
};

function battleWords(data: Data): string {
  const action = text(data['action'])
    .replace(/^BATTLE_ACTION_/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
  return `battle: ${action || 'changed'}`;
}

function scoreWords(data: Data): string {
  const armies = Array.isArray(data['armies']) ? data['armies'] : [];
  return `battle at ${armies.map((army) => whole(number(object(army)['score']))).join(' : ')}`;
}

/** Never fails, whatever the data holds: an event of a type that is not known here is named by its type. */
export function describeEvent({ type, data }: Pick<Envelope, 'type' | 'data'>): EventLine {
  const name = shortType(type);
  const line = Object.hasOwn(LINES, name) ? LINES[name] : undefined;
  const who = personOf(data['user']);
  return line === undefined
    ? { kind: 'other', who, what: object(data['text'])['text'] ? text(object(data['text'])['text']) : name }
    : { who, ...line(data) };
}
