import type { ComponentChildren } from 'preact';
import type { Envelope, Gap, Session } from '../../api/types.js';
import { clock, counted, duration } from '../../format.js';
import { Card } from '../../ui/card.js';

interface Properties {
  session: Session | undefined;
  /** As recorded, oldest first. */
  gaps: readonly Gap[] | undefined;
  /** Gap events of the session that were seen as they happened: not all of them are recorded yet. */
  seen: readonly Envelope[];
  aside?: ComponentChildren;
}

/** Earlier ones are folded away. */
const SHOWN = 8;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What may have been missed: each interval without a healthy socket, when it was and why. */
export function GapCard({ session, gaps, seen, aside }: Properties) {
  const known = newestFirst(gaps ?? [], seen);
  const loading = session === undefined || gaps === undefined;
  const number = Math.max(session?.gaps ?? 0, known.length);
  const length = Math.max(
    session?.gapMs ?? 0,
    known.reduce((sum, { durationMs }) => sum + durationMs, 0),
  );
  const earlier = known.slice(SHOWN);
  return (
    <Card title="Gaps" aside={aside}>
      {loading ? (
        <p class="note">Loading …</p>
      ) : number === 0 ? (
        <p class="all-well">
          No gap: a healthy socket from the start of recording
          {session.endedAt === undefined ? ' until now' : ' to the end'}.
        </p>
      ) : (
        <p>
          <b>{counted(number, 'gap')}</b>, {duration(length)} in all without a healthy socket.
        </p>
      )}
      <GapList gaps={known.slice(0, SHOWN)} />
      {earlier.length > 0 && (
        <details>
          <summary class="note">{counted(earlier.length, 'earlier one')}</summary>
          <GapList gaps={earlier} />
        </details>
      )}
      {!loading && number > known.length && (
        <p class="note">
          {known.length === 0 ? 'When they were' : `When the other ${number - known.length} were`} is not listed.
        </p>
      )}
    </Card>
  );
}

function GapList({ gaps }: { gaps: readonly Gap[] }) {
  if (gaps.length === 0) return null;
  return (
    <ul class="gaps">
      {gaps.map(({ id, from, durationMs, reason }) => (
        <li key={id}>
          <time dateTime={from}>{clock(from)}</time> {duration(durationMs)} <span class="note">{reason}</span>
        </li>
      ))}
    </ul>
  );
}

function newestFirst(recorded: readonly Gap[], seen: readonly Envelope[]): readonly Gap[] {
  const gaps = new Map(recorded.map((gap) => [gap.id, gap]));
  for (const { id, data } of seen) {
    if (gaps.has(id)) continue;
    const { from, to, durationMs, reason } = data;
    gaps.set(id, { id, from: text(from), to: text(to), durationMs: Number(durationMs ?? 0), reason: text(reason) });
  }
  return [...gaps.values()].sort((a, b) => Date.parse(b.from) - Date.parse(a.from));
}
