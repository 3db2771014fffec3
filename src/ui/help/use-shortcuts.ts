import { useEffect } from 'react';
import { liveValue, scaleControl } from '../store/live';
import { liveId } from '../store/pending';
import { useApp, type App } from '../store/react';
import { MAX_EXPONENT, MIN_EXPONENT } from '../ruler/use-scale-drag';

/** Whether a key belongs to what has the focus: fields take letters, buttons take Space, dialogs take everything. */
function isTaken(event: KeyboardEvent): boolean {
  const { target } = event;
  if (!(target instanceof Element)) return false;
  if (target.closest('[role=dialog], [role=alertdialog], [role=menu], [role=listbox]')) return true;
  if (target instanceof HTMLInputElement) return target.type !== 'range' || event.key === ' ';
  const pressable = 'button, summary, a, [role=radio], [role=switch]';
  return event.key === ' ' && target.closest(pressable) !== null;
}

function moveScale({ store, controller }: App, by: 1 | -1): void {
  const state = store.getState();
  if (scaleControl(state) !== 'ok') return;
  const exponent = Math.round(Math.log2(liveValue(state, state.selectedLane, 'scale'))) + by;
  if (exponent < MIN_EXPONENT || exponent > MAX_EXPONENT) return;
  // The key may be held down.
  controller.intervene(state.selectedLane, 'scale', 2 ** exponent, { gesture: 'move' });
}

/** The key that moved the scale has been let go. */
function letScaleGo({ store, controller }: App): void {
  const { pending, selectedLane } = store.getState();
  const wanted = pending[liveId(selectedLane, 'scale')];
  if (wanted?.step === null) controller.intervene(selectedLane, 'scale', wanted.value, { gesture: 'end' });
}

const SHORTCUTS: Readonly<Record<string, (app: App) => void>> = {
  ' ': ({ store, controller }) => (store.getState().running ? controller.pause() : controller.start()),
  '.': ({ controller }) => controller.step(),
  r: ({ controller }) => controller.reset(),
  c: ({ controller }) => void controller.share(),
  '[': (app) => moveScale(app, -1),
  ']': (app) => moveScale(app, 1),
  '?': ({ store }) => store.setState({ helpOpen: true }),
};

/** Single keys that act from anywhere on the page. They can be switched off (WCAG 2.1.4). */
export function useShortcuts(): void {
  const app = useApp();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const act = SHORTCUTS[event.key.toLowerCase()];
      const { shortcuts, problemOpen } = app.store.getState();
      if (!act || !shortcuts || problemOpen || isTaken(event)) return;
      event.preventDefault();
      act(app);
    };
    const onKeyUp = ({ key }: KeyboardEvent): void => {
      if (key === '[' || key === ']') letScaleGo(app);
    };
    document.addEventListener('keydown', onKeyDown);
    document.addEventListener('keyup', onKeyUp);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      document.removeEventListener('keyup', onKeyUp);
    };
  }, [app]);
}
