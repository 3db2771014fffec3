/** Puts the events of a loss scale into words. */
import type { ScaleEvent } from '../analysis/events';
import { powerText } from '../analysis/numbers';
import type { SiteRecord } from '../analysis/records';
import { countText, i18n } from './index';

type Sites = readonly SiteRecord[];

function causeText(event: ScaleEvent, sites: Sites): string {
  const site = event.site === null ? undefined : sites[event.site]?.name;
  return site && event.cause ? i18n.t(`event.${event.cause}`, { site }) : i18n.t('event.unknown');
}

/** `step 12 skipped: overflow in fc3.weight.grad, scale 2^17 → 2^16`, and how many like it stand behind. */
export function eventText(event: ScaleEvent, sites: Sites): string {
  const text = singleEventText(event, sites);
  return event.count > 1 ? `${text} (${i18n.t('event.more', { count: event.count - 1 })})` : text;
}

function singleEventText(event: ScaleEvent, sites: Sites): string {
  const values = {
    step: countText(event.step),
    before: powerText(event.before),
    after: powerText(event.after),
    cause: causeText(event, sites),
  };
  switch (event.kind) {
    case 'backoff':
      return i18n.t('event.skipped', values);
    case 'skip':
      return i18n.t('event.skippedSame', values);
    case 'growth':
      return i18n.t('event.growth', values);
    case 'manual':
      return i18n.t('event.manual', values);
    case 'stop':
      return i18n.t('event.stop', values);
  }
}

/** What a screen reader hears of a skip or a growth. */
export function announcementOf(event: ScaleEvent, sites: Sites): string {
  const values = {
    step: countText(event.step),
    cause: causeText(event, sites),
    after: powerText(event.after),
  };
  return event.kind === 'growth'
    ? i18n.t('event.announceGrowth', values)
    : i18n.t('event.announceSkip', values);
}
