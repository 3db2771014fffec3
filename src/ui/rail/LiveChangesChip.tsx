import type { ReactNode } from 'react';
import { Button, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { powerText, shortNumber } from '../../analysis/numbers';
import type { Intervention } from '../../experiment/experiment';
import { laneNames } from '../../i18n/lane-names';
import { countText } from '../i18n';
import { useController, useSelect } from '../store/react';

/** Entries shown; a long drag leaves dozens. */
const SHOWN = 12;

/** How many live changes the run carries; opens their list. */
export function LiveChangesChip(): ReactNode {
  const { t } = useTranslation();
  const count = useSelect((state) => state.experiment.interventions.length);
  if (count === 0) return null;
  return (
    <DialogTrigger>
      <Button className="button changes-chip">{t('rail.changes', { count })}</Button>
      <Popover className="popover" placement="top start">
        <Dialog className="popover-body">{({ close }) => <ChangesList close={close} />}</Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function ChangesList({ close }: { close: () => void }): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const experiment = useSelect((state) => state.experiment);
  const names = laneNames(experiment);
  const hidden = experiment.interventions.length - SHOWN;
  return (
    <>
      <Heading slot="title" level={2}>
        {t('rail.changesTitle')}
      </Heading>
      <ul className="changes-list tabular">
        {experiment.interventions.slice(-SHOWN).map((change) => (
          <li key={`${change.step} ${change.lane} ${change.key}`}>
            {t('rail.changeEntry', {
              step: countText(change.step),
              lane: change.lane === 'all' ? t('rail.allLanes') : names[change.lane],
              key: t(`live.${change.key}`),
              value: changeValue(change),
            })}
          </li>
        ))}
        {hidden > 0 && <li>{t('rail.more', { count: hidden })}</li>}
      </ul>
      <p className="soft">{t('rail.changesNote')}</p>
      <Button
        className="button"
        onPress={() => {
          controller.forgetChanges();
          close();
        }}
      >
        {t('rail.forget')}
      </Button>
    </>
  );
}

function changeValue({ key, value }: Intervention): string {
  if (key === 'lossWeightExponent' || key === 'lossWeight') return powerText(2 ** value);
  return key === 'scale' ? powerText(value) : shortNumber(value);
}
