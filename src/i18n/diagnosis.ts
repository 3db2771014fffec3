/** Puts diagnoses into words: the page shows them and `amp run` writes them. */
import type { Diagnosis, DiagnosisValues, Hand } from '../analysis/diagnosis/diagnosis';
import type { Difference } from '../analysis/twin';
import { powerText, shareText, shortNumber } from '../analysis/numbers';
import { scalerOf } from '../training/scalers';
import { countText, i18n } from './index';

/** A loss or another magnitude, to three digits. */
const magnitude = (value: number): string =>
  Number.isFinite(value) ? shortNumber(Number(value.toPrecision(3))) : i18n.t('diagnosis.notFinite');

const ratioText = (ratio: number): string =>
  ratio < 10 ? ratio.toPrecision(2) : shortNumber(Number(ratio.toPrecision(2)));
const power = (exponent: number): string => powerText(2 ** exponent);
/** A magnitude beside a limit needs all of its digits. */
const exact = (value: number): string =>
  Number.isInteger(value) || value >= 1000 ? countText(Math.round(value)) : shortNumber(value);

const sentences = (...parts: readonly (string | false)[]): string =>
  parts.filter((part) => part !== false).join(i18n.t('said.between-sentences'));

function scalerRaised({ step, kind, code }: DiagnosisValues['scaler-raised']): string {
  const { name, raises } = scalerOf(kind);
  return i18n.t('diagnosis.scalerRaised', {
    step: countText(step),
    name,
    type: raises[code].type,
    why: i18n.t(`raised.${code}`),
  });
}

export function diagnosisText(diagnosis: Diagnosis): string {
  switch (diagnosis.code) {
    case 'scaler-raised':
      return scalerRaised(diagnosis.values);
    case 'loss-weight-moved':
      return lossWeightMoved(diagnosis.values);
    case 'rate-moved': {
      const { rate, step, before, now } = diagnosis.values;
      const values = { step: countText(step), before: magnitude(before), now: magnitude(now) };
      return i18n.t('diagnosis.rateMoved', { ...values, rate: shortNumber(rate) });
    }
    case 'epsilon-zero': {
      const { step, zeros } = diagnosis.values;
      return i18n.t('diagnosis.epsilonZero', { step: countText(step), zeros: countText(zeros) });
    }
    case 'scale-zero':
      return i18n.t('diagnosis.scaleZero', { step: countText(diagnosis.values.step) });
    case 'diverged':
      return diverged(diagnosis.values);
    case 'weights-destroyed':
      return sentences(
        i18n.t('diagnosis.weightsDestroyed', overflowTexts(diagnosis.values)),
        diagnosis.values.twin === 'fine' && i18n.t('diagnosis.twinFine'),
      );
    case 'weights-not-finite':
      return weightsNotFinite(diagnosis.values);
    case 'forward-overflow': {
      const { values } = diagnosis;
      const key = values.skipped > 0 ? 'forwardOverflowSkips' : 'forwardOverflow';
      return i18n.t(`diagnosis.${key}`, { ...overflowTexts(values), ...skippingTexts(values) });
    }
    case 'scale-by-hand': {
      const { values } = diagnosis;
      const texts = { ...skippingTexts(values), step: countText(values.step), set: powerText(values.set) };
      return i18n.t('diagnosis.scaleByHand', texts);
    }
    case 'scale-too-high': {
      const { values } = diagnosis;
      const texts = { ...skippingTexts(values), ...overflowTexts(values), fits: power(values.fits) };
      return i18n.t('diagnosis.scaleTooHigh', texts);
    }
    case 'scale-falling': {
      const { values } = diagnosis;
      return i18n.t('diagnosis.scaleFalling', {
        ...skippingTexts(values),
        ...overflowTexts(values),
        since: countText(values.since),
        start: powerText(values.start),
        fits: power(values.fits),
      });
    }
    case 'skipping': {
      const { site, ...values } = diagnosis.values;
      return site === null
        ? i18n.t('diagnosis.skippingUnknown', skippingTexts(values))
        : i18n.t('diagnosis.skipping', { ...skippingTexts(values), site });
    }
    case 'loss-rose': {
      const { lowStep, low, now, twinNow } = diagnosis.values;
      const values = { lowStep: countText(lowStep), low: magnitude(low), now: magnitude(now) };
      return i18n.t('diagnosis.lossRose', { ...values, twinNow: magnitude(twinNow) });
    }
    case 'underflow':
      return underflow(diagnosis.values);
    case 'underflow-alone': {
      const { lost, first, loss } = diagnosis.values;
      const values = { lost: shareText(lost), first: magnitude(first), loss: magnitude(loss) };
      return i18n.t('diagnosis.underflowAlone', values);
    }
    case 'other-settings':
      return i18n.t('diagnosis.otherSettings', {
        ...comparisonTexts(diagnosis.values),
        differences: differencesText(diagnosis.values.differences),
      });
    case 'behind-skipped': {
      const { values } = diagnosis;
      const texts = { skipped: countText(values.skipped), steps: countText(values.steps) };
      return i18n.t('diagnosis.behindSkipped', { ...comparisonTexts(values), ...texts });
    }
    case 'behind-after-hand': {
      const { values } = diagnosis;
      return i18n.t('diagnosis.behindAfterHand', { ...comparisonTexts(values), ...handTexts(values.hand) });
    }
    case 'behind-scaled': {
      const { values } = diagnosis;
      const texts = { ...comparisonTexts(values), scale: powerText(values.scale) };
      return i18n.t('diagnosis.behindScaled', texts);
    }
    case 'behind':
      return i18n.t('diagnosis.behind', comparisonTexts(diagnosis.values));
    case 'no-gradients': {
      const { zero, first, loss, twin } = diagnosis.values;
      const values = { zero: shareText(zero), first: magnitude(first), loss: magnitude(loss) };
      return sentences(
        i18n.t('diagnosis.noGradients', values),
        twin === 'same' && !diagnosis.fullPrecision && i18n.t('diagnosis.noGradientsTwin'),
      );
    }
  }
}

