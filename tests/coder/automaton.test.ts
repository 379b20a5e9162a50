import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildAutomaton, createHits, scan } from '../../core/coder/automaton.js';
import { FOLDED, foldUnits } from '../../core/coder/fold.js';
import { createLexer } from '../../core/coder/lexer.js';
import { siftMembers } from '../../core/coder/sieve.js';
import { createMatches, findPhrases } from '../../core/coder/vocabulary.js';
import { data } from './support.js';

/** Every occurrence of every key in the folded text, found one by one. */
function bruteForce(keys: number[][], text: string): string[] {
  const units = [1, ...foldUnits(text)];
  // The end of a text ends a word.
  if (units.at(-1) !== 1) units.push(1);
  const found: string[] = [];
  for (let end = 1; end <= units.length; end++)
    keys.forEach((key, id) => {
      if (key.length > 0 && end >= key.length && key.every((unit, i) => units[end - key.length + i] === unit))
        found.push(String(id));
    });
  return found.sort();
}

function byAutomaton(keys: number[][], text: string): string[] {
  const automaton = buildAutomaton(keys);
  const hits = createHits(4);
  scan(automaton, text, hits);
  return Array.from({ length: hits.count }, (_, i) => String(hits.key[i])).sort();
}

/** Few letters of each script, so that phrases meet texts, with the signs that join, part and hide them. */
const ALPHABETS = [
  'abcABC \\-.,\u00ad\u0301áÁ’“”',
  'абвАБё ей\\-.,«»\u0301',
  'ابپیيكک \u200c\u064b،.',
  '中俄伊國国“”「」·、。',
  '북중러 은·,.',
  'abАи中俄북ا \\-.,\u200cёе"“”・Ａｂ１𝒜😀',
];
const textOf = (alphabet: string, most: number) => fc.stringMatching(new RegExp(`^[${alphabet}]{0,${most}}$`));
const phrasesAndText = fc
  .constantFrom(...ALPHABETS)
  .chain((alphabet) => fc.tuple(fc.array(textOf(alphabet, 6), { minLength: 1, maxLength: 12 }), textOf(alphabet, 80)));

describe('the automaton', () => {
  it('finds what a search key by key finds, in texts of every script', () => {
    fc.assert(
      fc.property(phrasesAndText, fc.boolean(), ([phrases, text], atWords) => {
        const keys = phrases
          .map((p) => foldUnits(p))
          .filter((k) => k.some((u) => u > 2))
          .map((k) => (atWords ? [1, ...k] : k));
        expect(byAutomaton(keys, text)).toEqual(bruteForce(keys, text));
      }),
      { numRuns: 2_000, seed: 20_261_124 },
    );
  });

  it('finds each phrase at the place in the original text that reads like it', () => {
    fc.assert(
      fc.property(phrasesAndText, ([phrases, text]) => {
        const keys = phrases.map((p) => foldUnits(p)).filter((k) => k.length > 0 && k.every((u) => u > 2));
        const hits = createHits();
        scan(buildAutomaton(keys), text, hits);
        for (let i = 0; i < hits.count; i++)
          expect(foldUnits(text.slice(hits.start[i], hits.end[i]))).toEqual(keys[hits.key[i]!]);
      }),
      { numRuns: 1_000, seed: 20_261_124 },
    );
  });

  it('gives positions in the original text', () => {
    const automaton = buildAutomaton([foldUnits('kim jong un')]);
    const hits = createHits();
    const text = 'Leader KIM JONG-UN';
    scan(automaton, text, hits);
    expect([hits.count, text.slice(hits.start[0], hits.end[0])]).toEqual([1, 'KIM JONG-UN']);
  });

  it('never joins words across a full stop', () => {
    const automaton = buildAutomaton([foldUnits('korea north')]);
    const hits = createHits();
    scan(automaton, 'talks with Korea. North Sea', hits);
    expect(hits.count).toBe(0);
  });

  it('grows its buffers for a text with many hits', () => {
    const automaton = buildAutomaton([foldUnits('a')]);
    const hits = createHits(2);
    scan(automaton, 'a '.repeat(50_000), hits);
    expect(hits.count).toBeGreaterThan(30_000);
  });

  it('tells equal keys apart and gives the longest of one end first', () => {
    const hits = createHits();
    scan(buildAutomaton([foldUnits('中'), foldUnits('俄中'), foldUnits('中')]), '俄中', hits);
    expect([...hits.key.slice(0, hits.count)]).toEqual([1, 0, 2]);
  });

  it('refuses more letters than its symbols can tell apart', () => {
    const letters = Array.from({ length: 65536 }, (_, unit) => unit).filter(
      (unit) => FOLDED[unit] === unit && unit > 2,
    );
    expect(() => buildAutomaton(letters.map((unit) => [unit]))).toThrow(/different letters/);
  });
});

