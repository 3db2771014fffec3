import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { classify } from '../../../numerics/round';
import { decode } from '../../../numerics/codes';
import type { LabValue } from '../state';
import { binaryText, valueText } from '../text';

/** The number as its format defines it, with its own bits in the formula: (−1)^0 · 2^(15−15) · 1.0011₂ = 1.1875. */
export function Formula({ value }: { value: LabValue }): ReactNode {
  const { t } = useTranslation();
  const { format, code, bits } = value;
  const { exponentBits, significandBits, storageBits, bias } = format;
  const digits = binaryText(code, storageBits);
  const sign = digits[0];
  const field = Number.parseInt(digits.slice(1, 1 + exponentBits), 2);
  const significand = digits.slice(1 + exponentBits);
  const kind = classify(decode(code, format), format);
  const text = valueText(bits);
  if (kind === 'infinity' || kind === 'nan') {
    const reason = format.hasInfinity
      ? t(kind === 'infinity' ? 'lab.formula.infinity' : 'lab.formula.nan')
      : t('lab.formula.allOnes');
    return (
      <p className="formula">
        <span className="mono">{text}</span> <span className="soft">{reason}</span>
      </p>
    );
  }
  const leading = field === 0 ? '0' : '1';
  const flushed = format.subnormals === 'flush' && kind === 'subnormal';
  return (
    <p className="formula mono">
      (−1)
      <sup className="sign">{sign}</sup> · 2
      <sup>
        <span className="exponent">{Math.max(field, 1)}</span>−{bias}
      </sup>{' '}
      · {leading}.<span className="significand">{significandBits > 0 ? significand : ''}</span>
      <sub>2</sub> = <strong>{text}</strong>
      {field === 0 && kind !== 'zero' && (
        <span className="soft formula-note">
          {t(flushed ? 'lab.formula.flushed' : 'lab.formula.subnormal')}
        </span>
      )}
    </p>
  );
}
