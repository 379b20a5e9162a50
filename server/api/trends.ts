import { type Bucket, bucketsOf } from '../../core/trends/buckets.js';
import { addDays, type Day, daysOf } from '../../core/trends/calendar.js';
import { expectBuckets, type Panorama } from '../../core/trends/expectation.js';
import { buildSeries, cellKey, type Expect, type Series } from '../../core/trends/points.js';
import {
  comparedQuery,
  parseTrendQuery,
  seriesOf,
  TREND_PARAMETERS,
  type TrendQuery,
} from '../../core/trends/query.js';
import { loadTrends, type Panel, type TrendFacts } from '../../db/trends.js';
import { type AskContext, isoTime, type Question, vocabularyOf } from './context.js';
import { openVersions } from './versions.js';

export interface Meta {
  codebook_version: string;
  coder_version: string;
  /** The feeds the series is built on: their number and a digest of their ids. */
  panel: string;
  generated_at: string;
  citation: string;
  permalink: string;
}

export interface TrendsBody {
  query: ReturnType<typeof echoQuery>;
  meta: Meta;
  series: Series[];
}

export const trends: Question<TrendsBody> = {
  parameters: TREND_PARAMETERS,
  columns: [
    'dyad',
    'domain',
    'indicator',
    'start',
    'end',
    'items',
    'stories',
    'families',
    'blocs',
    'total_stories',
    'share',
    'coverage',
    'baseline',
    'low',
    'high',
    'z',
    'provisional',
  ],

  async ask(given, parameters) {
    const { context, problems: unknown } = await openVersions(given, parameters);
    const now = context.clock.now();
    const { query, problems } = parseTrendQuery(parameters, vocabularyOf(context), now);
    if (!query || unknown.length > 0) return { kind: 'invalid', problems: [...problems, ...unknown] };
    const { series, panel } = await answer(context, query);
    if (query.compare) {
      const earlier = await answer(context, comparedQuery(query));
      for (const [i, one] of series.entries()) one.compare = earlier.series[i]?.points ?? [];
    }
    return { kind: 'answer', body: { query: echoQuery(query), meta: metaOf(context, query, panel, now), series } };
  },

  rows(body) {
    return body.series.flatMap(({ points, compare: _, ...key }) => points.map((point) => ({ ...key, ...point })));
  },
};

async function answer(context: AskContext, query: TrendQuery): Promise<{ series: Series[]; panel: Panel }> {
  const facts = await loadTrends(context.sql, nameIndicators(query, context), hasBaseline(query));
  const { panel } = facts;
  const buckets = bucketsOf(query.from, query.to, query.granularity, query.today);
  const keys = seriesOf(query, context);
  const expect = expectOf(context, query, buckets, facts);
  return { series: buildSeries(query, keys, buckets, { ...facts, feeds: panel.feeds }, expect), panel };
}

/** The indicators of the domains asked for, by name, where series are by indicator: what an index can look up. */
function nameIndicators(query: TrendQuery, { codebook }: AskContext): TrendQuery {
  if (!query.groupBy.includes('indicator') || query.indicators.length > 0 || query.domains.length === 0) return query;
  const indicators = codebook.indicators.filter(({ domain }) => query.domains.includes(domain)).map(({ id }) => id);
  return { ...query, indicators };
}

/**
 * Baselines are of stories as they are known now. Narrowed to some blocs or languages, what was covered would have to be narrowed,
 * too; of other versions or an earlier day there is no roll-up.
 */
function hasBaseline(query: TrendQuery): boolean {
  const narrowed = query.blocs.length + query.languages.length > 0;
  return query.measure === 'stories' && !narrowed && !query.asOf && !query.codebook && !query.coder;
}

/** What is usual for each series; nothing where no baseline was asked for or nothing was ever covered. */
function expectOf({ codebook }: AskContext, query: TrendQuery, buckets: Bucket[], facts: TrendFacts): Expect {
  const { past, covered, panel } = facts;
  const start = covered.map(({ day }) => day).sort()[0];
  if (!past || start === undefined || panel.feeds === 0) return () => [];
  const shares = new Map(covered.map(({ day, feeds }) => [day, Math.min(1, feeds / panel.feeds)]));
  const panorama: Panorama = {
    start,
    coverage: daysOf(start, addDays(query.today, 1)).map((day) => shares.get(day) ?? 0),
    cells: past.cells,
    cellCount: codebook.indicators.length * codebook.dyads.length,
    weekdays: [1, 2, 3, 4, 5, 6, 7].map((day) => past.weekdays.find((one) => one.weekday === day)?.stories ?? 0),
  };
  const daily = new Map<string, Map<Day, number>>();
  for (const { day, stories, ...key } of past.daily) {
    const name = cellKey(query, key, '');
    daily.set(name, (daily.get(name) ?? new Map()).set(day, stories));
  }
  return (key) => expectBuckets(panorama, daily.get(cellKey(query, key, '')) ?? new Map(), buckets);
}

/** The question as understood: dyads sorted, spans resolved to days, defaults filled in. */
function echoQuery(query: TrendQuery) {
  const listed = <T>(values: T[]): T[] | null => (values.length > 0 ? values : null);
  return {
    dyad: listed(query.dyads),
    domain: listed(query.domains),
    indicator: listed(query.indicators),
    polarity: query.polarity,
    status: listed(query.statuses),
    bloc: listed(query.blocs),
    language: listed(query.languages),
    from: query.from,
    to: query.to,
    granularity: query.granularity,
    measure: query.measure,
    group_by: query.groupBy,
    normalise: query.normalise,
    compare: query.compare,
    as_of: isoTime(query.asOf),
    codebook: query.codebook,
    coder: query.coder,
  };
}

export function metaOf(context: AskContext, query: TrendQuery, panel: Panel, now: Date): Meta {
  const panelName = `${panel.feeds}-feeds-${panel.digest}`;
  const about = [query.dyads, query.domains, query.indicators]
    .map((values) => values.join(' + '))
    .filter((text) => text !== '')
    .join(', ');
  return {
    codebook_version: context.codebook.version,
    coder_version: context.coderVersion,
    panel: panelName,
    generated_at: now.toISOString(),
    citation:
      `axiswatch ${context.version}: ${query.measure} per ${query.granularity} (UTC), ${about || 'all dyads'}, ` +
      `${query.from} to ${query.to} (end excluded)${query.asOf ? `, as known at ${query.asOf.toISOString()}` : ''}; ` +
      `codebook ${context.codebook.version}, coder ${context.coderVersion}, panel ${panelName}.`,
    permalink: permalinkOf(query),
  };
}

/** Path of the same question with its days written out, so that it asks the same next year. */
function permalinkOf(query: TrendQuery): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(echoQuery(query)))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== null) search.append(name, String(one));
  return `/api/v1/trends?${search}`;
}
