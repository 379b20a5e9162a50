import type { Codebook } from '../codebook/codebook.js';
import { addDays, dayOf } from '../trends/calendar.js';
import { type AlertFacts, describeSeries } from './facts.js';

/** An invented alert over the first dyad and indicator of a codebook, for `alerts test`; its text says that it is a sample. */
export function sampleFacts(codebook: Codebook, now: Date): AlertFacts {
  const today = dayOf(now);
  const indicator = codebook.indicators[0];
  const dyad = codebook.dyads[0] ?? '';
  const key = {
    level: 'indicator',
    code: indicator?.id ?? 'sample',
    dyad,
    polarity: indicator?.polarity ?? 1,
  } as const;
  const item = { bloc: 'other', language: 'en', similar: 0, url: 'https://example.org/sample' };
  return {
    symbol: '▲',
    headline: 'sample alert',
    series: describeSeries(key, codebook),
    rule: {
      id: 'sample',
      kind: 'sample',
      severity: 'low',
      condition: 'at least 3 stories in 7 days',
      reason: 'this message only tests the channel',
    },
    measure: 'stories',
    value: 3,
    usual: 1,
    usualWindows: 8,
    window: { start: addDays(today, -6), end: today, days: 7 },
    provisional: true,
    history: [1, 0, 1, 1, 0, 2, 1, 1, null, 1, 1, 3],
    coverage: { day: addDays(today, -1), read: 44, of: 45 },
    tracked: 96,
    families: ['sample-one', 'sample-two'],
    outlets: 3,
    languages: ['en', 'ru'],
    blocs: ['other'],
    statuses: { occurred: 2, alleged: 1 },
    words: ['sample words'],
    items: [
      {
        ...item,
        id: 'sample-1',
        title: 'Sample: a report of an act',
        outlet: 'Outlet A',
        day: today,
        status: 'occurred',
        similar: 2,
      },
      {
        ...item,
        id: 'sample-2',
        title: 'Sample: the same act & <markup> in a title',
        outlet: 'Outlet B',
        day: today,
        status: 'occurred',
      },
      {
        ...item,
        id: 'sample-3',
        title: 'Sample: an allegation',
        outlet: 'Outlet C',
        day: addDays(today, -1),
        status: 'alleged',
        url: null,
      },
    ],
    totalItems: 5,
    versions: { codebook: [codebook.version], coder: ['sample'] },
  };
}
