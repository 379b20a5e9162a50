import { STATUSES, type Status } from '../codebook/codebook.js';
import { bucketCount } from './buckets.js';
import {
  addDays,
  addMonths,
  type Day,
  dayOf,
  daysBetween,
  FIRST_DAY,
  GRANULARITIES,
  type Granularity,
  nextStart,
  startOf,
} from './calendar.js';
import { type ParameterProblem, ParameterReader, type Parameters, quote } from './parameters.js';
import { readDomains, readDyads, readIndicators, readLanguages, readPolarity, type Vocabulary } from './vocabulary.js';

export const MEASURES = ['stories', 'items'] as const;
export const DIMENSIONS = ['dyad', 'domain', 'indicator'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export const FORMATS = ['json', 'csv'] as const;

/** Every parameter of a trend query, in the order of documents and errors. */
export const TREND_PARAMETERS = [
  'dyad',
  'domain',
  'indicator',
  'polarity',
  'status',
  'bloc',
  'language',
  'from',
  'to',
  'last',
  'granularity',
  'measure',
  'group_by',
  'normalise',
  'as_of',
  'codebook',
  'coder',
  'compare',
  'format',
] as const;

/** Filters that hold for a single observation. */
export interface ObservationFilter {
  dyads: string[];
  domains: string[];
  indicators: string[];
  polarity: 1 | -1 | null;
  statuses: Status[];
  blocs: string[];
  languages: string[];
  /** What was known then; null is now. */
  asOf: Date | null;
  codebook: string | null;
  coder: string | null;
}

export interface TrendQuery extends ObservationFilter {
  /** Half-open range of UTC days. */
  from: Day;
  to: Day;
  granularity: Granularity;
  measure: (typeof MEASURES)[number];
  groupBy: Dimension[];
  normalise: 'none' | 'share';
  /** Range to show beside the one asked for; null without one. */
  compare: 'previous' | 'year' | null;
  format: (typeof FORMATS)[number];
  /** Last day of which anything can be known: today, or the day of `as_of`. */
  today: Day;
}

export interface SeriesKey {
  dyad: string | null;
  domain: string | null;
  indicator: string | null;
}

/** Points in one answer: 48 series of two years in weeks are 5,040. */
const MOST_POINTS = 50_000;
const DEFAULT_BUCKETS = 12;

export type Parsed<T> = { query: T; problems: [] } | { query: null; problems: ParameterProblem[] };

/**
 * A trend query from its parameters. `[from, to)` are UTC days; `last 12w` is twelve whole buckets up to and with the one that
 * holds `now`. Without `group_by` there is one series per dyad and indicator when a domain or an indicator is named, else one
 * per dyad and domain.
 */
export function parseTrendQuery(parameters: Parameters, vocabulary: Vocabulary, now: Date): Parsed<TrendQuery> {
  const reader = new ParameterReader(parameters, TREND_PARAMETERS);
  const filter = readFilter(reader, vocabulary);
  const granularity = reader.oneOf('granularity', 'a granularity', GRANULARITIES, 'week');
  const today = filter.asOf && filter.asOf < now ? dayOf(filter.asOf) : dayOf(now);
  const range = readRange(reader, granularity, today);
  const groupBy = readGroupBy(reader, filter);
  const query: TrendQuery = {
    ...filter,
    ...range,
    granularity,
    groupBy,
    today,
    measure: reader.oneOf('measure', 'a measure', MEASURES, 'stories'),
    normalise: reader.oneOf('normalise', 'a way to normalise', ['none', 'share'], 'none'),
    compare: readCompare(reader),
    format: reader.oneOf('format', 'a format', FORMATS, 'json'),
  };
  if (query.compare !== null && query.format === 'csv')
    reader.refuse('compare', 'is answered as JSON only: ask for the other range by from and to', ['none']);
  if (reader.problems.length === 0) {
    const points = seriesOf(query, vocabulary).length * bucketCount(query.from, query.to, granularity);
    if (points > MOST_POINTS)
      reader.refuse(
        'granularity',
        `the answer would have more than ${MOST_POINTS} points: ask for a coarser granularity, a shorter range or fewer series`,
        [...GRANULARITIES],
      );
  }
  return reader.problems.length > 0 ? { query: null, problems: reader.problems } : { query, problems: [] };
}

function readCompare(reader: ParameterReader): TrendQuery['compare'] {
  const compare = reader.oneOf('compare', 'a comparison', ['none', 'previous', 'year'], 'none');
  return compare === 'none' ? null : compare;
}

/**
 * The same query for the range to compare with: the one just before of the same length, or the one a year before. Weeks go back 52
 * weeks and not a calendar year, so that Mondays stay Mondays; whole months go back by months.
 */
export function comparedQuery(query: TrendQuery): TrendQuery {
  const { from, to, granularity } = query;
  const whole = granularity === 'month' && from === startOf(from, 'month') && to === startOf(to, 'month');
  const months =
    Number(to.slice(0, 4)) * 12 + Number(to.slice(5, 7)) - Number(from.slice(0, 4)) * 12 - Number(from.slice(5, 7));
  const earlier = (day: Day): Day => {
    if (query.compare === 'year') return granularity === 'week' ? addDays(day, -364) : addMonths(day, -12);
    return whole ? addMonths(day, -months) : addDays(day, -daysBetween(from, to));
  };
  return { ...query, from: earlier(from), to: earlier(to), compare: null };
}

/** Filters shared by every question about observations. */
export function readFilter(reader: ParameterReader, vocabulary: Vocabulary): ObservationFilter {
  const { codebook } = vocabulary;
  const domains = readDomains(reader, codebook);
  const indicators = readIndicators(reader, codebook);
  for (const id of indicators) {
    const domain = codebook.indicators.find((indicator) => indicator.id === id)?.domain ?? '';
    if (domains.length > 0 && !domains.includes(domain))
      reader.refuse('indicator', `${id} belongs to the domain ${domain}, which is not asked for`, [domain]);
  }
  return {
    dyads: readDyads(reader, codebook),
    domains,
    indicators,
    polarity: readPolarity(reader),
    statuses: reader.manyOf('status', 'a status', STATUSES, (value) => value.toLowerCase()) as Status[],
    blocs: reader.manyOf('bloc', 'a bloc', vocabulary.blocs, (value) => value.toLowerCase()),
    languages: readLanguages(reader, vocabulary),
    asOf: reader.instant('as_of'),
    codebook: reader.one('codebook'),
    coder: reader.one('coder'),
  };
}

function readRange(reader: ParameterReader, granularity: Granularity, today: Day): { from: Day; to: Day } {
  const from = reader.day('from');
  const givenTo = reader.day('to');
  const last = reader.one('last');
  const to = givenTo ?? nextStart(today, granularity);
  if (last !== null) {
    if (from !== null) reader.refuse('last', 'cannot be given together with from: keep one');
    return {
      from: readLast(reader, last, granularity, addDays(to, -1), givenTo === null ? today : addDays(to, -1)),
      to,
    };
  }
  if (from !== null && from >= to)
    reader.refuse('from', `${from} is not before ${to}: the range is half-open, to is not part of it`);
  return { from: from ?? nextStart(addDays(to, -1), granularity, 1 - DEFAULT_BUCKETS), to };
}

/** First day of the span that `last` names; one that reaches behind the calendar's first day is refused. */
function readLast(reader: ParameterReader, last: string, granularity: Granularity, end: Day, today: Day): Day {
  const from = backFrom(reader, last, granularity, end, today);
  if (from >= FIRST_DAY && from.length === FIRST_DAY.length) return from;
  reader.refuse('last', `${quote(last)} reaches back behind ${FIRST_DAY}`);
  return end;
}

/** First day of `12w`, `90d`, `6m` or `2y` back from `end`, moved back to the start of its bucket. */
function backFrom(reader: ParameterReader, last: string, granularity: Granularity, end: Day, today: Day): Day {
  const match = /^(\d{1,4})([dwmy])$/i.exec(last);
  const count = Number(match?.[1] ?? 0);
  if (!match || count === 0) {
    reader.refuse('last', `${quote(last)} is not a span: write a number with d, w, m or y, like 12w, 90d or 2y`);
    return end;
  }
  const unit = match[2]!.toLowerCase();
  // Twelve weeks in weeks are twelve points, the running one included; so with days and months.
  if (unit === granularity[0]) return nextStart(end, granularity, 1 - count);
  const tomorrow = addDays(today, 1);
  if (unit === 'm' || unit === 'y')
    return startOf(addMonths(tomorrow, unit === 'y' ? -12 * count : -count), granularity);
  return startOf(addDays(tomorrow, unit === 'w' ? -7 * count : -count), granularity);
}

function readGroupBy(reader: ParameterReader, filter: ObservationFilter): Dimension[] {
  const given = reader.manyOf('group_by', 'a dimension', DIMENSIONS, (value) => value.toLowerCase()) as Dimension[];
  if (given.length > 2) reader.refuse('group_by', 'takes at most two dimensions', [...DIMENSIONS]);
  if (given.length > 0) return DIMENSIONS.filter((dimension) => given.includes(dimension));
  return filter.domains.length + filter.indicators.length > 0 ? ['dyad', 'indicator'] : ['dyad', 'domain'];
}

/** Every series that a query asks for, in the order of the codebook, whether anything was observed of it or not. */
export function seriesOf(query: TrendQuery, { codebook }: Pick<Vocabulary, 'codebook'>): SeriesKey[] {
  const indicators = codebook.indicators.filter(
    (indicator) =>
      (query.indicators.length === 0 || query.indicators.includes(indicator.id)) &&
      (query.domains.length === 0 || query.domains.includes(indicator.domain)) &&
      (query.polarity === null || query.polarity === indicator.polarity),
  );
  const domains = codebook.domains
    .map((domain) => domain.name)
    .filter((name) => indicators.some((indicator) => indicator.domain === name));
  const only = <T>(values: T[]): T | null => (values.length === 1 ? (values[0] ?? null) : null);
  const wanted = query.dyads.length > 0 ? codebook.dyads.filter((dyad) => query.dyads.includes(dyad)) : codebook.dyads;
  const dyads = query.groupBy.includes('dyad') ? wanted : [only(query.dyads)];
  const cells = query.groupBy.includes('indicator')
    ? indicators.map((indicator) => ({ domain: indicator.domain, indicator: indicator.id }))
    : query.groupBy.includes('domain')
      ? domains.map((domain) => ({ domain, indicator: only(query.indicators) }))
      : [{ domain: only(query.domains), indicator: only(query.indicators) }];
  return dyads.flatMap((dyad) => cells.map((cell) => ({ dyad, ...cell })));
}
