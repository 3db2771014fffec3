import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { happened } from '../../analysis/headline';
import { headlineText } from '../../i18n/headline';
import { useSelect } from '../store/react';
import { presetOf } from '../topbar/preset-name';

/** Above an experiment with a name: the question it answers, what to watch, and, once it has happened, what did. */
export function Headline(): ReactNode {
  const { t } = useTranslation();
  const experiment = useSelect((state) => state.experiment);
  const preset = useMemo(() => presetOf(experiment), [experiment]);
  const facts = useSelect((state) => state.views.facts);
  const lanes = preset?.experiment.lanes.length;
  if (!preset) return null;
  // Facts of the experiment before are gone in a moment.
  const known = facts?.lanes.length === lanes ? facts : null;
  const text = headlineText(preset.id, known && happened(preset.id, known.lanes, known.steps));
  return (
    <section className="headline">
      <div>
        <h2>{text.question}</h2>{' '}
        <p>
          <strong>{t('headline.watch')}</strong> {text.watch}
        </p>
      </div>
      {text.happened && (
        <p>
          <strong>{t('headline.whatHappened')}</strong> {text.happened}
        </p>
      )}
    </section>
  );
}
