/** The thin React binding: a context with the store and the controller, and hooks that read them. */
import { createContext, use, useSyncExternalStore, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { Navigator } from '../pages/navigator';
import type { Page } from '../pages/route';
import type { Controller } from './controller';
import type { AppState } from './state';
import type { AppStore } from './store';

export interface App {
  readonly store: AppStore;
  readonly controller: Controller;
  readonly navigator: Navigator;
}

const AppContext = createContext<App | null>(null);

export const AppProvider = ({ app, children }: { app: App; children: ReactNode }): ReactNode => (
  <AppContext value={app}>{children}</AppContext>
);

export function useApp(): App {
  const app = use(AppContext);
  if (!app) throw new Error('there is no AppProvider above');
  return app;
}

/** Reads a part of the state; the component renders again only when that part changes. */
export function useSelect<Part>(select: (state: AppState) => Part): Part {
  return useStore(useApp().store, select);
}

export const useController = (): Controller => useApp().controller;

/** The page that is open. */
export function usePage(): Page {
  const { navigator } = useApp();
  return useSyncExternalStore(
    (changed) => navigator.subscribe(changed),
    () => navigator.page,
  );
}
