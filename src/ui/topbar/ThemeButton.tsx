import { useEffect, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useApp, useSelect } from '../store/react';
import { rememberTheme } from '../theme';
import { useMedia } from '../use-media';
import { Icon } from '../widgets/icons';

/** Light or dark; the system decides until a person does. */
export function ThemeButton(): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  const theme = useSelect((state) => state.theme);
  const systemDark = useMedia('(prefers-color-scheme: dark)');
  const dark = theme === 'dark' || (theme === 'system' && systemDark);
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }, [dark]);
  const choose = (): void => {
    const chosen = dark ? 'light' : 'dark';
    rememberTheme(chosen);
    store.setState({ theme: chosen });
  };
  return (
    <Button className="button icon" aria-label={t(dark ? 'theme.toLight' : 'theme.toDark')} onPress={choose}>
      <Icon name="theme" />
    </Button>
  );
}
