import type { ReactNode } from 'react';
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';
import type { EventKind, ScaleEvent } from '../../analysis/events';

/** Shapes around the origin: they differ without colour. */
const SHAPES: Readonly<Record<EventKind, string>> = {
  backoff: 'M-5 -4.5h10l-5 9z',
  growth: 'M-5 4.5h10l-5 -9z',
  skip: 'M-4 -4l8 8M4 -4l-8 8',
  manual: 'M0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z',
  stop: 'M-5 -5h10v10h-10z',
};

const OUTLINED: readonly EventKind[] = ['skip'];

export function MarkShape({ kind }: { kind: EventKind }): ReactNode {
  const outlined = OUTLINED.includes(kind);
  return <path d={SHAPES[kind]} className={`mark mark-${kind}`} fill={outlined ? 'none' : undefined} />;
}

/** The marks at the scale line. A skip that left the scale alone stands at the foot of the chart. */
export function Marks({ events }: { events: readonly ScaleEvent[] }): ReactNode {
  const x = useXAxisScale();
  const y = useYAxisScale();
  const area = usePlotArea();
  if (!x || !y || !area) return null;
  const foot = area.y + area.height - 8;
  return (
    <g aria-hidden="true" pointerEvents="none">
      {events.map((event) => {
        // Half way between the two levels of the step line, where the eye looks for the change.
        const level = y((Math.log2(event.before) + Math.log2(event.after)) / 2);
        const top = event.kind === 'skip' || level === undefined || !Number.isFinite(level) ? foot : level;
        return (
          <g key={`${event.step} ${event.kind}`} transform={`translate(${x(event.step) ?? 0} ${top})`}>
            <MarkShape kind={event.kind} />
          </g>
        );
      })}
    </g>
  );
}
