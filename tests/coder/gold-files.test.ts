import { cpSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vocabularyOf } from '../../cli/coder-input.js';
import { readGoldFile } from '../../cli/read-gold.js';
import { figureOf, shareOf } from '../../core/coder/figures.js';
import { type GoldItem, reportGold } from '../../core/coder/gold.js';
import type { Label } from '../../core/coder/label.js';
import { run } from './run-command.js';
import { coder, data, INVENTED, input } from './support.js';

const LABEL = { indicator: 'mil.exercises', participants: ['CHN', 'RUS'], status: 'occurred', severity: 3 };
const ITEM = {
  id: 'a',
  title: 'China and Russia hold joint naval drill',
  lang: 'en',
  kind: 'positive',
  labels: [LABEL],
};

function write(...items: unknown[]): string {
  const file = join(mkdtempSync(join(tmpdir(), 'gold-')), 'gold.jsonl');
  writeFileSync(file, items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join('\n'));
  return file;
}

const read = (...items: unknown[]) => {
  const { items: good, problems } = readGoldFile(write(...items), vocabularyOf(data));
  return { ids: good.map((item) => item.id), problems: problems.map((p) => `${p.line}: ${p.message}`) };
};

describe('a gold file', () => {
  it('is read when it is right', () => {
    const easy = { id: 'b', title: 'Rain', kind: 'easy-negative', labels: [] };
    expect(read(ITEM, '', easy)).toEqual({ ids: ['a', 'b'], problems: [] });
  });

  it.each([
    [
      'indicator',
      { labels: [{ ...LABEL, indicator: 'mil.exercise' }] },
      'labels[0].indicator is "mil.exercise": did you mean "mil.exercises"?',
    ],
    [
      'member',
      { labels: [{ ...LABEL, participants: ['CHN', 'RUSS'] }] },
      'labels[0].participants[1] is "RUSS": did you mean "RUS"?',
    ],
    [
      'too few members',
      { labels: [{ ...LABEL, participants: ['CHN'] }] },
      'labels[0].participants names 1: a label has two to 4',
    ],
    [
      'one member twice',
      { labels: [{ ...LABEL, participants: ['CHN', 'CHN'] }] },
      'labels[0].participants names a member twice',
    ],
    ['no members', { labels: [{ ...LABEL, participants: 'CHN-RUS' }] }, 'labels[0].participants is no list of members'],
    ['status', { labels: [{ ...LABEL, status: 'aledged' }] }, 'labels[0].status is "aledged": did you mean "alleged"?'],
    ['severity', { labels: [{ ...LABEL, severity: 6 }] }, 'labels[0].severity is 6: a whole number from 1 to 5'],
    ['kind', { kind: 'hard_negative', labels: [] }, '"kind" is "hard_negative": did you mean "hard-negative"?'],
    ['weight', { weight: 0 }, '"weight" is 0: a number above 0, at most 10'],
    ['a positive without labels', { labels: [] }, '"kind" is "positive" with no label'],
    ['a negative with labels', { kind: 'easy-negative' }, '"kind" is "easy-negative" with 1 labels'],
    ['language', { lang: 'englsh' }, '"lang" is "englsh": is no language (the codebook has en, fa, ko, ru, zh)'],
    [
      'language without names',
      { lang: 'de' },
      '"lang" is "de": the codebook has no names in it (it has en, fa, ko, ru, zh)',
    ],
    ['bloc', { bloc: 'weastern' }, '"bloc" is "weastern": is no group of outlets: did you mean "western"?'],
    [
      'one label twice',
      { labels: [LABEL, { ...LABEL, participants: ['RUS', 'CHN'] }] },
      'labels[1]: mil.exercises CHN-RUS stands in labels[0] already',
    ],
    ['no labels', { labels: undefined }, 'no "labels" (a list, empty for an item without any)'],
    ['a label that is no object', { labels: ['mil.exercises'] }, 'labels[0] is no object'],
    [
      'date',
      { published: 'soon' },
      '"published" is "soon": is no date (write it as 2026-01-31 or 2026-01-31T08:00:00Z)',
    ],
  ])('names line, field and nearest value: %s', (_, fields, message) => {
    const { ids, problems } = read({ ...ITEM, id: 'first' }, { ...ITEM, ...fields });
    expect(ids).toEqual(['first']);
    expect(problems).toContain(`2: ${message}`);
  });

  it('tells every mistake of a line, an id that comes twice, and lines that are no items', () => {
    const bad = { ...ITEM, lang: 'xx', labels: [{ ...LABEL, indicator: 'x', participants: ['A', 'B'], status: 1 }] };
    const { problems } = read(ITEM, bad, 'no json');
    expect(problems.filter((p) => p.startsWith('2: '))).toHaveLength(6);
    expect(problems).toContain('2: "id" is "a": stands on line 1 already');
    expect(problems.at(-1)).toMatch(/^3: not JSON/);
  });

  it('is judged without the lines that are wrong, told as file:line, with exit code 1', async () => {
    const file = write(ITEM, { ...ITEM, id: 'b', kind: 'postive' });
    const { code, out, err } = await run(['gold', file, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out).items).toBe(1);
    expect(err).toBe(`${file}:2: "kind" is "postive": did you mean "positive"?\n1 line skipped\n`);
  });

  it('is not fitted on when it is wrong', async () => {
    const codebook = mkdtempSync(join(tmpdir(), 'codebook-'));
    cpSync(INVENTED, codebook, { recursive: true });
    const item = { id: 'a', title: 'T', labels: [] };
    const { code, err } = await run(['gold', write(item, 'no json'), '--fit', '--codebook', codebook]);
    expect(code).toBe(1);
    expect(err).toMatch(/nothing is fitted on files with mistakes/);
    expect(readdirSync(codebook)).not.toContain('model.json');
  });
});

