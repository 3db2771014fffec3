import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from '../../i18n/said';
import { FORMATS, parseFormat } from '../../numerics/formats';
import { Choice } from '../widgets/Choice';
import { TextField } from '../widgets/TextField';

const OTHER = 'other';

function problemOf(name: string): string | null {
  try {
    parseFormat(name);
    return null;
  } catch (error) {
    return errorText(error);
  }
}

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onChange: (format: string) => void;
}

/** A named format, or any eXmY typed in. */
export function FormatChoice({ label, value, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const named = value in FORMATS;
  const [custom, setCustom] = useState<string | null>(named ? null : value);
  const problem = custom === null ? null : problemOf(custom);
  const options = [
    ...Object.values(FORMATS).map((format) => ({ id: format.name, text: format.label })),
    { id: OTHER, text: t('lane.customFormat') },
  ];
  return (
    <>
      <Choice
        label={label}
        value={custom === null ? value : OTHER}
        options={options}
        onChange={(id) => {
          setCustom(id === OTHER ? 'e5m7' : null);
          onChange(id === OTHER ? 'e5m7' : id);
        }}
      />
      {custom !== null && (
        <>
          <TextField
            label={t('lane.customName')}
            value={custom}
            onChange={(text) => {
              setCustom(text);
              if (problemOf(text) === null) onChange(parseFormat(text).name);
            }}
          />
          {problem !== null && (
            <p className="field-error" role="alert">
              {problem}
            </p>
          )}
        </>
      )}
    </>
  );
}
