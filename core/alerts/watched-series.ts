import type { Codebook } from '../codebook/codebook.js';
import type { RuleScope } from './rule.js';
import type { SeriesKey, SeriesLevel } from './series.js';

/** Which part of the roll-up moved. */
export interface DirtyCell {
  indicator: string;
  dyad: string;
}

/**
 * The series a rule must look at again after a cell moved, or null when the cell is out of its scope (or its indicator is no
 * longer in the codebook). Cooperation and friction are separate series at every level: they are never netted.
 */
export function watchedSeries(
  scope: RuleScope,
  level: SeriesLevel,
  cell: DirtyCell,
  codebook: Codebook,
): SeriesKey | null {
  const indicator = codebook.indicators.find(({ id }) => id === cell.indicator);
  if (!indicator) return null;
  const { domain, polarity } = indicator;
  const inScope =
    allows(scope.dyad, cell.dyad) &&
    allows(scope.indicator, cell.indicator) &&
    allows(scope.domain, domain) &&
    (scope.polarity === undefined || scope.polarity === polarity);
  if (!inScope) return null;
  const code = level === 'indicator' ? cell.indicator : level === 'domain' ? domain : '';
  return { level, code, dyad: level === 'all' ? '' : cell.dyad, polarity };
}

function allows(wanted: readonly string[] | undefined, value: string): boolean {
  return wanted === undefined || wanted.length === 0 || wanted.includes(value);
}
