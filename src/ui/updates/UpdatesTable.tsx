import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shareText } from '../../analysis/numbers';
import { coveredShare, shareOfUpdates, type UpdateSums } from '../../analysis/updates';
import { parseFormat } from '../../numerics/formats';
import type { UpdatesView } from '../store/state';

/** A share of updates that are rounded away from here on is shown as an alarm. */
const MUCH = 0.25;

/** Of every weight tensor of the selected lane: the share of its updates that moved a weight, and why others did not. */
export function UpdatesTable({ view }: { readonly view: UpdatesView }): ReactNode {
  const { t } = useTranslation();
  const headings = [
    t('updates.tensor'),
    t('updates.format'),
    t('updates.moved'),
    t('updates.roundedAway'),
    t('updates.zeroUpdate'),
    t('updates.zeroGradient'),
    t('updates.covered'),
  ];
  return (
    <div className="updates-table">
      {/* Scrolls sideways on a narrow page, and must be reachable by keyboard for that. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section className="layers-scroll" aria-label={t('updates.region')} tabIndex={0}>
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
            {view.tensors.map(({ tensor, format, sums }) => (
              <Row key={tensor} name={tensor} format={parseFormat(format).label} sums={sums} />
            ))}
            <Row name={t('updates.total')} format="" sums={view.total} />
          </tbody>
        </table>
      </section>
      <p className="updates-help">{t('updates.coveredHelp')}</p>
    </div>
  );
}

interface RowProps {
  readonly name: string;
  readonly format: string;
  readonly sums: UpdateSums;
}

function Row({ name, format, sums }: RowProps): ReactNode {
  const share = (count: number): number => shareOfUpdates(count, sums);
  const rounded = share(sums.roundedAway);
  return (
    <tr data-tensor={name} data-rounded-away={Number.isNaN(rounded) ? undefined : rounded}>
      <th scope="row">{name}</th>
      <td className="mono">{format}</td>
      <td className="mono">{shareText(share(sums.moved))}</td>
      <td className={rounded >= MUCH ? 'mono alarm' : 'mono'}>{shareText(rounded)}</td>
      <td className="mono">{shareText(share(sums.zeroUpdate))}</td>
      <td className="mono">{shareText(share(sums.zeroGradient))}</td>
      <td className="mono">{shareText(coveredShare(sums))}</td>
    </tr>
  );
}
