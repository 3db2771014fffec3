/** The page's texts, bound to React. No component holds a text of its own. */
import { setI18n } from 'react-i18next';
import { i18n } from '../../i18n';

setI18n(i18n);

export { countText, i18n } from '../../i18n';
