import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Codebook } from '../../core/codebook/codebook.js';
import { nearestValue } from '../../core/nearest.js';
import { bucketsOf } from '../../core/trends/buckets.js';
import {
  addDays,
  addMonths,
  type Day,
  daysBetween,
  daysOf,
  isDay,
  startOf,
  weekdayOf,
} from '../../core/trends/calendar.js';
import type { Parameters } from '../../core/trends/parameters.js';
import { comparedQuery, parseTrendQuery, seriesOf } from '../../core/trends/query.js';
import { foldValues, sparkline } from '../../core/trends/sparkline.js';
import type { Vocabulary } from '../../core/trends/vocabulary.js';

const CODEBOOK: Codebook = {
  version: '1',
  members: [],
  domains: [
    { code: 'mil', name: 'military' },
    { code: 'econ', name: 'economic' },
  ],
  indicators: [
    { id: 'mil.aid', title: '', domain: 'military', polarity: 1, direction: 'either', definition: '' },
    { id: 'mil.quarrel', title: '', domain: 'military', polarity: -1, direction: 'either', definition: '' },
    { id: 'econ.trade', title: '', domain: 'economic', polarity: 1, direction: 'either', definition: '' },
  ],
  dyads: ['AAA-BBB', 'AAA-CCC', 'BBB-CCC'],
};
const VOCABULARY: Vocabulary = {
  codebook: CODEBOOK,
  blocs: ['east', 'west'],
  languages: ['en'],
  sources: [],
  feeds: [],
};
/** A Tuesday. */
const NOW = new Date('2026-11-24T23:59:59Z');

function parse(parameters: Record<string, string | string[]>, now = NOW) {
  const given: Parameters = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, [value].flat()]),
  );
  return parseTrendQuery(given, VOCABULARY, now);
}

describe('the range of a query', () => {
  test.each([
    [{}, '2026-09-07', '2026-11-30'],
    [{ last: '12w' }, '2026-09-07', '2026-11-30'],
    [{ last: '1w' }, '2026-11-23', '2026-11-30'],
    [{ last: '90d', granularity: 'day' }, '2026-08-27', '2026-11-25'],
    [{ last: '1d', granularity: 'day' }, '2026-11-24', '2026-11-25'],
    [{ last: '2y', granularity: 'month' }, '2024-11-01', '2026-12-01'],
    [{ last: '6m', granularity: 'month' }, '2026-06-01', '2026-12-01'],
    // Seven days back are 18 November, a Wednesday; its week began on the 16th.
    [{ last: '7d' }, '2026-11-16', '2026-11-30'],
    [{ last: '2w', to: '2026-03-01' }, '2026-02-16', '2026-03-01'],
    [{ from: '2026-01-01', to: '2026-11-22' }, '2026-01-01', '2026-11-22'],
    [{ from: '2026-01-01' }, '2026-01-01', '2026-11-30'],
    [{ to: '2026-03-02' }, '2025-12-08', '2026-03-02'],
    [{ as_of: '2026-03-03', last: '2w' }, '2026-02-23', '2026-03-09'],
  ])('%o is %s to %s', (parameters, from, to) => {
    const { query, problems } = parse(parameters as Record<string, string>);
    expect(problems).toEqual([]);
    expect([query?.from, query?.to]).toEqual([from, to]);
  });

  it('depends on the clock passed in, in UTC', () => {
    expect(parse({ last: '1d', granularity: 'day' }, new Date('2026-11-25T00:00:00Z')).query?.from).toBe('2026-11-25');
    expect(parse({ last: '1d', granularity: 'day' }, new Date('2026-11-24T23:00:00-05:00')).query?.from).toBe(
      '2026-11-25',
    );
  });
});

