import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildAutomaton, createHits, scan } from '../../core/coder/automaton.js';
import { foldUnits } from '../../core/coder/fold.js';

/** Every occurrence of every key in the folded text, found one by one. */
function bruteForce(keys: number[][], text: string): string[] {
  const units = [1, ...foldUnits(text)];
  // The end of a text ends a word.
  if (units.at(-1) !== 1) units.push(1);
  const found: string[] = [];
  for (let end = 1; end <= units.length; end++)
    keys.forEach((key, id) => {
      if (key.length > 0 && end >= key.length && key.every((unit, i) => units[end - key.length + i] === unit))
        found.push(`${id}@${end}`);
    });
  return found.sort();
}

function byAutomaton(keys: number[][], text: string): string[] {
  const automaton = buildAutomaton(keys);
  const hits = createHits(4);
  scan(automaton, text, hits);
  return Array.from({ length: hits.count }, (_, i) => String(hits.key[i])).sort();
}

const letters = fc.stringMatching(/^[abАби·中俄북 \-.,\u200cёé]{1,6}$/);

describe('the automaton', () => {
  it('finds what a search key by key finds', () => {
    fc.assert(
      fc.property(
        fc.array(letters, { minLength: 1, maxLength: 12 }),
        fc.stringMatching(/^[abcАбив·中俄北북 \-.,\u200cёée]{0,60}$/),
        (phrases, text) => {
          const keys = phrases.map((p) => foldUnits(p)).filter((k) => k.length > 0 && k.some((u) => u > 2));
          const expected = bruteForce(keys, text)
            .map((f) => f.split('@')[0]!)
            .sort();
          expect(byAutomaton(keys, text)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives positions in the original text', () => {
    const automaton = buildAutomaton([foldUnits('kim jong un')]);
    const hits = createHits();
    const text = 'Leader KIM JONG-UN';
    scan(automaton, text, hits);
    expect([hits.count, text.slice(hits.start[0], hits.end[0])]).toEqual([1, 'KIM JONG-UN']);
  });

  it('reads half-spaces, Arabic letters and yo as their usual forms', () => {
    expect(foldUnits('می‌شود ايران ك')).toEqual(foldUnits('میشود ایران ک'));
    expect(foldUnits('Ёлка')).toEqual(foldUnits('елка'));
    expect(foldUnits('۱۳۶')).toEqual(foldUnits('136'));
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
});
