import { describe, expect, it } from 'vitest';
import { readDocument } from '../../core/coder/document.js';
import { createLexer } from '../../core/coder/lexer.js';
import { compileParts } from '../../core/coder/name-parts.js';
import { compileNumbers } from '../../core/coder/severity.js';
import { data, input } from './support.js';

const lexer = createLexer(data);
const tellPart = compileParts(data.grammar);
const largest = compileNumbers(data.grammar);
const read = (title: string, language: string) => readDocument(lexer, data, input(title, { language }))!;

describe('the part a name plays in its clause', () => {
  it.each([
    ['en', 'Iran signs gas deal with Russia', ['start', 'with']],
    ['en', "Russia's envoy flies from the Iranian capital to China", ['start+s', 'from', 'to']],
    ['ru', 'Россия договорилась с Ираном', ['start', 'with']],
    ['zh', '中国向俄罗斯出口无人机零件', ['start', 'to']],
    ['fa', 'ایران با روسیه توافق کرد', ['start', 'with']],
    ['ko', '러시아가 이란에 무기를 보냈다', ['subject', 'to']],
  ])('%s: %s', (language, title, parts) => {
    const doc = read(title, language);
    expect(doc.members.map((m) => tellPart(doc, m))).toEqual(parts);
  });

  it('is `other` in a language without small words', () => {
    const doc = read('Rusia firma con Irán: Iran, Russia', 'es');
    expect(
      new Set(doc.members.map((m) => tellPart(doc, m)).map((part) => /^(other|start|comma|stop)/.test(part))),
    ).toEqual(new Set([true]));
  });
});

describe('the largest number of a text', () => {
  it.each([
    ['en', 'North Korea sends 12,000 troops to Russia', 12_000],
    ['en', 'Russia gets 1.5 million shells from North Korea', 1_500_000],
    ['en', 'Iran to get 24 Su-35 jets from Russia in 2026', 24],
    ['ru', 'КНДР направила в Россию 11 тыс. солдат', 11_000],
    ['zh', '朝鲜向俄罗斯派兵1.2万人', 12_000],
    ['fa', 'ایران ۲۰۰ پهپاد به روسیه داد', 200],
    ['ko', '북한, 러시아에 3천 명 파병', 3_000],
    ['en', 'Iran and Russia sign pact in 2025', 0],
  ])('%s: %s', (language, title, value) => {
    expect(largest(read(title, language))).toBe(value);
  });
});
