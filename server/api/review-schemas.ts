import { z } from '@hono/zod-openapi';
import { QUEUE_KINDS } from '../../db/review-queue.js';
import type { ReviewBody } from './review-bodies.js';
import type { PrecisionBody, QueueBody, ReviewsBody } from './reviews.js';

const time = z.iso.datetime();
const count = z.int().nonnegative();
const share = z.number().min(0).max(1).nullable();
const query = z.record(z.string(), z.unknown());

export const reviewSchema: z.ZodType<ReviewBody> = z.strictObject({
  id: count,
  decision_id: z.uuid(),
  item: z.uuid(),
  title: z.string(),
  revision: count,
  indicator: z.string(),
  dyad: z.string(),
  verdict: z.enum(['confirm', 'reject', 'correct', 'add', 'undo']),
  coder: z.enum(['human', 'llm']),
  coder_version: z.string(),
  codebook_version: z.string(),
  author: z.string(),
  reason: z.string(),
  sample: z.string().nullable(),
  about: z
    .strictObject({
      coder: z.string(),
      coder_version: z.string(),
      codebook_version: z.string(),
      confidence: z.number().min(0).max(1),
      status: z.string(),
    })
    .nullable(),
  replaces: count.nullable(),
  restores: count.nullable(),
  reviewed_at: time,
  superseded_at: time.nullable(),
});

export const reviewsSchema: z.ZodType<ReviewsBody> = z.strictObject({
  query,
  reviews: z.array(reviewSchema),
  next: z.string().nullable(),
});

export const queueSchema: z.ZodType<QueueBody> = z.strictObject({
  query,
  total: count,
  sample: z.string().nullable(),
  labels: z.array(
    z.strictObject({
      item: z.uuid(),
      title: z.string(),
      url: z.string().nullable(),
      language: z.string().nullable(),
      source: z.string(),
      source_name: z.string(),
      day: z.iso.date(),
      indicator: z.string(),
      participants: z.array(z.string()),
      dyads: z.array(z.string()),
      status: z.string(),
      confidence: z.number().min(0).max(1),
      coder: z.string(),
      coder_version: z.string(),
      evidence: z.array(
        z.strictObject({
          for: z.string(),
          field: z.enum(['title', 'summary']),
          start: count,
          end: count,
          text: z.string(),
          implied: z.literal(true).optional(),
        }),
      ),
      kinds: z.array(z.enum(QUEUE_KINDS)),
      review: z.strictObject({ id: count, verdict: z.string(), author: z.string() }).nullable(),
    }),
  ),
});

const figure = z.strictObject({
  decided: count,
  confirmed: count,
  rejected: count,
  corrected: count,
  corrected_within: count,
  precision: share,
  low: share,
  high: share,
  precision_of_cells: share,
});

export const precisionSchema: z.ZodType<PrecisionBody> = z.strictObject({
  query,
  note: z.string(),
  overall: figure,
  sampled: figure,
  per_indicator: z.record(z.string(), figure),
  per_dyad: z.record(z.string(), figure),
  per_language: z.record(z.string(), figure),
  per_coder: z.record(z.string(), figure),
});

/** What a reviewer sends; texts are checked against codebook and item by the use case, which names what is wrong. */
export const requestSchema = z.object({
  verdict: z.enum(['confirm', 'reject', 'correct', 'add']).openapi({ description: 'What the reviewer says' }),
  indicator: z.string().optional(),
  dyad: z.string().optional().openapi({ description: 'One pair; of a larger group only this pair is decided' }),
  participants: z.union([z.array(z.string()), z.string()]).optional(),
  to_indicator: z.string().optional(),
  to_participants: z.union([z.array(z.string()), z.string()]).optional(),
  to_status: z.string().optional(),
  to_severity: z.union([z.int(), z.string()]).optional(),
  to_direction: z.string().optional().openapi({ description: 'AAA>BBB or mutual' }),
  act: z.string().optional().openapi({ description: 'Words of the item that show the act' }),
  words: z.record(z.string(), z.string()).optional().openapi({ description: 'Words of the item that name a member' }),
  author: z.string(),
  reason: z.string(),
  sample: z.string().optional().openapi({ description: 'Name of the random sample, from the queue' }),
  seen: z.int().optional().openapi({ description: 'Newest decision of the item that was seen; 0 for none' }),
});

export const undoSchema = z.object({
  verdict: z.literal('undo'),
  review: z.int(),
  author: z.string(),
  reason: z.string(),
});

export const writtenSchema = z.strictObject({
  outcome: z.enum(['written', 'unchanged']),
  item: z.uuid(),
  decision_id: z.uuid().nullable(),
  decided: count,
  observations: count,
  reviews: z.array(reviewSchema),
});
