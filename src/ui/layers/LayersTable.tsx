import { memo, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { powerLabel, shareText } from '../../analysis/numbers';
import { isGradient } from '../../analysis/records';
import { subnormalShare, WINDOW_STEPS, zeroedShare } from '../../analysis/window';
import { parseFormat } from '../../numerics/formats';
import { countText } from '../i18n';
import { laneStyles } from '../lanes';
import { useController, useSelect } from '../store/react';
import type { LayerRow } from '../store/state';
import { Panel } from '../widgets/Panel';
import { PanelStatus } from '../widgets/PanelStatus';
import { Segmented } from '../widgets/Segmented';
import { ValueGroup } from '../widgets/ValueGroup';
import { ValueLink } from '../widgets/ValueLink';
import { ByHand } from './ByHand';
import { FormatCell } from './FormatCell';
import { MiniHistogram, sharedDomain, type MiniDomain } from './MiniHistogram';
import { isChosenByHand } from './options';
import './layers.css';

/** A share of zeroed values from here on is shown as an alarm. */
const MUCH = 0.05;

export function LayersTable(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const view = useSelect((state) => state.views.layers);
  const allSites = useSelect((state) => state.allSites);
  const loaded = useSelect((state) => state.loaded);
  const selectedLane = useSelect((state) => state.selectedLane);
  return (
    <Panel
      className="layers"
      title={t('layers.title')}
      note={
        <>
          {view && view.to > 0
            ? t('layers.note', {
                count: WINDOW_STEPS,
                from: countText(view.from),
                to: countText(view.to - 1),
              })
            : t('layers.noteEmpty')}
          <Segmented
            label={t('layers.which')}
            value={allSites ? 'all' : 'gradients'}
            options={[
              { id: 'gradients', text: t('layers.gradients') },
              { id: 'all', text: t('layers.all') },
            ]}
            onChange={(id) => controller.look({ allSites: id === 'all' })}
          />
        </>
      }
    >
      {loaded && <ByHand key={selectedLane} loaded={loaded} lane={selectedLane} />}
      <Table />
    </Panel>
  );
}

function Table(): ReactNode {
  const { t } = useTranslation();
  const view = useSelect((state) => state.views.layers);
  const loaded = useSelect((state) => state.loaded);
  const allSites = useSelect((state) => state.allSites);
  const focused = useSelect((state) => state.rulerSites);
  if (!view || !loaded) return <PanelStatus />;
  const { color } = laneStyles(loaded.experiment.lanes)[view.lane];
  const { siteFormats } = loaded.experiment.lanes[view.lane];
  const domain = sharedDomain(view.rows);
  const headings = [
    t('layers.tensor'),
    t('layers.format'),
    t(allSites ? 'layers.rangeAll' : 'layers.range'),
    t('layers.zeroed'),
    t('layers.wasZero'),
    t('layers.subnormal'),
    t('layers.overflow'),
    t('layers.nan'),
    t('layers.distribution'),
  ];
  return (
    // Scrolls sideways on a narrow page, and must be reachable by keyboard for that.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="layers-scroll" aria-label={t('layers.region')} tabIndex={0}>
      <ValueGroup>
        <table className="layers-table tabular">
          <thead>
            <tr>
              {headings.map((heading) => (
                <th key={heading} scope="col">
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {view.rows.map((row) => (
              <SiteRow
                key={row.site.id}
                row={row}
                color={color}
                domain={domain}
                focused={focused === row.site.id}
                lane={view.lane}
                byHand={siteFormats[row.site.name] ?? null}
                added={loaded.castChanges[view.lane]?.added.includes(row.site.name) ?? false}
              />
            ))}
          </tbody>
        </table>
      </ValueGroup>
    </section>
  );
}

interface SiteRowProps {
  readonly row: LayerRow;
  readonly color: string;
  readonly domain: MiniDomain;
  readonly focused: boolean;
  readonly lane: number;
  readonly byHand: string | null;
  readonly added: boolean;
}

const exponent = (value: number): string => powerLabel(Math.floor(Math.log2(value)));

const SiteRow = memo(function SiteRow(props: SiteRowProps): ReactNode {
  const { row, color, domain, focused, lane, byHand, added } = props;
  const { site, summary, distribution } = row;
  const zeroed = zeroedShare(summary);
  const nonFinite = summary.nan + summary.infinite;
  return (
    <tr data-site={site.name}>
      <th scope="row">
        <SiteName row={row} focused={focused} />
      </th>
      <td className="mono">
        {isChosenByHand(site) ? (
          <FormatCell site={site.name} lane={lane} format={row.format} byHand={byHand} added={added} />
        ) : (
          parseFormat(row.format).label
        )}
      </td>
      <td className="mono">
        {summary.largest > 0 ? (
          <>
            <ValueLink value={summary.smallest} format={row.format}>
              {exponent(summary.smallest)}
            </ValueLink>
            {' … '}
            <ValueLink value={summary.largest} format={row.format}>
              {exponent(summary.largest)}
            </ValueLink>
          </>
        ) : (
          '–'
        )}
      </td>
      <td
        className={zeroed >= MUCH ? 'mono alarm' : 'mono'}
        data-zeroed={Number.isNaN(zeroed) ? undefined : zeroed}
      >
        {shareText(zeroed)}
      </td>
      <td className="mono">{shareText(summary.values > 0 ? summary.zeroBefore / summary.values : NaN)}</td>
      <td className="mono">{shareText(subnormalShare(summary))}</td>
      <td className={summary.overflow > 0 ? 'mono alarm' : 'mono'}>{countText(summary.overflow)}</td>
      <td className={nonFinite > 0 ? 'mono alarm' : 'mono'}>{countText(nonFinite)}</td>
      <td>
        {distribution ? <MiniHistogram distribution={distribution} domain={domain} color={color} /> : '–'}
      </td>
    </tr>
  );
});

/** The name of a gradient is a button that shows it alone in the ruler, and all again when pressed once more. */
function SiteName({ row, focused }: Pick<SiteRowProps, 'row' | 'focused'>): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const { id, name } = row.site;
  if (!isGradient(row.site)) return name;
  return (
    <Button
      className="site-name"
      aria-pressed={focused}
      aria-description={t('layers.focus', { site: name })}
      onPress={() => controller.look({ rulerSites: focused ? 'all' : id })}
    >
      {name}
    </Button>
  );
}
