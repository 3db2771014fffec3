/** What this browser remembers for a person. Storage may be switched off, full or read-only; then nothing is remembered. */
export function remembered(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param text null to forget it */
export function remember(key: string, text: string | null): void {
  try {
    if (text === null) window.localStorage.removeItem(key);
    else window.localStorage.setItem(key, text);
  } catch {
    // What was chosen holds for this visit.
  }
}
