/** Puts a link on the clipboard, and says so. */
import type { Announcer } from './announcer';
import type { AppStore } from './store';

/** How long the button says that the link was copied, in milliseconds. */
const SHOWN = 2000;

export interface ShareHost {
  readonly store: AppStore;
  /** Puts a text on the clipboard; rejects where the browser forbids it. */
  copy(text: string): Promise<void>;
}

/** Where the browser keeps pages from the clipboard, the link is shown instead. */
export async function shareLink(
  url: string,
  copiedText: string,
  host: Pick<ShareHost, 'store' | 'copy'>,
  announcer: Announcer,
): Promise<void> {
  try {
    await host.copy(url);
  } catch {
    host.store.setState({ shareUrl: url });
    return;
  }
  host.store.setState({ copied: true });
  announcer.say(copiedText, true);
  setTimeout(() => host.store.setState({ copied: false }), SHOWN);
}
