const STORED = 'livetap.theme';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export function storedTheme(storage: Storage): Theme {
  const stored = storage.getItem(STORED);
  return THEMES.find((theme) => theme === stored) ?? 'system';
}

/** Shows the page in these colours and remembers it in this browser. */
export function applyTheme(theme: Theme, storage: Storage): void {
  if (theme === 'system') {
    delete document.documentElement.dataset['theme'];
    storage.removeItem(STORED);
  } else {
    document.documentElement.dataset['theme'] = theme;
    storage.setItem(STORED, theme);
  }
}
