import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { PageNav } from '../pages/PageNav';
import { useApp } from '../store/react';
import { Icon } from '../widgets/icons';
import { BackendDetails } from './BackendDetails';
import { Counters } from './Counters';
import { LanguageButton } from './LanguageButton';
import { PlayBar } from './PlayBar';
import { PresetChoice } from './PresetChoice';
import { ShareButton } from './ShareButton';
import { SpeedChoice } from './SpeedChoice';
import { ThemeButton } from './ThemeButton';
import './topbar.css';

export function TopBar({ withDrawer }: { withDrawer: boolean }): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  return (
    <header className="topbar">
      <PageNav />
      <PresetChoice />
      <PlayBar />
      <SpeedChoice />
      <div className="topbar-status">
        <Counters />
        <BackendDetails />
      </div>
      <div className="topbar-end">
        {withDrawer && (
          <Button className="button drawer-button" onPress={() => store.setState({ drawerOpen: true })}>
            <Icon name="menu" />
            <span className="button-text">{t('drawer.open')}</span>
          </Button>
        )}
        <ShareButton />
        <Button
          className="button icon"
          aria-label={t('help.button')}
          onPress={() => store.setState({ helpOpen: true })}
        >
          ?
        </Button>
        <LanguageButton />
        <ThemeButton />
      </div>
    </header>
  );
}
