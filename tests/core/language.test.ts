import { expect, it } from 'vitest';
import { canonicalLanguage, languageName } from '../../core/language.js';

it.each([
  ['en', 'en'],
  ['EN-us', 'en'],
  ['zh-Hans', 'zh'],
  ['fas', 'fa'],
  ['rus', 'ru'],
  ['xx', null],
  ['russian', null],
  ['', null],
  ['not a tag', null],
])('%j goes by %j', (tag, code) => {
  expect(canonicalLanguage(tag)).toBe(code);
});

it('knows what a language is called', () => {
  expect([languageName('fa'), languageName('xx')]).toEqual(['Persian', null]);
});
