import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LaneConfig } from '../../experiment/experiment';
import { AUTOCASTS, autocastNamed } from '../../precision';
import { Choice } from '../widgets/Choice';

interface Props {
  readonly lane: LaneConfig;
  readonly onChange: (part: Partial<LaneConfig>) => void;
}

/** Which framework's autocast a lane has. Choosing one brings the formats that the framework has it with. */
export function AutocastFields({ lane, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <Choice
        label={t('autocast.label')}
        value={lane.autocast}
        options={AUTOCASTS.map(({ id, label }) => ({ id, text: label }))}
        onChange={(autocast) => {
          const [format, gradientFormat] = autocastNamed(autocast).usual;
          onChange({ autocast, format, gradientFormat });
        }}
      />
      <p className="field-help">{t(`autocast.help.${lane.autocast}`)}</p>
    </>
  );
}
