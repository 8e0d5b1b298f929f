import { useMemo, useState } from 'preact/hooks';
import type { StreamerView } from './api.js';

interface Properties {
  streamers: StreamerView[];
  loaded: boolean;
  selected: string | undefined;
  onSelect: (uniqueId: string) => void;
  /** Each resolves with what became of it, in words. */
  onAdd: (names: string[]) => Promise<string>;
  onPause: (streamer: StreamerView) => Promise<string>;
  onRemove: (streamer: StreamerView) => Promise<string>;
}

const ORDER: Record<string, number> = {
  live: 0,
  paused: 1,
  restricted: 2,
  unknown: 3,
  pending: 4,
  offline: 5,
  notFound: 6,
};
const WORDS: Record<string, string> = { notFound: 'not found', pending: 'first check', paused: 'stream paused' };
const SHOWN = 300;

const stateOf = (streamer: StreamerView): string => (streamer.paused ? 'stopped' : streamer.state);
const wordOf = (streamer: StreamerView): string =>
  streamer.paused ? 'not watched' : (WORDS[streamer.state] ?? streamer.state);

/** How the streamer is reached, whether as an account, and its labels. Proxies and logins themselves are never sent here. */
function Settings({ streamer: { labels, settings, hasProxy, hasSession } }: { streamer: StreamerView }) {
  const { proxyPool } = settings;
  const origin = proxyPool?.label === undefined ? '' : ` (label ${proxyPool.label})`;
  const ways = [
    ...(hasProxy ? [proxyPool === undefined ? 'proxy' : `pool ${proxyPool.value}${origin}`] : []),
    ...(hasSession ? ['login'] : []),
  ];
  if (ways.length === 0 && labels.length === 0) return null;
  return (
    <span class="tags">
      {ways.map((text) => (
        <span key={text} class="way">
          {text}
        </span>
      ))}
      {labels.map((text) => (
        <span key={text} title={text}>
          {text}
        </span>
      ))}
    </span>
  );
}

export function StreamerList({ streamers, loaded, selected, onSelect, onAdd, onPause, onRemove }: Properties) {
  const [search, setSearch] = useState('');
  const [message, setMessage] = useState<string>();
  const [busy, setBusy] = useState(false);

  const shown = useMemo(() => {
    const needle = search.trim().toLowerCase();
    return streamers
      .filter((s) => needle === '' || s.uniqueId.includes(needle) || (s.nickname ?? '').toLowerCase().includes(needle))
      .sort(
        (a, b) =>
          Number(a.paused) - Number(b.paused) ||
          (ORDER[a.state] ?? 9) - (ORDER[b.state] ?? 9) ||
          a.uniqueId.localeCompare(b.uniqueId),
      );
  }, [streamers, search]);

  const add = async (form: HTMLFormElement): Promise<void> => {
    const text = new FormData(form).get('names') as string;
    const names = text.split(/[\s,;]+/).filter((name) => name !== '');
    if (names.length === 0) return;
    setBusy(true);
    setMessage(await onAdd(names));
    setBusy(false);
    form.reset();
  };

  return (
    <section class="panel" aria-labelledby="streamers-title">
      <div class="panel-head">
        <h1 id="streamers-title">Streamers</h1>
        <input
          type="search"
          placeholder="Find"
          aria-label="Find a streamer"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      <form
        class="add"
        onSubmit={(event) => {
          event.preventDefault();
          void add(event.currentTarget);
        }}
      >
        <input
          name="names"
          aria-label="Names to add"
          placeholder="@name, or several"
          autocomplete="off"
          spellcheck={false}
          required
        />
        <button type="submit" disabled={busy}>
          Add
        </button>
      </form>
      <p class="hint" role="status">
        {message ?? ''}
      </p>
      {loaded && streamers.length === 0 && (
        <p class="empty">No streamers yet. Add the name of one: Livetap notices when they go live.</p>
      )}
      <ul class="streamers">
        {shown.slice(0, SHOWN).map((streamer) => (
          <li key={streamer.uniqueId} class={streamer.uniqueId === selected ? 'row chosen' : 'row'}>
            <button
              class="pick"
              type="button"
              aria-pressed={streamer.uniqueId === selected}
              onClick={() => onSelect(streamer.uniqueId)}
            >
              <span class={`dot ${stateOf(streamer)}`} aria-hidden="true" />
              <span class="name">
                <strong>{streamer.nickname ?? streamer.uniqueId}</strong>
                <small>@{streamer.uniqueId}</small>
                <Settings streamer={streamer} />
              </span>
              <span class={`state ${stateOf(streamer)}`} title={streamer.room?.reason ?? streamer.stateReason ?? ''}>
                {streamer.room?.waitingFor === 'quota' ? 'waits for quota' : wordOf(streamer)}
              </span>
            </button>
            <span class="tools">
              <button
                type="button"
                onClick={() => void onPause(streamer).then(setMessage)}
                aria-label={`${streamer.paused ? 'Watch' : 'Stop watching'} ${streamer.uniqueId}`}
              >
                {streamer.paused ? 'Watch' : 'Pause'}
              </button>
              <button
                type="button"
                onClick={() => {
                  if (confirm(`Remove ${streamer.uniqueId}? Its history is kept.`))
                    void onRemove(streamer).then(setMessage);
                }}
                aria-label={`Remove ${streamer.uniqueId}`}
              >
                Remove
              </button>
            </span>
          </li>
        ))}
      </ul>
      {shown.length > SHOWN && <p class="hint">{shown.length - SHOWN} more; use Find.</p>}
    </section>
  );
}
