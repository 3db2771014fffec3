import { useState, type ChangeEvent, type KeyboardEvent } from 'react';

interface Draft {
  /** What is being typed; null while the field shows what was last accepted. */
  readonly draft: string | null;
  /** Whether the draft was given in and not accepted. */
  readonly refused: boolean;
  readonly discard: () => void;
  /** For the input element. */
  readonly input: {
    readonly type: 'text';
    readonly autoComplete: 'off';
    readonly spellCheck: false;
    readonly className: string;
    readonly onChange: (event: ChangeEvent<HTMLInputElement>) => void;
    readonly onBlur: () => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
  };
}

/**
 * A text field whose text counts when Enter is pressed or the field is left; Escape brings the old text back.
 *
 * @param accept takes the text, or returns false and the draft stays
 */
export function useDraft(accept: (text: string) => boolean): Draft {
  const [draft, setDraft] = useState<string | null>(null);
  const [refused, setRefused] = useState(false);
  const discard = (): void => {
    setDraft(null);
    setRefused(false);
  };
  const commit = (): void => {
    if (draft === null) return;
    if (accept(draft.trim())) discard();
    else setRefused(true);
  };
  return {
    draft,
    refused,
    discard,
    input: {
      type: 'text',
      autoComplete: 'off',
      spellCheck: false,
      className: 'text-input',
      onChange: (event) => setDraft(event.target.value),
      onBlur: commit,
      onKeyDown: (event) => {
        if (event.key === 'Enter') commit();
        if (event.key === 'Escape') discard();
      },
    },
  };
}
