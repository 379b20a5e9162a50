import { describe, expect, it } from 'vitest';
import { isEvidenced } from '../../core/coder/evidence.js';
import type { EvidenceSpan } from '../../core/coder/label.js';
import { findWords, refitSpans } from '../../core/review/find-words.js';
import { goldLabels } from '../../core/review/gold-item.js';
import { planDecision } from '../../core/review/plan-decision.js';
import { type DecisionCount, reportPrecision } from '../../core/review/precision.js';
import { type RawRequest, readRequest } from '../../core/review/review-request.js';
import { createReviewTools } from '../../core/review/review-tools.js';
import type { ReviewedItem, ReviewedRow } from '../../core/review/reviewed-item.js';
import { wilsonInterval } from '../../core/review/wilson.js';
import { CODEBOOK } from '../server/ask-world.js';
import { REVIEW_DATA } from '../support/review-data.js';

const TITLE = 'Alphaland arms Betaland';
const SUMMARY = 'Gammaland watches; trade with "Alphaland" goes on.';

const span = (target: string, text: string, field: 'title' | 'summary' = 'title'): EvidenceSpan => {
  const start = (field === 'title' ? TITLE : SUMMARY).indexOf(text);
  return { for: target, field, start, end: start + text.length, text };
};

function row(indicator: string, dyad: string, more: Partial<ReviewedRow> = {}): ReviewedRow {
  return {
    id: 1,
    indicator,
    dyad,
    participants: dyad.split('-'),
    direction: null,
    status: 'occurred',
    severity: 3,
    confidence: 0.6,
    flags: [],
    evidence: [span('AAA', 'Alphaland'), span('BBB', 'Betaland'), span('act', 'arms')],
    revision: 0,
    coder: 'rules',
    coderVersion: '1',
    codebookVersion: '1',
    isLive: true,
    ...more,
  };
}

const group = ['AAA-BBB', 'AAA-CCC', 'BBB-CCC'].map((dyad, i) =>
  row('mil.aid', dyad, {
    id: i + 1,
    participants: ['AAA', 'BBB', 'CCC'],
    evidence: [...row('mil.aid', 'AAA-BBB').evidence, span('CCC', 'Gammaland', 'summary')],
  }),
);

const itemOf = (rows: ReviewedRow[], more: Partial<ReviewedItem> = {}): ReviewedItem => ({
  id: '00000000-0000-7000-8000-000000000000',
  revision: 0,
  input: {
    title: TITLE,
    summary: SUMMARY,
    language: 'en',
    source: 's',
    country: null,
    bloc: 'other',
    publishedAt: null,
  },
  isRemoved: false,
  rows,
  reviews: [],
  ...more,
});

const tools = createReviewTools(REVIEW_DATA);

/** The cells of a decision as `verdict indicator dyad participants status`, or the problems. */
function plan(raw: RawRequest, item: ReviewedItem): string[] {
  const { request, problems } = readRequest({ author: 'ann', reason: 'because', ...raw }, CODEBOOK);
  if (request === null) return problems.map(({ parameter, message }) => `${parameter} ${message}`);
  const planned = planDecision(request, item, CODEBOOK, tools);
  if (planned.cells === null) return planned.problems.map(({ parameter, message }) => `${parameter} ${message}`);
  for (const { label } of planned.cells) if (label) expect(isEvidenced(item.input, label)).toBe(true);
  return planned.cells.map(
    ({ verdict, indicator, dyad, label }) =>
      `${verdict} ${indicator} ${dyad}${label ? ` ${label.participants.join('')} ${label.status} ${label.severity}` : ''}`,
  );
}

