import { expandLabels } from '../core/coder/expand-labels.js';
import type { CoderInput } from '../core/coder/label.js';
import type { DyadLabel } from '../db/items.js';
import type { PollDeps } from './deps.js';

/**
 * What the coder says of one item, as one row per indicator and dyad. A coder that breaks on an item is a bug of ours: logged, and
 * the item is stored without labels rather than lost, to be coded again later. An indicator that the codebook lacks is the same.
 */
export function codeItem(deps: Pick<PollDeps, 'coder' | 'codebook' | 'log'>, input: CoderInput): DyadLabel[] {
  const { coder, codebook, log } = deps;
  try {
    return expandLabels(coder.code(input)).map((label) => {
      const indicator = codebook.indicators.find(({ id }) => id === label.indicator);
      if (indicator === undefined) throw new Error(`the codebook has no indicator ${label.indicator}`);
      // The table refuses such a row, and with it the whole poll.
      if (label.evidence.length === 0) throw new Error(`label ${label.indicator} has no words behind it`);
      return { ...label, domain: indicator.domain };
    });
  } catch (err) {
    log.error({ err, coder: coder.name, version: coder.version, title: input.title }, 'coder failed on an item');
    return [];
  }
}
