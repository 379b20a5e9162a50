import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEvidenced } from '../../core/coder/evidence.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { coder, data, input } from './support.js';

const gold = ['chronology', 'multilingual'].flatMap((name) =>
  readFileSync(new URL(`../../../shared/gold/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { title: string; summary: string; lang: string; bloc: string }),
);
const item = fc.constantFrom(...gold);

describe('the evidence gate', () => {
  it('lets no label pass without words for its act and each participant', () => {
    fc.assert(
      fc.property(item, item, fc.nat(400), fc.nat(400), (a, b, cut, from) => {
        const text = input(a.title.slice(from % 7), {
          summary: `${b.summary.slice(0, cut)}\u200c ${a.summary.slice(from % 30)}`,
          language: a.lang,
          bloc: b.bloc,
        });
        for (const label of coder.code(text)) {
          expect(isEvidenced(text, label)).toBe(true);
          for (const span of label.evidence) expect(text[span.field].slice(span.start, span.end)).toBe(span.text);
          expect(new Set(label.participants).size).toBe(label.participants.length);
          expect([...label.participants].sort()).toEqual(label.participants);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('survives any string', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        (title, summary) => {
          expect(Array.isArray(coder.code(input(title, { summary })))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['no span of the act', [{ for: 'RUS', field: 'title', start: 0, end: 3, text: 'abc' }]],
    ['words that stand elsewhere', [{ for: 'act', field: 'title', start: 0, end: 3, text: 'abd' }]],
    ['a span outside of the text', [{ for: 'act', field: 'title', start: 0, end: 99, text: 'abc' }]],
    ['an empty span', [{ for: 'act', field: 'title', start: 1, end: 1, text: '' }]],
  ] as const)('refuses %s', (_, evidence) => {
    expect(isEvidenced(input('abc'), { participants: ['CHN', 'RUS'], evidence: [...evidence] })).toBe(false);
  });

  it('gives the same labels whenever it reads the same text', () => {
    const other = createRulesCoder(data);
    for (const { title, summary, lang, bloc } of gold.slice(0, 200)) {
      const text = input(title, { summary, language: lang, bloc });
      expect(other.code(text)).toEqual(coder.code(text));
    }
  });
});
