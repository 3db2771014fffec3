/**
 * What the experiments with a name promise, and the numbers that show it has happened. A preset's headline says so only
 * while it holds; a test holds recorded runs to it at steps 200, 1,000 and 5,000.
 */
import type { PresetId } from '../experiment/presets';
import type { LaneFacts } from './diagnosis/diagnoser';

/** The numbers of a headline, by name; null while what it promises has not happened. */
export type Happened = Readonly<Record<string, number>> | null;

type Promise = (lanes: readonly LaneFacts[], steps: number) => Happened;

/** Steps before which nothing is said. */
const EARLIEST = 100;

/** A loss so many times FP32's is clearly worse, and up to so many times as good as the same, within its noise. */
const WORSE = 1.3;
const SAME = 1.6;
/** Where losses are small and noisy, so many times another lane's is beyond doubt. */
const MUCH_WORSE = 4;

/** Most updates. */
const MOST = 0.6;

const scaledAndNot: Promise = ([baseline, scaled, plain]) =>
  plain.ratio >= WORSE && (scaled.ratio <= SAME || plain.ratio >= MUCH_WORSE * scaled.ratio)
    ? {
        ratio: plain.ratio,
        loss: plain.loss,
        baseline: baseline.loss,
        zero: plain.zero,
        scaledRatio: scaled.ratio,
      }
    : null;

const keepsUp: Promise = ([baseline, scaled]) =>
  Number.isFinite(scaled.loss)
    ? { ratio: scaled.ratio, loss: scaled.loss, baseline: baseline.loss, skipped: scaled.skipped }
    : null;

const PROMISES: Readonly<Record<PresetId, Promise>> = {
  opening: scaledAndNot,
  adam: scaledAndNot,
  underflow: ([, harmless, low, lowest]) =>
    harmless.ratio <= SAME && low.ratio >= WORSE && lowest.loss > 0.5 * lowest.firstLoss
      ? {
          vanished: harmless.vanished,
          ratio: harmless.ratio,
          lowRatio: low.ratio,
          loss: lowest.loss,
          first: lowest.firstLoss,
        }
      : null,
  plateau: ([, low, middle, high], steps) =>
    low.ratio >= WORSE && middle.ratio <= SAME && high.skipped >= 0.9 * steps
      ? { ratio: low.ratio, middleRatio: middle.ratio, skipped: high.skipped }
      : null,
  'cold-start': ([, high, middle, low]) =>
    high.skipped > middle.skipped && middle.skipped > low.skipped
      ? {
          high: high.skipped,
          middle: middle.skipped,
          low: low.skipped,
          highScale: high.scale,
          middleScale: middle.scale,
          lowScale: low.scale,
        }
      : null,
  'growth-interval': ([, often, middle, seldom], steps) =>
    often.skipped > middle.skipped && middle.skipped > seldom.skipped
      ? {
          often: often.skipped,
          middle: middle.skipped,
          seldom: seldom.skipped,
          oftenShare: often.skipped / steps,
          middleShare: middle.skipped / steps,
          seldomShare: seldom.skipped / steps,
        }
      : null,
  fp8: ([, narrow, wide, scaled]) =>
    narrow.ratio > Math.max(wide.ratio, scaled.ratio, WORSE)
      ? { ratio: narrow.ratio, zero: narrow.zero, wideRatio: wide.ratio, scaledRatio: scaled.ratio }
      : null,
  bf16: ([, wide, narrow]) =>
    narrow.ratio >= WORSE && narrow.ratio > wide.ratio && wide.ratio <= SAME
      ? { ratio: narrow.ratio, zero: narrow.zero, wideRatio: wide.ratio, wideZero: wide.zero }
      : null,
  'adam-in-fp16': ([, kept, narrow, wide], steps) =>
    narrow.skipped >= steps - 1 && Math.max(kept.ratio, wide.ratio) <= SAME
      ? { skipped: narrow.skipped, ratio: kept.ratio, wideRatio: wide.ratio }
      : null,
  'no-masters': ([, masters, wide, narrow]) =>
    wide.lost >= MOST && narrow.lost < wide.lost && wide.ratio > Math.max(masters.ratio, narrow.ratio)
      ? {
          lost: wide.lost,
          ratio: wide.ratio,
          narrowLost: narrow.lost,
          narrowRatio: narrow.ratio,
          mastersRatio: masters.ratio,
        }
      : null,
  dice: ([, nearest, stochastic, kahan]) =>
    stochastic.lost >= MOST && Math.max(stochastic.ratio, kahan.ratio) < Math.min(nearest.ratio, SAME)
      ? {
          lost: nearest.lost,
          ratio: nearest.ratio,
          diceLost: stochastic.lost,
          diceRatio: stochastic.ratio,
          kahanRatio: kahan.ratio,
        }
      : null,
  'fp16-masters': ([, right, wrong]) =>
    wrong.lost > 0 && wrong.ratio > right.ratio
      ? { lost: wrong.lost, ratio: wrong.ratio, rightRatio: right.ratio, rightLost: right.lost }
      : null,
  'ten-lines': keepsUp,
  spirals: keepsUp,
  'digits-mlp': keepsUp,
  'digits-cnn': keepsUp,
};

export function happened(id: PresetId, lanes: readonly LaneFacts[], steps: number): Happened {
  if (steps < EARLIEST) return null;
  const values = PROMISES[id](lanes, steps);
  return values && { ...values, steps };
}
