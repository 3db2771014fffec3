/** Formats chosen by hand in the selected lane: for a whole layer, what was chosen, and which casts it made. */
import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { parseFormat } from '../../numerics/formats';
import type { LoadedExperiment } from '../../engine/protocol';
import { laneNames } from '../../i18n/lane-names';
import { useController } from '../store/react';
import { withLane, withSiteFormat } from '../store/structure';
import { Choice } from '../widgets/Choice';
import { BY_TABLE, isChosenByHand, useFormatOptions } from './options';

/** Sets a format by hand in a lane; null gives the place back to the lane's autocast. */
export function useByHand(lane: number): (place: string, format: string | null) => void {
  const controller = useController();
  return (place, format) =>
    controller.restructure((experiment) =>
      withLane(experiment, lane, withSiteFormat(experiment.lanes[lane], place, format)),
    );
}

interface Props {
  readonly loaded: LoadedExperiment;
  readonly lane: number;
}

export function ByHand({ loaded, lane }: Props): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const set = useByHand(lane);
  const options = useFormatOptions();
  const layers = [...new Set(loaded.sites.filter(isChosenByHand).map(({ layer }) => layer))];
  const [selected, setSelected] = useState<string | null>(null);
  const layer = selected !== null && layers.includes(selected) ? selected : layers[0];
  const { siteFormats } = loaded.experiment.lanes[lane];
  const chosen = Object.entries(siteFormats);
  const resetAll = (): void =>
    controller.restructure((experiment) =>
      withLane(experiment, lane, { ...experiment.lanes[lane], siteFormats: {} }),
    );
  return (
    <div className="by-hand">
      <span className="by-hand-label">
        {t('layers.byHand.title', { lane: laneNames(loaded.experiment)[lane] })}
      </span>
      <Choice
        bare
        label={t('layers.byHand.layer')}
        value={layer}
        options={layers.map((id) => ({ id, text: id }))}
        onChange={setSelected}
      />
      <Choice
        bare
        label={t('layers.byHand.formatOf', { place: layer })}
        value={siteFormats[layer] ?? BY_TABLE}
        options={options}
        onChange={(id) => set(layer, id === BY_TABLE ? null : id)}
      />
      {chosen.map(([place, format]) => (
        <Button
          key={place}
          className="chip"
          aria-label={t('layers.byHand.reset', { place, format: parseFormat(format).label })}
          onPress={() => set(place, null)}
        >
          {place}: {parseFormat(format).label} <span aria-hidden="true">×</span>
        </Button>
      ))}
      {chosen.length > 1 && (
        <Button className="button" onPress={resetAll}>
          {t('layers.byHand.resetAll')}
        </Button>
      )}
      {chosen.length > 0 && <Casts loaded={loaded} lane={lane} />}
    </div>
  );
}

function Casts({ loaded, lane }: Props): ReactNode {
  const { t } = useTranslation();
  const { added, removed } = loaded.castChanges[lane] ?? { added: [], removed: [] };
  if (added.length + removed.length === 0)
    return <p className="by-hand-casts">{t('layers.byHand.noCasts')}</p>;
  return (
    <p className="by-hand-casts">
      {added.length > 0 && t('layers.byHand.added', { count: added.length, sites: added.join(', ') })}{' '}
      {removed.length > 0 && t('layers.byHand.removed', { count: removed.length, sites: removed.join(', ') })}
    </p>
  );
}