describe('figures', () => {
  const gold = (id: string, kind: string, labels: GoldItem['labels'], bloc = 'western'): GoldItem => ({
    id,
    kind,
    weight: 1,
    story: id,
    labels,
    input: input(id, { language: 'en', bloc }),
  });
  const given = (indicator: string, status: Label['status'], severity: Label['severity'] = 3): Label => ({
    indicator,
    participants: ['CHN', 'RUS'],
    status,
    severity,
    direction: null,
    polarity: 1,
    confidence: 0.95,
    flags: [],
    rules: [],
    evidence: [],
  });
  const report = reportGold([
    { item: gold('hit', 'positive', [LABEL]), labels: [given('mil.exercises', 'occurred')] },
    {
      item: gold('status', 'positive', [{ ...LABEL, status: 'alleged' }]),
      labels: [given('mil.exercises', 'occurred', 2)],
    },
    { item: gold('confused', 'positive', [LABEL], 'russian'), labels: [given('mil.basing', 'occurred')] },
    { item: gold('false', 'hard-negative', []), labels: [given('econ.energy', 'alleged')] },
    { item: gold('quiet', 'easy-negative', []), labels: [] },
  ]);
  const of = (figure: { precision: number | null; recall: number | null } | undefined) => [
    figure?.precision,
    figure?.recall,
  ];

  it('stand for each indicator, domain, pair, language, group of outlets and kind', () => {
    expect(of(report.overall.indicator)).toEqual([2 / 4, 2 / 3]);
    expect(of(report.per_indicator['mil.exercises'])).toEqual([1, 2 / 3]);
    expect(of(report.per_domain.mil)).toEqual([1, 1]);
    expect(of(report.per_domain.econ)).toEqual([0, null]);
    expect(of(report.per_dyad['CHN-RUS'])).toEqual([3 / 4, 1]);
    expect(of(report.per_language.en)).toEqual([2 / 4, 2 / 3]);
    expect(of(report.per_bloc.russian)).toEqual([0, 0]);
    expect(of(report.per_kind.positive)).toEqual([2 / 3, 2 / 3]);
    expect(of(report.per_kind['hard-negative'])).toEqual([0, null]);
  });

  it('stand for each status, where a label with another status is wrong', () => {
    expect(of(report.per_status.occurred)).toEqual([1 / 3, 1 / 2]);
    expect(of(report.per_status.alleged)).toEqual([0, 0]);
    expect(report.status).toMatchObject({
      matched: 2,
      right: 1,
      accuracy: 0.5,
      confusion: { 'alleged > occurred': 1 },
    });
    expect(report.severity).toEqual({ matched: 2, right: 0.5, within_one: 1 });
  });

  it('tell which indicators are confused and which items are worst', () => {
    expect(report.confusion).toEqual([{ gold: 'mil.exercises', given: 'mil.basing', items: 1 }]);
    expect(report.worst.map((w) => w.id)).toEqual(['confused', 'false']);
    expect(report.false_positive_rate['hard-negative']).toMatchObject({ items: 1, labelled: 1, rate: 1 });
    expect(report.false_positive_rate['easy-negative']).toMatchObject({ items: 1, labelled: 0, rate: 0 });
  });

  it('have intervals that hold them, and equal ones for equal items', () => {
    const counts = Array.from({ length: 60 }, (_, i): [number, number, number] => [
      i % 3 ? 1 : 0,
      i % 5 ? 0 : 1,
      i % 4 ? 0 : 1,
    ]);
    const figure = figureOf(counts);
    for (const [value, interval] of [
      [figure.f1, figure],
      [figure.precision, figure.precision_interval],
      [figure.recall, figure.recall_interval],
    ] as const) {
      expect(interval.low).toBeLessThan(value!);
      expect(interval.high).toBeGreaterThan(value!);
    }
    expect(figureOf(counts)).toEqual(figure);
  });

  it('have no interval where there is nothing to count', () => {
    expect(shareOf([])).toEqual({ share: null, low: null, high: null });
    expect(figureOf([[0, 0, 0]])).toMatchObject({ f1: null, low: null, high: null });
  });

  it('are all in what the command prints', async () => {
    const { out } = await run(['gold', write(ITEM)]);
    for (const title of ['level', 'indicator', 'domain', 'pair', 'language', 'outlets', 'kind', 'status', 'confidence'])
      expect(out).toMatch(new RegExp(`^${title} `, 'm'));
    expect(out).toContain(`coder rules ${coder.version}`);
    expect(out).toMatch(/^military +1\.000/m);
  });
});