describe('the cells of a decision', () => {
  it.each<[string, RawRequest, ReviewedRow[], string[]]>([
    [
      'the only label needs no name',
      { verdict: 'confirm' },
      [row('mil.aid', 'AAA-BBB')],
      ['confirm mil.aid AAA-BBB AAABBB occurred 3'],
    ],
    [
      'a group is confirmed in all of its pairs',
      { verdict: 'confirm', indicator: 'mil.aid' },
      group,
      ['AAA-BBB', 'AAA-CCC', 'BBB-CCC'].map((dyad) => `confirm mil.aid ${dyad} AAABBBCCC occurred 3`),
    ],
    [
      'one pair of a group is rejected alone',
      { verdict: 'reject', dyad: 'CCC-AAA' },
      group,
      ['reject mil.aid AAA-CCC'],
    ],
    [
      'another status keeps the cell',
      { verdict: 'correct', to_status: 'denied', to_severity: 2 },
      [row('mil.aid', 'AAA-BBB')],
      ['correct mil.aid AAA-BBB AAABBB denied 2'],
    ],
    [
      'another act leaves the cell and adds one',
      { verdict: 'correct', to_indicator: 'econ.trade', act: 'trade' },
      [row('mil.aid', 'AAA-BBB')],
      ['correct mil.aid AAA-BBB', 'add econ.trade AAA-BBB AAABBB occurred 3'],
    ],
    [
      'another member takes the name that the gazetteer finds',
      { verdict: 'correct', to_participants: ['CCC', 'AAA'] },
      [row('mil.aid', 'AAA-BBB')],
      ['correct mil.aid AAA-BBB', 'add mil.aid AAA-CCC AAACCC occurred 3'],
    ],
    [
      'a group that was a pair keeps its pair',
      { verdict: 'correct', to_participants: 'AAA,BBB' },
      group,
      ['correct mil.aid AAA-BBB AAABBB occurred 3', 'correct mil.aid AAA-CCC', 'correct mil.aid BBB-CCC'],
    ],
    [
      'what is added has its words and the usual severity',
      { verdict: 'add', indicator: 'econ.trade', dyad: 'AAA-CCC', act: 'TRADE WITH “Alphaland”' },
      [],
      ['add econ.trade AAA-CCC AAACCC occurred 2'],
    ],
  ])('%s', (_, raw, rows, expected) => {
    expect(plan(raw, itemOf(rows))).toEqual(expected);
  });

  it.each<[string, RawRequest, ReviewedRow[], string]>([
    [
      'words that are not there',
      { verdict: 'add', indicator: 'econ.trade', dyad: 'AAA-CCC', act: 'signs' },
      [],
      'act "signs" does not stand in the item',
    ],
    ['no words of the act', { verdict: 'add', indicator: 'econ.trade', dyad: 'AAA-CCC' }, [], 'act is missing'],
    ['no act', { verdict: 'add', dyad: 'AAA-CCC' }, [], 'indicator is missing'],
    [
      'an unknown act',
      { verdict: 'reject', indicator: 'mil.ade' },
      [row('mil.aid', 'AAA-BBB')],
      'did you mean "mil.aid"?',
    ],
    [
      'an unknown pair',
      { verdict: 'reject', dyad: 'AAA-BBBB' },
      [row('mil.aid', 'AAA-BBB')],
      'did you mean "AAA-BBB"?',
    ],
    [
      'an unknown status',
      { verdict: 'correct', to_status: 'denyed' },
      [row('mil.aid', 'AAA-BBB')],
      'did you mean "denied"?',
    ],
    ['an unknown verdict', { verdict: 'confrim' }, [row('mil.aid', 'AAA-BBB')], 'did you mean "confirm"?'],
    [
      'an unknown field',
      { verdict: 'reject', statsu: 'x' } as RawRequest,
      [row('mil.aid', 'AAA-BBB')],
      'is no field of a decision',
    ],
    [
      'a label that the item has not',
      { verdict: 'reject', indicator: 'econ.trade' },
      [row('mil.aid', 'AAA-BBB')],
      'it has mil.aid AAA-BBB',
    ],
    ['two that fit', { verdict: 'reject' }, [row('mil.aid', 'AAA-BBB'), row('mil.quarrel', 'AAA-BBB')], 'which label?'],
    ['nothing to correct', { verdict: 'correct' }, [row('mil.aid', 'AAA-BBB')], 'correct needs what is right'],
    [
      'nothing that would change',
      { verdict: 'correct', to_status: 'occurred' },
      [row('mil.aid', 'AAA-BBB')],
      'nothing would change',
    ],
    [
      'a direction between others',
      { verdict: 'correct', to_direction: 'CCC>AAA' },
      [row('mil.aid', 'AAA-BBB')],
      'does not run between two participants',
    ],
    [
      'what is there',
      { verdict: 'add', indicator: 'mil.aid', dyad: 'AAA-BBB', act: 'arms' },
      [row('mil.aid', 'AAA-BBB')],
      'already',
    ],
    ['no reason', { verdict: 'reject', reason: '  ' }, [row('mil.aid', 'AAA-BBB')], 'reason is missing'],
    [
      'an essay',
      { verdict: 'reject', reason: 'x'.repeat(1001) },
      [row('mil.aid', 'AAA-BBB')],
      'has at most 1000 characters',
    ],
    [
      'a name with a bell',
      { verdict: 'reject', author: 'a\u0007' },
      [row('mil.aid', 'AAA-BBB')],
      'author holds control characters',
    ],
    [
      'a confirmation that changes',
      { verdict: 'confirm', to_status: 'denied' },
      [row('mil.aid', 'AAA-BBB')],
      'use correct',
    ],
  ])('%s is refused', (_, raw, rows, expected) => {
    expect(plan(raw, itemOf(rows)).join('\n')).toContain(expected);
  });

  it('a text that was edited: the words are found where they stand now, or named when they are gone', () => {
    const moved = { ...itemOf([row('mil.aid', 'AAA-BBB')]).input, title: 'Yesterday Alphaland arms Betaland' };
    expect(plan({ verdict: 'confirm' }, itemOf([row('mil.aid', 'AAA-BBB')], { input: moved }))).toHaveLength(1);
    const gone = { ...moved, title: 'Alphaland leaves Betaland' };
    expect(plan({ verdict: 'confirm' }, itemOf([row('mil.aid', 'AAA-BBB')], { input: gone }))).toEqual([
      'act is missing: give the words of the item that show the act',
    ]);
  });

  it('a rejected label can be confirmed after all, or rejected again, but not corrected', () => {
    const standing = {
      id: 7,
      decisionId: 'd',
      indicator: 'mil.aid',
      dyad: 'AAA-BBB',
      verdict: 'reject',
      coder: 'human',
      author: 'bob',
      reason: 'no',
      revision: 0,
      observationId: 1,
      sample: null,
      reviewedAt: '2026-03-10T12:00:00Z',
      supersededAt: null,
    };
    const item = itemOf([row('mil.aid', 'AAA-BBB', { isLive: false })], { reviews: [standing] });
    expect(plan({ verdict: 'confirm' }, item)).toEqual(['confirm mil.aid AAA-BBB AAABBB occurred 3']);
    expect(plan({ verdict: 'reject' }, item)).toEqual(['reject mil.aid AAA-BBB']);
    expect(plan({ verdict: 'correct', to_status: 'denied' }, item)).toEqual([
      'verdict mil.aid AAA-BBB was rejected by decision 7: undo that first (axiswatch review undo 7 --reason "...")',
    ]);
  });
});

