import { afterEach, expect, test, vi } from 'vitest';
import { BACKEND_CHOICES, rememberBackend, rememberedBackend } from './backend-choice';

/** A page whose storage holds this, or fails. */
function stubStorage(storage: Partial<Storage> | null): void {
  vi.stubGlobal('window', {
    get localStorage() {
      if (storage === null) throw new DOMException('storage is switched off', 'SecurityError');
      return storage;
    },
  });
}

function working(): Map<string, string> {
  const items = new Map<string, string>();
  stubStorage({
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, text) => void items.set(key, text),
    removeItem: (key) => void items.delete(key),
  });
  return items;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each(BACKEND_CHOICES)('%s survives a reload', (choice) => {
  working();
  rememberBackend('cpu');
  rememberBackend(choice);
  expect(rememberedBackend()).toBe(choice);
});

test('nothing is kept of a choice that was given back', () => {
  const items = working();
  rememberBackend('webgpu');
  rememberBackend('auto');
  expect([...items]).toEqual([]);
});

test('what is no choice, or not any more, is none', () => {
  const items = working();
  rememberBackend('webgpu');
  for (const key of items.keys()) items.set(key, 'quantum');
  expect(rememberedBackend()).toBe('auto');
});

test('without storage nothing is remembered, and nothing breaks', () => {
  stubStorage(null);
  rememberBackend('cpu');
  expect(rememberedBackend()).toBe('auto');
});

test('a full storage costs the memory alone', () => {
  stubStorage({
    getItem: () => null,
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError');
    },
  });
  rememberBackend('cpu');
  expect(rememberedBackend()).toBe('auto');
});
