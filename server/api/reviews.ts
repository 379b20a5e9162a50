import { thresholdsOf } from '../../core/codebook/thresholds.js';
import { plainSpan } from '../../core/review/decision.js';
import { type PrecisionFigure, type PrecisionReport, reportPrecision } from '../../core/review/precision.js';
import { ParameterReader } from '../../core/trends/parameters.js';
import { FORMATS } from '../../core/trends/query.js';
import { readDyads, readIndicators } from '../../core/trends/vocabulary.js';
import { countDecisions, listReviews } from '../../db/review-log.js';
import { drawSample, listQueue, QUEUE_KINDS, type QueuedLabel, type QueueQuery } from '../../db/review-queue.js';
import type { AskContext, Question } from './context.js';
import { type ReviewBody, reviewBody } from './review-bodies.js';

export interface ReviewsBody {
  query: Record<string, unknown>;
  reviews: ReviewBody[];
  next: string | null;
}

const LOG_PARAMETERS = [
  'item',
  'author',
  'coder',
  'verdict',
  'indicator',
  'dyad',
  'from',
  'to',
  'limit',
  'cursor',
  'format',
] as const;
const LOGGED_VERDICTS = ['confirm', 'reject', 'correct', 'add', 'undo'];

const listed = <T>(values: T[]): T[] | null => (values.length > 0 ? values : null);

function readRange(reader: ParameterReader): { from: string | null; to: string | null } {
  const from = reader.day('from');
  const to = reader.day('to');
  if (from && to && from >= to)
    reader.refuse('from', `${from} is not before ${to}: the range is half-open, to is not part of it`);
  return { from, to };
}

/** The log of decisions, latest first: append-only, so that superseded and undone ones are in it. */
export const reviews: Question<ReviewsBody> = {
  parameters: LOG_PARAMETERS,
  columns: [
    'id',
    'reviewed_at',
    'item',
    'title',
    'indicator',
    'dyad',
    'verdict',
    'coder',
    'author',
    'reason',
    'revision',
    'about_coder',
    'about_confidence',
    'about_status',
    'sample',
    'replaces',
    'restores',
    'superseded_at',
  ],

  async ask(context, parameters) {
    const reader = new ParameterReader(parameters, LOG_PARAMETERS);
    const item = reader.one('item');
    if (item !== null && !/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(item))
      reader.refuse('item', 'must be the id of an item');
    const cursor = reader.one('cursor');
    if (cursor !== null && !/^\d{1,15}$/.test(cursor))
      reader.refuse('cursor', 'is not a cursor of this API: take it from next of the page before');
    const query = {
      item,
      authors: reader.many('author'),
      coders: reader.manyOf('coder', 'a coder that decides', ['human', 'llm']),
      verdicts: reader.manyOf('verdict', 'a verdict', LOGGED_VERDICTS),
      indicators: readIndicators(reader, context.codebook),
      dyads: readDyads(reader, context.codebook),
      ...readRange(reader),
      limit: reader.integer('limit', { least: 1, most: 500, otherwise: 50 }),
      before: cursor === null ? null : Number(cursor),
    };
    reader.oneOf('format', 'a format', FORMATS, 'json');
    if (reader.problems.length > 0) return { kind: 'invalid', problems: reader.problems };
    const rows = await listReviews(context.sql, { ...query, limit: query.limit + 1 });
    const page = rows.slice(0, query.limit);
    const { before: _, authors, coders, verdicts, indicators, dyads, ...rest } = query;
    return {
      kind: 'answer',
      body: {
        query: {
          ...rest,
          author: listed(authors),
          coder: listed(coders),
          verdict: listed(verdicts),
          indicator: listed(indicators),
          dyad: listed(dyads),
        },
        reviews: page.map(reviewBody),
        next: rows.length > query.limit ? String(page.at(-1)!.id) : null,
      },
    };
  },

  rows(body) {
    return body.reviews.map(({ about, decision_id: _, coder_version: __, codebook_version: ___, ...review }) => ({
      ...review,
      about_coder: about && `${about.coder} ${about.coder_version}`,
      about_confidence: about?.confidence ?? null,
      about_status: about?.status ?? null,
    }));
  },
};

export interface QueueBody {
  query: Record<string, unknown>;
  /** All that wait; of a sample the labels it was drawn from. */
  total: number;
  /** Name of the sample, to be given with each decision on it; null for the queue. */
  sample: string | null;
  labels: Array<
    Omit<QueuedLabel, 'summary' | 'sourceName' | 'coderVersion' | 'total' | 'seen'> & {
      source_name: string;
      coder_version: string;
    }
  >;
}

export const QUEUE_PARAMETERS = [
  'status',
  'indicator',
  'dyad',
  'from',
  'to',
  'sample',
  'seed',
  'limit',
  'format',
] as const;

