import type { Envelope } from './api.js';

interface Person {
  nickname?: string;
  uniqueId?: string;
}

/** A field as text; anything that is no text or number counts as empty. */
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

const person = (data: Record<string, unknown>): string => {
  const user = data['user'] as Person | undefined;
  return user?.nickname ?? user?.uniqueId ?? '';
};

/** One readable line for an event: who and what. */
export function describe(event: Envelope): { who: string; what: string; kind: string } {
  const name = event.type.replace(/^livetap\./, '').replace(/\.v\d+$/, '');
  const data = event.data;
  const who = person(data);
  const number = (key: string): string => Number(data[key] ?? 0).toLocaleString();
  const gift = data['gift'] as { name?: string; id?: string } | undefined;
  const giftName = gift?.name ?? `gift ${gift?.id ?? ''}`;
  switch (name) {
    case 'chat':
      return { who, what: text(data['comment']), kind: 'chat' };
    case 'gift':
      return { who, what: `${giftName} ×${number('repeatCount')} · ${number('diamonds')} diamonds`, kind: 'gift' };
    case 'gift.completed':
      return { who, what: `${giftName} ×${number('count')} complete · ${number('diamonds')} diamonds`, kind: 'gift' };
    case 'like':
      return { who, what: `${number('count')} likes, ${number('total')} in all`, kind: 'like' };
    case 'member':
      return { who, what: 'joined', kind: 'quiet' };
    case 'follow':
      return { who, what: 'followed', kind: 'social' };
    case 'share':
      return { who, what: 'shared the live', kind: 'social' };
    case 'roomUser':
      return { who: '', what: `${number('viewerCount')} viewers`, kind: 'quiet' };
    case 'live.started':
      return { who: '', what: `live: ${text(data['title'])}`, kind: 'life' };
    case 'live.ended':
    case 'live.left':
      return {
        who: '',
        what: `${name === 'live.ended' ? 'ended' : 'left'}: ${text(data['reason'])}`,
        kind: 'life',
      };
    case 'room.gap':
      return { who: '', what: `gap of ${number('durationMs')} ms: ${text(data['reason'])}`, kind: 'gap' };
    default:
      return { who, what: '', kind: 'quiet' };
  }
}

/** `livetap.chat.v1` → `chat`. */
export const shortType = (type: string): string => type.replace(/^livetap\./, '').replace(/\.v\d+$/, '');
