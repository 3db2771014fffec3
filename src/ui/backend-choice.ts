/**
 * What a person wants to compute on, remembered; `auto` until then. It is no part of a link: the bits are the same. One
 * that does not work any more locks nobody out, because the engine falls on to the next.
 */
import type { BackendChoice } from '../engine/protocol';
import { remember, remembered } from './storage';

const KEY = 'amp-playground.backend';

export const BACKEND_CHOICES = ['auto', 'webgpu', 'wasm', 'cpu'] as const satisfies readonly BackendChoice[];

export const isBackendChoice = (text: string | null): text is BackendChoice =>
  BACKEND_CHOICES.some((choice) => choice === text);

export function rememberedBackend(): BackendChoice {
  const choice = remembered(KEY);
  return isBackendChoice(choice) ? choice : 'auto';
}

export const rememberBackend = (choice: BackendChoice): void =>
  remember(KEY, choice === 'auto' ? null : choice);
