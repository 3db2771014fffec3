/** The store's core, without React. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Experiment } from '../../experiment/experiment';
import { initialState, type AppState } from './state';

export type AppStore = StoreApi<AppState>;

export const createAppStore = (experiment: Experiment): AppStore =>
  createStore(() => initialState(experiment));
