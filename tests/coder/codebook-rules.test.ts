import { describe, expect, it } from 'vitest';
import { differenceOf, type RuleCase, readCases } from './rule-cases.js';
import { data } from './support.js';

/** Every general and edge rule of the codebook, and the rules of its sections on status, boundaries, severity and names. */
const RULES = readCases('codebook-rules.txt');
const SECTIONS = readCases('codebook-sections.txt');
/** Cases that the coder does not get right, under their cause. One that it learns moves up into its table. */
const KNOWN_GAPS = readCases('codebook-gaps.txt');

const named = (cases: RuleCase[]) => cases.map((c): [string, string, RuleCase] => [c.rule, c.text, c]);

describe('rules of the codebook', () => {
  it.each(named(RULES))('%s: %s', (_, __, rule) => {
    expect(differenceOf(rule)).toBeNull();
  });
});

describe('status, boundaries, severity and names', () => {
  it.each(named(SECTIONS))('%s: %s', (_, __, rule) => {
    expect(differenceOf(rule)).toBeNull();
  });
});

describe('known gaps', () => {
  it.each(named(KNOWN_GAPS))('%s: %s', (_, __, rule) => {
    expect(differenceOf(rule), 'as the codebook says now: move the line up into its table').not.toBeNull();
  });
});

describe('the tables', () => {
  const all = [...RULES, ...SECTIONS, ...KNOWN_GAPS];
  const of = (rule: string) => all.filter((c) => c.rule === rule);
  const numbered = (letter: string, last: number) => Array.from({ length: last }, (_, i) => `${letter}${i + 1}`);

  it.each([...numbered('G', 37), ...numbered('E', 26)])('%s has three examples or more', (rule) => {
    expect(of(rule).length).toBeGreaterThanOrEqual(3);
  });

  it('hold each text once', () => {
    const texts = all.map((c) => `${c.rule.split(':')[0]} ${c.text} ${c.input.bloc} ${c.input.publishedAt}`);
    expect(texts.filter((text, i) => texts.indexOf(text) !== i)).toEqual([]);
  });

  it('name indicators and members of the codebook', () => {
    const indicators = new Set(data.codebook.indicators.map((i) => i.id));
    const codes = new Set(data.codebook.members.map((m) => m.code));
    for (const { expected } of all)
      for (const part of expected.replace(/@\S+|[()]/g, '').split(';')) {
        const [indicator, members] = part.trim().split(/\s+/);
        if (!indicator) continue;
        expect(indicators).toContain(indicator);
        expect(codes).toEqual(new Set([...codes, ...(members ?? '').split('-')]));
      }
  });
});
