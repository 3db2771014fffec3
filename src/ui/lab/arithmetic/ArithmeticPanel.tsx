import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { operate } from '../../../analysis/exact/operate';
import { FORMATS } from '../../../numerics/formats';
import { encode } from '../../../numerics/codes';
import { Panel } from '../../widgets/Panel';
import { Segmented } from '../../widgets/Segmented';
import { OperandInput } from '../OperandInput';
import { hasCode, inFormat, OPERATIONS, readOperand, withCode, type LabState, type Operand } from '../state';
import { valueText } from '../text';
import { useLab } from '../use-lab';
import { EXAMPLES, type Example } from './examples';
import { RoundingSteps } from './RoundingSteps';
import './arithmetic.css';

const SIGNS = { add: '+', sub: '−', mul: '×', div: '÷' } as const;

const ZERO: Operand = { bits: 0, real: null, rounding: null };

/** Two numbers (or three), the exact result, and what the format keeps of it. */
export function ArithmeticPanel(): ReactNode {
  const { t } = useTranslation();
  const { state, value, update } = useLab();
  const { format, mode } = value;
  const { operation } = state;
  // A text that is a code of another format may be none of this one.
  const [a, b, c] = [state.a, state.b, state.c].map((text) => readOperand(text, format, mode) ?? ZERO);
  const result = operate(operation, [a.bits, b.bits, c.bits], format, mode);
  const change = (part: Partial<LabState>): void => update((now) => ({ ...now, ...part }), 'push');
  const sign = (text: string): ReactNode => <span className="operation-sign mono">{text}</span>;
  return (
    <Panel title={t('lab.arithmetic.title')} note={`${format.label} · ${t(`lab.mode.${mode}`)}`}>
      <ul className="landmarks examples" aria-label={t('lab.arithmetic.examples')}>
        {EXAMPLES.map((example) => (
          <li key={`${example.format} ${example.text}`}>
            <ExampleButton example={example} />
          </li>
        ))}
      </ul>
      <div className="operation">
        <Segmented
          label={t('lab.arithmetic.operation')}
          value={operation}
          options={OPERATIONS.map((id) => ({ id, text: id === 'fma' ? 'fma' : SIGNS[id] }))}
          onChange={(id) => change({ operation: id })}
        />
        <div className="operation-row">
          <OperandInput
            label={t('lab.arithmetic.first')}
            text={state.a}
            operand={a}
            onChange={(text) => change({ a: text })}
          />
          {sign(operation === 'fma' ? '×' : SIGNS[operation])}
          <OperandInput
            label={t('lab.arithmetic.second')}
            text={state.b}
            operand={b}
            onChange={(text) => change({ b: text })}
          />
          {operation === 'fma' && (
            <>
              {sign('+')}
              <OperandInput
                label={t('lab.arithmetic.third')}
                text={state.c}
                operand={c}
                onChange={(text) => change({ c: text })}
              />
            </>
          )}
          {sign('=')}
          <output className="operation-result mono" aria-label={t('lab.arithmetic.result')}>
            {valueText(result.bits)}
          </output>
          <Button
            className="button small"
            isDisabled={!hasCode(result.bits, format)}
            onPress={() => update((now) => withCode(now, encode(result.bits, format)), 'push')}
          >
            {t('lab.arithmetic.show')}
          </Button>
        </div>
      </div>
      <RoundingSteps result={result} format={format} mode={mode} />
    </Panel>
  );
}

function ExampleButton({ example }: { example: Example }): ReactNode {
  const { update } = useLab();
  const { text, format, operation, a, b, c } = example;
  const label = Object.values(FORMATS).find(({ name }) => name === format)?.label ?? format;
  return (
    <Button
      className="button small"
      onPress={() =>
        update(
          (now) => ({
            ...inFormat({ ...now, mode: 'nearest-even' }, format),
            operation,
            a,
            b,
            ...(c === undefined ? {} : { c }),
          }),
          'push',
        )
      }
    >
      <span className="soft">{label}</span> <span className="mono">{text}</span>
    </Button>
  );
}
