import {
  use,
  useEffect,
  useId,
  useRef,
  useState,
  type ChangeEvent,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
} from 'react';
import { Button, Group } from 'react-aria-components';
import type { Answer } from './answers';
import { DraftContext } from './DraftScope';
import './draft.css';

type Open = Exclude<Answer, { kind: 'taken' }>;

interface Draft {
  /** Being typed, or given in and not taken; null while the field shows its value. */
  readonly text: string | null;
  readonly discard: () => void;
  /** Why the text was not taken, or what is to be settled first; null without such a reason. */
  readonly note: ReactNode;
  /** For the input element. */
  readonly input: {
    readonly ref: RefObject<HTMLInputElement | null>;
    readonly type: 'text';
    readonly autoComplete: 'off';
    readonly spellCheck: false;
    readonly className: string;
    readonly value: string;
    readonly 'aria-invalid': boolean;
    readonly 'aria-describedby': string | undefined;
    readonly onChange: (event: ChangeEvent<HTMLInputElement>) => void;
    readonly onFocus: () => void;
    readonly onBlur: () => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
  };
}

interface State {
  readonly text: string;
  readonly answer: Open | null;
  /** What the field belonged to and showed. */
  readonly scope: string;
  readonly shown: string;
}

/**
 * A text field whose text counts when Enter is pressed or the field is left; Escape brings the value back. A text that
 * was not taken stays until the field belongs to something else, or its value changes behind it.
 *
 * @param shown the value as the field shows it
 * @param accept takes the text, or says why not
 */
export function useDraft(shown: string, accept: (text: string) => Answer): Draft {
  const { key: scope, onUnsettled } = use(DraftContext);
  const noteId = useId();
  const ref = useRef<HTMLInputElement>(null);
  const [state, setState] = useState<State | null>(null);
  const [focused, setFocused] = useState(false);
  const stale = state !== null && (state.scope !== scope || (!focused && state.shown !== shown));
  if (stale) setState(null);
  const open = stale ? null : state;
  const answer = open?.answer ?? null;

  const unsettled = answer !== null;
  useEffect(() => {
    if (!unsettled) return;
    onUnsettled?.(1);
    return () => onUnsettled?.(-1);
  }, [unsettled, onUnsettled]);

  const discard = (): void => setState(null);
  const give = (text: string): void => {
    const given = accept(text.trim());
    setState(given.kind === 'taken' ? null : { text, answer: given, scope, shown });
  };
  const choose = (text: string): void => {
    give(text);
    // The choices are about to vanish, and with them the place of the keyboard.
    ref.current?.focus();
  };
  return {
    text: open?.text ?? null,
    discard,
    note: answer && <Note id={noteId} answer={answer} choose={choose} />,
    input: {
      ref,
      type: 'text',
      autoComplete: 'off',
      spellCheck: false,
      className: 'text-input',
      value: open?.text ?? shown,
      'aria-invalid': answer?.kind === 'refused',
      'aria-describedby': answer ? noteId : undefined,
      onChange: (event) => {
        // A question is about the text before.
        const kept = answer?.kind === 'refused' ? answer : null;
        setState({ text: event.target.value, answer: kept, scope, shown });
      },
      onFocus: () => setFocused(true),
      onBlur: () => {
        setFocused(false);
        if (open) give(open.text);
      },
      onKeyDown: (event) => {
        if (event.key === 'Enter' && open) give(open.text);
        if (event.key === 'Escape' && open) {
          // A dialog around stays open.
          event.stopPropagation();
          discard();
        }
      },
    },
  };
}

interface NoteProps {
  readonly id: string;
  readonly answer: Open;
  readonly choose: (text: string) => void;
}

function Note({ id, answer, choose }: NoteProps): ReactNode {
  if (answer.kind === 'refused') {
    return (
      <span id={id} className="field-error" role="alert">
        {answer.why}
      </span>
    );
  }
  return (
    <Group className="field-question" aria-labelledby={id}>
      <span id={id} role="alert">
        {answer.question}
      </span>
      {answer.choices.map((text) => (
        <Button key={text} className="button small mono" onPress={() => choose(text)}>
          {text}
        </Button>
      ))}
    </Group>
  );
}
