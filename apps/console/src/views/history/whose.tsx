import { useMemo, useState } from 'preact/hooks';
import { allStreamers } from '../../api/resources.js';
import type { Streamer } from '../../api/types.js';
import { select } from '../../data/streamer-selection.js';
import { useNow, usePoll } from '../../data/use-api.js';
import { relative, whole } from '../../format.js';
import { toHistory, type Place } from '../../router.js';
import { Empty, Failure } from '../../ui/card.js';
import { Icon } from '../../ui/icon.js';
import { Avatar, Name } from '../../ui/name.js';
import { AllSessions } from './all-sessions.js';

const SHOWN_STREAMERS = 60;
const NOBODY: readonly Streamer[] = [];

/** Without a streamer: the sessions of all, or whose history is looked for. */
export function Whose({ place }: { place: Place }) {
  const now = useNow(10_000);
  const [search, setSearch] = useState('');
  // A long list of streamers is fetched only by who looks for one.
  const [asked, setAsked] = useState(false);
  const { data, problem } = usePoll(async (api, signal) => (asked ? allStreamers(api, signal) : NOBODY), 0, [asked]);
  const found = useMemo(() => select(data ?? [], { search, state: '', label: '', sort: 'lastLive' }), [data, search]);
  const looking = search.trim() !== '';
  return (
    <>
      <div class="view-head">
        <h1>History</h1>
      </div>
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          // A name that is no longer watched has a history, too.
          const name = found[0]?.uniqueId ?? search.trim().replace(/^@/, '');
          if (looking && name !== '') location.hash = toHistory(name);
        }}
      >
        <label class="search">
          <span class="hidden">Whose history</span>
          <Icon name="search" />
          <input
            type="search"
            placeholder="Whose history? Also of streamers that were removed"
            value={search}
            onFocus={() => setAsked(true)}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Open</button>
      </form>
      {looking ? (
        <>
          <Failure problem={problem} />
          {data === undefined || !asked ? (
            problem === undefined && <p class="loading">Loading …</p>
          ) : found.length === 0 ? (
            <Empty title="Nobody of this name is watched">
              Press Open to look for the history of a streamer that was removed.
            </Empty>
          ) : (
            <People found={found} now={now} />
          )}
        </>
      ) : (
        <AllSessions place={place} now={now} />
      )}
    </>
  );
}

function People({ found, now }: { found: readonly Streamer[]; now: number }) {
  return (
    <>
      <ul class="people">
        {found.slice(0, SHOWN_STREAMERS).map(({ uniqueId, nickname, lastLiveAt }) => (
          <li key={uniqueId}>
            <a class="who" href={toHistory(uniqueId)}>
              <Avatar name={nickname ?? uniqueId} of={uniqueId} />
              <span class="who-text">
                <Name text={nickname ?? uniqueId} />
                <span class="handle">@{uniqueId}</span>
              </span>
              <span class="note">{lastLiveAt === undefined ? 'never live' : relative(lastLiveAt, now)}</span>
            </a>
          </li>
        ))}
      </ul>
      {found.length > SHOWN_STREAMERS && (
        <p class="note-line">{`${whole(found.length - SHOWN_STREAMERS)} more: search by name.`}</p>
      )}
    </>
  );
}
