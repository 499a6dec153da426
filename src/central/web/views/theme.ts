import { useCallback, useEffect, useState } from 'react';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'tapspot.theme';
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };

function kept(): Theme {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'light' || theme === 'dark' ? theme : 'system';
  } catch {
    return 'system';
  }
}

/** The theme held and a way to the next one. It is kept where storage is allowed, and works where it is not. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(kept);
  const next = useCallback(() => {
    setTheme((held) => {
      const to = NEXT[held];
      if (to === 'system') delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = to;
      try {
        if (to === 'system') localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, to);
      } catch {
        // Not kept; the choice holds until the page is closed.
      }
      return to;
    });
  }, []);
  return [theme, next];
}

/** Counts changes of the colours in force, for what is drawn on a canvas and must be drawn anew. */
export function useColours(): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const changed = () => setVersion((v) => v + 1);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const watcher = new MutationObserver(changed);
    watcher.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    dark.addEventListener('change', changed);
    return () => {
      watcher.disconnect();
      dark.removeEventListener('change', changed);
    };
  }, []);
  return version;
}

/** The colour a custom property stands for now, as a canvas understands it. */
export function colour(property: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
