import { describe, expect, it } from 'vitest';
import { codebookFileSchema } from '../../config/codebook-schema.js';
import type { SuggestionsData } from '../../core/codebook/data.js';
import { fitSuggestions, type WordExample } from '../../core/coder/fit-suggestions.js';
import { packRow, unpackRow } from '../../core/coder/net.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { data, input } from './support.js';

const settings = { ...data.settings, threshold: 0.4, thresholds: {} };
const empty = { threshold: 0.4, net: null, weights: {}, choice: {}, status: {}, severity: {} };
const coderWith = (suggestions: SuggestionsData | null) =>
  createRulesCoder({ ...data, settings, model: { ...empty, suggestions } });
const plain = coderWith(null);

const example = (title: string, ...indicators: string[]): WordExample => ({
  words: plain.words(input(title))!,
  indicators: new Set(indicators),
});

/** No pattern knows these words. */
const EXAMPLES = Array.from({ length: 40 }, (_, i) => [
  example(`Russia and Iran zorble near mile ${i}`, 'econ.labour'),
  example(`Crews from China and North Korea zorbled ${i} times`, 'econ.labour'),
  example(`Russia and Iran are at mile ${i}`),
  example(`China and North Korea were there ${i} times`),
]).flat();
const suggestions = fitSuggestions(EXAMPLES);
const coder = coderWith(suggestions);

const labels = (title: string, summary = '') =>
  coder.code(input(title, { summary })).filter((l) => l.indicator === 'econ.labour');

describe('what words suggest', () => {
  it('is a label whose act is the word that says so', () => {
    const title = 'China and Iran zorble in the east';
    expect(plain.code(input(title)).map((l) => l.indicator)).not.toContain('econ.labour');
    const [label] = labels(title);
    expect(label).toMatchObject({ participants: ['CHN', 'IRN'], rules: ['words:econ.labour'] });
    const act = label!.evidence.find((span) => span.for === 'act')!;
    expect(title.slice(act.start, act.end)).toBe('zorble');
  });

  it('stands in the summary too, with the members of the whole item where its sentence names none', () => {
    const [label] = labels('Talk of Moscow and Pyongyang', 'Nobody had seen it. They zorble again.');
    expect(label?.participants).toEqual(['PRK', 'RUS']);
    expect(label?.evidence.find((span) => span.for === 'act')).toMatchObject({ field: 'summary', start: 25, end: 31 });
  });

  it('is nothing without the word, or without two members', () => {
    expect(labels('China and Iran stay in the east')).toEqual([]);
    expect(labels('China and France zorble in the east')).toEqual([]);
  });

  it('is never shown by the name of a member', () => {
    const named = coderWith(
      fitSuggestions(EXAMPLES.map(({ words }) => ({ words, indicators: new Set(['econ.labour']) }))),
    );
    const found = named.code(input('Russia, Iran')).filter((l) => l.rules.includes('words:econ.labour'));
    expect(found).toEqual([]);
  });

  it('leaves alone what a pattern found', () => {
    const title = 'Russia hires North Korean workers who zorble';
    const rules = labels(title).flatMap((l) => l.rules);
    expect(rules.length).toBeGreaterThan(0);
    expect(rules).not.toContain('words:econ.labour');
  });

  it('adds at most three indicators to an item', () => {
    const ids = data.codebook.indicators.map((i) => i.id);
    const all = coderWith(
      fitSuggestions(EXAMPLES.map((e) => (e.indicators.size > 0 ? { ...e, indicators: new Set(ids) } : e))),
    );
    const title = 'China and Iran zorble in the east';
    expect(all.drafts(input(title)).length - plain.drafts(input(title)).length).toBe(3);
  });

  it('is the same for equal input', () => {
    expect(fitSuggestions(EXAMPLES)).toEqual(suggestions);
  });

  it('does not break on indicators that the codebook lacks', () => {
    const other = { ...suggestions, indicators: ['econ.gone'] };
    expect(coderWith(other).code(input('China and Iran zorble in the east'))).toEqual([]);
  });
});

describe('stored suggestions', () => {
  const problems = (stored: unknown) =>
    (
      codebookFileSchema.safeParse({ model: { threshold: 0.4, weights: {}, suggestions: stored } }).error?.issues ?? []
    ).map(({ path, message }) => `${path.join('.')} ${message}`);

  it.each<[string, Partial<SuggestionsData>, string[]]>([
    ['are taken', {}, []],
    ['with a short row', { rows: { oil: packRow([1]) } }, ['model.suggestions.rows.oil has 1 numbers, not 2']],
    ['with a short bias', { bias: packRow([1]) }, ['model.suggestions.bias has 1 numbers, not 2']],
  ])('%s', (_, change, told) => {
    const stored = { indicators: ['a.one', 'a.two'], bias: packRow([0, 0]), rows: { oil: packRow([1, 2]) } };
    expect(problems({ ...stored, ...change })).toEqual(told);
  });

  it('hold one number for each indicator in a row', () => {
    for (const row of [suggestions.bias, ...Object.values(suggestions.rows)])
      expect(unpackRow(row)).toHaveLength(suggestions.indicators.length);
  });
});
