import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Distribution } from '../../analysis/ruler';
import { countText } from '../i18n';
import { useSelect } from '../store/react';
import type { RulerView } from '../store/state';
import { DataTable } from '../widgets/DataTable';

/** The bars as numbers. */
export function DistributionTable({ laneName }: { laneName: string }): ReactNode {
  const { t } = useTranslation();
  const view = useSelect((state) => state.views.ruler);
  return (
    <DataTable
      title={t('ruler.table')}
      columns={[t('ruler.binade'), t('ruler.grey'), t('ruler.seen', { lane: laneName })]}
      rows={() => [
        [t('ruler.exactZeroFull'), ...both(view, ({ zero }) => zero)],
        ...binades(view).map((exponent) => [
          { text: `2^${exponent} … 2^${exponent + 1}`, value: 2 ** exponent, format: 'fp32' },
          ...both(view, ({ first, counts }) => counts[exponent - first] ?? 0),
        ]),
        [t('ruler.nonFinite'), ...both(view, ({ nonFinite }) => nonFinite)],
      ]}
    />
  );
}

const both = (view: RulerView | null, count: (distribution: Distribution) => number): [string, string] => {
  const text = (distribution: Distribution | null | undefined): string =>
    distribution ? countText(count(distribution)) : '–';
  return [text(view?.reference), text(view?.seen)];
};

/** All powers of two that occur in one of the distributions. */
function binades(view: RulerView | null): number[] {
  const ends = [view?.reference, view?.seen].flatMap((each) =>
    each && each.counts.length > 0 ? [each.first, each.first + each.counts.length] : [],
  );
  if (ends.length === 0) return [];
  const low = Math.min(...ends);
  return Array.from({ length: Math.max(...ends) - low }, (_, index) => low + index);
}
