import { dyadsOf } from '../core/codebook/codebook.js';
import type { CoderInput } from '../core/coder/label.js';
import type { DyadLabel } from '../db/items.js';
import type { PollDeps } from './deps.js';

/**
 * What the coder says of one item, as one row per indicator and dyad. When a coder gives the same indicator and dyad twice, the
 * surer label stays. A coder that breaks on an item is a bug of ours: logged, and the item is stored without labels rather than
 * lost, to be coded again later.
 */
export function codeItem(deps: Pick<PollDeps, 'coder' | 'codebook' | 'log'>, input: CoderInput): DyadLabel[] {
  const domains = new Map(deps.codebook.indicators.map(({ id, domain }) => [id, domain]));
  const rows = new Map<string, DyadLabel>();
  for (const label of tryCoding(deps, input)) {
    const domain = domains.get(label.indicator);
    if (domain === undefined) {
      deps.log.error({ indicator: label.indicator }, 'coder gave an indicator that the codebook does not have');
      continue;
    }
    for (const dyad of dyadsOf(label.participants)) {
      const key = `${label.indicator} ${dyad}`;
      if ((rows.get(key)?.confidence ?? -1) < label.confidence) rows.set(key, { ...label, domain, dyad });
    }
  }
  return [...rows.keys()].sort().map((key) => rows.get(key)!);
}

function tryCoding({ coder, log }: Pick<PollDeps, 'coder' | 'log'>, input: CoderInput) {
  try {
    return coder.code(input);
  } catch (err) {
    log.error({ err, coder: coder.name, version: coder.version, title: input.title }, 'coder failed on an item');
    return [];
  }
}
