import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import {
  addStreamers,
  ApiProblem,
  apiKey,
  call,
  follow,
  listStreamers,
  type LiveEvent,
  type SourcesView,
  type StreamerView,
} from './api.js';
import { EventList } from './event-list.js';
import { SourceStrip } from './source-strip.js';
import { StreamerList } from './streamer-list.js';

const SHOWN_EVENTS = 200;
const REFRESH_MS = 3000;

/** Counts events in whole seconds and gives the mean of the last five. */
function useRate(): { rate: number; count: (n: number) => void } {
  const buckets = useRef<number[]>([0]);
  const [rate, setRate] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      const recent = buckets.current.slice(-5);
      setRate(recent.reduce((sum, n) => sum + n, 0) / recent.length);
      buckets.current = [...recent, 0];
    }, 1000);
    return () => clearInterval(timer);
  }, []);
  const count = useCallback((n: number) => {
    buckets.current[buckets.current.length - 1] = (buckets.current[buckets.current.length - 1] ?? 0) + n;
  }, []);
  return { rate, count };
}

export function App() {
  const [streamers, setStreamers] = useState<StreamerView[]>([]);
  const [sources, setSources] = useState<SourcesView>();
  const [loaded, setLoaded] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [needsKey, setNeedsKey] = useState(false);
  const [selected, setSelected] = useState<string>();
  const [events, setEvents] = useState<LiveEvent[]>([]);
  const [open, setOpen] = useState(false);
  const [held, setHeld] = useState(false);
  const [session, setSession] = useState(0);
  const heldRef = useRef(false);
  heldRef.current = held;
  const { rate, count } = useRate();

  const refresh = useCallback(async () => {
    try {
      setStreamers(await listStreamers());
      setSources(await call<SourcesView>('/v1/sources'));
      setLoaded(true);
      setProblem(undefined);
      setNeedsKey(false);
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) setNeedsKey(true);
      setProblem(error instanceof ApiProblem ? error.message : 'The service does not answer. Trying again.');
    }
  }, []);

  useEffect(() => {
    void refresh();
    const timer = setInterval(() => void refresh(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [refresh, session]);

  useEffect(() => {
    // Events arrive faster than a screen can show: they are drawn once a frame, the newest first.
    let waiting: LiveEvent[] = [];
    let frame = 0;
    const draw = (): void => {
      frame = 0;
      const fresh = waiting.reverse();
      waiting = [];
      if (!heldRef.current) setEvents((shown) => [...fresh, ...shown].slice(0, SHOWN_EVENTS));
    };
    const stop = follow(selected === undefined ? {} : { streamer: selected }, {
      event: (event) => {
        count(1);
        waiting.push(event);
        if (waiting.length > SHOWN_EVENTS) waiting.shift();
        frame ||= requestAnimationFrame(draw);
      },
      state: (state) => setOpen(state === 'open'),
    });
    setEvents([]);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [selected, count, session]);

  const live = useMemo(() => streamers.filter((streamer) => streamer.state === 'live').length, [streamers]);

  /** Does it, shows the new state, and resolves with what to tell the operator. */
  const change = async (work: () => Promise<string>): Promise<string> => {
    try {
      const words = await work();
      await refresh();
      return words;
    } catch (error) {
      return error instanceof Error ? error.message : 'That did not work.';
    }
  };
  const path = (streamer: StreamerView): string => `/v1/streamers/${encodeURIComponent(streamer.uniqueId)}`;

  return (
    <>
      <header class="top">
        <a class="brand" href="/">
          <img src="/icon.svg" alt="" width="28" height="28" />
          <span>Livetap</span>
        </a>
        <dl class="figures">
          <div>
            <dt>Streamers</dt>
            <dd>{streamers.length.toLocaleString()}</dd>
          </div>
          <div>
            <dt>Live</dt>
            <dd class={live > 0 ? 'good' : ''}>{live.toLocaleString()}</dd>
          </div>
          <div>
            <dt>Events/s</dt>
            <dd>{rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString()}</dd>
          </div>
        </dl>
        <nav>
          <a href="/docs">API</a>
          <a href="/metrics">Metrics</a>
          <a href="/readyz">Health</a>
        </nav>
      </header>
      <SourceStrip sources={sources} />
      {needsKey && (
        <form
          class="notice"
          onSubmit={(event) => {
            event.preventDefault();
            apiKey.set(new FormData(event.currentTarget).get('key') as string);
            setSession((n) => n + 1);
          }}
        >
          <label>
            This service needs an API key
            <input name="key" type="password" autocomplete="off" required />
          </label>
          <button type="submit">Use it in this tab</button>
        </form>
      )}
      {problem !== undefined && !needsKey && (
        <p class="notice" role="alert">
          {problem}
        </p>
      )}
      <main>
        <StreamerList
          streamers={streamers}
          loaded={loaded}
          selected={selected}
          onSelect={(uniqueId) => setSelected(uniqueId === selected ? undefined : uniqueId)}
          onAdd={(names) => change(() => addStreamers(names))}
          onPause={(streamer) =>
            change(async () => {
              await call(path(streamer), { method: 'PATCH', body: { paused: !streamer.paused } });
              return streamer.paused
                ? `${streamer.uniqueId} is watched again.`
                : `${streamer.uniqueId} is not watched any more.`;
            })
          }
          onRemove={(streamer) =>
            change(async () => {
              await call(path(streamer), { method: 'DELETE' });
              return `${streamer.uniqueId} is removed; its history is kept.`;
            })
          }
        />
        <EventList
          events={events}
          open={open}
          held={held}
          onHold={() => setHeld(!held)}
          streamer={selected}
          onClear={() => setSelected(undefined)}
        />
      </main>
    </>
  );
}
