/** Puts a link on the clipboard, and says so. */
import type { Announcer } from './announcer';
import type { AppStore } from './store';

/** How long the button says that the link was copied, in milliseconds. */
const SHOWN = 2000;

export interface ShareHost {
  readonly store: AppStore;
  /** Puts a text on the clipboard; rejects where the browser forbids it. */
  copy(text: string): Promise<void>;
  /** What a screen reader should hear when the link has been copied. */
  readonly copiedText: string;
}

/** Where the browser keeps pages from the clipboard, the link is shown instead. */
export async function shareLink(
  url: string,
  { store, copy, copiedText }: ShareHost,
  announcer: Announcer,
): Promise<void> {
  try {
    await copy(url);
  } catch {
    store.setState({ shareUrl: url });
    return;
  }
  store.setState({ copied: true });
  announcer.say(copiedText, true);
  setTimeout(() => store.setState({ copied: false }), SHOWN);
}
