import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Login } from './login.js';
import { Navigation } from './navigation.js';
import { usePlace, type Place } from './router.js';
import { useAccess } from './data/use-api.js';
import { Messages } from './ui/use-action.js';
import { Overview } from './views/overview/overview.js';

interface ViewProperties {
  place: Place;
}

interface View {
  readonly title: string;
  load(): Promise<ComponentType<ViewProperties>>;
}

/** Each view but the first is a file of its own that is fetched when it is first looked at. */
const VIEWS: Readonly<Record<string, View>> = {
  streamers: { title: 'Streamers', load: async () => (await import('./views/streamers/streamers.js')).Streamers },
  room: { title: 'Room', load: async () => (await import('./views/room/room.js')).RoomView },
  history: { title: 'History', load: async () => (await import('./views/history/history.js')).HistoryView },
  sessions: { title: 'Session', load: async () => (await import('./views/history/session.js')).SessionView },
  leaderboards: {
    title: 'Leaderboards',
    load: async () => (await import('./views/leaderboards/leaderboards.js')).Leaderboards,
  },
  webhooks: { title: 'Webhooks', load: async () => (await import('./views/webhooks/webhooks.js')).Webhooks },
  keys: { title: 'Keys', load: async () => (await import('./views/keys/keys.js')).Keys },
  settings: { title: 'Settings', load: async () => (await import('./views/settings/settings.js')).Settings },
};

function viewNameOf({ path }: Place): string {
  const [first = '', second] = path;
  return first === 'streamers' && second !== undefined ? 'room' : first;
}

export function App() {
  const place = usePlace();
  const { needsKey } = useAccess();
  const main = useRef<HTMLElement>(null);
  const [loaded, setLoaded] = useState<Record<string, ComponentType<ViewProperties>>>({});
  const [failed, setFailed] = useState('');
  const name = viewNameOf(place);
  const view = Object.hasOwn(VIEWS, name) ? VIEWS[name] : undefined;
  const address = place.path.join('/');

  useEffect(() => {
    setFailed('');
    if (view === undefined || loaded[name] !== undefined) return;
    view.load().then(
      (component) => setLoaded((before) => ({ ...before, [name]: component })),
      () => setFailed(name),
    );
  }, [name]);

  const first = useRef(true);
  useEffect(() => {
    const subject = place.path[1];
    document.title = [subject, view?.title ?? 'Overview', 'Livetap'].filter(Boolean).join(' · ');
    // A new view begins at its top, and its heading is where a reader goes on.
    if (!first.current) {
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
    first.current = false;
  }, [address]);

  const Shown = loaded[name];
  return (
    <Messages>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <Navigation current={place.path[0] ?? ''} />
      <main id="main" ref={main} tabIndex={-1}>
        {needsKey ? (
          <Login />
        ) : name === '' ? (
          <Overview />
        ) : view === undefined ? (
          <NotThere />
        ) : failed === name ? (
          <p class="failure" role="alert">
            This part of the page could not be fetched. <a href="/">Load the page again</a>
          </p>
        ) : Shown === undefined ? (
          <p class="loading" role="status">
            Loading …
          </p>
        ) : (
          <Shown key={name} place={place} />
        )}
      </main>
    </Messages>
  );
}

function NotThere() {
  return (
    <div class="empty">
      <h1>There is no such view</h1>
      <p>
        <a href="#/">Go to the overview</a>
      </p>
    </div>
  );
}