describe('words in a text', () => {
  const text = { title: 'Iranshahr: Iran’s men met', summary: '伊朗外长访问 IRAN' };
  it.each([
    ['Iran', { field: 'title', start: 11, text: 'Iran' }],
    ["iran's men", { field: 'title', start: 11, text: 'Iran’s men' }],
    ['伊朗', { field: 'summary', start: 0, text: '伊朗' }],
    ['IRAN', { field: 'summary', start: 7, text: 'IRAN' }],
    ['ranshah', { field: 'title', start: 1, text: 'ranshah' }],
    ['Iraq', null],
    [' — ', null],
  ])('%s', (words, expected) => {
    const found = findWords(text, 'act', words);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatchObject(expected);
    if (found) expect(text[found.field].slice(found.start, found.end)).toBe(found.text);
  });

  it('that moved are refitted, others dropped', () => {
    const spans: EvidenceSpan[] = [
      { for: 'act', field: 'title', start: 0, end: 3, text: 'met' },
      { for: 'AAA', field: 'title', start: 0, end: 4, text: 'Peru' },
    ];
    expect(refitSpans(text, spans)).toEqual([{ for: 'act', field: 'title', start: 22, end: 25, text: 'met' }]);
  });
});

describe('precision', () => {
  // Newcombe, Stat. Med. 17 (1998) 857-872, table I: 81/263, 15/148, 0/20, 1/29.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i has the interval of the literature', (hits, total, low, high) => {
    const interval = wilsonInterval(hits, total)!;
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('of nothing is nothing', () => {
    expect(wilsonInterval(0, 0)).toBeNull();
    expect(reportPrecision([]).overall).toMatchObject({ decided: 0, precision: null, low: null, high: null });
  });

  it('is by indicator, pair, language and coder, and apart for what was drawn', () => {
    const count = (
      indicator: string,
      verdict: DecisionCount['verdict'],
      n: number,
      more: Partial<DecisionCount> = {},
    ) => ({
      indicator,
      dyad: 'AAA-BBB',
      language: 'en',
      coder: 'rules',
      coderVersion: '1',
      verdict,
      isSameCell: false,
      isSampled: false,
      count: n,
      ...more,
    });
    const report = reportPrecision([
      count('mil.aid', 'confirm', 6, { isSampled: true }),
      count('mil.aid', 'reject', 2, { language: null }),
      count('mil.aid', 'correct', 1, { isSameCell: true, isSampled: true }),
      count('econ.trade', 'correct', 1, { dyad: 'AAA-CCC', coderVersion: '2' }),
    ]);
    expect(report.overall).toMatchObject({
      decided: 10,
      confirmed: 6,
      precision: 0.6,
      precision_of_cells: 0.7,
      corrected_within: 1,
    });
    expect(report.sampled).toMatchObject({ decided: 7, precision: 0.8571, precision_of_cells: 1 });
    expect(Object.keys(report.per_indicator)).toEqual(['econ.trade', 'mil.aid']);
    expect(report.per_language.unknown).toMatchObject({ decided: 2, precision: 0 });
    expect(Object.keys(report.per_coder)).toEqual(['rules 1', 'rules 2']);
    expect(report.per_dyad['AAA-CCC']).toMatchObject({ decided: 1, precision: 0 });
  });
});

describe('gold from decisions', () => {
  it('puts a group together again, and takes it apart when one pair of it is missing', () => {
    const names = { participants: ['AAA', 'BBB', 'CCC'], status: 'occurred', severity: 3 };
    expect(goldLabels(group)).toEqual([
      {
        ...names,
        indicator: 'mil.aid',
        evidence: { participants: ['Alphaland', 'Betaland', 'Gammaland'], act: 'arms' },
      },
    ]);
    expect(goldLabels(group.slice(0, 2)).map(({ participants }) => participants)).toEqual([
      ['AAA', 'BBB'],
      ['AAA', 'CCC'],
    ]);
  });
});
