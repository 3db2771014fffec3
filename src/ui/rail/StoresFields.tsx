import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LaneConfig } from '../../experiment/experiment';
import { storesOf } from '../../experiment/stores';
import { WEIGHT_UPDATES, type Stores } from '../../precision/stores';
import { Choice } from '../widgets/Choice';
import { Toggle } from '../widgets/Toggle';
import { FormatChoice } from './FormatChoice';

const PLACES = ['autocast', 'masters', 'stored'] as const;
type Place = (typeof PLACES)[number];

/** The formats of a lane's stores besides that of the weights, in the order in which an optimizer meets them. */
const FORMATS = ['gradients', 'moments', 'constants', 'updates'] as const;

interface Props {
  readonly lane: LaneConfig;
  readonly onChange: (part: Pick<LaneConfig, 'stores'>) => void;
}

/** Where a lane's weights live: their format, with or without a master copy, and what the optimizer remembers. */
export function StoresFields({ lane, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const { stores } = lane;
  const place = stores === null ? 'autocast' : stores.masters ? 'masters' : 'stored';
  const put = (chosen: Place): void => {
    if (chosen === 'autocast') onChange({ stores: null });
    // What operations read is what autocast would cast to, until something else is chosen.
    else if (chosen === 'masters') onChange({ stores: { ...storesOf(lane), masters: true } });
    else onChange({ stores: { ...storesOf(lane), masters: false, weights: lane.format } });
  };
  return (
    <fieldset className="field-group">
      <legend>{t('stores.title')}</legend>
      <Choice
        label={t('stores.place')}
        value={place}
        options={PLACES.map((id) => ({ id, text: t(`stores.places.${id}`) }))}
        onChange={put}
      />
      <p className="field-help">{t(`stores.placeHelp.${place}`)}</p>
      {stores && <OwnStores stores={stores} onChange={(changed) => onChange({ stores: changed })} />}
    </fieldset>
  );
}

interface OwnProps {
  readonly stores: Stores;
  readonly onChange: (stores: Stores) => void;
}

function OwnStores({ stores, onChange }: OwnProps): ReactNode {
  const { t } = useTranslation();
  const change = (part: Partial<Stores>): void => onChange({ ...stores, ...part });
  return (
    <>
      <FormatChoice
        label={t(stores.masters ? 'stores.masterWeights' : 'stores.weights')}
        value={stores.weights}
        // Sums in FP32 leave nothing to round stochastically.
        onChange={(weights) =>
          change(
            weights === 'fp32' && stores.update === 'stochastic'
              ? { weights, update: 'nearest' }
              : { weights },
          )
        }
      />
      <Choice
        label={t('stores.update')}
        value={stores.update}
        options={WEIGHT_UPDATES.filter((id) => id !== 'stochastic' || stores.weights !== 'fp32').map(
          (id) => ({
            id,
            text: t(`stores.updates.${id}`),
          }),
        )}
        onChange={(update) => change({ update })}
      />
      <p className="field-help">{t(`stores.updateHelp.${stores.update}`)}</p>
      {FORMATS.map((name) => (
        <FormatChoice
          key={name}
          label={t(`stores.formats.${name}`)}
          value={stores[name]}
          onChange={(format) => change({ [name]: format })}
        />
      ))}
      <Toggle
        label={t('stores.singleTensor')}
        value={stores.kernel === 'single-tensor'}
        onChange={(single) => change({ kernel: single ? 'single-tensor' : 'fused' })}
      />
      <p className="field-help">{t('stores.singleTensorHelp')}</p>
    </>
  );
}
