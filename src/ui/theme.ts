/** The colour theme a person chose, remembered; `system` until then. */
import { remember, remembered } from './storage';
import type { Theme } from './store/state';

const KEY = 'amp-playground.theme';

export function rememberedTheme(): Theme {
  const theme = remembered(KEY);
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export const rememberTheme = (theme: Theme): void => remember(KEY, theme);
