import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readGold } from '../../cli/commands/gold.js';
import { readDocument } from '../../core/coder/document.js';
import { createLexer } from '../../core/coder/lexer.js';
import { createRunFinder, type FoundRuns, markedRunsOf, plainRunsOf } from '../../core/coder/word-runs.js';
import { data, input } from './support.js';

const lexer = createLexer(data);
const read = (title: string, more = {}) => {
  const doc = readDocument(lexer, data, input(title, more));
  if (doc === null) throw new Error('names fewer than two members');
  return doc;
};
const plain = (title: string, summary = '') => plainRunsOf({ fields: [title, summary] });

describe('plain runs', () => {
  it('are words and pairs of words by their folded beginnings, each once', () => {
    expect(plain('Ammunition shipped', 'AMMUNITION, shipped!')).toEqual(['w ammuni', 'w ammuni shippe', 'w shippe']);
  });

  it('are two and three characters in Han writing, traditional ones as simplified', () => {
    expect(plain('貿易額')).toEqual(['w 贸 易', 'w 贸 易 额', 'w 易 额']);
  });

  it('take the first syllables of Korean words and split where the script changes', () => {
    expect(plain('정상회담을')).toEqual(['w 정상']);
    expect(plain('S-400')).toEqual(['w s', 'w s 400', 'w 400']);
  });

  it('do not reach from the title into the summary', () => {
    expect(plain('sends', 'oil')).toEqual(['w sends', 'w oil']);
  });
});

describe('marked runs', () => {
  it('have a mark in the place of each name, by its part in the draft', () => {
    const doc = read('Iran sends drones to Russia');
    expect(markedRunsOf(doc, ['IRN', 'RUS'])).toEqual([
      'm ^ @',
      'm ^ @ sends',
      'm @ sends',
      'm @ sends drones',
      'm drones to @',
      'm to @',
      'm to @ $',
      'm @ $',
    ]);
  });

  it('tell the participants from other members and from anyone else', () => {
    const doc = read('Iran and China, says the United States');
    expect(markedRunsOf(doc, ['IRN', 'RUS'])).toEqual(expect.arrayContaining(['m @ and #', 'm the %']));
  });

  it('mark a compound once for each of its members, and "our country" as the home of the outlet', () => {
    expect(markedRunsOf(read('中俄签署协议'), ['CHN', 'RUS'])).toContain('m ^ @ @');
    const home = read('我国与俄罗斯签署协议', { country: 'CN', bloc: 'chinese', language: 'zh' });
    expect(markedRunsOf(home, ['CHN', 'RUS'])).toContain('m ^ @ 与');
  });
});

describe('a finder of runs', () => {
  it.each(['en', 'ru', 'zh', 'fa', 'ko'])('finds what the same text is fitted on (%s)', (lang) => {
    const file = fileURLToPath(new URL(`./fixtures/development-${lang}.jsonl`, import.meta.url));
    let read = 0;
    for (const { input: item } of readGold(file)) {
      const doc = readDocument(lexer, data, item);
      if (doc === null) continue;
      read++;
      const members = [...new Set(doc.members.map((m) => m.member!))].sort().slice(0, 2);
      const plainRuns = plainRunsOf(doc);
      const markedRuns = markedRunsOf(doc, members);
      // Every second run is known, and others that the text does not hold.
      const known = [...plainRuns, ...markedRuns].filter((_, i) => i % 2 === 0);
      known.push('w nowhere to', 'm @ nowhere', 'w 无 处');
      const finder = createRunFinder(known);
      const namesOf = ({ runs, count }: FoundRuns) => Array.from(runs.subarray(0, count), (i) => known[i]!).sort();
      const knownOf = (names: string[]) => names.filter((name) => known.includes(name)).sort();
      expect(namesOf(finder.plainOf(doc))).toEqual(knownOf(plainRuns));
      expect(namesOf(finder.markedOf(doc, members))).toEqual(knownOf(markedRuns));
      expect(namesOf(finder.plainOf(doc))).toEqual(knownOf(plainRuns));
    }
    expect(read).toBeGreaterThan(50);
  });

  it('tells where a plain run stands first', () => {
    const doc = read('Russia sends shells', { summary: 'China, Russia: it sends shells.' });
    const finder = createRunFinder(['w sends shells', 'w it sends', 'w nowhere']);
    const { count, runs, fields, starts, ends } = finder.plainOf(doc);
    const found = Array.from({ length: count }, (_, i) => [
      finder.names[runs[i]!],
      doc.fields[fields[i]! as 0 | 1].slice(starts[i], ends[i]),
      fields[i],
    ]);
    expect(found).toEqual([
      ['w sends shells', 'sends shells', 0],
      ['w it sends', 'it sends', 1],
    ]);
  });
});
