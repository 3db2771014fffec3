import type { ReactNode } from 'react';
import { Button, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { LoadedExperiment } from '../../engine/protocol';
import { countText } from '../i18n';
import { HashLink } from '../pages/HashLink';
import { homeOf } from '../pages/route';
import { useApp, useController, useSelect } from '../store/react';

/** Steps per second and what computes them; the button opens what the numerics probe found. */
export function BackendDetails(): ReactNode {
  const { t } = useTranslation();
  const loaded = useSelect((state) => state.loaded);
  const phase = useSelect((state) => state.phase);
  const rate = useRate();
  if (phase === 'stopped' || phase === 'failed') return <StoppedButton />;
  const live = phase === 'live';
  const name = loaded && live ? loaded.backend.adapter : t(`phase.engine.${live ? 'preparing' : phase}`);
  return (
    <div className="backend tabular">
      <span className="backend-rate">{rate}</span>
      <span aria-hidden="true"> · </span>
      <DialogTrigger>
        <Button
          className="backend-button"
          aria-label={t('backend.details', { name })}
          isDisabled={!loaded || !live}
          data-backend={live ? loaded?.backend.kind : undefined}
        >
          {name}
        </Button>
        <Popover className="popover">
          <Dialog className="popover-body">{loaded && <Details loaded={loaded} />}</Dialog>
        </Popover>
      </DialogTrigger>
      {live && loaded?.fallbackReason && <span className="backend-fallback">{t('backend.fallback')}</span>}
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

function Details({ loaded }: { loaded: LoadedExperiment }): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const { kind, adapter, notes } = loaded.backend;
  return (
    <>
      <Heading slot="title" level={2}>
        {t('backend.title')}
      </Heading>
      <p>{adapter}</p>
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
      {loaded.fallbackReason && <p className="alarm">{loaded.fallbackReason}</p>}
      <h3>{t('backend.probe')}</h3>
      {notes.length > 0 ? (
        <ul className="notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      ) : (
        <p>{t(kind === 'cpu' ? 'backend.cpuNote' : 'backend.probeClean')}</p>
      )}
      <p>
        <HashLink hash={homeOf('trust')}>{t('backend.trust')}</HashLink>
      </p>
      <Button className="button" onPress={() => controller.useBackend(kind === 'cpu' ? 'webgpu' : 'cpu')}>
        {t(kind === 'cpu' ? 'backend.useGpu' : 'backend.useCpu')}
      </Button>
    </>
  );
}
