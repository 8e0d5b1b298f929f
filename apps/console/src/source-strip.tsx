import type { SourcesView } from './api.js';

const WAITS: Record<string, string> = {
  quota: 'the quota is used up',
  asked: 'the sign server asked to wait',
  database: 'the database is away, and the budget with it',
};
/** A window without a limit of its own says so with a number that nobody reaches. */
const UNLIMITED = 1_000_000;

const clock = (iso: string | undefined): string => (iso === undefined ? '' : new Date(iso).toLocaleTimeString());
const routes = (count: number): string => (count === 1 ? '' : ` (${count} routes)`);

/** One line: how the ways into rooms are, and what is left of the sign server's quota. Nothing until one was used. */
export function SourceStrip({ sources }: { sources: SourcesView | undefined }) {
  if (sources === undefined) return null;
  const { signatures } = sources;
  const resting = sources.routes.filter(({ state }) => state !== 'closed');
  const names = [...new Set(sources.routes.map(({ source }) => source))];
  const windows = signatures.windows.filter(({ limit }) => limit < UNLIMITED);
  if (names.length === 0 && signatures.waiting === 0) return null;
  return (
    <section class="sources" aria-label="Ways into rooms">
      {names.map((name) => {
        const closed = resting.filter(({ source }) => source === name);
        const [first] = closed;
        return (
          <span key={name} class="source" title={first?.lastFailure ?? ''}>
            <span class={`dot ${first === undefined ? 'live' : 'restricted'}`} aria-hidden="true" />
            {name}
            {first !== undefined && (
              <small>
                {` rests until ${clock(first.restEndsAt)}: ${first.lastFailure ?? ''}${routes(closed.length)}`}
              </small>
            )}
          </span>
        );
      })}
      {windows.map(({ window, limit, remaining, resetsAt }) => (
        <span key={window} class="source" title={`begins anew at ${clock(resetsAt)}`}>
          signatures a {window} <strong>{`${remaining.toLocaleString()} of ${limit.toLocaleString()} left`}</strong>
        </span>
      ))}
      {signatures.waiting > 0 && (
        <span class="source waiting" role="status">
          {`${signatures.waiting} rooms wait for a signature: ${WAITS[signatures.waitingFor ?? 'quota'] ?? ''}`}
        </span>
      )}
    </section>
  );
}
