import type { z } from '@hono/zod-openapi';
import { dyads, indicators } from './codebook.js';
import type { Question } from './context.js';
import { items } from './items.js';
import { matrix } from './matrix.js';
import { precisionSchema, queueSchema, reviewsSchema } from './review-schemas.js';
import { precision, reviewQueue, reviews } from './reviews.js';
import { dyadsSchema, indicatorsSchema, itemsSchema, matrixSchema, sourcesSchema, trendsSchema } from './schemas.js';
import { sources } from './sources.js';
import { trends } from './trends.js';

/** A question with what a document says of it. */
export interface DocumentedQuestion {
  // biome-ignore lint/suspicious/noExplicitAny: each question's rows fit its own body, which the list cannot say
  question: Question<any>;
  summary: string;
  schema: z.ZodType;
}

/** Every noun of the API that takes parameters and has a CSV sibling. */
export const QUESTIONS: Record<string, DocumentedQuestion> = {
  trends: { question: trends, summary: 'Counts over time, with coverage and share', schema: trendsSchema },
  matrix: { question: matrix, summary: 'Stories by dyad and domain over time', schema: matrixSchema },
  items: { question: items, summary: 'Items, latest first, with their labels', schema: itemsSchema },
  indicators: { question: indicators, summary: 'The codebook in use', schema: indicatorsSchema },
  dyads: { question: dyads, summary: 'Members and their dyads', schema: dyadsSchema },
  sources: { question: sources, summary: 'Configured sources and feeds', schema: sourcesSchema },
  reviews: { question: reviews, summary: 'Decisions about labels, latest first', schema: reviewsSchema },
  'reviews/queue': { question: reviewQueue, summary: 'Labels that wait for a person', schema: queueSchema },
  precision: { question: precision, summary: 'How often reviewed labels were right', schema: precisionSchema },
};

/** What each parameter means, for the document; a test sees that none is forgotten. */
export const PARAMETER_DOCS: Record<string, string> = {
  dyad: 'Pair of members, in either order; repeat for several.',
  domain: 'Domain by name or by the prefix of its indicators; repeat for several.',
  indicator: 'Indicator of the codebook; repeat for several.',
  polarity: '1 or cooperation, -1 or friction.',
  status:
    'occurred, announced, alleged or denied; of the review queue edited, contested or uncertain; repeat for several.',
  bloc: 'Bloc of the source; repeat for several.',
  language: 'ISO 639 code of the item; repeat for several.',
  source: 'Configured source; repeat for several.',
  feed: 'Configured feed; repeat for several.',
  from: 'First UTC day, YYYY-MM-DD.',
  to: 'First UTC day after the range (half-open), YYYY-MM-DD.',
  last: 'Span up to now instead of from: a number with d, w, m or y, like 12w.',
  granularity: 'day, week (ISO, from Monday) or month.',
  measure: 'stories or items: what a table or chart shows; points carry both.',
  group_by: 'One or two of dyad, domain, indicator.',
  normalise: 'none or share: what a table or chart shows; points carry both.',
  as_of: 'What was known then: a day (its end) or an ISO 8601 time.',
  codebook: 'What this codebook version says, also where a recoding put other labels in its place.',
  coder: 'What this coder or coder version says, likewise; of reviews human or llm.',
  compare: 'none, previous (the range before, of the same length) or year (a year, in weeks 52 weeks, before).',
  labelled: 'true lists only items that carry a label.',
  item: 'Id of an item.',
  author: 'Who decided; repeat for several.',
  verdict: 'confirm, reject, correct, add or undo; repeat for several.',
  sample: 'Draws so many labels at random instead, up to 1000.',
  seed: 'Another number draws another sample.',
  limit: 'Items in a page, 1 to 500.',
  cursor: 'next of the page before.',
  format: 'json or csv.',
};