describe('folding', () => {
  /** The slow way: the whole text by the Unicode tables, letter by letter as people type them. */
  const slowly = (text: string) =>
    text
      .normalize('NFKC')
      .toLowerCase()
      .normalize('NFD')
      .replaceAll('и\u0306', 'й')
      .replace(/[\u0300-\u036f\u064b-\u065f\u0670\u0640\u200b-\u200f\u00ad]/g, '')
      .replaceAll('ё', 'е')
      .replaceAll('ø', 'o')
      .replace(/[يىئ]/g, 'ی')
      .replaceAll('ك', 'ک')
      .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(((digit.charCodeAt(0) - 0x0660) % 0x90) % 10));

  it('gives unit by unit what Unicode normalisation and lower case give for the whole text', () => {
    const ranges = [
      'az',
      'AZ',
      '09',
      'ÀÖ',
      'Ùý',
      'Āď',
      'Ая',
      'ЁЁ',
      'ёё',
      'اي',
      'یی',
      'کک',
      '٠٩',
      '۰۹',
      'ａｚ',
      'ＡＺ',
      '０９',
    ];
    const chars = [...'\u064b\u0301\u200c'];
    for (const [from, to] of ranges.map((range) => [range.charCodeAt(0), range.charCodeAt(1)] as const))
      for (let unit = from; unit <= to; unit++) chars.push(String.fromCharCode(unit));
    // Of letters that stand for two, the first is kept, and some Arabic letters are read as their plain form.
    const one = chars.filter((char) => !'ßأإآؤةـ'.includes(char) && /[\p{L}\p{N}\p{M}\u200c]/u.test(char));
    const letters = fc.string({ unit: fc.constantFrom(...one), maxLength: 30 });
    fc.assert(
      fc.property(letters, (text) => {
        expect(String.fromCharCode(...foldUnits(text))).toBe(slowly(text));
      }),
      { numRuns: 2_000, seed: 20_261_124 },
    );
  });

  it('keeps the number of units but for those left out, so that places stay those of the original', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const kept = [...Array(text.length).keys()].filter((i) => FOLDED[text.charCodeAt(i)]! > 2);
        const folded = foldUnits(text).filter((unit) => unit > 2);
        expect(folded).toEqual(kept.map((i) => FOLDED[text.charCodeAt(i)]));
      }),
      { numRuns: 400, seed: 20_261_124 },
    );
  });

  it('reads half-spaces, Arabic letters and yo as their usual forms', () => {
    expect(foldUnits('می‌شود ايران ك')).toEqual(foldUnits('میشود ایران ک'));
    expect(foldUnits('Ёлка')).toEqual(foldUnits('елка'));
    expect(foldUnits('۱۳۶')).toEqual(foldUnits('136'));
  });
});

describe('the sieve', () => {
  const lexer = createLexer(data);
  const forms = data.gazetteer.flatMap((entry) =>
    Object.entries(entry.forms).flatMap(([lang, list]) => list.map((form) => ({ lang, form }))),
  );

  it('lets through every member that a closer look finds', () => {
    const found = createMatches();
    const glue = fc.constantFrom(' ', ' and ', ', ', '. ', '', '\u200c', '-', ' “', '” ', 'и ', '와 ', '、');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...forms), glue), { minLength: 1, maxLength: 4 }), (parts) => {
        const text = parts.map(([{ form }, sign]) => `${form.replace(/[=*~]/g, '')}${sign}`).join('');
        const sifted = siftMembers(lexer.sieve, text, 0, 0);
        for (const { lang } of parts.map(([part]) => part)) {
          findPhrases(lexer.names, text, lang, found);
          for (let i = 0; i < found.count; i++) {
            const bit = lexer.entryBits[found.target[i]!]!;
            expect(sifted & bit, `${lexer.names.texts[found.phrase[i]!]} in ${text}`).toBe(bit);
          }
        }
      }),
      { numRuns: 3_000, seed: 20_261_124 },
    );
  });

  it('ends as soon as two members are there', () => {
    const both = siftMembers(lexer.sieve, 'Iran and Russia meet China', 0, ~0);
    const all = siftMembers(lexer.sieve, 'Iran and Russia meet China', 0, 0);
    const count = (bits: number) => [...Array(31).keys()].filter((i) => (bits >> i) & 1).length;
    expect([count(both), count(all)]).toEqual([2, 3]);
  });
});
