import type { Envelope } from './api.js';

interface Person {
  nickname?: string;
  uniqueId?: string;
}

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
      return { who, what: String(data['comment'] ?? data['text'] ?? ''), kind: 'chat' };
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
      return { who: '', what: `live: ${String(data['title'] ?? '')}`, kind: 'life' };
    case 'live.ended':
    case 'live.left':
      return {
        who: '',
        what: `${name === 'live.ended' ? 'ended' : 'left'}: ${String(data['reason'] ?? '')}`,
        kind: 'life',
      };
    case 'room.gap':
      return { who: '', what: `gap of ${number('durationMs')} ms: ${String(data['reason'] ?? '')}`, kind: 'gap' };
    default:
      return { who, what: '', kind: 'quiet' };
  }
}

/** `livetap.chat.v1` → `chat`. */
export const shortType = (type: string): string => type.replace(/^livetap\./, '').replace(/\.v\d+$/, '');
