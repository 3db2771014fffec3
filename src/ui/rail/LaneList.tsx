import { useMemo, useState, type ReactNode } from 'react';
import { Button, Menu, MenuItem, MenuTrigger, Popover, ToggleButton } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { MAX_PAGE_LANES } from '../../experiment/bounds';
import { laneNames } from '../../i18n/lane-names';
import { laneStyles, type LaneStyle } from '../lanes';
import { useController, useSelect } from '../store/react';
import { withDuplicate, withNewLane, withoutLane } from '../store/structure';
import { Icon } from '../widgets/icons';
import { LaneSwatch } from '../widgets/LaneSwatch';
import { LaneDialog } from './LaneDialog';
import { Section } from './Section';

export function LaneList(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const experiment = useSelect((state) => state.experiment);
  const [edited, setEdited] = useState<number | null>(null);
  const names = laneNames(experiment);
  const styles = useMemo(() => laneStyles(experiment.lanes), [experiment.lanes]);
  const full = experiment.lanes.length >= MAX_PAGE_LANES;
  return (
    <Section title={t('rail.lanes')}>
      <ul className="lanes">
        {names.map((name, index) => (
          <LaneRow
            key={name}
            index={index}
            name={name}
            style={styles[index]}
            onEdit={() => setEdited(index)}
          />
        ))}
      </ul>
      {full ? (
        <p className="rail-note">{t('lane.full')}</p>
      ) : (
        <Button className="button plain" onPress={() => controller.restructure(withNewLane)}>
          {t('lane.add')}
        </Button>
      )}
      {edited !== null && edited < names.length && (
        <LaneDialog index={edited} name={names[edited]} onClose={() => setEdited(null)} />
      )}
    </Section>
  );
}

interface RowProps {
  readonly index: number;
  readonly name: string;
  readonly style: LaneStyle;
  readonly onEdit: () => void;
}

function LaneRow({ index, name, style, onEdit }: RowProps): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const selected = useSelect((state) => state.selectedLane === index);
  const count = useSelect((state) => state.experiment.lanes.length);
  return (
    <li className="lane" data-selected={selected || undefined}>
      <ToggleButton
        className="lane-select"
        aria-label={t('lane.select', { name })}
        isSelected={selected}
        onChange={() => controller.look({ selectedLane: index })}
      >
        <LaneSwatch style={style} />
        <span className="lane-name">{name}</span>
      </ToggleButton>
      <MenuTrigger>
        <Button className="lane-menu" aria-label={t('lane.menu', { name })}>
          <Icon name="more" />
        </Button>
        <Popover className="popover" placement="bottom end">
          <Menu aria-label={t('lane.menu', { name })}>
            <MenuItem className="option" onAction={onEdit}>
              {t('lane.edit')}
            </MenuItem>
            <MenuItem
              className="option"
              isDisabled={count >= MAX_PAGE_LANES}
              onAction={() => controller.restructure((each) => withDuplicate(each, index))}
            >
              {t('lane.duplicate')}
            </MenuItem>
            <MenuItem
              className="option"
              isDisabled={count <= 1}
              onAction={() => controller.restructure((each) => withoutLane(each, index))}
            >
              {t('lane.remove')}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
    </li>
  );
}
