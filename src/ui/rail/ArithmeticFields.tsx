import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { BOUNDS } from '../../experiment/bounds';
import type { LaneConfig } from '../../experiment/experiment';
import { laneProblem } from '../../experiment/schema';
import { messageText } from '../../i18n/said';
import { DEFAULT_RANDOM_BITS, ROUNDING_MODES } from '../../numerics/formats';
import { Choice } from '../widgets/Choice';
import { NumberField } from '../widgets/NumberField';
import { Toggle } from '../widgets/Toggle';
import { AccumulationFields } from './AccumulationFields';

interface Props {
  readonly lane: LaneConfig;
  readonly onChange: (part: Partial<LaneConfig>) => void;
}

/** How a lane computes with its formats: rounding, subnormals, sums of products. */
export function ArithmeticFields({ lane, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const problem = laneProblem(lane);
  return (
    <fieldset className="field-group">
      <legend>{t('arithmetic.title')}</legend>
      <Choice
        label={t('arithmetic.rounding')}
        value={lane.rounding}
        options={ROUNDING_MODES.map((id) => ({ id, text: t(`arithmetic.mode.${id}`) }))}
        // Random bits have a meaning with one of the modes only.
        onChange={(rounding) => onChange({ rounding, randomBits: DEFAULT_RANDOM_BITS })}
      />
      <p className="field-help">{t(`arithmetic.modeHelp.${lane.rounding}`)}</p>
      {lane.rounding === 'stochastic' && (
        <>
          <NumberField
            label={t('arithmetic.randomBits')}
            value={lane.randomBits}
            format={String}
            bound={BOUNDS.randomBits}
            stepped={(value, direction, large) => value + direction * (large ? 8 : 1)}
            onChange={(randomBits) => onChange({ randomBits })}
          />
          <p className="field-help">{t('arithmetic.randomBitsHelp')}</p>
        </>
      )}
      <Toggle
        label={t('arithmetic.flush')}
        value={lane.subnormals === 'flush'}
        onChange={(flush) => onChange({ subnormals: flush ? 'flush' : 'keep' })}
      />
      <p className="field-help">{t('arithmetic.flushHelp')}</p>
      <AccumulationFields
        accumulation={lane.accumulation}
        onChange={(accumulation) => onChange({ accumulation })}
      />
      {problem !== null && (
        <p className="field-error" role="alert">
          {messageText(problem)}
        </p>
      )}
    </fieldset>
  );
}
