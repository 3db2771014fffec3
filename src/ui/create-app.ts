/** Puts the store, the engine in its worker, the address bar and the recorded opening together, and starts. */
import { connectEngine } from '../engine/client';
import { i18n } from './i18n';
import { announcementOf } from './i18n/describe';
import openingFile from './opening/opening.json';
import { decodeRecording, type RecordingFile } from './opening/recording';
import { Controller } from './store/controller';
import { browserAddress, Link } from './store/link';
import type { App } from './store/react';
import { createAppStore } from './store/store';
import { rememberedTheme } from './theme';

export function createApp(): App {
  const link = new Link(browserAddress);
  const store = createAppStore(link.open().experiment);
  store.setState({ theme: rememberedTheme() });
  const controller = new Controller({
    store,
    engine: connectEngine(),
    link,
    recording: decodeRecording(openingFile as unknown as RecordingFile),
    schedule: (callback) => void requestAnimationFrame(callback),
    copy: (text) => navigator.clipboard.writeText(text),
    copiedText: i18n.t('share.announce'),
    describe: announcementOf,
  });
  document.addEventListener('visibilitychange', () => controller.setHidden(document.hidden));
  void controller.boot();
  return { store, controller };
}
