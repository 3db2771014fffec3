import { useRef, useState, type ReactNode } from 'react';
import { Button, Dialog, ListBox, ListBoxItem, Popover, Select } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { LANGUAGES, languageName, type Language } from '../../i18n/languages';
import { currentLanguage } from '../i18n';
import { chooseLanguage } from '../i18n/choice';
import { Icon } from '../widgets/icons';

/** The languages, each by its own name. */
export function LanguageButton(): ReactNode {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  const [failed, setFailed] = useState(false);
  const choose = (language: Language): void => {
    chooseLanguage(language).catch(() => setFailed(true));
  };
  return (
    <>
      <Select
        aria-label={t('language.choose')}
        selectedKey={currentLanguage()}
        onSelectionChange={(key) => {
          const chosen = LANGUAGES.find((language) => language === key);
          if (chosen) choose(chosen);
        }}
      >
        <Button ref={button} className="button icon">
          <Icon name="language" />
        </Button>
        <Popover className="popover">
          <ListBox>
            {LANGUAGES.map((language) => (
              <ListBoxItem key={language} id={language} textValue={languageName(language)} className="option">
                <span lang={language}>{languageName(language)}</span>
              </ListBoxItem>
            ))}
          </ListBox>
        </Popover>
      </Select>
      <Popover className="popover" triggerRef={button} isOpen={failed} onOpenChange={setFailed}>
        <Dialog className="popover-body" aria-label={t('language.choose')}>
          <p>{t('language.failed')}</p>
        </Dialog>
      </Popover>
    </>
  );
}
