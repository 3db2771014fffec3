import { useId, type KeyboardEvent, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { encode } from '../../../numerics/codes';
import { answerTyped, refused, TAKEN } from '../../widgets/answers';
import { FieldLabel } from '../../widgets/FieldLabel';
import { useDraft } from '../../widgets/use-draft';
import { stepped, typedNumber, withCode } from '../state';
import { shortText } from '../text';
import { useLab } from '../use-lab';

/** The number, typed in any way; arrow keys up and down step to the next value of the format. */
export function NumberEntry(): ReactNode {
  const { t } = useTranslation();
  const { state, value, update } = useLab();
  const { format, mode } = value;
  const id = useId();
  const shown = state.number.kind === 'real' ? state.number.text : shortText(value.bits, format);
  const { discard, input, note } = useDraft(shown, (typed) =>
    answerTyped(typed, t('lab.number.examples'), (text) => {
      const number = typedNumber(text, format, mode);
      if (number === null) return refused(t('lab.operand.notInFormat', { label: format.label }));
      update((now) => ({ ...now, number }), 'push');
      return TAKEN;
    }),
  );

  const step = (direction: 1 | -1): void => {
    discard();
    update((now) => stepped(now, direction));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    input.onKeyDown(event);
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    step(event.key === 'ArrowUp' ? 1 : -1);
  };
  return (
    <div className="field lab-entry">
      <FieldLabel id={`${id}-label`} htmlFor={id}>
        {t('lab.number.field')}
      </FieldLabel>
      <span className="lab-entry-row">
        <Button className="button icon" aria-label={t('lab.number.below')} onPress={() => step(-1)}>
          −
        </Button>
        <input
          id={id}
          {...input}
          aria-describedby={input['aria-describedby'] ?? `${id}-hint`}
          onKeyDown={onKeyDown}
        />
        <Button className="button icon" aria-label={t('lab.number.above')} onPress={() => step(1)}>
          +
        </Button>
      </span>
      {note ?? (
        <span id={`${id}-hint`} className="lab-hint">
          {t('lab.number.hint')}
        </span>
      )}
    </div>
  );
}

/** The numbers that every format has, one press away. */
export function Landmarks(): ReactNode {
  const { t } = useTranslation();
  const { value, update } = useLab();
  const { format } = value;
  const floats = new Float32Array(1);
  const words = new Uint32Array(floats.buffer);
  const codeOf = (x: number): number => {
    floats[0] = x;
    return encode(words[0], format);
  };
  const places = [
    { name: t('lab.number.one'), code: codeOf(1) },
    { name: t('lab.number.largest'), code: codeOf(format.maxFinite) },
    { name: t('lab.number.smallestNormal'), code: codeOf(format.minNormal) },
    ...(format.subnormals === 'keep'
      ? [{ name: t('lab.number.smallest'), code: codeOf(format.minSubnormal) }]
      : []),
    { name: '−0', code: codeOf(-0) },
    ...(format.hasInfinity ? [{ name: '∞', code: codeOf(Infinity) }] : []),
    ...(format.hasNaN ? [{ name: 'NaN', code: codeOf(NaN) }] : []),
  ];
  return (
    <ul className="landmarks" aria-label={t('lab.number.landmarks')}>
      {places.map(({ name, code }) => (
        <li key={name}>
          <Button className="button small" onPress={() => update((state) => withCode(state, code), 'push')}>
            {name}
          </Button>
        </li>
      ))}
    </ul>
  );
}
