import { useMemo } from 'preact/hooks';
import type { SessionSort } from '../../api/leaderboard-types.js';
import type { Session } from '../../api/types.js';
import { compact, dayAndTime, duration } from '../../format.js';
import { toSession } from '../../router.js';
import { Badge } from '../../ui/badge.js';
import { Empty } from '../../ui/card.js';
import { HistoryLink } from '../../ui/name.js';
import { SortHead } from '../../ui/sort-head.js';
import { TableBox } from '../../ui/table-box.js';

interface Properties {
  sessions: readonly Session[];
  now: number;
  /** With both, sessions can be chosen for comparison. */
  chosen?: readonly string[];
  onChoose?: (id: string) => void;
  /** Says of whom each session is. */
  ofMany?: boolean;
  /** With both, the heads of columns put the sessions in order. */
  sort?: SessionSort;
  onSort?: (sort: SessionSort) => void;
}

interface Column {
  readonly words: string;
  readonly sort?: SessionSort;
  /** Shown only where the sessions are in its order. */
  readonly extra?: true;
  readonly value: (session: Session) => string;
}

const COLUMNS: readonly Column[] = [
  { words: 'Peak viewers', sort: 'peakViewers', value: ({ peakViewers }) => compact(peakViewers) },
  { words: 'People', sort: 'uniqueViewers', extra: true, value: ({ uniqueViewers }) => compact(uniqueViewers) },
  { words: 'Diamonds', sort: 'diamonds', value: ({ diamonds }) => compact(diamonds) },
  { words: 'Gifts', sort: 'gifts', extra: true, value: ({ gifts }) => compact(gifts) },
  { words: 'Gifters', value: ({ uniqueGifters }) => compact(uniqueGifters) },
  { words: 'Chats', sort: 'chats', value: ({ chats }) => compact(chats) },
  { words: 'Likes', sort: 'likes', value: ({ likes }) => compact(likes) },
  { words: 'Gaps', value: ({ gaps, gapMs }) => (gaps === 0 ? '0' : `${gaps} (${duration(gapMs)})`) },
];

export function lengthOf({ startedAt, joinedAt, endedAt }: Session, now: number): number {
  return (endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt ?? joinedAt);
}

/** Sessions with their totals, in the order given. */
export function SessionTable({ sessions, now, chosen, onChoose, ofMany = false, sort, onSort }: Properties) {
  const columns = useMemo(() => COLUMNS.filter((column) => column.extra !== true || column.sort === sort), [sort]);
  const head = (words: string, by: SessionSort | undefined, number: boolean) =>
    by !== undefined && onSort !== undefined ? (
      <SortHead key={words} words={words} active={by === sort} number={number} onSort={() => onSort(by)} />
    ) : (
      <th key={words} scope="col" class={number ? 'number' : ''}>
        {words}
      </th>
    );
  if (sessions.length === 0) return <Empty title="No LIVE recorded yet" />;
  return (
    <TableBox label="Table of sessions">
      <thead>
        <tr>
          {onChoose !== undefined && head('Compare', undefined, false)}
          {ofMany && head('Streamer', undefined, false)}
          {head('Started', 'joinedAt', false)}
          {head('Length', undefined, false)}
          {columns.map(({ words, sort: by }) => head(words, by, true))}
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => {
          const { id, uniqueId, startedAt, joinedAt, endedAt, title } = session;
          const started = dayAndTime(startedAt ?? joinedAt);
          return (
            <tr key={id}>
              {onChoose !== undefined && (
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Compare the LIVE of ${started}`}
                    checked={chosen?.includes(id) ?? false}
                    onChange={() => onChoose(id)}
                  />
                </td>
              )}
              {ofMany && (
                <td class="whose">
                  <HistoryLink uniqueId={uniqueId} />
                </td>
              )}
              <th scope="row">
                <a href={toSession(id)}>{started}</a>
                {title !== undefined && (
                  <span class="note session-title">
                    <bdi>{title}</bdi>
                  </span>
                )}
              </th>
              <td>
                {duration(lengthOf(session, now))} {endedAt === undefined && <Badge tone="good">Live</Badge>}
              </td>
              {columns.map(({ words, value }) => (
                <td key={words} class="number">
                  {value(session)}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </TableBox>
  );
}
