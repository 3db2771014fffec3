/** The page's texts, bound to React and to the document. No component holds a text of its own. */
import { setI18n } from 'react-i18next';
import { currentLanguage, i18n } from '../../i18n';

setI18n(i18n);

function tellDocument(): void {
  document.documentElement.lang = currentLanguage();
  document.querySelector('meta[name="description"]')?.setAttribute('content', i18n.t('app.description'));
}
tellDocument();
i18n.on('languageChanged', tellDocument);

export { countText, currentLanguage, i18n, speak } from '../../i18n';
