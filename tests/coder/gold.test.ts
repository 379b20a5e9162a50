import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { coderFor, readGold } from '../../cli/commands/gold.js';
import { crossValidate } from '../../core/coder/fit-model.js';
import { type GoldReport, type Judgement, reportGold } from '../../core/coder/gold.js';
import { data } from './support.js';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Each item is judged with weights fitted on the other stories and on the project's own development items, so that the floors
 * do not rest on what was fitted. They stand a little below what is reached: a fall is seen, a change of one item is not.
 */
describe('the coder on labelled items', () => {
  let judged: Judgement[] = [];
  let report: GoldReport;

  beforeAll(() => {
    const gold = ['chronology', 'multilingual'].flatMap((name) => readGold(file(`../../../shared/gold/${name}.jsonl`)));
    const further = readdirSync(file('./fixtures'))
      .filter((name) => /^development.*\.jsonl$/.test(name))
      .sort()
      .flatMap((name) => readGold(file(`./fixtures/${name}`)));
    judged = crossValidate(coderFor(data), gold, further);
    report = reportGold(judged);
  }, 1_800_000);

  it.each([
    ['relevance', 0.975],
    ['dyad', 0.955],
    ['domain', 0.93],
    ['indicator', 0.89],
  ])('keeps its F1 on %s', (level, floor) => {
    expect(report.overall[level]?.f1).toBeGreaterThan(floor);
  });

  it.each(['en', 'ru', 'zh', 'fa', 'ko'])('keeps its F1 on indicators in %s', (lang) => {
    expect(report.per_language[lang]?.f1).toBeGreaterThan(0.85);
  });

  it('labels no easy negative and few hard ones', () => {
    expect(report.false_positive_rate['easy-negative']?.labelled).toBe(0);
    expect(report.false_positive_rate['hard-negative']?.rate).toBeLessThan(0.03);
  });

  it('tells the status of matched labels', () => {
    expect(report.status.accuracy).toBeGreaterThan(0.9);
  });

  it('means what its confidence says', () => {
    expect(report.calibration.expected_error).toBeLessThan(0.05);
  });

  it('counts like the scorer: a pair of a group of three is found by a label of the pair', () => {
    const [first] = judged;
    const labels = [{ ...coderLabel, participants: ['CHN', 'RUS'] }];
    const item = {
      ...first!.item,
      labels: [{ indicator: 'mil.exercises', participants: ['CHN', 'IRN', 'RUS'], status: null, severity: null }],
    };
    const { overall } = reportGold([{ item, labels }]);
    expect([overall.indicator?.precision, overall.indicator?.recall]).toEqual([1, 1 / 3]);
  });
});

const coderLabel = {
  indicator: 'mil.exercises',
  direction: null,
  status: 'occurred' as const,
  polarity: 1 as const,
  severity: 3 as const,
  confidence: 0.9,
  flags: [],
  rules: [],
  evidence: [],
};
