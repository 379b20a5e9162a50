import fc from 'fast-check';
import { expect, test } from 'vitest';
import { segmentText } from '../../server/highlight.js';
import { describeFeed, safeLink, showSpan } from '../../server/words.js';

const span = (who: string, start: number, end: number, text: string, implied?: true) => ({
  for: who,
  start,
  end,
  text,
  ...(implied ? { implied } : {}),
});

test.each([
  ['abc', [], [['abc', '']]],
  [
    'abc def',
    [span('AAA', 0, 3, 'abc')],
    [
      ['abc', 'AAA'],
      [' def', ''],
    ],
  ],
  [
    'abcdef',
    [span('AAA', 0, 4, 'abcd'), span('act', 2, 6, 'cdef')],
    [
      ['ab', 'AAA'],
      ['cd', 'AAA,act'],
      ['ef', 'act'],
    ],
  ],
  // Of an earlier revision: the words are not there any more.
  ['xyz', [span('AAA', 0, 3, 'abc')], [['xyz', '']]],
  [
    'our land',
    [span('AAA', 0, 3, 'our', true)],
    [
      ['our', 'AAA (implied)'],
      [' land', ''],
    ],
  ],
  ['ab', [span('AAA', 1, 1, ''), span('BBB', 5, 9, 'nope')], [['ab', '']]],
  ['', [], []],
])('"%s" with %j is cut into %j', (text, spans, pieces) => {
  expect(segmentText(text, spans).map((segment) => [segment.text, segment.marks.join()])).toEqual(pieces);
});

test('whatever the spans, the pieces joined are the text', () => {
  const spans = fc.array(fc.record({ for: fc.constantFrom('act', 'AAA', 'BBB'), start: fc.nat(20), end: fc.nat(20) }));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), spans, (text, made) => {
      const fitting = made.map((one) => ({ ...one, text: text.slice(one.start, one.end) }));
      expect(
        segmentText(text, fitting)
          .map((segment) => segment.text)
          .join(''),
      ).toBe(text);
    }),
  );
});

test.each([
  ['https://example.org/a?b=1', 'https://example.org/a?b=1'],
  ['HTTP://EXAMPLE.ORG', 'HTTP://EXAMPLE.ORG'],
  ['javascript:alert(1)', null],
  ['javascript://example.org/%0aalert(1)', null],
  ['ftp://example.org/a', null],
  [' https://example.org', null],
  ['data:text/html,x', null],
  ['//example.org', null],
  ['https://', null],
  [null, null],
])('the link %j is shown as %j', (url, link) => {
  expect(safeLink(url)).toBe(link);
});

test.each([
  [0, '0 s'],
  [59, '59 s'],
  [180, '3 min'],
  [7_200, '2 h'],
  [86_400, '24 h'],
  [3 * 86_400, '3 days'],
])('%i seconds are %s', (seconds, text) => {
  expect(showSpan(seconds)).toBe(text);
});

const NOW = new Date('2026-03-10T12:00:00Z');
const FEED = {
  id: 'f',
  source: 's',
  state: 'ok' as const,
  last_polled_at: '2026-03-10T11:57:00.000Z',
  last_success_at: '2026-03-10T11:57:00.000Z',
  consecutive_failures: 0,
  reason: null,
  detail: null,
  next_due_at: '2026-03-10T12:12:00.000Z',
  items: 3,
};
test.each([
  [{}, 'read 3 min ago'],
  [{ state: 'waiting', last_polled_at: null, last_success_at: null }, 'not polled yet; first poll in 12 min'],
  [{ state: 'waiting', last_success_at: null, next_due_at: '2026-03-10T11:00:00Z' }, 'not polled yet; due now'],
  [
    { state: 'failing', consecutive_failures: 1, reason: 'timeout' },
    'failed once: the server did not answer in time (last read 3 min ago; next try in 12 min)',
  ],
  [
    { state: 'failing', consecutive_failures: 3, reason: 'client', detail: 'It said 403.', last_success_at: null },
    'failed 3 times in a row: It said 403. (never read so far; next try in 12 min)',
  ],
  [
    { state: 'failing', consecutive_failures: 0, detail: 'Our line is down.', last_success_at: null },
    'last try failed, and not by its fault: Our line is down. (never read so far; next try in 12 min)',
  ],
  [{ state: 'paused' }, 'paused here (last read 3 min ago); resume with: axiswatch sources resume f'],
  [{ state: 'gone' }, 'the server says it is gone for good, so it is no longer polled (last read 3 min ago)'],
  [
    { state: 'held', reason: 'rate-limited' },
    'waiting because its server asked for it: the server asked to be left alone for a while (last read 3 min ago; next try in 12 min)',
  ],
] as const)('a feed %o: %s', (more, words) => {
  expect(describeFeed({ ...FEED, ...more }, NOW)).toBe(words);
});
