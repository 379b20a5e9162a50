import { expect, it, test } from 'vitest';
import { breakMentions, cleanText, codePoints, safeLink, truncate } from '../../channels/text.js';
import { HOSTILE_TITLES } from '../support/sample-notice.js';

test.each([
  { name: 'white space is folded to one line', text: ' a\r\n\tb\u00a0 c ', clean: 'a b c' },
  { name: 'control characters go', text: 'a\u0000b\u001b[31mc\u007f', clean: 'a b [31mc' },
  { name: 'bidi controls and invisible characters go', text: 'a\u202eb\u2066c\u200bd\ufeffe\u{e0041}', clean: 'abcde' },
  { name: 'joiners of Persian and of emoji stay', text: 'می\u200cخواهم 👩\u200d🔧', clean: 'می\u200cخواهم 👩\u200d🔧' },
  { name: 'piled marks are cut to four', text: `e${'\u0301'.repeat(50)}`, clean: `e${'\u0301'.repeat(4)}` },
  { name: 'lone surrogates become the replacement character', text: 'a\ud800b', clean: 'a\ufffdb' },
])('$name', ({ text, clean }) => {
  expect(cleanText(text, 200)).toBe(clean);
});

it.each(HOSTILE_TITLES)('every clean text is short, well-formed, one line and free of controls (%#)', (title) => {
  const clean = cleanText(title, 100);
  expect(codePoints(clean)).toBeLessThanOrEqual(100);
  expect(clean).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u);
});

it('text is cut between what a reader sees as characters', () => {
  expect(truncate('abcdef', 6)).toBe('abcdef');
  expect(truncate('abcdef', 5)).toBe('abcd…');
  expect(truncate('ab👩‍👩‍👧‍👦cd', 6)).toBe('ab…');
  expect(truncate('🇰🇵🇷🇺🇨🇳', 4)).toBe('🇰🇵…');
});

it('mentions are broken by a character that nobody sees', () => {
  expect(breakMentions('@everyone and a@b.c, but @ alone')).toBe('@\u200beveryone and a@\u200bb.c, but @ alone');
});

test.each([
  ['https://example.org/a?b=1', 'https://example.org/a?b=1'],
  ['http://example.org', 'http://example.org/'],
  ['https://example.org/<b>|"c', 'https://example.org/%3Cb%3E|%22c'],
  ['javascript:alert(1)', null],
  ['data:text/html,x', null],
  ['file:///etc/passwd', null],
  ['//example.org/x', null],
  ['https://user:pass@example.org/', null],
  [`https://example.org/${'a'.repeat(3000)}`, null],
  ['', null],
  [null, null],
])('the safe link of %s is %s', (url, safe) => {
  expect(safeLink(url)).toBe(safe);
});
