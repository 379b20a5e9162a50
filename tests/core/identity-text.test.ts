import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanEntry, MAX_SUMMARY, storableText } from '../../core/identity/clean-entry.js';
import { fingerprint } from '../../core/identity/fingerprint.js';
import { crediblePublication, itemDay } from '../../core/identity/item-day.js';
import { uuidv7 } from '../../core/identity/uuidv7.js';
import { entry } from '../support/entries.js';

const print = (title: string, summary = '') => fingerprint({ title, summary });

describe('row 38: what is an edit', () => {
  it.each([
    ['another word in the title', 'Talks begin', 'Talks end'],
    ['quotation marks, which make a claim of a fact', 'Probe finds ‘failures’', 'Probe finds failures'],
    ['a figure', '12 killed in strike', '14 killed in strike'],
    ['a figure at the end', 'Court sentences 3', 'Court sentences 4'],
    ['upper case', 'us sanctions', 'US sanctions'],
  ])('%s is one', (_, before, after) => {
    expect(print(after)).not.toBe(print(before));
  });

  it.each([
    ['a comment counter', 'Talks begin (12 comments)', 'Talks begin (13 comments)'],
    ['a comment counter that appears', 'Talks begin', 'Talks begin [3 replies]'],
    ['a counter in Russian', 'Переговоры начались · 7 комментариев', 'Переговоры начались · 21 комментарий'],
    ['white space', 'Talks  begin\n', 'Talks begin'],
    ['a no-break space', 'Talks\u00a0begin', 'Talks begin'],
    ['a soft hyphen or a zero-width space', 'Ne\u00adgo\u200btiations', 'Negotiations'],
    ['a direction mark', '\u200fگفتگوها', 'گفتگوها'],
    ['markup', '<b>Talks</b> begin<br/>', ' Talks  begin'],
    [
      'an image with another size',
      'Talks <img src="a.jpg?width=900"> begin',
      'Talks <img src="a.jpg?width=400"> begin',
    ],
    ['a character reference', 'Q&amp;A on talks', 'Q&A on talks'],
    ['composed or decomposed letters', 'Teherán', 'Tehera\u0301n'],
  ])('%s is none', (_, before, after) => {
    expect(print(after)).toBe(print(before));
  });

  it('a title that moves into the summary is one', () => {
    expect(print('a', 'b')).not.toBe(print('a b', ''));
  });
});

describe('row 28: text that may be stored', () => {
  it('has no NUL and no lone surrogate, and keeps every pair', () => {
    expect(storableText('a\u0000b\ud83dc\ude00d😀')).toBe('abcd😀');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => {
        const text = storableText(String.fromCharCode(...units));
        expect(text).not.toContain('\u0000');
        expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
      }),
    );
  });

  it('is cut between characters', () => {
    expect(storableText('ab😀', 3)).toBe('ab');
    expect(cleanEntry(entry({ summary: 'x'.repeat(MAX_SUMMARY + 5) })).summary).toHaveLength(MAX_SUMMARY);
  });

  it('loses an address beyond any sense, an invalid date, a blank guid', () => {
    const cleaned = cleanEntry(
      entry({
        id: ' \u0000 ',
        url: `https://example.org/${'a'.repeat(5000)}`,
        publishedAt: new Date(Number.NaN),
        publishedRaw: 'x',
      }),
    );
    expect(cleaned).toEqual(entry({ publishedRaw: 'x' }));
  });
});

describe('row 40: the day an item counts on', () => {
  const now = new Date('2026-03-10T23:30:00Z');
  const cases: Array<[string, Date | null, Date | null, string]> = [
    [
      'its publication day in UTC',
      new Date('2026-03-08T22:00:00-05:00'),
      new Date('2026-03-09T03:00:00Z'),
      '2026-03-09',
    ],
    [
      'years back is credible: an archive',
      new Date('2022-02-04T10:00:00Z'),
      new Date('2022-02-04T10:00:00Z'),
      '2022-02-04',
    ],
    ['the day it was first seen when there is no date', null, null, '2026-03-10'],
    ['the day it was first seen when the date is before 1990', new Date(0), null, '2026-03-10'],
    [
      'the day it was first seen when the date is over an hour ahead',
      new Date('2026-03-11T00:31:00Z'),
      null,
      '2026-03-10',
    ],
    [
      'today for a clock that is a little ahead',
      new Date('2026-03-11T00:10:00Z'),
      new Date('2026-03-11T00:10:00Z'),
      '2026-03-10',
    ],
  ];
  it.each(cases)('%s', (_, written, publishedAt, day) => {
    const credible = crediblePublication({ publishedAt: written }, now);
    expect([credible, itemDay(credible, now)]).toEqual([publishedAt, day]);
  });

  it('an entry with an update time only was published then; a wrong publication is not replaced by it', () => {
    const updatedAt = new Date('2026-03-09T00:00:00Z');
    expect(crediblePublication({ publishedAt: null, updatedAt }, now)).toEqual(updatedAt);
    expect(crediblePublication({ publishedAt: new Date(0), updatedAt }, now)).toBeNull();
  });
});

describe('a UUIDv7', () => {
  it('has the layout of RFC 9562: time, version 7, variant 10', () => {
    // The example of RFC 9562, appendix A.6: 2022-02-22 19:22:22 UTC, rand_a CC3, rand_b 18C4DC0C0C07398F.
    const random = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
    expect(uuidv7(new Date('2022-02-22T19:22:22Z'), random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it('sorts by time', () => {
    const ids = [0, 1, 2 ** 16 - 1, 2 ** 16, 2 ** 32, 1.7e12, 1.8e12].map((ms) =>
      uuidv7(new Date(ms), randomBytes(10)),
    );
    expect([...ids].sort()).toEqual(ids);
  });
});
