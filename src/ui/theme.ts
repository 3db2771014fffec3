/** The colour theme a person chose, remembered; `system` until then. */
import type { Theme } from './store/state';

const KEY = 'amp-playground.theme';

/** Storage may be switched off; then nothing is remembered. */
function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export function rememberedTheme(): Theme {
  const theme = storage()?.getItem(KEY);
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export function rememberTheme(theme: Theme): void {
  try {
    storage()?.setItem(KEY, theme);
  } catch {
    // A full or read-only storage costs the memory, not the theme.
  }
}
