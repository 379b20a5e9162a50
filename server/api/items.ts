import { ParameterReader } from '../../core/trends/parameters.js';
import { FORMATS, readFilter } from '../../core/trends/query.js';
import type { Vocabulary } from '../../core/trends/vocabulary.js';
import { findItem, type ItemDetail, type ItemRow, type ItemsQuery, listItems } from '../../db/items-page.js';
import { listReviews } from '../../db/review-log.js';
import { type AskContext, type Asked, isoTime, type Question, vocabularyOf } from './context.js';
import { type ExplainedLabel, explainedLabels, type LabelBody, labelsOf } from './labels.js';
import { NO_REVIEW_FILTER, type ReviewBody, reviewBody } from './review-bodies.js';
import { openVersions } from './versions.js';

export const ITEM_PARAMETERS = [
  'dyad',
  'domain',
  'indicator',
  'polarity',
  'status',
  'bloc',
  'language',
  'source',
  'feed',
  'from',
  'to',
  'labelled',
  'as_of',
  'codebook',
  'coder',
  'limit',
  'cursor',
  'format',
] as const;

export interface ItemBody {
  id: string;
  feed: string;
  source: string;
  key: string;
  title: string;
  url: string | null;
  language: string | null;
  published_at: string | null;
  first_seen_at: string | null;
  revision: number;
  story: string;
  labels: LabelBody[];
}

export interface ItemsBody {
  query: Record<string, unknown>;
  items: ItemBody[];
  /** Cursor of the next page; null on the last. */
  next: string | null;
}

export const items: Question<ItemsBody> = {
  parameters: ITEM_PARAMETERS,
  columns: [
    'id',
    'feed',
    'source',
    'key',
    'title',
    'url',
    'language',
    'published_at',
    'first_seen_at',
    'revision',
    'story',
    'labels',
  ],

  async ask(given, parameters) {
    const { context, problems } = await openVersions(given, parameters);
    const reader = new ParameterReader(parameters, ITEM_PARAMETERS);
    const query = readItemsQuery(reader, vocabularyOf(context));
    if (reader.problems.length + problems.length > 0)
      return { kind: 'invalid', problems: [...reader.problems, ...problems] };
    // One more than asked for tells whether there is a next page.
    const rows = await listItems(context.sql, { ...query, limit: query.limit + 1 });
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    return {
      kind: 'answer',
      body: {
        query: echoQuery(query),
        items: page.map(itemBody),
        next: rows.length > query.limit && last ? writeCursor(last) : null,
      },
    };
  },

  rows(body) {
    return body.items.map(({ labels, ...item }) => ({
      ...item,
      labels: labels.map((l) => `${l.indicator} ${l.participants.join('-')} ${l.status}`).join('; '),
    }));
  },
};

function readItemsQuery(reader: ParameterReader, vocabulary: Vocabulary): ItemsQuery {
  const from = reader.day('from');
  const to = reader.day('to');
  if (from && to && from >= to)
    reader.refuse('from', `${from} is not before ${to}: the range is half-open, to is not part of it`);
  reader.oneOf('format', 'a format', FORMATS, 'json');
  return {
    ...readFilter(reader, vocabulary),
    sources: reader.manyOf('source', 'a configured source', vocabulary.sources),
    feeds: reader.manyOf('feed', 'a configured feed', vocabulary.feeds),
    from,
    to,
    labelled: reader.oneOf('labelled', 'a choice', ['true', 'false'], 'false') === 'true',
    limit: reader.integer('limit', { least: 1, most: 500, otherwise: 50 }),
    after: readCursor(reader),
  };
}

function echoQuery(query: ItemsQuery): Record<string, unknown> {
  const listed = <T>(values: T[]): T[] | null => (values.length > 0 ? values : null);
  return {
    dyad: listed(query.dyads),
    domain: listed(query.domains),
    indicator: listed(query.indicators),
    polarity: query.polarity,
    status: listed(query.statuses),
    bloc: listed(query.blocs),
    language: listed(query.languages),
    source: listed(query.sources),
    feed: listed(query.feeds),
    from: query.from,
    to: query.to,
    labelled: query.labelled,
    as_of: isoTime(query.asOf),
    codebook: query.codebook,
    coder: query.coder,
    limit: query.limit,
  };
}

