/** Puts the store, the engine in its worker, the address bar and the recorded opening together, and starts. */
import type { EngineClient } from '../engine/client';
import { waitingExperiment } from './failure/reload';
import { i18n } from './i18n';
import { followAddressLanguage } from './i18n/choice';
import { announcementOf } from '../i18n/describe';
import { diagnosisText } from '../i18n/diagnosis';
import { laneNames } from '../i18n/lane-names';
import openingFile from './opening/opening.json';
import { decodeRecording, type RecordingFile } from './opening/recording';
import { browserAddress } from './pages/address';
import { Navigator } from './pages/navigator';
import { playgroundAddress } from './pages/playground-address';
import { Controller } from './store/controller';
import type { Words } from './store/controller-host';
import { Link } from './store/link';
import type { App } from './store/react';
import { createAppStore } from './store/store';
import { rememberBackend, rememberedBackend } from './backend-choice';
import { rememberedTheme } from './theme';
import { experimentTitle } from './topbar/preset-name';

const words: Words = {
  copied: (what) => i18n.t(what === 'run' ? 'share.announce' : 'share.announcePage'),
  event: (event, { sites }) => announcementOf(event, sites),
  diagnosis: ({ lane, diagnosis }, { experiment }) =>
    i18n.t('notice.diagnosis', { lane: laneNames(experiment)[lane], text: diagnosisText(diagnosis) }),
  ready: (experiment, running) =>
    i18n.t(running ? 'phase.running' : 'phase.paused', { name: experimentTitle(experiment) }),
};

/** @param engine the engine, which starts when it is first asked for */
export function createApp(engine: () => EngineClient): App {
  // Before the navigator, whose listeners read from it.
  const link = new Link(playgroundAddress(browserAddress, waitingExperiment()));
  const navigator = new Navigator(browserAddress, waitingExperiment());
  const store = createAppStore(link.open().experiment);
  store.setState({ theme: rememberedTheme(), backendChoice: rememberedBackend() });
  store.subscribe(({ backendChoice }, before) => {
    if (backendChoice !== before.backendChoice) rememberBackend(backendChoice);
  });
  const controller = new Controller({
    store,
    // No worker before the playground is visited.
    get engine() {
      return engine();
    },
    link,
    recording: decodeRecording(openingFile as unknown as RecordingFile),
    schedule: (callback) => void requestAnimationFrame(callback),
    copy: (text) => window.navigator.clipboard.writeText(text),
    words,
  });
  followAddressLanguage();
  // What was last said aloud was said in another language.
  i18n.on('languageChanged', () => store.setState({ announcement: '' }));
  followVisits(navigator, controller);
  return { store, controller, navigator };
}

/** Starts the playground on the first visit, and pauses it while nobody sees it. */
function followVisits(navigator: Navigator, controller: Controller): void {
  let booted = false;
  const follow = (): void => {
    const open = navigator.page === 'playground';
    controller.setHidden(document.hidden || !open);
    if (!open || booted) return;
    booted = true;
    void controller.boot();
  };
  navigator.subscribe(follow);
  document.addEventListener('visibilitychange', follow);
  follow();
}
