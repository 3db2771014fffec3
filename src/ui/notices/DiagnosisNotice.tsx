import { laneNames } from '../../i18n/lane-names';
import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { DiagnosisSpell } from '../../analysis/diagnosis/diagnosis';
import { isGradient } from '../../analysis/records';
import { twinOf } from '../../analysis/twin';
import type { LoadedExperiment } from '../../engine/protocol';
import { diagnosisText } from '../../i18n/diagnosis';
import { countText } from '../i18n';
import { useController, useSelect } from '../store/react';
import { Icon } from '../widgets/icons';

interface Props {
  readonly spell: DiagnosisSpell;
  readonly onDismiss: () => void;
}

/**
 * What is wrong with a lane, and on request what that rests on. Its numbers follow the run, so it is no live region,
 * which would be read out again and again; the announcer says it once.
 */
export function DiagnosisNotice({ spell, onDismiss }: Props): ReactNode {
  const { t } = useTranslation();
  const loaded = useSelect((state) => state.loaded);
  const [open, setOpen] = useState(false);
  if (!loaded) return null;
  const { lane, diagnosis } = spell;
  return (
    <div className="notice alarm" data-code={diagnosis.code}>
      <div>
        <p>
          {t('notice.diagnosis', {
            lane: laneNames(loaded.experiment)[lane],
            text: diagnosisText(diagnosis),
          })}{' '}
          <Button className="notice-why" aria-expanded={open} onPress={() => setOpen(!open)}>
            {t('notice.evidence')}
          </Button>
        </p>
        {open && <Evidence spell={spell} loaded={loaded} />}
      </div>
      <Button className="notice-close" aria-label={t('notice.dismiss')} onPress={onDismiss}>
        <Icon name="close" />
      </Button>
    </div>
  );
}

/** The steps, the lane and the site that a diagnosis is about, and a way to look at them. */
function Evidence({ spell, loaded }: { spell: DiagnosisSpell; loaded: LoadedExperiment }): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const { lane, diagnosis, from } = spell;
  const { values, site } = diagnosis;
  const twin = twinOf(loaded.experiment, lane);
  const ofGradient = site !== null && isGradient(loaded.sites[site]);
  return (
    <div className="evidence">
      <ul>
        <li>{t('evidence.since', { step: countText(from) })}</li>
        {'from' in values && 'to' in values && diagnosis.code !== 'loss-weight-moved' && (
          <li>{t('evidence.span', { from: countText(values.from), to: countText(values.to - 1) })}</li>
        )}
        <li>
          {twin === null
            ? t('evidence.noTwin')
            : t('evidence.twin', { lane: laneNames(loaded.experiment)[twin] })}
        </li>
      </ul>
      <Button
        className="button"
        onPress={() =>
          controller.look({
            selectedLane: lane,
            ...(ofGradient ? { rulerSites: site } : {}),
            ...(site === null ? {} : { allSites: !ofGradient }),
          })
        }
      >
        {t(site === null ? 'evidence.showLane' : 'evidence.show')}
      </Button>
    </div>
  );
}
