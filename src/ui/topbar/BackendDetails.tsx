import type { ReactNode } from 'react';
import {
  Button,
  Dialog,
  DialogTrigger,
  Heading,
  Label,
  Popover,
  Radio,
  RadioGroup,
} from 'react-aria-components';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { LoadedExperiment } from '../../engine/protocol';
import { BACKEND_CHOICES, isBackendChoice } from '../backend-choice';
import { countText } from '../i18n';
import { HashLink } from '../pages/HashLink';
import { homeOf } from '../pages/route';
import { useApp, useController, useSelect } from '../store/react';
import { messageText } from '../../i18n/said';

/** Steps per second, what computes them and why; the button opens what is known of it, and the choice. */
export function BackendDetails(): ReactNode {
  const { t } = useTranslation();
  const loaded = useSelect((state) => state.loaded);
  const phase = useSelect((state) => state.phase);
  const rate = useRate();
  if (phase === 'stopped' || phase === 'failed') return <StoppedButton />;
  const live = phase === 'live';
  const name = loaded && live ? chipName(t, loaded) : t(`phase.engine.${live ? 'preparing' : phase}`);
  const why = loaded && live ? chipText(t, loaded) : null;
  return (
    <div className="backend tabular">
      <span className="backend-rate">{rate}</span>
      <span aria-hidden="true"> · </span>
      <DialogTrigger>
        <Button
          className="backend-button"
          aria-label={t('backend.details', { name })}
          // What takes long to compute again can be computed elsewhere.
          isDisabled={!loaded || !(live || phase === 'resuming')}
          data-backend={live ? loaded?.backend.kind : undefined}
        >
          {name}
        </Button>
        <Popover className="popover">
          <Dialog className="popover-body">{loaded && <Details loaded={loaded} />}</Dialog>
        </Popover>
      </DialogTrigger>
      {why && (
        <span className="backend-why" data-fallback={loaded?.fallbackReason ? true : undefined}>
          {why}
        </span>
      )}
    </div>
  );
}

/** The engine has failed; says so after the dialog about it has been closed, and opens it again. */
function StoppedButton(): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  return (
    <div className="backend">
      <Button className="backend-button alarm" onPress={() => store.setState({ problemOpen: true })}>
        {t('phase.stopped')}
      </Button>
    </div>
  );
}

function useRate(): string {
  const { t } = useTranslation();
  const running = useSelect((state) => state.running);
  const recorded = useSelect((state) => state.phase === 'recorded');
  const rate = useSelect((state) => state.stepsPerSecond);
  if (recorded) return t('backend.recorded');
  if (!running) return t('counter.paused');
  return rate === null ? t('counter.rateUnknown') : t('count.stepsPerSecond', { count: Math.round(rate) });
}

/** Which graphics card computes is worth the room that its name takes. */
const chipName = (t: TFunction, { backend: { kind, adapter } }: LoadedExperiment): string =>
  kind === 'webgpu' ? adapter : t(`backend.name.${kind}`);

/** Why it is this backend, in a few words; null where that goes without saying. */
function chipText(t: TFunction, { chosen }: LoadedExperiment): string | null {
  switch (chosen.code) {
    case 'hardware':
      return null;
    case 'failed':
      return t('backend.chip.failed', { wished: t(`backend.kind.${chosen.wished}`) });
    case 'asked':
    case 'software-adapter':
    case 'no-adapter':
    case 'no-simd':
      return t(`backend.chip.${chosen.code}`);
  }
}

/** Why it is this backend. */
function whyText(t: TFunction, { chosen, fallbackReason }: LoadedExperiment): string {
  switch (chosen.code) {
    case 'software-adapter':
      return t('backend.why.software-adapter', { adapter: chosen.adapter });
    case 'no-adapter':
      return t('backend.why.no-adapter', { reason: messageText(chosen.reason) });
    case 'no-simd':
      return t('backend.why.no-simd', { reason: fallbackReason && messageText(fallbackReason) });
    case 'failed':
      return t('backend.why.failed', {
        wished: t(`backend.kind.${chosen.wished}`),
        reason: fallbackReason && messageText(fallbackReason),
      });
    case 'asked':
    case 'hardware':
      return t(`backend.why.${chosen.code}`);
  }
}

function Details({ loaded }: { loaded: LoadedExperiment }): ReactNode {
  const { t } = useTranslation();
  const { adapter } = loaded.backend;
  return (
    <>
      <Heading slot="title" level={2}>
        {t('backend.title')}
      </Heading>
      <p>
        <strong>{adapter}</strong>
      </p>
      <p className={loaded.fallbackReason ? 'alarm' : undefined}>{whyText(t, loaded)}</p>
      <BackendRadios />
      <Fidelity loaded={loaded} />
      <h3>{t('backend.work')}</h3>
      <p className="soft">
        {t('backend.size', {
          parameters: countText(loaded.parameters),
          dispatches: t('count.kernelCalls', { count: loaded.dispatchesPerStep }),
        })}
      </p>
      <p className="soft">
        {t('backend.rows', {
          training: countText(loaded.trainingRows),
          evaluation: countText(loaded.evaluationRows),
          steps: t('count.stepsPerEpoch', { count: loaded.stepsPerEpoch }),
        })}
      </p>
    </>
  );
}

/** Switches what computes, at once. */
function BackendRadios(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const choice = useSelect((state) => state.backendChoice);
  return (
    <RadioGroup
      className="backend-choices"
      value={choice}
      onChange={(value) => {
        if (isBackendChoice(value)) void controller.chooseBackend(value);
      }}
    >
      <Label>{t('backend.choice')}</Label>
      {BACKEND_CHOICES.map((each) => (
        <Radio key={each} value={each} className="backend-choice">
          <span>
            {t(`backend.name.${each}`)}
            <span className="soft">{t(`backend.line.${each}`)}</span>
          </span>
        </Radio>
      ))}
      <p className="soft">{t('backend.sameBits')}</p>
    </RadioGroup>
  );
}

/** What is known about the bits that come out. */
function Fidelity({ loaded }: { loaded: LoadedExperiment }): ReactNode {
  const { t } = useTranslation();
  const { kind, notes } = loaded.backend;
  return (
    <>
      <h3>{t(kind === 'webgpu' ? 'backend.probe' : 'backend.bits')}</h3>
      {notes.length > 0 ? (
        <ul className="notes">
          {notes.map((note) => (
            <li key={note.code}>{messageText(note)}</li>
          ))}
        </ul>
      ) : (
        <p>{t(`backend.clean.${kind}`)}</p>
      )}
      <p>
        <HashLink hash={homeOf('trust')}>{t('backend.trust')}</HashLink>
      </p>
    </>
  );
}
