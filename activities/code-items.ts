import type { Codebook } from '../core/codebook/codebook.js';
import { expandLabels } from '../core/coder/expand-labels.js';
import type { Coder, CoderInput } from '../core/coder/label.js';
import type { DyadLabel } from '../db/items.js';
import type { PollDeps } from './deps.js';

/** The text of an item and what is known of its outlet, from a feed or from the store. */
export interface ItemText {
  title: string;
  summary: string;
  language: string | null;
  publishedAt: Date | null;
}

/** What a coder reads of an item: the same whether it was just polled or is coded again. */
export function coderInput(
  { title, summary, language, publishedAt }: ItemText,
  outlet: { sourceId: string; country: string | null; bloc: string | null },
): CoderInput {
  const { sourceId: source, country, bloc } = outlet;
  return { title, summary, language, source, country, bloc, publishedAt };
}

/**
 * What the coder says of one item, as one row per indicator and dyad. Throws where the coder breaks, and for a label that the store
 * would refuse, with everything that is stored beside it: an indicator that the codebook lacks, or no words as evidence.
 */
export function labelItem(coder: Coder, codebook: Codebook, input: CoderInput): DyadLabel[] {
  const labels = coder.code(input);
  if (labels.length === 0) return [];
  return expandLabels(labels).map((label) => {
    const indicator = codebook.indicators.find(({ id }) => id === label.indicator);
    if (indicator === undefined) throw new Error(`the codebook has no indicator ${label.indicator}`);
    if (label.evidence.length === 0) throw new Error(`label ${label.indicator} has no words behind it`);
    return { ...label, domain: indicator.domain };
  });
}

/**
 * The same for a new item. A coder that breaks on it is a bug of ours: logged, and the item is stored without labels rather than
 * lost, to be coded again later.
 */
export function codeItem(deps: Pick<PollDeps, 'coder' | 'codebook' | 'log'>, input: CoderInput): DyadLabel[] {
  const { coder, codebook, log } = deps;
  try {
    return labelItem(coder, codebook, input);
  } catch (err) {
    log.error({ err, coder: coder.name, version: coder.version, title: input.title }, 'coder failed on an item');
    return [];
  }
}
