/** The scales of the page's sliders. */
import { fieldPower, fieldText, powerText, shortNumber } from '../../analysis/numbers';
import { BOUNDS, exponentOfTwo } from '../../experiment/bounds';
import type { ScalerParameter } from '../../training/scalers/scaler';
import { countText, i18n } from '../i18n';
import type { SliderScale } from './NumberSlider';

/** So many characters fit into the field of a slider. */
const LONGEST = 10;

function spokenPower(value: number): string {
  const exponent = exponentOfTwo(value);
  const plain = Number.isInteger(value) ? countText(value) : shortNumber(value);
  return exponent === null
    ? i18n.t('number.powerPlain', { value: plain })
    : i18n.t('number.power', { exponent, value: plain });
}

/** What was typed is shown whole; a scale that a scaler has multiplied many times has more digits than anybody reads. */
const scaleText = (value: number): string => {
  const whole = fieldPower(value);
  return whole.length <= LONGEST ? whole : powerText(value);
};

/** Positions are exponents of two. */
const powerScale = (min: number, max: number): SliderScale => ({
  min,
  max,
  position: Math.log2,
  value: (position) => 2 ** position,
  text: scaleText,
  spoken: spokenPower,
});

/** Positions index a list of ascending values. */
function listScale(values: readonly number[], text: (value: number) => string = fieldText): SliderScale {
  return {
    min: 0,
    max: values.length - 1,
    position: (value) => {
      const above = values.findIndex((each) => each >= value);
      if (above < 0) return values.length - 1;
      if (above === 0 || values[above] === value) return above;
      return above - 1 + (value - values[above - 1]) / (values[above] - values[above - 1]);
    },
    value: (position) => values[position],
    text,
    spoken: text,
  };
}

/** 1, 2, 5 over decades. */
const oneTwoFive = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index).flatMap((decade) =>
    [1, 2, 5].map((digit) => Number(`${digit}e${decade}`)),
  );

const times = (value: number): string => `× ${fieldText(value)}`;

export const SCALE_SLIDER = powerScale(-24, 40);
export const LAMBDA_SLIDER = powerScale(BOUNDS.lossWeightExponent.min, BOUNDS.lossWeightExponent.max);
export const LEARNING_RATE_SLIDER = listScale(oneTwoFive(-5, 1));
const GROWTH_FACTORS = [1.1, 1.25, 1.5, 2, 3, 4, 8, 16];
const BACKOFF_FACTORS = [0.0625, 0.125, 0.25, 0.3, 0.5, 0.7, 0.8, 0.9];
const SHARES = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1];
const COUNTS = [1, 2, 5, 10, 25, 50, 100, 200, 500, 1000, 2000, 5000, 10000];

/** The slider of a scaler's number. */
export function sliderOf({ as, bound }: ScalerParameter): SliderScale {
  switch (as) {
    case 'power of two':
      return SCALE_SLIDER;
    case 'factor':
      return listScale(bound.max > 1 ? GROWTH_FACTORS : BACKOFF_FACTORS, times);
    case 'share':
      return listScale(SHARES);
    case 'count':
      return listScale(COUNTS);
    case 'switch':
      return listScale([0, 1]);
  }
}
