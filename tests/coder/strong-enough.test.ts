import { expect, it } from 'vitest';
import type { Draft } from '../../core/coder/features.js';
import { type Judged, strongEnough } from '../../core/coder/strong-enough.js';

const judged = (indicator: string, members: string[], confidence: number): Judged => ({
  draft: { indicator, members, candidates: [], score: 0, probability: 0, side: 0 } satisfies Draft,
  confidence,
});
const kept = (list: Judged[]) =>
  strongEnough(list, { series: 0.4, first: 0.5 }).map(({ draft }) => `${draft.indicator} ${draft.members.join('-')}`);

it('lets no label of members through whose likeliest one is not sure enough', () => {
  expect(kept([judged('a.one', ['A', 'B'], 0.49), judged('a.two', ['A', 'B'], 0.45)])).toEqual([]);
});

it('lets a further label through beside a sure one, of the same members only', () => {
  expect(
    kept([
      judged('a.one', ['A', 'B'], 0.5),
      judged('a.two', ['A', 'B'], 0.4),
      judged('a.three', ['A', 'B'], 0.39),
      judged('a.two', ['A', 'C'], 0.49),
    ]),
  ).toEqual(['a.one A-B', 'a.two A-B']);
});

it('gives no pair beside the group that it is part of', () => {
  expect(kept([judged('a.one', ['A', 'B', 'C'], 0.6), judged('a.one', ['A', 'B'], 0.9)])).toEqual(['a.one A-B-C']);
});
