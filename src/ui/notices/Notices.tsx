import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { diagnosisText } from '../i18n/describe';
import { useApp, useSelect, useShallowSelect } from '../store/react';
import { Icon } from '../widgets/icons';
import './notices.css';

interface Shown {
  readonly id: string;
  readonly kind: 'notice' | 'alarm';
  readonly text: string;
}

/** What a person should know: a damaged link, the CPU instead of the GPU, what is wrong with a lane. */
export function Notices(): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  const shown = useShown();
  const dismissed = useSelect((state) => state.dismissed);
  const open = shown.filter(({ id }) => !dismissed.includes(id));
  if (open.length === 0) return null;
  return (
    <section className="notices" aria-label={t('notice.region')}>
      {open.map(({ id, kind, text }) => (
        <output key={id} className={`notice ${kind}`}>
          <p>{text}</p>
          <Button
            className="notice-close"
            aria-label={t('notice.dismiss')}
            onPress={() => store.setState({ dismissed: [...dismissed, id] })}
          >
            <Icon name="close" />
          </Button>
        </output>
      ))}
    </section>
  );
}

function useShown(): readonly Shown[] {
  const { t } = useTranslation();
  const linkNotices = useSelect((state) => state.linkNotices);
  const fallback = useSelect((state) => (state.phase === 'live' ? state.loaded?.fallbackReason : null));
  const names = useSelect((state) => state.loaded?.laneNames);
  const diagnoses = useShallowSelect((state) =>
    state.views.diagnoses.map(({ lane, diagnosis }) => `${lane} ${diagnosis.kind}`),
  );
  // The words change with every number in them; they are read only when the kinds above have changed.
  const { store } = useApp();
  const items = linkNotices.map(({ message }) => message).join(' · ');
  return [
    ...(items ? [{ id: `link ${items}`, kind: 'notice' as const, text: t('notice.link', { items }) }] : []),
    ...(fallback
      ? [{ id: 'fallback', kind: 'notice' as const, text: t('notice.fallback', { reason: fallback }) }]
      : []),
    ...store
      .getState()
      .views.diagnoses.filter(({ lane, diagnosis }) => diagnoses.includes(`${lane} ${diagnosis.kind}`))
      .map(({ lane, diagnosis }) => ({
        id: `${lane} ${diagnosis.kind}`,
        kind: 'alarm' as const,
        text: t('notice.diagnosis', { lane: names?.[lane] ?? '', text: diagnosisText(diagnosis) }),
      })),
  ];
}
