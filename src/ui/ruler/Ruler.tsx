import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { powerText, shareText } from '../../analysis/numbers';
import { lossIn, shifted } from '../../analysis/ruler';
import { countText } from '../i18n';
import { gradientFormatOf, laneStyles } from '../lanes';
import { liveValue, scaleControl } from '../store/live';
import { useApp, useSelect } from '../store/react';
import { Panel } from '../widgets/Panel';
import { PanelStatus } from '../widgets/PanelStatus';
import { Toggle } from '../widgets/Toggle';
import { DistributionTable } from './DistributionTable';
import { Figure } from './Figure';
import { Readout } from './Readout';
import { SitesChoice, useSitesName } from './SitesChoice';
import './ruler.css';

/** The hero: where the gradients live, what the lane's format makes of them, and the loss scale to drag. */
export function Ruler(): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  const view = useSelect((state) => state.views.ruler);
  const loaded = useSelect((state) => state.loaded);
  const lane = useSelect((state) => state.selectedLane);
  const scale = useSelect((state) => liveValue(state, state.selectedLane, 'scale'));
  const control = useSelect(scaleControl);
  const logCounts = useSelect((state) => state.logCounts);
  const sitesName = useSitesName();
  const [dragged, setDragged] = useState<number | null>(null);
  const style = useMemo(() => loaded && laneStyles(loaded.experiment.lanes)[lane], [loaded, lane]);
  if (!loaded || !style) {
    return (
      <Panel className="ruler" title={t('ruler.title')}>
        <PanelStatus />
      </Panel>
    );
  }
  const name = loaded.laneNames[lane];
  const format = gradientFormatOf(loaded.experiment.lanes[lane]);
  // A view of the lane selected before is replaced in a moment.
  const { reference, seen } = view?.lane === lane ? view : { reference: null, seen: null };
  const hint = { ok: 'ruler.hint', fp32: 'ruler.hintFp32', 'no-scaler': 'ruler.hintNoScaler' } as const;
  const unscaled = reference && lossIn(format, reference);
  const scaled =
    reference && lossIn(format, shifted(reference, Math.log2(dragged === null ? scale : 2 ** dragged)));
  return (
    <Panel
      className="ruler"
      title={t('ruler.title')}
      note={t(hint[control], { lane: name })}
      table={<DistributionTable laneName={name} />}
    >
      <div className="ruler-bar">
        <Readout
          color={style.color}
          scale={dragged === null ? scale : 2 ** dragged}
          unscaled={unscaled}
          scaled={scaled}
          missing={t(view ? 'ruler.noBaseline' : 'ruler.waiting')}
        />
        <div className="ruler-options">
          <Toggle
            label={t('ruler.logCounts')}
            value={logCounts}
            onChange={(value) => store.setState({ logCounts: value })}
          />
          <SitesChoice />
        </div>
      </div>
      <Figure
        lane={lane}
        laneName={name}
        color={style.color}
        format={format}
        scale={scale}
        draggable={control === 'ok'}
        logCounts={logCounts}
        reference={reference}
        seen={seen}
        onDrag={setDragged}
      />
      {unscaled && scaled && (
        <p className="hidden">
          {t('ruler.summary', {
            step: countText(view?.step ?? 0),
            sites: sitesName,
            format: format.label,
            unscaled: shareText(unscaled.flushed + unscaled.overflow),
            scale: powerText(scale),
            scaled: shareText(scaled.flushed + scaled.overflow),
            overflow: shareText(scaled.overflow),
          })}
        </p>
      )}
    </Panel>
  );
}
