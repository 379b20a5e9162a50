import { expect, it, test } from 'vitest';
import { describeAlert, describeSeries, type Evidence } from '../../core/alerts/facts.js';
import { usualCount, weeklyCounts } from '../../core/alerts/series.js';
import type { Codebook } from '../../core/codebook/codebook.js';
import { KEY, type SeriesSketch, seriesOf } from '../support/alert-series.js';

const CODEBOOK: Codebook = {
  version: '1+aa',
  members: [],
  domains: [{ code: 'x', name: 'economic' }],
  indicators: [{ id: 'x.trade', title: 'Trade', domain: 'economic', polarity: 1, direction: 'mutual', definition: '' }],
  dyads: ['AAA-BBB'],
};

test.each<{ name: string; sketch: SeriesSketch; width: number; usual: object | null }>([
  {
    name: 'the median of the 8 windows before, the present one left out',
    // Weeks that end on 15 Nov, 8 Nov, ... hold 1, 2, 3, 4, 5, 6, 7, 100.
    sketch: {
      counts: {
        '2026-11-22': 50,
        '2026-11-15': 1,
        '2026-11-08': 2,
        '2026-11-01': 3,
        '2026-10-25': 4,
        '2026-10-18': 5,
        '2026-10-11': 6,
        '2026-10-04': 7,
        '2026-09-27': 100,
        '2026-09-20': 999,
      },
    },
    width: 7,
    usual: { median: 4.5, windows: 8 },
  },
  {
    name: 'windows of which less than half was read are left out',
    sketch: { counts: { '2026-10-20': 9 }, unread: { from: '2026-10-16', to: '2026-11-05' } },
    width: 7,
    usual: { median: 0, windows: 5 },
  },
  { name: 'nothing while fewer than 4 windows are known', sketch: { readSince: '2026-10-28' }, width: 7, usual: null },
  { name: 'nothing where the horizon is too short', sketch: { days: 20 }, width: 5, usual: null },
])('usual is $name', ({ sketch, width, usual }) => {
  const series = seriesOf(sketch);
  expect(usualCount(series, series.days.length - 1, width, 'stories')).toEqual(usual);
});

it('weeks on which nothing was read are gaps, not zeros', () => {
  const series = seriesOf({ counts: { '2026-11-20': 2 }, readSince: '2026-11-09', days: 30 });
  expect(weeklyCounts(series, 4, 'stories')).toEqual([null, null, 0, 2]);
});

test.each([
  [KEY, 'AAA–BBB · Trade', 'x.trade', 'economic'],
  [{ ...KEY, code: 'x.gone' }, 'AAA–BBB · X.gone', 'x.gone', null],
  [{ ...KEY, level: 'domain', code: 'economic', polarity: -1 }, 'AAA–BBB · Economic friction', null, 'economic'],
  [{ ...KEY, level: 'dyad', code: '' }, 'AAA–BBB · Cooperation', null, null],
  [{ ...KEY, level: 'all', code: '', dyad: '' }, 'All dyads · Cooperation', null, null],
] as const)('%o is called %s', (key, title, indicator, domain) => {
  expect(describeSeries(key, CODEBOOK)).toMatchObject({ title, indicator, domain });
});

it('an alert keeps the numbers, reasons and versions it was raised with', () => {
  const evidence: Evidence = {
    items: [],
    totalItems: 6,
    totalStories: 3,
    statuses: { occurred: 6 },
    blocs: ['western'],
    languages: ['en'],
    outlets: 2,
    words: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    coderVersions: ['rules 1'],
    codebookVersions: ['1+aa'],
    trackedStories: 40,
  };
  const raise = {
    episode: 'e',
    symbol: '▲',
    headline: 'h',
    measure: 'stories',
    value: 3,
    window: { start: '2026-11-20', end: '2026-11-22' },
    condition: 'c',
    families: ['north'],
  } as const;
  const rule = { id: 'r', kind: 'level', scope: {}, severity: 'low', params: {} } as const;
  const series = seriesOf({ counts: { '2026-11-21': 3 }, feedsRead: 9 });
  const now = new Date('2026-11-22T08:00:00Z');
  const facts = describeAlert(rule, 'why', { ...raise, families: ['north'] }, series, evidence, CODEBOOK, now);
  expect(facts).toMatchObject({
    rule: { id: 'r', kind: 'level', severity: 'low', condition: 'c', reason: 'why' },
    value: 3,
    usual: 0,
    usualWindows: 8,
    window: { start: '2026-11-20', end: '2026-11-22', days: 3 },
    provisional: true,
    coverage: { day: '2026-11-21', read: 9, of: 10 },
    tracked: 40,
    words: ['a', 'b', 'c', 'd', 'e', 'f'],
    versions: { codebook: ['1+aa'], coder: ['rules 1'] },
  });
});
