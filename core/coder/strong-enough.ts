import type { Thresholds } from '../codebook/thresholds.js';
import type { Draft } from './features.js';

/** A draft with how sure the coder is of it beside the others of its item. */
export interface Judged {
  draft: Draft;
  confidence: number;
}

/**
 * The drafts that become labels. Of the labels of one set of members the likeliest must reach `first`, for it says that they did
 * anything at all; the others `series`. A pair that is part of a larger group with the same indicator is not counted again.
 */
export function strongEnough(
  judged: readonly Judged[],
  { first, series }: Pick<Thresholds, 'first' | 'series'>,
): Judged[] {
  const surest = surestOf(judged);
  return withoutParts(judged.filter(({ draft, confidence }) => confidence >= series && surest(draft) >= first));
}

/** How sure the likeliest label is of the members that a draft has. */
export function surestOf(judged: readonly Judged[]): (draft: Draft) => number {
  const surest = new Map<string, number>();
  for (const { draft, confidence } of judged) {
    const key = draft.members.join();
    surest.set(key, Math.max(confidence, surest.get(key) ?? 0));
  }
  return (draft) => surest.get(draft.members.join()) ?? 0;
}

function withoutParts(judged: Judged[]): Judged[] {
  return judged.filter(
    ({ draft }) =>
      !judged.some(
        ({ draft: other }) =>
          other.indicator === draft.indicator &&
          other.members.length > draft.members.length &&
          draft.members.every((code) => other.members.includes(code)),
      ),
  );
}