function lossWeightMoved(values: DiagnosisValues['loss-weight-moved']): string {
  const texts = {
    step: countText(values.step),
    from: power(values.from),
    to: power(values.to),
    before: magnitude(values.before),
    now: magnitude(values.now),
  };
  return values.memory === 'momentum'
    ? i18n.t('diagnosis.lossWeightMovedMomentum', { ...texts, factor: power(values.from - values.to) })
    : i18n.t('diagnosis.lossWeightMovedMoments', texts);
}

function diverged(values: DiagnosisValues['diverged']): string {
  const { low, lowStep, now, rate, notFinite, twin, twinNow, differences } = values;
  const texts = {
    low: magnitude(low),
    lowStep: countText(lowStep),
    now: magnitude(now),
    rate: shortNumber(rate),
    notFinite: countText(notFinite ?? 0),
  };
  const key =
    notFinite === null ? 'divergedRising' : Number.isNaN(low) ? 'divergedAtOnce' : 'divergedNotFinite';
  return sentences(
    i18n.t(`diagnosis.${key}`, texts),
    twin === 'same' && i18n.t('diagnosis.divergedTwin', { twinNow: magnitude(twinNow) }),
    twin === 'none' && i18n.t('diagnosis.divergedAlone'),
    differences.length > 0 &&
      i18n.t('diagnosis.divergedDifferent', { differences: differencesText(differences) }),
  );
}

function weightsNotFinite({ step, site, twin }: DiagnosisValues['weights-not-finite']): string {
  const values = { step: countText(step), site };
  return sentences(
    site ? i18n.t('diagnosis.weightsNotFinite', values) : i18n.t('diagnosis.weightsNotFiniteUnknown', values),
    twin === 'same' && i18n.t('diagnosis.twinNotFinite'),
    twin === 'fine' && i18n.t('diagnosis.twinFine'),
  );
}

function underflow(values: DiagnosisValues['underflow']): string {
  const { zero, twinZero, room, scale, hand } = values;
  const roomTexts = { room: power(room ?? 0) };
  return sentences(
    i18n.t('diagnosis.underflow', {
      ...comparisonTexts(values),
      zero: shareText(zero),
      twinZero: shareText(twinZero),
    }),
    hand !== null && i18n.t('diagnosis.scaleSet', handTexts(hand)),
    room !== null &&
      i18n.t(2 ** room > scale ? 'diagnosis.underflowRoom' : 'diagnosis.underflowNoRoom', roomTexts),
  );
}

export const differencesText = (differences: readonly Difference[]): string =>
  differences.map(differenceText).join(i18n.t('diagnosis.and'));

function differenceText(difference: Difference): string {
  switch (difference.key) {
    case 'seed':
      return i18n.t('diagnosis.otherSeed', { own: String(difference.own), twin: String(difference.twin) });
    case 'learningRate': {
      const values = { own: shortNumber(difference.own), twin: shortNumber(difference.twin) };
      return i18n.t(difference.past ? 'diagnosis.otherRatePast' : 'diagnosis.otherRate', values);
    }
    case 'lossWeight':
      return i18n.t('diagnosis.otherLossWeight', { step: countText(difference.step) });
  }
}

const handTexts = ({ step, set }: Hand) => ({ step: countText(step), set: powerText(set) });

function overflowTexts(values: {
  site: string;
  largest: number;
  limit: number;
  format: string;
  step?: number;
}) {
  const { site, largest, limit, format, step = 0 } = values;
  return { site, format, largest: exact(largest), limit: exact(limit), step: countText(step) };
}

const skippingTexts = ({
  skipped,
  steps,
  scale = NaN,
}: {
  skipped: number;
  steps: number;
  scale?: number;
}) => ({
  skipped: countText(skipped),
  steps: countText(steps),
  scale: powerText(scale),
});

const comparisonTexts = ({ loss, twinLoss, ratio }: { loss: number; twinLoss: number; ratio: number }) => ({
  loss: magnitude(loss),
  twinLoss: magnitude(twinLoss),
  ratio: ratioText(ratio),
});
