import { oneLine } from './table.js';

/** What is looked at of an event. */
export interface TailedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event as a line for people: time, streamer, event, who, what. */
export function eventLine({ time, subject = '', type, data }: TailedEvent): string {
  const name = type.replace(/^livetap\./, '').replace(/\.v\d+$/, '');
  const who = personOf(data['user']);
  const what = whatOf(name, data);
  const parts = [time.slice(11, 19), `@${subject}`, name, who, what].filter((part) => part !== '' && part !== '@');
  return oneLine(parts.join('  '));
}

function personOf(user: unknown): string {
  if (typeof user !== 'object' || user === null) return '';
  const { uniqueId, nickname, id } = user as { uniqueId?: string; nickname?: string; id?: string };
  return uniqueId === undefined ? (nickname ?? id ?? '') : `@${uniqueId}`;
}

function whatOf(name: string, data: TailedEvent['data']): string {
  const text = (key: string): string => {
    const value = data[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  switch (name) {
    case 'chat':
      return text('comment');
    case 'gift':
    case 'gift.completed': {
      const gift = data['gift'] as { readonly id?: string; readonly name?: string } | undefined;
      const worth = text('diamonds') === '' ? '' : `, ${text('diamonds')} diamonds`;
      return `${gift?.name ?? gift?.id ?? 'gift'} ×${text('count')}${worth}`;
    }
    case 'like':
      return `+${text('count')}, ${text('total')} in all`;
    case 'roomUser':
      return `${text('viewerCount')} viewers`;
    case 'room.gap':
      return `${text('durationMs')} ms, ${text('reason')}`;
    case 'live.ended':
    case 'live.left':
    case 'unknown':
      return [text('method'), text('reason')].filter((part) => part !== '').join(' ');
    default:
      return text('title');
  }
}
