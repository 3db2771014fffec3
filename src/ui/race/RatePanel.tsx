import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shortNumber, superscript } from '../../analysis/numbers';
import { criticalRate } from '../../analysis/race';
import type { ScalerSettings } from '../../training/scalers';
import { countText } from '../i18n';
import { useWidth } from '../ruler/use-width';
import { thatFit } from './geometry';
import { useTextScale } from '../use-text-scale';
import { Panel } from '../widgets/Panel';
import { useRacerName } from './names';
import { racerStyle } from './styles';
import { useRace } from './use-race';

/** The axis of rates: decades, from one overflow in a million steps to one at each. */
const DECADES = [-6, -5, -4, -3, -2, -1, 0];
const HEIGHT = 78;
const LINE = 48;
const CRITICAL = 30;
const MARGIN = 34;
const FONT = 11.5;

/** Scalers that one rate is critical for: those of one growth interval, whose factors are alike. */
interface Critical {
  readonly rate: number;
  readonly racers: readonly { readonly settings: ScalerSettings; readonly index: number }[];
}

function criticalRates(racers: readonly ScalerSettings[]): readonly Critical[] {
  const groups = new Map<number, { settings: ScalerSettings; index: number }[]>();
  racers.forEach((settings, index) => {
    const rate = criticalRate(settings);
    if (rate !== null) groups.set(rate, [...(groups.get(rate) ?? []), { settings, index }]);
  });
  return [...groups]
    .map(([rate, members]) => ({ rate, racers: members }))
    .toSorted((one, other) => one.rate - other.rate);
}

/** The rates beyond which a scale cannot hold, and the rate of this sequence among them. */
export function RatePanel(): ReactNode {
  const { t } = useTranslation();
  const { state, demand } = useRace();
  const nameOf = useRacerName();
  const rate = state.source === 'rate' ? state.rate : demand.spikes.length / demand.steps;
  const critical = criticalRates(state.racers);
  return (
    <Panel title={t('race.rate.title')} note={t('race.rate.note')}>
      <RateAxis rate={rate} critical={critical} />
      <p>
        {rate > 0
          ? t(`race.rate.${state.source === 'rate' ? 'chosen' : 'observed'}`, rateText(rate))
          : t('race.rate.none')}
      </p>
      <ul className="race-rates">
        {critical.map(({ rate: its, racers }) => (
          <li key={its}>
            {t('race.rate.critical', {
              ...rateText(its),
              names: racers.map(({ settings }) => nameOf(settings)).join(t('race.comma')),
            })}
          </li>
        ))}
      </ul>
      <p className="field-help">{t('race.rate.help')}</p>
    </Panel>
  );
}

const rateText = (rate: number) => ({
  rate: `${shortNumber(Number((100 * rate).toPrecision(3)))} %`,
  every: countText(Math.round(1 / rate)),
});

const decadeText = (decade: number): string => (decade === 0 ? '1' : `10${superscript(decade)}`);

interface AxisProps {
  readonly rate: number;
  readonly critical: readonly Critical[];
}

function RateAxis({ rate, critical }: AxisProps): ReactNode {
  const { t } = useTranslation();
  const [ref, width] = useWidth();
  const textScale = useTextScale();
  const [low, high] = [DECADES[0], DECADES[DECADES.length - 1]];
  const x = (of: number): number =>
    MARGIN + ((width - 2 * MARGIN) * (Math.max(low, Math.log10(of)) - low)) / (high - low);
  return (
    <figure ref={ref} className="race-chart" aria-label={t('race.rate.axis')}>
      <svg width={width} height={HEIGHT * textScale} aria-hidden="true">
        <line className="race-base" x1={MARGIN} x2={width - MARGIN} y1={LINE} y2={LINE} />
        {thatFit(DECADES, decadeText, width - 2 * MARGIN, FONT * textScale).map((decade) => (
          <text
            key={decade}
            className="race-tick"
            x={x(10 ** decade)}
            y={LINE + 20 * textScale}
            textAnchor="middle"
            fontSize={FONT * textScale}
          >
            {decadeText(decade)}
          </text>
        ))}
        {critical.map(({ rate: its, racers }) =>
          // One line for all of them, a piece in the colour of each.
          racers.map(({ index }, place) => (
            <line
              key={index}
              x1={x(its)}
              x2={x(its)}
              y1={LINE - (CRITICAL * (place + 1)) / racers.length}
              y2={LINE - (CRITICAL * place) / racers.length}
              stroke={racerStyle(index).color}
              strokeWidth={3}
            />
          )),
        )}
        {rate > 0 && (
          <g className="rate-mark" transform={`translate(${x(rate)} ${LINE})`}>
            <path d={`M0 ${-CRITICAL - 2}l7 -12h-14z`} />
            <line y1={-CRITICAL - 2} y2={0} />
          </g>
        )}
      </svg>
    </figure>
  );
}
