import type { ReactNode } from 'react';
import { BOUNDS } from '../../experiment/bounds';
import type { LiveKey } from '../../experiment/experiment';
import { liveValue } from '../store/live';
import type { Gesture } from '../store/live-changes';
import { useController, useSelect } from '../store/react';
import { NumberSlider, type SliderScale } from '../widgets/NumberSlider';

interface Props {
  readonly label: string;
  readonly liveKey: Exclude<LiveKey, 'lossWeightExponent' | 'lossWeight'>;
  readonly scale: SliderScale;
  /** Without it there is no dot for a changed value. */
  readonly initial?: number;
  /** Acts on every lane, not on the selected one alone. */
  readonly allLanes?: boolean;
}

/** A number that acts while the run goes on. */
export function LiveSlider({ label, liveKey, scale, initial, allLanes = false }: Props): ReactNode {
  const controller = useController();
  const lane = useSelect((state) => state.selectedLane);
  const value = useSelect((state) => liveValue(state, lane, liveKey));
  const set = (next: number, gesture?: Gesture): void =>
    controller.intervene(allLanes ? 'all' : lane, liveKey, next, { gesture });
  return (
    <NumberSlider
      label={label}
      value={value}
      scale={scale}
      bound={BOUNDS[liveKey]}
      onChange={set}
      lens={liveKey === 'scale' || liveKey === 'learningRate'}
      changed={initial !== undefined && value !== initial}
      onDefault={initial === undefined ? undefined : () => set(initial)}
    />
  );
}
