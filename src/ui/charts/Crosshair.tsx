import type { ReactNode } from 'react';
import { usePlotArea, useXAxisScale } from 'recharts';
import { useSelect } from '../store/react';

/** A line at the step under the pointer, in whichever chart the pointer is. */
export function Crosshair(): ReactNode {
  const step = useSelect((state) => state.hoverStep);
  const scale = useXAxisScale();
  const area = usePlotArea();
  if (step === null || !scale || !area) return null;
  const x = scale(step);
  if (x === undefined || x < area.x || x > area.x + area.width) return null;
  return (
    <line
      className="crosshair"
      x1={x}
      x2={x}
      y1={area.y}
      y2={area.y + area.height}
      pointerEvents="none"
      aria-hidden="true"
    />
  );
}
