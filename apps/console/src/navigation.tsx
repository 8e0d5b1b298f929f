import { useEffect, useState } from 'preact/hooks';
import { applyTheme, storedTheme, THEMES, type Theme } from './theme.js';
import { Icon, type IconName } from './ui/icon.js';

interface Entry {
  readonly place: string;
  readonly words: string;
  /** For the row at the foot of a phone, where the words have no room. */
  readonly short?: string;
  readonly icon: IconName;
}

const ENTRIES: readonly Entry[] = [
  { place: '', words: 'Overview', icon: 'overview' },
  { place: 'streamers', words: 'Streamers', icon: 'streamers' },
  { place: 'history', words: 'History', icon: 'history' },
  { place: 'leaderboards', words: 'Leaderboards', short: 'Leaders', icon: 'leaderboards' },
  { place: 'webhooks', words: 'Webhooks', icon: 'webhooks' },
  { place: 'keys', words: 'Keys', icon: 'keys' },
  { place: 'settings', words: 'Settings', icon: 'settings' },
];
/** A session is a part of history. */
const BELONGS: Readonly<Record<string, string>> = { sessions: 'history' };
const THEME_ICONS: Readonly<Record<Theme, IconName>> = { system: 'system', light: 'sun', dark: 'moon' };

/** Where one can go: a column beside the content, on a phone a row at its foot. */
export function Navigation({ current }: { current: string }) {
  const here = BELONGS[current] ?? current;
  return (
    <header class="navigation">
      <a class="brand" href="#/">
        <img src="/icon.svg" alt="" width="28" height="28" />
        <span>Livetap</span>
      </a>
      <nav aria-label="Views">
        <ul>
          {ENTRIES.map(({ place, words, short, icon }) => (
            <li key={place}>
              <a href={`#/${place}`} {...(place === here ? { 'aria-current': 'page' as const } : {})}>
                <Icon name={icon} size={20} />
                <span class={short === undefined ? '' : 'long'}>{words}</span>
                {short !== undefined && <span class="short">{short}</span>}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="navigation-foot">
        <ThemeSwitch />
        <p class="outside">
          <a href="/docs">API</a>
          <a href="/metrics">Metrics</a>
        </p>
      </div>
    </header>
  );
}

function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(() => storedTheme(localStorage));
  useEffect(() => applyTheme(theme, localStorage), [theme]);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <button
      type="button"
      class="plain theme"
      aria-label={`Colours: ${theme}. Change to ${next}`}
      onClick={() => setTheme(next)}
    >
      <Icon name={THEME_ICONS[theme]} />
      <span>Colours: {theme}</span>
    </button>
  );
}
