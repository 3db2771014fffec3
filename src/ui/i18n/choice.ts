/** Changing the language of the page that stands: by its switch, or by an address that asks for another. */
import { currentLanguage, speak } from '../../i18n';
import type { Language } from '../../i18n/languages';
import { rememberLanguage } from '../language';
import { addressLanguage, browserAddress, writeAddressLanguage } from '../pages/address';

/** A person chose it: this browser remembers it, and the link of what is on show asks for it. Rejects as `speak` does. */
export async function chooseLanguage(language: Language): Promise<void> {
  await speak(language);
  rememberLanguage(language);
  writeAddressLanguage(language);
}

/** Speaks what the address asks for whenever that changes. */
export function followAddressLanguage(): void {
  browserAddress.watch(() => {
    const asked = addressLanguage();
    // Where its messages cannot be fetched the page stays as it is.
    if (asked !== null && asked !== currentLanguage()) speak(asked).catch(() => undefined);
  });
}
