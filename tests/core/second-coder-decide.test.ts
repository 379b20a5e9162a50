import { describe, expect, it } from 'vitest';
import type { Codebook } from '../../core/codebook/codebook.js';
import type { Label } from '../../core/coder/label.js';
import { cohensKappa, compareCoders } from '../../core/second-coder/agreement.js';
import { costMicros, monthOf, mostTokens } from '../../core/second-coder/cost.js';
import { decideLabels, type JudgedLabel } from '../../core/second-coder/decide.js';

const BAND = { least: 0.4, most: 0.7 };

const judged = (more: Partial<JudgedLabel> = {}): JudgedLabel => ({
  indicator: 'x.trade',
  participants: ['AAA', 'BBB'],
  status: 'occurred',
  confidence: 0.5,
  ...more,
});

const second = (more: Partial<Label> = {}): Label => ({
  indicator: 'x.trade',
  participants: ['AAA', 'BBB'],
  direction: null,
  status: 'occurred',
  polarity: 1,
  severity: 3,
  confidence: 0.9,
  flags: [],
  rules: [],
  evidence: [],
  ...more,
});

describe('a decision about an uncertain label', () => {
  it.each<[string, Label[], string]>([
    ['the same label confirms', [second()], 'confirm'],
    ['another status corrects', [second({ status: 'alleged' })], 'correct'],
    ['no label rejects', [], 'reject'],
    ['a label of others rejects', [second({ participants: ['BBB', 'CCC'] })], 'reject'],
    ['another act of the same two decides nothing', [second({ indicator: 'x.arms' })], 'undecided'],
    ['the same act of a larger group decides nothing', [second({ participants: ['AAA', 'BBB', 'CCC'] })], 'undecided'],
  ])('%s', (_, labels, verdict) => {
    expect(decideLabels([judged()], { labels, dropped: {} }, BAND)[0]?.verdict).toBe(verdict);
  });

  it('is none when a label of the second coder was thrown away: silence was not what it said', () => {
    const dropped = { 'act-not-in-text': 1 };
    expect(decideLabels([judged()], { labels: [], dropped }, BAND)[0]?.verdict).toBe('undecided');
    expect(decideLabels([judged()], { labels: [second()], dropped }, BAND)[0]?.verdict).toBe('confirm');
  });

  it('is made within the band only, both ends included, and never adds a label', () => {
    const labels = [0.39, 0.4, 0.7, 0.71].map((confidence) => judged({ confidence }));
    const decisions = decideLabels(
      labels,
      { labels: [second({ indicator: 'x.arms', participants: ['AAA', 'CCC'] })], dropped: {} },
      BAND,
    );
    expect(decisions.map(({ label, verdict }) => [label.confidence, verdict])).toEqual([
      [0.4, 'reject'],
      [0.7, 'reject'],
    ]);
  });
});

describe('the price of a call', () => {
  it('is what the tokens cost, in millionths, rounded up', () => {
    // 11,000 tokens at 0.15 and 200 at 0.60 a million: 0.00165 + 0.00012.
    expect(costMicros({ input: 11_000, output: 200 }, { input: 0.15, output: 0.6 })).toBe(1770);
    expect(costMicros({ input: 1, output: 0 }, { input: 0.15, output: 0.6 })).toBe(1);
  });

  it('is bounded before the call by the bytes that are sent and the longest answer', () => {
    expect(mostTokens(['abc', '平壤'], 500)).toEqual({ input: 9, output: 500 });
  });

  it('belongs to a month of UTC', () => {
    expect(monthOf(new Date('2026-02-28T23:59:59.999Z'))).toBe('2026-02');
    expect(monthOf(new Date('2026-03-01T00:30:00+01:00'))).toBe('2026-02');
  });
});

describe('agreement', () => {
  it('beyond chance is as Cohen has it', () => {
    // Worked by hand: observed 0.7, expected (25 * 30 + 25 * 20) / 2500 = 0.5.
    expect(cohensKappa(20, 5, 10, 15)).toBeCloseTo(0.4, 12);
    expect(cohensKappa(10, 0, 0, 10)).toBe(1);
    expect(cohensKappa(0, 10, 10, 0)).toBe(-1);
    expect(cohensKappa(10, 0, 0, 0)).toBeNull();
    expect(cohensKappa(0, 0, 0, 0)).toBeNull();
  });

  const codebook: Codebook = {
    version: '1',
    members: ['AAA', 'BBB', 'CCC'].map((code) => ({ code, name: code, country: null })),
    domains: [
      { code: 'x', name: 'exchange' },
      { code: 'y', name: 'quarrel' },
    ],
    indicators: [
      ['x.trade', 'exchange'],
      ['x.arms', 'exchange'],
      ['y.words', 'quarrel'],
    ].map(([id, domain]) => ({
      id: id!,
      title: id!,
      domain: domain!,
      polarity: 1,
      direction: 'either',
      definition: '',
    })),
    dyads: ['AAA-BBB', 'AAA-CCC', 'BBB-CCC'],
  };
  const label = (indicator: string, ...participants: string[]) => ({ indicator, participants });
  const items = [
    { id: '1', title: 'both alike', rules: [label('x.trade', 'AAA', 'BBB')], second: [label('x.trade', 'AAA', 'BBB')] },
    { id: '2', title: 'other act', rules: [label('x.trade', 'AAA', 'BBB')], second: [label('x.arms', 'AAA', 'BBB')] },
    {
      id: '3',
      title: 'group',
      rules: [label('x.trade', 'AAA', 'BBB', 'CCC')],
      second: [label('x.trade', 'AAA', 'BBB')],
    },
    { id: '4', title: 'second alone', rules: [], second: [label('y.words', 'BBB', 'CCC')] },
    { id: '5', title: 'nothing', rules: [], second: [] },
  ];

  it('is counted by indicator, dyad and domain, an item once in each', () => {
    const agreement = compareCoders(items, codebook);
    const counts = (rows: typeof agreement.indicators) =>
      rows.map(({ code, both, onlyRules, onlySecond, neither }) => [code, both, onlyRules, onlySecond, neither]);
    expect(counts([agreement.relevance])).toEqual([['any label', 3, 0, 1, 1]]);
    expect(counts(agreement.indicators)).toEqual([
      ['x.trade', 2, 1, 0, 2],
      ['x.arms', 0, 0, 1, 4],
      ['y.words', 0, 0, 1, 4],
    ]);
    expect(counts(agreement.dyads)).toEqual([
      ['AAA-BBB', 3, 0, 0, 2],
      ['AAA-CCC', 0, 1, 0, 4],
      ['BBB-CCC', 0, 1, 1, 3],
    ]);
    expect(counts(agreement.domains)).toEqual([
      ['exchange', 3, 0, 0, 2],
      ['quarrel', 0, 0, 1, 4],
    ]);
    expect(counts([agreement.cells])).toEqual([['indicator and dyad', 2, 3, 2, 0]]);
    expect(agreement.cells).toMatchObject({ f1: 4 / 9, kappa: null });
  });

  it('shows items on which they differ, and no more than asked for', () => {
    const { onlyRules, onlySecond } = compareCoders(items, codebook, 2);
    expect(onlyRules.map(({ id, indicator, dyad }) => [id, indicator, dyad])).toEqual([
      ['2', 'x.trade', 'AAA-BBB'],
      ['3', 'x.trade', 'AAA-CCC'],
    ]);
    expect(onlySecond).toHaveLength(2);
  });

  it('of no items is no number', () => {
    expect(compareCoders([], codebook)).toMatchObject({
      items: 0,
      relevance: { kappa: null, f1: null },
      indicators: [],
    });
  });
});
