import type { Session } from '../../api/types.js';
import { compact, dayAndTime, duration } from '../../format.js';
import { toSession } from '../../router.js';
import { Badge } from '../../ui/badge.js';
import { Empty } from '../../ui/card.js';
import { TableBox } from '../../ui/table-box.js';

interface Properties {
  sessions: readonly Session[];
  now: number;
  /** With both, sessions can be chosen for comparison. */
  chosen?: readonly string[];
  onChoose?: (id: string) => void;
}

export function lengthOf({ startedAt, joinedAt, endedAt }: Session, now: number): number {
  return (endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt ?? joinedAt);
}

/** Sessions with their totals, newest first. */
export function SessionTable({ sessions, now, chosen, onChoose }: Properties) {
  if (sessions.length === 0) return <Empty title="No LIVE recorded yet" />;
  return (
    <TableBox label="Table of sessions">
      <thead>
        <tr>
          {onChoose !== undefined && <th scope="col">Compare</th>}
          <th scope="col">Started</th>
          <th scope="col">Length</th>
          <th scope="col" class="number">
            Peak viewers
          </th>
          <th scope="col" class="number">
            Diamonds
          </th>
          <th scope="col" class="number">
            Gifters
          </th>
          <th scope="col" class="number">
            Chats
          </th>
          <th scope="col" class="number">
            Likes
          </th>
          <th scope="col" class="number">
            Gaps
          </th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => {
          const { id, startedAt, joinedAt, endedAt, title } = session;
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
              <td class="number">{compact(session.peakViewers)}</td>
              <td class="number">{compact(session.diamonds)}</td>
              <td class="number">{compact(session.uniqueGifters)}</td>
              <td class="number">{compact(session.chats)}</td>
              <td class="number">{compact(session.likes)}</td>
              <td class="number">{session.gaps === 0 ? '0' : `${session.gaps} (${duration(session.gapMs)})`}</td>
            </tr>
          );
        })}
      </tbody>
    </TableBox>
  );
}