/** What waits for a person, most worth a look first; with `sample` a random sample instead, whose precision is not biased. */
export const reviewQueue: Question<QueueBody> = {
  parameters: QUEUE_PARAMETERS,
  columns: [
    'item',
    'title',
    'url',
    'language',
    'source',
    'day',
    'indicator',
    'participants',
    'status',
    'confidence',
    'coder',
    'coder_version',
    'kinds',
    'review',
  ],

  async ask(context, parameters) {
    const reader = new ParameterReader(parameters, QUEUE_PARAMETERS);
    const query = readQueue(reader, context);
    reader.oneOf('format', 'a format', FORMATS, 'json');
    if (reader.problems.length > 0) return { kind: 'invalid', problems: reader.problems };
    const { labels, sample } = await loadQueue(context, query);
    const { kinds, indicators, dyads, series, review, ...rest } = query;
    return {
      kind: 'answer',
      body: {
        query: {
          ...rest,
          status: listed(kinds),
          indicator: listed(indicators),
          dyad: listed(dyads),
          thresholds: { series, review },
        },
        total: labels[0]?.total ?? 0,
        sample,
        labels: labels.map(
          ({ summary: _, sourceName, coderVersion, total: __, seen: ___, confidence, evidence, ...label }) => ({
            ...label,
            evidence: evidence.map(plainSpan),
            confidence: Number(confidence.toPrecision(6)),
            source_name: sourceName,
            coder_version: coderVersion,
          }),
        ),
      },
    };
  },

  rows(body) {
    return body.labels.map(({ participants, dyads: _, kinds, review, source_name: __, evidence: ___, ...label }) => ({
      ...label,
      participants: participants.join('-'),
      kinds: kinds.join(' '),
      review: review && `${review.id} ${review.verdict} ${review.author}`,
    }));
  },
};

export type ReadQueue = QueueQuery & { sample: number | null; seed: number };

/** The parameters of the queue, for the API, the command and the page. */
export function readQueue(reader: ParameterReader, { codebook, data }: AskContext): ReadQueue {
  const { series, review } = data ? thresholdsOf(data) : { series: 0.5, review: 0.7 };
  const size = reader.integer('sample', { least: 0, most: 1000, otherwise: 0 });
  return {
    kinds: reader.manyOf('status', 'a status of the queue', QUEUE_KINDS) as QueueQuery['kinds'],
    indicators: readIndicators(reader, codebook),
    dyads: readDyads(reader, codebook),
    ...readRange(reader),
    series,
    review,
    sample: size === 0 ? null : size,
    seed: reader.integer('seed', { least: 0, most: 2 ** 31 - 1, otherwise: 1 }),
    limit: reader.integer('limit', { least: 1, most: 500, otherwise: 20 }),
  };
}

export async function loadQueue(
  { sql, clock }: AskContext,
  query: ReadQueue,
): Promise<{ labels: QueuedLabel[]; sample: string | null }> {
  if (query.sample === null) return { labels: await listQueue(sql, query), sample: null };
  // A sample that is drawn again next week must be drawn from the same labels.
  const range = { from: query.from, to: query.to ?? clock.now().toISOString().slice(0, 10) };
  const labels = await drawSample(sql, { ...query, ...range, size: query.sample });
  const about = [...query.indicators, ...query.dyads].join(' ');
  const name = `${query.sample} of ${range.from ?? 'all'} to ${range.to}, seed ${query.seed}${about && `, ${about}`}`;
  return { labels, sample: name.slice(0, 200) };
}

export interface PrecisionBody extends PrecisionReport {
  query: Record<string, unknown>;
  note: string;
}

const PRECISION_PARAMETERS = ['from', 'to', 'format'] as const;
const NOTE =
  'A pair of a label counts once, by the last decision on it. What people choose to review is no random sample, so only "sampled" (decisions on labels drawn by review list --sample) estimates the precision of all labels.';

/** Live precision: how often the labels that people looked at were right. */
export const precision: Question<PrecisionBody> = {
  parameters: PRECISION_PARAMETERS,
  columns: [
    'group',
    'key',
    'decided',
    'confirmed',
    'rejected',
    'corrected',
    'corrected_within',
    'precision',
    'low',
    'high',
    'precision_of_cells',
  ],

  async ask({ sql }, parameters) {
    const reader = new ParameterReader(parameters, PRECISION_PARAMETERS);
    const range = readRange(reader);
    reader.oneOf('format', 'a format', FORMATS, 'json');
    if (reader.problems.length > 0) return { kind: 'invalid', problems: reader.problems };
    return { kind: 'answer', body: { query: range, note: NOTE, ...reportPrecision(await countDecisions(sql, range)) } };
  },

  rows(body) {
    const group = (name: string, figures: Record<string, PrecisionFigure>) =>
      Object.entries(figures).map(([key, figure]) => ({ group: name, key, ...figure }));
    return [
      { group: 'overall', key: 'all', ...body.overall },
      { group: 'overall', key: 'sampled', ...body.sampled },
      ...group('indicator', body.per_indicator),
      ...group('dyad', body.per_dyad),
      ...group('language', body.per_language),
      ...group('coder', body.per_coder),
    ];
  },
};
