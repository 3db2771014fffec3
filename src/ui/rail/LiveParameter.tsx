import type { ReactNode } from 'react';
import type { LiveParameterName } from '../../training/scalers';
import type { ScalerParameter } from '../../training/scalers/scaler';
import { liveValue } from '../store/live';
import { useController, useSelect } from '../store/react';
import { sliderOf } from '../widgets/slider-scales';
import { Toggle } from '../widgets/Toggle';
import { LiveSlider } from './LiveSlider';
import { useParameterLabel } from './ParameterFields';

interface Props {
  readonly parameter: ScalerParameter & { readonly name: LiveParameterName };
}

/** A number of the selected lane's scaler that acts while the run goes on. */
export function LiveParameter({ parameter }: Props): ReactNode {
  const { name, usual, as } = parameter;
  const label = useParameterLabel()(name);
  const controller = useController();
  const lane = useSelect((state) => state.selectedLane);
  const value = useSelect((state) => liveValue(state, lane, name));
  if (as === 'switch') {
    return (
      <Toggle
        label={label}
        value={value !== 0}
        onChange={(on) => controller.intervene(lane, name, on ? 1 : 0)}
      />
    );
  }
  return <LiveSlider label={label} liveKey={name} scale={sliderOf(parameter)} initial={usual} />;
}
