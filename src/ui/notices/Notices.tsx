import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { DiagnosisSpell } from '../../analysis/diagnosis/diagnosis';
import { messageText } from '../../i18n/said';
import { useApp, useSelect } from '../store/react';
import { Icon } from '../widgets/icons';
import { DiagnosisNotice } from './DiagnosisNotice';
import './notices.css';

interface Notice {
  readonly id: string;
  readonly text: string;
}

const idOf = ({ lane, diagnosis }: DiagnosisSpell): string => `${lane} ${diagnosis.code}`;

/** What a person should know: a damaged link, another backend than was wished for, what is wrong with a lane. */
export function Notices(): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  const dismissed = useSelect((state) => state.dismissed);
  const isOpen = ({ id }: { id: string }): boolean => !dismissed.includes(id);
  const notices = useNotices().filter(isOpen);
  const spells = useSelect((state) => state.views.diagnoses).filter((spell) => isOpen({ id: idOf(spell) }));
  const dismiss = (id: string): void => store.setState({ dismissed: [...dismissed, id] });
  if (notices.length + spells.length === 0) return null;
  return (
    <section className="notices" aria-label={t('notice.region')}>
      {notices.map(({ id, text }) => (
        <output key={id} className="notice">
          <p>{text}</p>
          <Button className="notice-close" aria-label={t('notice.dismiss')} onPress={() => dismiss(id)}>
            <Icon name="close" />
          </Button>
        </output>
      ))}
      {spells.map((spell) => (
        <DiagnosisNotice key={idOf(spell)} spell={spell} onDismiss={() => dismiss(idOf(spell))} />
      ))}
    </section>
  );
}

/** What is not about a lane. */
function useNotices(): readonly Notice[] {
  const { t } = useTranslation();
  const linkNotices = useSelect((state) => state.linkNotices);
  const fallback = useSelect(({ phase, loaded }) =>
    phase === 'live' && loaded?.fallbackReason ? loaded : null,
  );
  const items = linkNotices.map(({ message }) => messageText(message)).join(' · ');
  return [
    ...(items ? [{ id: `link ${items}`, text: t('notice.link', { items }) }] : []),
    ...(fallback
      ? [
          {
            id: 'fallback',
            text: t('notice.fallback', {
              name: t(`backend.kind.${fallback.backend.kind}`),
              reason: fallback.fallbackReason && messageText(fallback.fallbackReason),
            }),
          },
        ]
      : []),
  ];
}
