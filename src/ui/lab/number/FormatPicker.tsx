import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EXACT_MODES } from '../../../analysis/exact/round';
import { messageText } from '../../../i18n/said';
import { flushing, FORMATS, parseFormat, saturating, type NumberFormat } from '../../../numerics/formats';
import { MessageError, type Message } from '../../../numerics/message';
import { Choice } from '../../widgets/Choice';
import { Toggle } from '../../widgets/Toggle';
import { inFormat, typedNumber } from '../state';
import { useLab } from '../use-lab';

const CUSTOM = 'custom';

/** The name without what is said by the switches. */
const baseOf = (name: string): string => name.replace(/(_sat)?(_ftz)?$/, '');

const NAMED = Object.values(FORMATS).filter(({ name }) => baseOf(name) === name);

/** The format, any eXmY among them, and the rounding direction. */
export function FormatPicker(): ReactNode {
  const { t } = useTranslation();
  const { state, value, update } = useLab();
  const { format } = value;
  const base = baseOf(state.format);
  const isNamed = base in FORMATS;
  const [custom, setCustom] = useState(false);
  /** With the overflow and the subnormals of the format before. */
  const openLike = (name: string): void => {
    const next = value.format.overflow === 'saturate' ? saturating(parseFormat(name)) : parseFormat(name);
    open(value.format.subnormals === 'flush' ? flushing(next).name : next.name);
  };
  const open = (name: string): void => update((now) => inFormat(now, name), 'push');
  const options = [
    ...NAMED.map(({ name, label }) => ({ id: name, text: label })),
    { id: CUSTOM, text: t('lane.customFormat') },
  ];
  return (
    <>
      <Choice
        label={t('lab.format')}
        value={custom || !isNamed ? CUSTOM : base}
        options={options}
        onChange={(name) => {
          setCustom(name === CUSTOM);
          if (name !== CUSTOM) openLike(name);
        }}
      />
      {(custom || !isNamed) && <CustomFormat key={state.format} name={base} onChange={openLike} />}
      <div className="lab-switches">
        <Toggle
          label={t('lab.flush')}
          value={format.subnormals === 'flush'}
          onChange={(on) => open(on ? flushing(format).name : format.name.replace(/_ftz$/, ''))}
        />
        {!(isNamed && parseFormat(base).overflow === 'saturate') && (
          <Toggle
            label={t('lab.saturate')}
            value={format.overflow === 'saturate'}
            onChange={(on) => open(on ? saturating(format).name : format.name.replace('_sat', ''))}
          />
        )}
      </div>
      <Choice
        label={t('lab.rounding')}
        value={value.mode}
        options={EXACT_MODES.map((mode) => ({ id: mode, text: t(`lab.mode.${mode}`) }))}
        onChange={(mode) =>
          update(({ number, ...now }) => {
            const read = number.kind === 'real' ? typedNumber(number.text, value.format, mode) : number;
            return { ...now, mode, number: read ?? number };
          }, 'push')
        }
      />
    </>
  );
}

interface CustomProps {
  readonly name: string;
  readonly onChange: (name: string) => void;
}

function parsed(text: string): NumberFormat | Message {
  try {
    return parseFormat(text.trim().toLowerCase());
  } catch (error) {
    if (error instanceof MessageError) return error.said;
    throw error;
  }
}

/** Exponent and significand bits of a format without a name. */
function CustomFormat({ name, onChange }: CustomProps): ReactNode {
  const { t } = useTranslation();
  const [text, setText] = useState(name);
  const [problem, setProblem] = useState<Message | null>(null);
  const commit = (): void => {
    const format = parsed(text);
    if ('code' in format) {
      setProblem(format);
      return;
    }
    setProblem(null);
    if (format.name !== name) onChange(format.name);
  };
  return (
    <div className="field">
      <label className="field-label" htmlFor="lab-custom-format">
        {t('lab.custom')}
      </label>
      <input
        id="lab-custom-format"
        className="text-input"
        type="text"
        autoComplete="off"
        spellCheck={false}
        aria-invalid={problem !== null}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event: KeyboardEvent) => event.key === 'Enter' && commit()}
      />
      {problem !== null && (
        <span className="field-error" role="alert">
          {messageText(problem)}
        </span>
      )}
    </div>
  );
}