/** Position after an item: its microseconds do not matter, as times come from JavaScript clocks. */
function writeCursor(row: ItemRow): string {
  return Buffer.from(`${row.firstSeenAt.toISOString()}/${row.id}`).toString('base64url');
}

function readCursor(reader: ParameterReader): ItemsQuery['after'] {
  const cursor = reader.one('cursor');
  if (cursor === null) return null;
  const match = /^(\d{4}-\d{2}-\d{2}T[\d:.]+Z)\/([0-9a-f-]{36})$/.exec(
    Buffer.from(cursor, 'base64url').toString('utf8'),
  );
  const firstSeenAt = new Date(match?.[1] ?? Number.NaN);
  if (match && !Number.isNaN(firstSeenAt.getTime())) return { firstSeenAt, id: match[2]! };
  reader.refuse('cursor', 'is not a cursor of this API: take it from next of the page before');
  return null;
}

function itemBody(row: ItemRow): ItemBody {
  return {
    id: row.id,
    feed: row.feed,
    source: row.source,
    key: row.key,
    title: row.title,
    url: row.url,
    language: row.language,
    published_at: isoTime(row.publishedAt),
    first_seen_at: isoTime(row.firstSeenAt),
    revision: row.revision,
    story: row.story,
    labels: labelsOf(row.observations),
  };
}

export interface ItemDetailBody extends Omit<ItemBody, 'labels'> {
  summary: string;
  source_name: string;
  day: string;
  removed_at: string | null;
  removed_reason: string | null;
  labels: ExplainedLabel[];
  /** Labels that no longer hold, newest first. */
  superseded: ExplainedLabel[];
  /** Everything that was decided about its labels, latest first. */
  reviews: ReviewBody[];
  revisions: Array<{ revision: number; title: string; summary: string; seen_at: string }>;
}

/** One item and why it was labelled so: the body of `/api/v1/items/{id}` and of `axiswatch explain`. */
export async function askItem(context: AskContext, wanted: string): Promise<Asked<ItemDetailBody>> {
  const row = wanted.length <= 2000 && !/\p{Cc}/u.test(wanted) ? await findItem(context.sql, wanted) : null;
  if (!row) return { kind: 'missing', detail: 'No item has this id, URL or key.' };
  const reviews = await listReviews(context.sql, { ...NO_REVIEW_FILTER, item: row.id });
  return { kind: 'answer', body: { ...detailBody(row), reviews: reviews.map(reviewBody) } };
}

function detailBody(row: ItemDetail): Omit<ItemDetailBody, 'reviews'> {
  const labels = explainedLabels(row.observations);
  return {
    ...itemBody(row),
    summary: row.summary,
    source_name: row.sourceName,
    day: row.day,
    removed_at: isoTime(row.removedAt),
    removed_reason: row.removedReason,
    labels: labels.filter((label) => label.superseded_at === null),
    superseded: labels.filter((label) => label.superseded_at !== null).reverse(),
    revisions: row.revisions.map(({ revision, title, summary, seenAt }) => ({
      revision,
      title,
      summary,
      seen_at: new Date(seenAt).toISOString(),
    })),
  };
}

/** Items with their text for a page: the API leaves the summary to the single item. */
export async function latestItems(
  context: AskContext,
  filter: Partial<ItemsQuery>,
): Promise<Array<ItemBody & { summary: string; source_name: string }>> {
  const rows = await listItems(context.sql, { ...NO_FILTER, labelled: true, ...filter });
  return rows.map((row) => ({ ...itemBody(row), summary: row.summary, source_name: row.sourceName }));
}

const NO_FILTER: ItemsQuery = {
  dyads: [],
  domains: [],
  indicators: [],
  polarity: null,
  statuses: [],
  blocs: [],
  languages: [],
  asOf: null,
  codebook: null,
  coder: null,
  sources: [],
  feeds: [],
  from: null,
  to: null,
  labelled: false,
  limit: 12,
  after: null,
};
