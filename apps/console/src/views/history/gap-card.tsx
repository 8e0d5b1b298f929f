import type { Envelope, Session } from '../../api/types.js';
import type { Interval } from '../../data/series.js';
import { clock, counted, duration } from '../../format.js';
import { Card } from '../../ui/card.js';

interface Properties {
  session: Session | undefined;
  /** Stretches without a snapshot. */
  silent: readonly Interval[];
  seen: readonly Envelope[];
}

const SHOWN = 8;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What may have been missed: each interval without a healthy socket is one gap event, and counts here. */
export function GapCard({ session, silent, seen }: Properties) {
  const lines = seen
    .map(({ id, data }) => ({
      id,
      from: Date.parse(text(data['from'])),
      ms: Number(data['durationMs'] ?? 0),
      reason: text(data['reason']),
    }))
    .reverse();
  return (
    <Card title="Gaps">
      {session === undefined ? (
        <p class="note">Loading …</p>
      ) : session.gaps === 0 && lines.length === 0 ? (
        <p class="all-well">
          No gap: a healthy socket from the start of recording
          {session.endedAt === undefined ? ' until now' : ' to the end'}.
        </p>
      ) : (
        <p>
          <b>{counted(Math.max(session.gaps, lines.length), 'gap')}</b>, {duration(session.gapMs)} in all without a
          healthy socket.
        </p>
      )}
      {lines.length > 0 && (
        <ul class="gaps">
          {lines.slice(0, SHOWN).map(({ id, from, ms, reason }) => (
            <li key={id}>
              <time>{clock(from)}</time> {duration(ms)} <span class="note">{reason}</span>
            </li>
          ))}
        </ul>
      )}
      {silent.length > 0 && (
        <>
          <p class="note">Silent stretches, shaded in the charts:</p>
          <ul class="gaps">
            {silent.slice(-SHOWN).map(({ from, to }) => (
              <li key={from}>
                <time>{clock(from)}</time> {duration(to - from)}
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