describe('values', () => {
  test.each([
    [{ dyad: 'BBB-AAA' }, { dyads: ['AAA-BBB'] }],
    [{ dyad: 'ccc–aaa' }, { dyads: ['AAA-CCC'] }],
    [{ dyad: ['AAA-BBB', 'BBB-AAA,AAA-CCC'] }, { dyads: ['AAA-BBB', 'AAA-CCC'] }],
    [{ domain: 'mil' }, { domains: ['military'] }],
    [{ domain: 'Military' }, { domains: ['military'] }],
    [{ polarity: '-1' }, { polarity: -1 }],
    [{ polarity: ' 1' }, { polarity: 1 }],
    [{ polarity: 'friction' }, { polarity: -1 }],
    [{ status: 'Denied' }, { statuses: ['denied'] }],
    [{ as_of: '2026-03-03' }, { asOf: new Date('2026-03-03T23:59:59.999Z'), today: '2026-03-03' }],
    [{ as_of: '2026-03-03T12:00:00+03:00' }, { asOf: new Date('2026-03-03T09:00:00Z') }],
    // What is left empty in a form was not asked for.
    [
      { dyad: '', domain: ' ', last: '' },
      { dyads: [], domains: [] },
    ],
  ])('%o', (parameters, expected) => {
    expect(parse(parameters as Record<string, string>).query).toMatchObject(expected);
  });

  it('without a group: dyad and domain; with a domain or an indicator: dyad and indicator', () => {
    expect(parse({}).query?.groupBy).toEqual(['dyad', 'domain']);
    expect(parse({ domain: 'mil' }).query?.groupBy).toEqual(['dyad', 'indicator']);
    expect(parse({ group_by: ['domain', 'dyad'] }).query?.groupBy).toEqual(['dyad', 'domain']);
    expect(parse({ group_by: 'dyad,domain,indicator' }).problems[0]?.message).toBe('takes at most two dimensions');
  });

  it('takes a language by its code, and refuses what is none instead of counting nothing', () => {
    expect(parse({ language: 'EN,rus' }).query?.languages).toEqual(['en', 'ru']);
    expect(parse({ language: 'english' }).problems).toEqual([
      {
        parameter: 'language',
        message: 'must be an ISO 639 code, like "en" (got "english", did you mean "en"?)',
        allowed: ['en'],
        nearest: 'en',
      },
    ]);
    expect(parse({ language: 'xx' }).problems).toHaveLength(1);
    expect(parse({ bloc: 'wets' }).problems[0]?.nearest).toBe('west');
  });

  it('gives back no query and every problem at once', () => {
    const { query, problems } = parse({ dyad: 'AAA-AAA', last: '0w', from: '2026-02-30', nonsense: '1' });
    expect(query).toBeNull();
    expect(problems.map((problem) => problem.parameter)).toEqual(['nonsense', 'dyad', 'from', 'last']);
  });

  it('never throws, whatever is asked', () => {
    const names = [
      'dyad',
      'domain',
      'from',
      'to',
      'last',
      'granularity',
      'group_by',
      'as_of',
      'polarity',
      'language',
      'toString',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.array(fc.string({ unit: 'binary' }))), (parameters) => {
        const { query, problems } = parseTrendQuery(parameters, VOCABULARY, NOW);
        expect(query === null).toBe(problems.length > 0);
        for (const { message } of problems) expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});

describe('series', () => {
  const keys = (parameters: Record<string, string>) =>
    seriesOf(parse(parameters).query!, VOCABULARY).map(({ dyad, domain, indicator }) =>
      [dyad, domain, indicator].join(' '),
    );
  test.each([
    [{ dyad: 'AAA-BBB' }, ['AAA-BBB military ', 'AAA-BBB economic ']],
    [{ dyad: 'AAA-BBB', domain: 'mil' }, ['AAA-BBB military mil.aid', 'AAA-BBB military mil.quarrel']],
    [
      { indicator: 'econ.trade' },
      ['AAA-BBB economic econ.trade', 'AAA-CCC economic econ.trade', 'BBB-CCC economic econ.trade'],
    ],
    [{ group_by: 'domain' }, [' military ', ' economic ']],
    [{ group_by: 'domain', polarity: 'friction' }, [' military ']],
    [{ group_by: 'dyad', domain: 'mil' }, ['AAA-BBB military ', 'AAA-CCC military ', 'BBB-CCC military ']],
    [{ group_by: 'indicator', dyad: 'AAA-BBB', domain: 'econ' }, ['AAA-BBB economic econ.trade']],
  ])('%o', (parameters, expected) => {
    expect(keys(parameters as Record<string, string>)).toEqual(expected);
  });
});

describe('the calendar', () => {
  test.each([
    ['2026-11-24', 'week', '2026-11-23'],
    ['2026-11-22', 'week', '2026-11-16'],
    ['2026-01-01', 'week', '2025-12-29'],
    ['2024-02-29', 'month', '2024-02-01'],
  ] as const)('%s is in the %s from %s', (day, granularity, start) => {
    expect(startOf(day, granularity)).toBe(start);
  });

  it('knows real days', () => {
    expect(['2024-02-29', '2026-02-29', '2026-13-01', '2026-1-1', '', '0000-01-01'].map(isDay)).toEqual([
      true,
      false,
      false,
      false,
      false,
      true,
    ]);
    expect([addMonths('2026-03-31', -1), addMonths('2024-01-31', 1), addMonths('2026-01-15', -13)]).toEqual([
      '2026-02-28',
      '2024-02-29',
      '2024-12-15',
    ]);
  });

  const day = fc.integer({ min: 0, max: 40_000 }).map((count): Day => addDays('1970-01-01', count));
  it('has no gap and no overlap: buckets tile every range, and only the last may be provisional', () => {
    fc.assert(
      fc.property(
        day,
        fc.integer({ min: 1, max: 900 }),
        fc.constantFrom('day', 'week', 'month'),
        (from, length, granularity) => {
          const to = addDays(from, length);
          const buckets = bucketsOf(from, to, granularity as 'day', addDays(to, 5));
          expect(buckets.flatMap(({ start, end }) => daysOf(start, end))).toEqual(daysOf(from, to));
          expect(
            buckets.every(
              ({ start, end }) =>
                startOf(start, granularity as 'day') === startOf(addDays(end, -1), granularity as 'day'),
            ),
          ).toBe(true);
          expect(buckets.some((bucket) => bucket.provisional)).toBe(false);
        },
      ),
    );
  });

  it('weeks begin on Mondays', () => {
    fc.assert(
      fc.property(day, (one) => weekdayOf(startOf(one, 'week')) === 0 && daysBetween(startOf(one, 'week'), one) < 7),
    );
  });

  it('leaves out what has not begun, and marks what is not over', () => {
    expect(bucketsOf('2026-11-18', '2026-12-20', 'week', '2026-11-24')).toEqual([
      { start: '2026-11-18', end: '2026-11-23', provisional: false },
      { start: '2026-11-23', end: '2026-11-30', provisional: true },
    ]);
    // The last day of a week is not over while it runs.
    expect(bucketsOf('2026-11-16', '2026-11-23', 'week', '2026-11-22')[0]?.provisional).toBe(true);
    expect(bucketsOf('2026-11-16', '2026-11-23', 'week', '2026-11-23')[0]?.provisional).toBe(false);
  });
});

test.each([
  [[0, 1, 2], '▁▅█'],
  [[0, 0, 0], '▁▁▁'],
  [[null, 0, 7], '·▁█'],
  [[1, 100], '▂█'],
  [[], ''],
])('the sparkline of %j is %s', (values, line) => {
  expect(sparkline(values)).toBe(line);
});

test.each([
  [[1, null, 2, 3, null, null], 3, [1, 5, null]],
  [[1, 2, 3], 2, [3, 3]],
  [[1, 2, 3], 5, [1, 2, 3]],
  [[], 5, []],
])('%j folded to %i is %j', (values, most, folded) => {
  expect(foldValues(values, most)).toEqual(folded);
});

test.each([
  ['CHN-RUSS', ['CHN-IRN', 'CHN-RUS'], 'CHN-RUS'],
  ['militry', ['military', 'economic'], 'military'],
  ['arms-transfer', ['mil.arms-transfer', 'mil.exercises'], 'mil.arms-transfer'],
  ['weather', ['military', 'economic'], null],
  ['x', ['y'], null],
  ['', ['a'], null],
  ['a'.repeat(5_000), ['a'], null],
])('nearest to "%s" in %j is %s', (word, allowed, nearest) => {
  expect(nearestValue(word, allowed)).toBe(nearest);
});

test.each([
  [{ compare: 'previous', from: '2026-09-07', to: '2026-11-30' }, '2026-06-15', '2026-09-07'],
  [{ compare: 'year', from: '2026-09-07', to: '2026-11-30' }, '2025-09-08', '2025-12-01'],
  [{ compare: 'year', from: '2026-09-07', to: '2026-11-30', granularity: 'day' }, '2025-09-07', '2025-11-30'],
  [{ compare: 'previous', from: '2026-01-01', to: '2026-04-01', granularity: 'month' }, '2025-10-01', '2026-01-01'],
  [{ compare: 'previous', from: '2026-01-15', to: '2026-01-25', granularity: 'month' }, '2026-01-05', '2026-01-15'],
])('%o compares with %s to %s', (parameters, from, to) => {
  const compared = comparedQuery(parse(parameters as Record<string, string>).query!);
  expect([compared.from, compared.to, compared.compare]).toEqual([from, to, null]);
});
