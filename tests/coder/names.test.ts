import { describe, expect, it } from 'vitest';
import { createLexer } from '../../core/coder/lexer.js';
import { selectMentions } from '../../core/coder/mentions.js';
import { createMatches, findPhrases } from '../../core/coder/vocabulary.js';
import { data } from './support.js';

const lexer = createLexer(data);

/** Members whose names are found, in reading order; ambiguous ones in brackets. */
function namesIn(text: string, lang: string): string[] {
  const found = findPhrases(lexer.names, text, lang, createMatches());
  return selectMentions(lexer, found, 0, text, new Date('2025-06-01'))
    .filter((m) => m.member !== null)
    .map((m) => (m.ambig ? `(${m.member})` : m.member!));
}

describe('names in the text', () => {
  it.each([
    ['Latin after Han is a word', 'zh', '伊朗购买S-400', ['IRN', 'RUS']],
    ['Latin before Han is a word', 'zh', 'VTB在北京设行', ['RUS', 'CHN']],
    ['Latin after Hangul is a word', 'ko', '이란이 S-400을 구매', ['IRN', 'RUS']],
    ['digits are of the word before them or not', 'zh', '朝鲜交付KN-23导弹', ['PRK', 'PRK']],
    ['a preposition does not take the first character of a name', 'zh', '从中国进口', ['CHN']],
    ['a pair does not take the first character of a longer name', 'zh', '近日俄罗斯宣布', ['RUS']],
    ['a run stands against a preposition', 'zh', '从中俄边境', ['CHN', 'RUS']],
    ['a run stands against a date', 'zh', '12日中俄举行会谈', ['CHN', 'RUS']],
    ['a pair with an outsider names no member', 'zh', '中美会谈', []],
    ['an outsider whose name holds a member', 'zh', '白俄罗斯总统', []],
    ['a word that ends in a short name', 'zh', '无人机击中俄炼油厂', ['RUS']],
    ['traditional characters', 'zh', '對伊朗出售飛彈，俄羅斯國防部長', ['IRN', 'RUS']],
    ['a run of three in one Korean word', 'ko', '북중러 정상', ['PRK', 'CHN', 'RUS']],
    ['another order of three', 'ko', '북러중 회담', ['PRK', 'RUS', 'CHN']],
    ['the end of a Korean word is no run', 'ko', '연중러시', []],
    ['Russian cases', 'ru', 'с Кремлём и Небензей', ['RUS', 'RUS']],
    ['each word of a name has its capital', 'ru', 'Ваня и Петя', []],
    ['a name of two words', 'ru', 'Ван И прибыл', ['CHN']],
  ] as const)('%s: %s %s', (_, lang, text, expected) => {
    expect(namesIn(text, lang)).toEqual(expected);
  });
});

describe('concepts in the text', () => {
  const conceptsIn = (text: string, lang: string) => {
    const concepts = lexer.concepts.get(lang)!;
    const { phrase, target, count } = findPhrases(concepts, text, lang, createMatches());
    return Array.from(phrase.slice(0, count), (p, i) => `${lexer.conceptNames[target[i]!]} ${concepts.texts[p]}`);
  };

  it('quotation marks within a Chinese word part nothing', () => {
    const plain = conceptsIn('影子船队', 'zh');
    expect(plain).not.toEqual([]);
    expect(conceptsIn('“影子”船队', 'zh')).toEqual(expect.arrayContaining(plain));
  });

  it('a Korean concept of one syllable begins a word', () => {
    expect(conceptsIn('핵 실험', 'ko').some((c) => c.endsWith(' 핵'))).toBe(true);
    expect(conceptsIn('저녁노을핵', 'ko').some((c) => c.endsWith(' 핵'))).toBe(false);
    expect(conceptsIn('러시아산 원유', 'ko').some((c) => c.endsWith(' *산'))).toBe(true);
  });
});
