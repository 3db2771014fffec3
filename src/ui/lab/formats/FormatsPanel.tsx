import type { CSSProperties, ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { roughDecimal } from '../../../analysis/exact/decimal';
import { ulpExponent } from '../../../analysis/exact/neighbours';
import {
  divide,
  magnitude,
  multiply,
  powerOfTwo,
  subtract,
  toNumber,
} from '../../../analysis/exact/rational';
import { isFinite, roundExact, valueOf } from '../../../analysis/exact/round';
import { shortNumber } from '../../../analysis/numbers';
import { FORMATS, type NumberFormat } from '../../../numerics/formats';
import { formatColor } from '../../lanes';
import { Panel } from '../../widgets/Panel';
import { ScrollArea } from '../ScrollArea';
import { hasCode, inFormat, roundBitsTo, type LabValue } from '../state';
import { codeText, valueText } from '../text';
import { useLab } from '../use-lab';

type Remark =
  'exact' | 'overflow' | 'saturates' | 'underflow' | 'subnormal' | 'rounded' | 'noInfinity' | 'noNaN';

const ALARMING: ReadonlySet<Remark> = new Set(['overflow', 'underflow', 'noInfinity', 'noNaN']);

interface Conversion {
  readonly bits: number;
  readonly remark: Remark;
  /** Absolute, relative, and in units of the last place; null where the result is not finite. */
  readonly error: { readonly absolute: string; readonly relative: string; readonly ulp: string } | null;
}

/** What the lab's number becomes in another format. */
function converted({ real, bits: source, mode }: LabValue, format: NumberFormat): Conversion {
  if (real === null) {
    const bits = roundBitsTo(source, format, mode);
    const same = bits === source && hasCode(bits, format);
    const isNaN = (source & 0x7fffff) !== 0;
    return { bits, remark: same ? 'exact' : isNaN ? 'noNaN' : 'noInfinity', error: null };
  }
  const rounding = roundExact(real, format, mode, source >>> 31 === 1);
  const { bits, overflow, underflow } = rounding;
  if (!isFinite(bits)) return { bits, remark: 'overflow', error: null };
  const difference = magnitude(subtract(valueOf(bits), real));
  const exact = difference.n === 0n;
  const remark = (): Remark => {
    if (overflow) return 'saturates';
    if (underflow) return 'underflow';
    if (exact) return 'exact';
    return (bits & 0x7fffffff) < format.minNormalBits ? 'subnormal' : 'rounded';
  };
  const ulps = multiply(difference, powerOfTwo(-ulpExponent(bits, format)));
  return {
    bits,
    remark: remark(),
    error: {
      absolute: roughDecimal(difference, 3),
      relative: real.n === 0n ? '0' : shortNumber(toNumber(divide(difference, magnitude(real)))),
      ulp: shortNumber(toNumber(ulps)),
    },
  };
}

/** The same number in all named formats; a row's name opens it there. */
export function FormatsPanel(): ReactNode {
  const { t } = useTranslation();
  const { value } = useLab();
  const headings = [
    t('lab.formats.format'),
    t('lab.formats.value'),
    t('lab.formats.code'),
    t('lab.formats.absolute'),
    t('lab.formats.relative'),
    t('lab.formats.ulp'),
    t('lab.formats.remark'),
  ];
  return (
    <Panel title={t('lab.formats.title')} note={t(`lab.mode.${value.mode}`)}>
      <ScrollArea title={t('lab.formats.title')}>
        <table className="lab-table tabular">
          <thead>
            <tr>
              {headings.map((heading) => (
                <th key={heading} scope="col">
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Object.values(FORMATS).map((format) => (
              <Row key={format.name} format={format} value={value} />
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </Panel>
  );
}

function Row({ format, value }: { format: NumberFormat; value: LabValue }): ReactNode {
  const { t } = useTranslation();
  const { update } = useLab();
  const { bits, remark, error } = converted(value, format);
  const isOpen = format.name === value.format.name;
  const alarming = ALARMING.has(remark);
  return (
    <tr
      className={isOpen ? 'open-format' : undefined}
      style={{ '--hue': formatColor(format.name) } as CSSProperties}
      data-format={format.name}
    >
      <th scope="row">
        <Button
          className="format-button"
          aria-current={isOpen ? 'true' : undefined}
          aria-description={t('lab.formats.open')}
          onPress={() => update((state) => inFormat(state, format.name), 'push')}
        >
          <span className="format-dot" aria-hidden="true" />
          {format.label}
        </Button>
      </th>
      <td className="mono">{hasCode(bits, format) ? valueText(bits) : '–'}</td>
      <td className="mono">{codeText(bits, format)}</td>
      <td className="mono">{error?.absolute ?? '–'}</td>
      <td className="mono">{error?.relative ?? '–'}</td>
      <td className="mono">{error?.ulp ?? '–'}</td>
      <td className={alarming ? 'alarm' : undefined}>{t(`lab.remark.${remark}`)}</td>
    </tr>
  );
}
