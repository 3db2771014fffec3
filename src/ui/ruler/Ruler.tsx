import { laneNames } from '../../i18n/lane-names';
import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { powerText, shareText } from '../../analysis/numbers';
import type { LoadedExperiment } from '../../engine/protocol';
import { countText } from '../i18n';
import { gradientFormatOf, laneStyles } from '../lanes';
import { liveValue, scaleControl } from '../store/live';
import { useApp, useSelect } from '../store/react';
import type { RulerView } from '../store/state';
import { wantedSites } from '../store/views';
import { Panel } from '../widgets/Panel';
import { PanelStatus } from '../widgets/PanelStatus';
import { Toggle } from '../widgets/Toggle';
import { Definition } from './Definition';
import { DistributionTable } from './DistributionTable';
import { Figure } from './Figure';
import { readingOf, type Reading } from './reading';
import { Readout } from './Readout';
import { SitesChoice, useSitesName } from './SitesChoice';
import { useScaleDrag } from './use-scale-drag';
import './ruler.css';

const HINTS = { ok: 'ruler.hint', fp32: 'ruler.hintFp32', 'no-scaler': 'ruler.hintNoScaler' } as const;

/** The hero: where the gradients live, what the lane's format makes of them, and the loss scale to drag. */
export function Ruler(): ReactNode {
  const { t } = useTranslation();
  const loaded = useSelect((state) => state.loaded);
  const lane = useSelect((state) => state.selectedLane);
  const control = useSelect(scaleControl);
  const name = loaded ? laneNames(loaded.experiment)[lane] : undefined;
  if (!loaded || name === undefined) {
    return (
      <Panel className="ruler" title={t('ruler.title')}>
        <PanelStatus />
      </Panel>
    );
  }
  return (
    <Panel
      className="ruler"
      title={t('ruler.title')}
      note={t(HINTS[control], { lane: name })}
      table={
        <>
          <Definition />
          <DistributionTable laneName={name} />
        </>
      }
    >
      <Content loaded={loaded} lane={lane} name={name} canDrag={control === 'ok'} />
    </Panel>
  );
}

interface ContentProps {
  readonly loaded: LoadedExperiment;
  readonly lane: number;
  readonly name: string;
  readonly canDrag: boolean;
}

function Content({ loaded, lane, name, canDrag }: ContentProps): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  const newest = useSelect((state) => state.views.ruler);
  const inForce = useSelect((state) => liveValue(state, lane, 'scale'));
  const logCounts = useSelect((state) => state.logCounts);
  const { color } = useMemo(() => laneStyles(loaded.experiment.lanes)[lane], [loaded, lane]);
  const rulerSites = useSelect((state) => state.rulerSites);
  const format = useMemo(
    () => gradientFormatOf(loaded.sites, lane, wantedSites(loaded.sites, rulerSites)),
    [loaded, lane, rulerSites],
  );
  // A view of the lane selected before is replaced in a moment.
  const view = newest?.lane === lane ? newest : null;
  const drag = useScaleDrag(lane, inForce, canDrag && view !== null);
  const scale = drag.preview ? 2 ** drag.preview.exponent : inForce;
  const reading = view && readingOf(view, scale);
  return (
    <>
      <div className="ruler-bar">
        {view && reading ? (
          <Readout color={color} format={format.label} view={view} reading={reading} canDrag={canDrag} />
        ) : (
          <p className="readout">{t('ruler.waiting')}</p>
        )}
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
        run={loaded.run}
        lane={lane}
        laneName={name}
        color={color}
        format={format}
        scale={scale}
        drag={canDrag ? drag : null}
        logCounts={logCounts}
        view={view}
      />
      {view && reading && <Summary view={view} reading={reading} format={format.label} />}
    </>
  );
}

interface SummaryProps {
  readonly view: RulerView;
  readonly reading: Reading;
  readonly format: string;
}

/** The picture in words, for those who do not see it. */
function Summary({ view, reading: { seen, reference }, format }: SummaryProps): ReactNode {
  const { t } = useTranslation();
  const sites = useSitesName();
  if (!seen) return null;
  return (
    <p className="hidden">
      {t(reference ? 'ruler.summary' : 'ruler.summaryAlone', {
        steps: countText(view.step),
        sites,
        format,
        scale: powerText(view.scale),
        zero: shareText(seen.zero),
        nonFinite: shareText(seen.nonFinite),
        referenceZero: shareText(reference?.zero ?? NaN),
        referenceNonFinite: shareText(reference?.nonFinite ?? NaN),
      })}
    </p>
  );
}
