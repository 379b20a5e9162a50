import { z } from '@hono/zod-openapi';
import type { Point } from '../../core/trends/points.js';
import type { DyadsBody, IndicatorsBody } from './codebook.js';
import type { ItemDetailBody, ItemsBody } from './items.js';
import type { MatrixBody } from './matrix.js';
import { reviewSchema } from './review-schemas.js';
import type { SourcesBody } from './sources.js';
import { FEED_STATES, type StatusBody } from './status.js';
import type { TrendsBody } from './trends.js';

// Strict on purpose: a key that is not in the contract is a mistake, in a document as in a test.
const day = z.iso.date();
const time = z.iso.datetime();
const count = z.int().nonnegative();

export const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  errors: z.array(
    z.strictObject({
      parameter: z.string(),
      message: z.string(),
      allowed: z.array(z.string()).nullable(),
      nearest: z.string().nullable(),
    }),
  ),
});

const meta = z.strictObject({
  codebook_version: z.string(),
  coder_version: z.string(),
  panel: z.string(),
  generated_at: time,
  citation: z.string(),
  permalink: z.string(),
});

const point: z.ZodType<Point> = z.strictObject({
  start: day,
  end: day,
  items: count.nullable(),
  stories: count.nullable(),
  families: count.nullable(),
  blocs: count.nullable(),
  total_stories: count.nullable(),
  share: z.number().min(0).max(1).nullable(),
  coverage: z.number().min(0).max(1),
  baseline: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  z: z.number().nullable(),
  provisional: z.boolean(),
});

const strings = z.array(z.string()).nullable();

export const trendsSchema: z.ZodType<TrendsBody> = z.strictObject({
  query: z.strictObject({
    dyad: strings,
    domain: strings,
    indicator: strings,
    polarity: z.union([z.literal(1), z.literal(-1)]).nullable(),
    status: z.array(z.enum(['occurred', 'announced', 'alleged', 'denied'])).nullable(),
    bloc: strings,
    language: strings,
    from: day,
    to: day,
    granularity: z.enum(['day', 'week', 'month']),
    measure: z.enum(['stories', 'items']),
    group_by: z.array(z.enum(['dyad', 'domain', 'indicator'])),
    normalise: z.enum(['none', 'share']),
    compare: z.enum(['previous', 'year']).nullable(),
    as_of: time.nullable(),
    codebook: z.string().nullable(),
    coder: z.string().nullable(),
  }),
  meta,
  series: z.array(
    z.strictObject({
      dyad: z.string().nullable(),
      domain: z.string().nullable(),
      indicator: z.string().nullable(),
      points: z.array(point),
      compare: z.array(point).optional(),
    }),
  ),
});

export const matrixSchema: z.ZodType<MatrixBody> = z.strictObject({
  query: z.strictObject({ from: day, to: day, granularity: z.string() }),
  meta,
  rows: z.array(
    z.strictObject({
      dyad: z.string(),
      cells: z.array(
        z.strictObject({
          domain: z.string(),
          cooperation: count.nullable(),
          friction: count.nullable(),
          points: z.array(
            z.strictObject({
              start: day,
              end: day,
              cooperation: count.nullable(),
              friction: count.nullable(),
              coverage: z.number().min(0).max(1),
              provisional: z.boolean(),
            }),
          ),
        }),
      ),
    }),
  ),
});

const evidence = z.strictObject({
  for: z.string(),
  field: z.enum(['title', 'summary']),
  start: count,
  end: count,
  text: z.string(),
  implied: z.literal(true).optional(),
});

const label = {
  indicator: z.string(),
  participants: z.array(z.string()),
  status: z.string(),
  severity: z.int().min(1).max(5),
  direction: z.string().nullable(),
  polarity: z.number(),
  confidence: z.number().min(0).max(1),
  evidence: z.array(evidence),
  decision: z
    .strictObject({
      id: count,
      verdict: z.string(),
      coder: z.string(),
      author: z.string(),
      reason: z.string(),
      reviewed_at: time,
    })
    .nullable(),
};

const explainedLabel = z.strictObject({
  ...label,
  flags: z.array(z.string()),
  rules: z.array(z.string()),
  revision: count,
  coder: z.string(),
  coder_version: z.string(),
  codebook_version: z.string(),
  recorded_at: time,
  superseded_at: time.nullable(),
});

const item = {
  id: z.uuid(),
  feed: z.string(),
  source: z.string(),
  key: z.string(),
  title: z.string(),
  url: z.string().nullable(),
  language: z.string().nullable(),
  published_at: time.nullable(),
  first_seen_at: time.nullable(),
  revision: count,
  story: z.uuid(),
};

export const itemsSchema: z.ZodType<ItemsBody> = z.strictObject({
  query: z.record(z.string(), z.unknown()),
  items: z.array(z.strictObject({ ...item, labels: z.array(z.strictObject(label)) })),
  next: z.string().nullable(),
});

export const itemSchema: z.ZodType<ItemDetailBody> = z.strictObject({
  ...item,
  summary: z.string(),
  source_name: z.string(),
  day,
  removed_at: time.nullable(),
  removed_reason: z.string().nullable(),
  labels: z.array(explainedLabel),
  superseded: z.array(explainedLabel),
  reviews: z.array(reviewSchema),
  revisions: z.array(z.strictObject({ revision: count, title: z.string(), summary: z.string(), seen_at: time })),
});

export const indicatorsSchema: z.ZodType<IndicatorsBody> = z.strictObject({
  codebook_version: z.string(),
  domains: z.array(z.strictObject({ name: z.string(), prefix: z.string() })),
  indicators: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      domain: z.string(),
      polarity: z.number(),
      direction: z.string(),
      definition: z.string(),
    }),
  ),
});

export const dyadsSchema: z.ZodType<DyadsBody> = z.strictObject({
  codebook_version: z.string(),
  members: z.array(z.strictObject({ code: z.string(), name: z.string() })),
  dyads: z.array(z.strictObject({ id: z.string(), members: z.array(z.string()), name: z.string() })),
});

export const sourcesSchema: z.ZodType<SourcesBody> = z.strictObject({
  sources: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      country: z.string().nullable(),
      language: z.string().nullable(),
      bloc: z.string(),
      family: z.string(),
      timezone: z.string().nullable(),
      feeds: z.array(z.strictObject({ id: z.string(), url: z.string(), kind: z.string(), every_seconds: z.number() })),
    }),
  ),
});

export const statusSchema: z.ZodType<StatusBody> = z.strictObject({
  ready: z.boolean(),
  version: z.string(),
  database: z.strictObject({ version: z.string().nullable(), schema: count.nullable() }),
  temporal: z.strictObject({
    address: z.string().nullable(),
    server_version: z.string().nullable(),
    worker: z.string().nullable(),
  }),
  feeds: z.array(
    z.strictObject({
      id: z.string(),
      source: z.string(),
      state: z.enum(FEED_STATES),
      last_polled_at: time.nullable(),
      last_success_at: time.nullable(),
      consecutive_failures: count,
      reason: z.string().nullable(),
      detail: z.string().nullable(),
      next_due_at: time.nullable(),
      items: count,
    }),
  ),
  lag_seconds: count.nullable(),
});
